/** What a message may be. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { limits } from '../../base/limits.ts';
import { invalidParameter, invalidReason, invalidValue } from './fault.ts';
import type { PublishedMessage, StoredAttribute } from './message.ts';

/** What a single message and an entry of a batch have in common. */
export type MessageInput = Omit<PublishBatchRequestEntry, 'Id'>;

/** The texts by protocol. Throws InvalidParameter. */
export function textsOf({
  Message: text,
  MessageStructure: structure,
}: MessageInput): PublishedMessage['texts'] {
  if (text === undefined || text === '') throw invalidParameter('Empty message');
  if (structure === undefined) return { default: text };
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  const texts = parse(text);
  if (texts === undefined) throw invalidParameter('Message Structure - JSON message body failed to parse');
  if (typeof texts['default'] !== 'string')
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what SNS refuses
const SUBJECT = /^(?!\s)[^\u0000-\u001F\u007F]{1,100}$/;

export function checkSubject(subject: string | undefined): void {
  if (subject !== undefined && !SUBJECT.test(subject)) throw invalidParameter('Subject');
}

const TYPES = /^(String|String\.Array|Number|Binary)(\..+)?$/;

export function attributesOf(
  given: MessageInput['MessageAttributes'],
): Readonly<Record<string, StoredAttribute>> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]) => {
      if (!/^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/.test(name))
        throw invalidValue(`Invalid message attribute name: ${name}`);
      return [name, attributeOf(name, value)];
    }),
  );
}

function attributeOf(
  name: string,
  { DataType: type, StringValue: text, BinaryValue: bytes }: MessageAttributeValue,
): StoredAttribute {
  if (!type)
    throw invalidValue(`The message attribute '${name}' must contain non-empty message attribute type.`);
  if (!TYPES.test(type))
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const isBinary = type.startsWith('Binary');
  if (isBinary ? !bytes?.byteLength : !text)
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  if (type.startsWith('Number') && !Number.isFinite(Number(text)))
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  return { type, value: isBinary ? Buffer.from(bytes ?? []).toString('base64') : (text ?? '') };
}

/** Text, names, types and values. */
export function sizeOf({ Message: text = '', MessageAttributes: given }: MessageInput): number {
  let size = Buffer.byteLength(text);
  for (const [name, value] of Object.entries(given ?? {}))
    size +=
      Buffer.byteLength(name) +
      Buffer.byteLength(value.DataType ?? '') +
      (value.BinaryValue?.byteLength ?? Buffer.byteLength(value.StringValue ?? ''));
  return size;
}

export function checkSize(input: MessageInput): void {
  if (sizeOf(input) > limits.snsMessageBytes) throw invalidParameter('Message too long');
}

const ID = /^[!-~]{1,128}$/;

export function checkFifo(input: MessageInput, fifo: boolean, contentBased: boolean): void {
  const { MessageGroupId: group, MessageDeduplicationId: deduplication } = input;
  for (const [name, id] of [
    ['MessageGroupId', group],
    ['MessageDeduplicationId', deduplication],
  ] as const)
    if (id !== undefined && !ID.test(id))
      throw invalidReason(
        name,
        `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
  if (!fifo) {
    if (deduplication !== undefined)
      throw invalidReason(
        'MessageDeduplicationId',
        'The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      );
    return;
  }
  if (group === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (deduplication === undefined && !contentBased)
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}
