/** java.lang.String for templates: https://docs.oracle.com/javase/8/docs/api/java/lang/String.html */
import { javaFormat } from './format.ts';
import { methodTable, overload } from './method.ts';
import { expandReplacement, javaRegex, javaSplit } from './regex.ts';
import { JavaException, listOf, printJava } from './value.ts';

const outOfBounds = (message: string): never => {
  throw new JavaException('StringIndexOutOfBoundsException', message);
};

function substring(text: string, from: number, to = text.length): string {
  if (from < 0 || to > text.length || from > to)
    return outOfBounds(`begin ${from}, end ${to}, length ${text.length}`);
  return text.slice(from, to);
}

function charAt(text: string, index: number): string {
  if (index < 0 || index >= text.length) return outOfBounds(`String index out of range: ${index}`);
  return text.charAt(index);
}

/** String.hashCode: 31 times what came before plus the next, in 32 bits. */
function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

function compareTo(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = left.charCodeAt(i) - right.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const replaceRegex = (text: string, pattern: string, replacement: string, flags: string): string => {
  let out = '';
  let from = 0;
  const matches = flags === 'g' ? text.matchAll(javaRegex(pattern, 'g')) : first(text, pattern);
  for (const match of matches) {
    out += text.slice(from, match.index) + expandReplacement(replacement, match);
    from = match.index + match[0].length;
  }
  return out + text.slice(from);
};

function* first(text: string, pattern: string): Iterable<RegExpExecArray> {
  const match = javaRegex(pattern, '').exec(text);
  if (match !== null) yield match;
}

/** Java's trim: everything up to the blank, not only white space. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 32) from++;
  while (to > from && text.charCodeAt(to - 1) <= 32) to--;
  return text.slice(from, to);
}

const repeat = (text: string, count: number): string => {
  if (count < 0) throw new JavaException('IllegalArgumentException', `count is negative: ${count}`);
  if (text.length * count > MAX_REPEATED) throw new JavaException('OutOfMemoryError', 'string is too long');
  return text.repeat(count);
};
const MAX_REPEATED = 16 * 1024 * 1024;

const charCode = (code: number): string => String.fromCodePoint(code);
const lower = (text: string): string => text.toLowerCase();

export const stringMethods = methodTable<string>({
  charAt: [overload('i', charAt)],
  codePointAt: [overload('i', (text, at: number) => charAt(text, at) && text.codePointAt(at))],
  compareTo: [overload('s', compareTo)],
  compareToIgnoreCase: [overload('s', (text, other: string) => compareTo(lower(text), lower(other)))],
  concat: [overload('s', (text, other: string) => text + other)],
  contains: [overload('s', (text, part: string) => text.includes(part))],
  contentEquals: [overload('s', (text, other: string) => text === other)],
  endsWith: [overload('s', (text, end: string) => text.endsWith(end))],
  equals: [overload('o', (text, other: unknown) => text === other)],
  equalsIgnoreCase: [
    overload('o', (text, other: unknown) => typeof other === 'string' && lower(text) === lower(other)),
  ],
  format: [
    overload('s', (_text, format: string) => javaFormat(format, [])),
    overload('sl', (_text, format: string, args: unknown[]) => javaFormat(format, args)),
    ...[1, 2, 3, 4, 5, 6].map((count) =>
      overload(`s${'o'.repeat(count)}`, (_text: string, format: string, ...args: unknown[]) =>
        javaFormat(format, args),
      ),
    ),
  ],
  hashCode: [overload('', stringHash)],
  indexOf: [
    overload('s', (text, part: string) => text.indexOf(part)),
    overload('i', (text, code: number) => text.indexOf(charCode(code))),
    overload('si', (text, part: string, from: number) => text.indexOf(part, from)),
    overload('ii', (text, code: number, from: number) => text.indexOf(charCode(code), from)),
  ],
  intern: [overload('', (text) => text)],
  isBlank: [overload('', (text) => /^\s*$/.test(text))],
  isEmpty: [overload('', (text) => text === '')],
  join: [overload('sl', (_text, between: string, parts: unknown[]) => parts.map(printJava).join(between))],
  lastIndexOf: [
    overload('s', (text, part: string) => text.lastIndexOf(part)),
    overload('i', (text, code: number) => text.lastIndexOf(charCode(code))),
    overload('si', (text, part: string, from: number) => (from < 0 ? -1 : text.lastIndexOf(part, from))),
  ],
  length: [overload('', (text) => text.length)],
  matches: [overload('s', (text, pattern: string) => javaRegex(`^(?:${pattern})$`, '').test(text))],
  repeat: [overload('i', repeat)],
  replace: [overload('ss', (text, from: string, to: string) => text.split(from).join(to))],
  replaceAll: [overload('ss', (text, from: string, to: string) => replaceRegex(text, from, to, 'g'))],
  replaceFirst: [overload('ss', (text, from: string, to: string) => replaceRegex(text, from, to, ''))],
  split: [
    overload('s', (text, pattern: string) => listOf(javaSplit(text, pattern, 0))),
    overload('si', (text, pattern: string, limit: number) => listOf(javaSplit(text, pattern, limit))),
  ],
  startsWith: [
    overload('s', (text, start: string) => text.startsWith(start)),
    overload('si', (text, start: string, at: number) => at >= 0 && text.startsWith(start, at)),
  ],
  strip: [overload('', (text) => text.trim())],
  subSequence: [overload('ii', substring)],
  substring: [overload('i', substring), overload('ii', substring)],
  toCharArray: [overload('', (text) => listOf(text.split('')))],
  toLowerCase: [overload('', lower)],
  toString: [overload('', (text) => text)],
  toUpperCase: [overload('', (text) => text.toUpperCase())],
  trim: [overload('', trim)],
  valueOf: [overload('o', (_text, value: unknown) => printJava(value))],
});
