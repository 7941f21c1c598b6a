/** AppSync's scalars. https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html */
import { isIP } from 'node:net';

/** What a scalar takes in and gives out; throws Error for a value that is none. */
export interface ScalarRules {
  readonly parse: (value: unknown) => unknown;
  readonly serialize: (value: unknown) => unknown;
}

const OFFSET = '(?:Z|[-+](?:0\\d|1[0-8]):[0-5]\\d(?::[0-5]\\d)?)';
const DATE = new RegExp(`^-?\\d{4,9}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])${OFFSET}?$`);
const TIME_TEXT = '(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?';
const TIME = new RegExp(`^${TIME_TEXT}${OFFSET}?$`);
const DATE_TIME = new RegExp(`^-?\\d{4,9}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])T${TIME_TEXT}${OFFSET}$`);
const EMAIL =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;
const PHONE = /^\+?[\d\s().-]{5,20}$/;

function matching(shown: string, holds: (text: string) => boolean): ScalarRules {
  const check = (value: unknown): string => {
    if (typeof value !== 'string' || !holds(value))
      throw new Error(`Unable to parse \`${textOf(value)}\` as a valid ${shown}.`);
    return value;
  };
  const give = (value: unknown): string => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !holds(text))
      throw new Error(`Unable to serialize \`${textOf(value)}\` as a valid ${shown}.`);
    return text;
  };
  return { parse: check, serialize: give };
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');

const isRealDay = (text: string): boolean => {
  const [, year = '', month = '', day = ''] = /^(-?\d+)-(\d\d)-(\d\d)/.exec(text) ?? [];
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
};

export const SCALARS: Readonly<Record<string, ScalarRules>> = {
  AWSDate: matching('Date Object', (text) => DATE.test(text) && isRealDay(text)),
  AWSTime: matching('Time Object', (text) => TIME.test(text)),
  AWSDateTime: matching('DateTime Object', (text) => DATE_TIME.test(text) && isRealDay(text)),
  AWSTimestamp: {
    parse: (value) => wholeNumber(value, 'parse'),
    serialize: (value) => wholeNumber(value, 'serialize'),
  },
  AWSEmail: matching('email address', (text) => text.length <= 254 && EMAIL.test(text)),
  AWSURL: matching('URL', isUrl),
  AWSPhone: matching('phone number', (text) => PHONE.test(text)),
  AWSIPAddress: matching('IP address', isAddress),
  AWSJSON: {
    // A text of JSON comes in and is handed on parsed; anything goes out as text.
    parse(value) {
      if (typeof value !== 'string') throw new Error(`Unable to parse \`${textOf(value)}\` as valid JSON.`);
      try {
        return JSON.parse(value) as unknown;
      } catch {
        throw new Error(`Unable to parse \`${value}\` as valid JSON.`);
      }
    },
    serialize: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  },
};

function wholeNumber(value: unknown, verb: string): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw new Error(`Unable to ${verb} \`${textOf(value)}\` as a valid timestamp.`);
  return number;
}

function isUrl(text: string): boolean {
  try {
    const { protocol } = new URL(text);
    return /^[a-z]+:$/.test(protocol) && !text.includes('//', text.indexOf('://') + 3);
  } catch {
    return false;
  }
}

function isAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
