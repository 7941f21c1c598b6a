/** Base64 as AWS's JSON services take it: padded, no other characters. */
import { Malformed } from './malformed.ts';

const FOREIGN = /[^A-Za-z0-9+/=]|=[^=]/;

/** The texts are DynamoDB's, as recorded in its clients' tests. */
export function readBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0)
    throw wrong(text, `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  const foreign = FOREIGN.exec(text);
  if (foreign !== null) throw wrong(text, `Invalid Base64 character: '${foreign[0].charAt(0)}'`);
  return Buffer.from(text, 'base64');
}

const wrong = (text: string, reason: string): Malformed => new Malformed({ kind: 'blob', text, reason });

/** Blobs from handlers: bytes, or text that stands for its UTF-8 bytes. */
export const bytesOf = (value: unknown): Buffer => {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'string') return Buffer.from(value);
  throw new Error(`not a blob: ${typeof value}`);
};

export const writeBase64 = (value: unknown): string => bytesOf(value).toString('base64');
