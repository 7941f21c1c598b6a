/** Header lists as they travel: [name, value, name, value, ...], in order, with case and duplicates kept. */

export type RawHeaders = readonly string[];

/** The first value of a header (name in lower case), or undefined. */
export function firstHeader(headers: RawHeaders, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) if (isNamed(headers, i, name)) return headers[i + 1];
  return undefined;
}

/** Every value of a header (name in lower case), in order. */
export function everyHeader(headers: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (isNamed(headers, i, name)) values.push(headers[i + 1] ?? '');
  return values;
}

/** Replaces a header wherever it stands, whatever its case, or appends it. */
export function setHeader(headers: string[], name: string, value: string): void {
  removeHeader(headers, name.toLowerCase());
  headers.push(name, value);
}

export function removeHeader(headers: string[], name: string): void {
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (isNamed(headers, i, name)) continue;
    headers[kept++] = headers[i] ?? '';
    headers[kept++] = headers[i + 1] ?? '';
  }
  headers.length = kept;
}

function isNamed(headers: RawHeaders, at: number, name: string): boolean {
  const candidate = headers[at];
  if (candidate === undefined || candidate.length !== name.length) return false;
  return candidate === name || candidate.toLowerCase() === name;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Everything a header value may not carry: line ends and NUL would let a value write headers of its own.
const BROKEN_VALUE = /[\0\r\n]/;

export const isHeaderName = (name: string): boolean => TOKEN.test(name);
export const isHeaderValue = (value: string): boolean => !BROKEN_VALUE.test(value);
