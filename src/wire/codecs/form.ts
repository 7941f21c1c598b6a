/** `application/x-www-form-urlencoded` text and query strings. */
import { Malformed } from './malformed.ts';

export type Pair = readonly [name: string, value: string];

/** In the order they stand; a name without `=` has the value ''. `+` is a space. */
export function parseForm(text: string): Pair[] {
  if (text === '') return [];
  const pairs: Pair[] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals === -1) pairs.push([decodeForm(part), '']);
    else pairs.push([decodeForm(part.slice(0, equals)), decodeForm(part.slice(equals + 1))]);
  }
  return pairs;
}

const decodeForm = (text: string): string =>
  decodePercent(text.includes('+') ? text.replace(/\+/g, ' ') : text);

export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Malformed({ kind: 'syntax', text: 'invalid percent encoding' });
  }
}
