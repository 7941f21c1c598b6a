import { randomBytes } from 'node:crypto';

/** Source of randomness, handed in so that tests can fix it: `count` bytes. */
export type RandomBytes = (count: number) => Uint8Array;

const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** `length` characters drawn evenly from `alphabet`. */
export function randomText(length: number, alphabet: string, random: RandomBytes = randomBytes): string {
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length))
      if (byte < limit) text += alphabet[byte % alphabet.length];
  }
  return text;
}

/** API Gateway's ids: REST APIs, HTTP APIs and stages' deployments have ten lower-case letters and digits, resources and the like six. */
export const apiGatewayId = (length = 10, random?: RandomBytes): string =>
  randomText(length, LOWER_ALPHANUMERIC, random);

/** IAM's unique ids: a four-letter prefix (AROA, AIDA, AKIA, ...) and 17 characters (16 for access keys). */
export const iamId = (prefix: string, length = 17, random?: RandomBytes): string =>
  prefix + randomText(length, UPPER_ALPHANUMERIC, random);

const CUSTOM_ID_TAGS = ['_custom_id_', 'ms-custom-id', 'floci:override-id'];

/** The id a user pinned by tag, or undefined. */
export function pinnedId(tags: Readonly<Record<string, string>> | undefined): string | undefined {
  for (const tag of CUSTOM_ID_TAGS) if (tags?.[tag]) return tags[tag];
  return undefined;
}
