/** What each intrinsic function does; arguments are plain JSON values. Throws Error saying what was wrong with them. */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { isObject } from './reference-path.ts';

type Run = (given: readonly unknown[]) => unknown;

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const MOST_RANGE = 1000;
const MOST_TEXT = 10_000;

export const INTRINSICS: Readonly<Record<string, Run>> = {
  Format([template, ...values]) {
    let next = 0;
    const text = textOf(template, 'Format').replace(
      /\\([{}\\])|\{\}/g,
      (_whole, escaped: string | undefined) => {
        if (escaped !== undefined) return escaped;
        if (next >= values.length) throw new Error('States.Format: there are more places than arguments');
        return shown(values[next++]);
      },
    );
    if (next < values.length) throw new Error('States.Format: there are more arguments than places');
    return text;
  },
  StringToJson: ([text]) => JSON.parse(textOf(text, 'StringToJson')) as unknown,
  JsonToString: ([value]) => JSON.stringify(value),
  Array: (given) => [...given],
  ArrayPartition([list, size]) {
    const items = listOf(list, 'ArrayPartition');
    const step = wholeOf(size, 'ArrayPartition');
    if (step < 1) throw new Error('States.ArrayPartition: the size of a part must be 1 or more');
    return Array.from({ length: Math.ceil(items.length / step) }, (_, at) =>
      items.slice(at * step, (at + 1) * step),
    );
  },
  ArrayContains: ([list, value]) => listOf(list, 'ArrayContains').some((item) => isSame(item, value)),
  ArrayRange([first, last, step]) {
    const [from, to, by] = [first, last, step].map((value) => wholeOf(value, 'ArrayRange')) as [
      number,
      number,
      number,
    ];
    if (by === 0) throw new Error('States.ArrayRange: the step must not be 0');
    const count = Math.floor((to - from) / by) + 1;
    if (count > MOST_RANGE) throw new Error(`States.ArrayRange: more than ${MOST_RANGE} items`);
    return Array.from({ length: Math.max(count, 0) }, (_, at) => from + at * by);
  },
  ArrayGetItem([list, index]) {
    const items = listOf(list, 'ArrayGetItem');
    const at = wholeOf(index, 'ArrayGetItem');
    if (at < 0 || at >= items.length) throw new Error(`States.ArrayGetItem: there is no item ${at}`);
    return items[at];
  },
  ArrayLength: ([list]) => listOf(list, 'ArrayLength').length,
  ArrayUnique([list]) {
    const kept: unknown[] = [];
    for (const item of listOf(list, 'ArrayUnique'))
      if (!kept.some((other) => isSame(other, item))) kept.push(item);
    return kept;
  },
  Base64Encode: ([text]) => Buffer.from(limited(text, 'Base64Encode')).toString('base64'),
  Base64Decode: ([text]) => Buffer.from(limited(text, 'Base64Decode'), 'base64').toString('utf8'),
  Hash([data, algorithm]) {
    const name = HASHES[textOf(algorithm, 'Hash')];
    if (name === undefined) throw new Error(`States.Hash: unknown algorithm ${textOf(algorithm, 'Hash')}`);
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    return createHash(name).update(limited(text, 'Hash')).digest('hex');
  },
  JsonMerge([one, other, deep]) {
    if (deep !== false)
      throw new Error('States.JsonMerge: only shallow merging is there: the third argument must be false');
    if (!isObject(one) || !isObject(other))
      throw new Error('States.JsonMerge: both arguments must be objects');
    return { ...one, ...other };
  },
  MathRandom([start, end, seed]) {
    const [from, to] = [wholeOf(start, 'MathRandom'), wholeOf(end, 'MathRandom')];
    if (to <= from) throw new Error('States.MathRandom: the end must be greater than the start');
    return seed === undefined
      ? randomInt(from, to)
      : from + Math.floor(seeded(wholeOf(seed, 'MathRandom')) * (to - from));
  },
  MathAdd([one, other]) {
    const sum = wholeOf(one, 'MathAdd') + wholeOf(other, 'MathAdd');
    if (sum > 2_147_483_647 || sum < -2_147_483_648)
      throw new Error('States.MathAdd: the sum is no 32-bit integer');
    return sum;
  },
  StringSplit([text, splitter]) {
    const marks = new Set(textOf(splitter, 'StringSplit'));
    const parts: string[] = [''];
    for (const char of textOf(text, 'StringSplit')) {
      if (marks.has(char)) parts.push('');
      else parts[parts.length - 1] += char;
    }
    return parts.filter((part) => part !== '');
  },
  UUID: () => randomUUID(),
};

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`States.${name}: ${JSON.stringify(value)} is no string`);
  return value;
}

function limited(value: unknown, name: string): string {
  const text = textOf(value, name);
  if (text.length > MOST_TEXT)
    throw new Error(`States.${name}: the text has more than ${MOST_TEXT} characters`);
  return text;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`States.${name}: ${JSON.stringify(value)} is no array`);
  return value;
}

/** Numbers with a fraction are rounded to the nearest whole one, as AWS's page says. */
function wholeOf(value: unknown, name: string): number {
  if (typeof value !== 'number') throw new Error(`States.${name}: ${JSON.stringify(value)} is no number`);
  return Math.round(value);
}

/** Mulberry32: the same seed gives the same number. */
export function seeded(seed: number): number {
  const state = (seed + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
