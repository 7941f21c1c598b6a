/** Scalars as text: in headers, queries, paths, forms and XML. */
import type { Shape, TimestampFormat } from '../schema.ts';
import { readBase64, writeBase64 } from './base64.ts';
import { Malformed } from './malformed.ts';
import { readTimestampText, writeTimestamp } from './timestamp.ts';

export type ReadText = (text: string) => unknown;
export type WriteText = (value: unknown) => string;

export function textReader(shape: Shape): ReadText {
  switch (shape.kind) {
    case 'number':
      return readNumberText;
    case 'boolean':
      return readBooleanText;
    case 'bigInteger':
      return (text) => BigInt(text);
    case 'blob':
      return (text) => readBase64(text.replace(/\s+/g, ''));
    case 'timestamp':
      return readTimestampText;
    default:
      return (text) => text;
  }
}

/** `fallback`: the timestamp form of the place, where the shape names none. */
export function textWriter(shape: Shape, fallback: TimestampFormat): WriteText {
  switch (shape.kind) {
    case 'blob':
      return writeBase64;
    case 'timestamp': {
      const format = shape.format ?? fallback;
      return (value) => writeTimestamp(value, format);
    }
    default:
      return String;
  }
}

function readNumberText(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && (!Number.isNaN(value) || text === 'NaN')) return value;
  throw new Malformed({ kind: 'scalar', found: 'STRING_VALUE', wanted: 'Integer', text });
}

/** Services take any case (`?force=TRUE`); the CLI writes lower case. */
function readBooleanText(text: string): boolean {
  const value = text.trim().toLowerCase();
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw new Malformed({ kind: 'scalar', found: 'STRING_VALUE', wanted: 'Boolean', text });
}
