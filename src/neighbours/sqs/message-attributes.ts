/**
 * Message attributes: what they may be, what they weigh, and the MD5 that clients check.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { limits } from '../../base/limits.ts';
import { invalidParameter } from './fault.ts';

/** As a row holds it: bytes in base64. */
export interface StoredAttribute {
  readonly type: string;
  readonly text?: string;
  readonly bytes?: string;
}

export type StoredAttributes = Readonly<Record<string, StoredAttribute>>;

const TYPE = /^(String|Number|Binary)(\..+)?$/;
const NAME = /^(?!AWS\.|Amazon\.)(?!.*\.\.)(?!\.)[\w.-]{1,256}(?<!\.)$/i;
const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Throws SQS's own InvalidParameterValue. */
export function admitAttributes(
  given: Readonly<Record<string, MessageAttributeValue>> | undefined,
): StoredAttributes {
  const names = Object.keys(given ?? {});
  if (names.length > limits.sqsMessageAttributes)
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [10].`,
    );
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]) => [name, admitAttribute(name, value)]),
  );
}

function admitAttribute(name: string, value: MessageAttributeValue): StoredAttribute {
  const { DataType: type = '', StringValue: text, BinaryValue: bytes } = value;
  if (!NAME.test(name))
    throw invalidParameter(
      `Message (user) attribute name '${name}' is invalid: it can contain only alphanumeric characters, underscores, hyphens and periods, must not begin or end with a period or have successive ones, must not begin with AWS. or Amazon., and can be at most 256 characters long.`,
    );
  if (type === '')
    throw invalidParameter(`The message attribute '${name}' must contain non-empty message attribute type.`);
  const [, kind] = TYPE.exec(type) ?? [];
  if (kind === undefined)
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  if (kind === 'Binary' ? !bytes?.byteLength : !text)
    throw invalidParameter(
      `The message attribute '${name}' must contain a non-empty value of type '${kind === 'Binary' ? 'Binary' : 'String'}'.`,
    );
  if (kind === 'Number' && !NUMBER.test(text ?? ''))
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  return kind === 'Binary'
    ? { type, bytes: Buffer.from(bytes ?? []).toString('base64') }
    : { type, text: text ?? '' };
}

export const showAttribute = ({ type, text, bytes }: StoredAttribute): MessageAttributeValue => ({
  DataType: type,
  ...(text === undefined ? {} : { StringValue: text }),
  ...(bytes === undefined ? {} : { BinaryValue: new Uint8Array(Buffer.from(bytes, 'base64')) }),
});

const bytesOf = ({ text, bytes }: StoredAttribute): Buffer =>
  bytes === undefined ? Buffer.from(text ?? '') : Buffer.from(bytes, 'base64');

/** Names, types and values count towards a message's size. */
export function attributesBytes(attributes: StoredAttributes): number {
  let sum = 0;
  for (const [name, value] of Object.entries(attributes))
    sum += Buffer.byteLength(name) + Buffer.byteLength(value.type) + bytesOf(value).byteLength;
  return sum;
}

/** By name: length and name, length and type, 1 for text or 2 for bytes, length and value. Undefined when there are none. */
export function attributesMd5(attributes: StoredAttributes): string | undefined {
  const names = Object.keys(attributes).toSorted();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const value = attributes[name];
    if (value === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(value.type));
    hash.update(Buffer.from([value.bytes === undefined ? 1 : 2]));
    add(bytesOf(value));
  }
  return hash.digest('hex');
}

/** Those that a receiver asks for: `All`, `.*`, a name, or a prefix as `name.*`. */
export function wantedAttributes(
  attributes: StoredAttributes,
  wanted: readonly string[] | undefined,
): StoredAttributes {
  if (wanted === undefined || wanted.length === 0) return {};
  const isWanted = (name: string): boolean =>
    wanted.some(
      (each) =>
        each === 'All' ||
        each === '.*' ||
        each === name ||
        (each.endsWith('.*') && name.startsWith(each.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}
