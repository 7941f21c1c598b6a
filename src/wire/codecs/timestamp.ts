/** Timestamps in the three forms Smithy knows. */
import { Malformed } from './malformed.ts';
import type { TimestampFormat } from '../schema.ts';

/** Milliseconds are left out when they are zero, as most services write them. */
export function writeTimestamp(value: unknown, format: TimestampFormat): string {
  const date = dateOf(value);
  if (format === 'http-date') return date.toUTCString();
  if (format === 'epoch-seconds') return String(date.getTime() / 1000);
  const text = date.toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}

/** Handlers give `Date`s as the SDK's shapes say; a number is milliseconds since 1970, as rows keep them. */
export function dateOf(value: unknown): Date {
  const date =
    value instanceof Date ? value : typeof value === 'number' ? new Date(value) : new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new Error(`not a timestamp: ${String(value)}`);
  return date;
}

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?$/;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Reads any of the three forms whichever is due: clients mix them up, and so does AWS's own CLI. */
export function readTimestampText(text: string): Date {
  const value = text.trim();
  if (NUMBER.test(value)) return fromEpochSeconds(Number(value));
  const date = new Date(DATE_TIME.test(value) && !/([Zz]|[+-]\d\d:?\d\d)$/.test(value) ? `${value}Z` : value);
  if (value === '' || Number.isNaN(date.getTime()))
    throw new Malformed({ kind: 'timestamp', found: 'STRING_VALUE', text });
  return date;
}

export function fromEpochSeconds(seconds: number): Date {
  const date = new Date(Math.round(seconds * 1000));
  if (Number.isNaN(date.getTime()))
    throw new Malformed({ kind: 'timestamp', found: 'NUMBER_VALUE', text: String(seconds) });
  return date;
}
