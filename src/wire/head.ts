/** The head of an HTTP request, as far as identifying and decoding an AWS call needs it. */
import { parseForm, type Pair } from './codecs/form.ts';

export interface Head {
  readonly method: string;
  /** Path and query exactly as they arrived. */
  readonly target: string;
  /** Undecoded. */
  readonly path: string;
  readonly rawQuery: string;
  /** Decoded, in order. */
  readonly query: readonly Pair[];
  /** By lower-case name; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
}

export function readHead(method: string, target: string, rawHeaders: readonly string[]): Head {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const rawQuery = mark === -1 ? '' : target.slice(mark + 1);
  return {
    method,
    target,
    path,
    rawQuery,
    query: parseForm(rawQuery),
    headers: joined(rawHeaders),
    rawHeaders,
  };
}

function joined(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>; // no inherited names
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** The first value of a query parameter. */
export const queryValue = (head: Head, name: string): string | undefined =>
  head.query.find(([key]) => key === name)?.[1];
