/** Random values of a shape, from a seed: the same seed gives the same values. */
import { Readable } from 'node:stream';
import type { Member, Shape, StructureShape } from '../../src/wire/schema.ts';

export type Random = () => number;

/** Mulberry32: small, even enough, and repeatable. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Rules {
  /** How likely an optional member is there. */
  readonly density: number;
  /** Values for members by name, and members to leave out (undefined). */
  readonly members: Readonly<Record<string, ((random: Random) => unknown) | undefined>>;
  /** XML and query forms cannot tell an empty list or map from an absent one. */
  readonly empties: boolean;
}

const WORDS = [
  'orders',
  'a b',
  'ü–ß',
  '日本',
  '<&>"\'',
  'x/y',
  'a,b',
  '100%',
  '+plus+',
  'line',
  '😀',
  '{}',
  '=',
];
const PLAIN = ['orders', 'alpha', 'Beta-1', 'x_y', 'v1.2', 'abc123'];

const pick = <T>(items: readonly T[], random: Random): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

export function generate(shape: Shape, rules: Rules, random: Random, depth = 0): unknown {
  switch (shape.kind) {
    case 'string':
      return `${pick(WORDS, random)}${pick(PLAIN, random)}`;
    case 'boolean':
      return random() < 0.5;
    case 'number':
      return pick([0, 1, -7, 42, 65_536, 1_500_000_000, 2.5], random);
    case 'bigInteger':
      return BigInt(Math.floor(random() * 1e9));
    case 'bigDecimal':
      return 1;
    case 'document':
      return { any: [1, 'two', { three: true }] };
    case 'unit':
      return {};
    case 'blob':
      return Uint8Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    case 'timestamp':
      return new Date(Math.floor(random() * 4e9) * 1000);
    case 'list':
      return Array.from({ length: count(rules, random, depth) }, () =>
        generate(shape.member.target, rules, random, depth + 1),
      );
    case 'map': {
      const keys = Array.from(
        { length: count(rules, random, depth) },
        (_, index) => `${pick(PLAIN, random)}${index}`,
      );
      return Object.fromEntries(
        keys.map((key) => [key, generate(shape.value.target, rules, random, depth + 1)]),
      );
    }
    case 'structure':
      return generateStructure(shape, rules, random, depth);
  }
}

const count = (rules: Rules, random: Random, depth: number): number =>
  depth > 6 ? 1 : Math.floor(random() * 3) + (rules.empties ? 0 : 1);

function generateStructure(shape: StructureShape, rules: Rules, random: Random, depth: number): object {
  const own = depth === 0 ? rules.members : {};
  const all = shape.members.filter((member) => !(member.name in own) || own[member.name]);
  const members = shape.union ? [unionMember(all, random, depth)] : all;
  const result: Record<string, unknown> = {};
  for (const member of members) {
    const wanted =
      shape.union ||
      member.required ||
      member.traits.eventPayload === 1 ||
      (depth < 6 && random() < rules.density);
    if (wanted) result[member.name] = generateMember(member, rules, random, depth);
  }
  // An empty structure is nothing in a query form.
  const [first] = members;
  if (!rules.empties && depth > 0 && Object.keys(result).length === 0 && first !== undefined)
    result[first.name] = generateMember(first, rules, random, depth);
  return result;
}

/** Deep down a member that does not contain others, so that it ends. */
function unionMember(members: readonly Member[], random: Random, depth: number): Member {
  const scalars = members.filter(({ target }) => !['structure', 'list', 'map'].includes(target.kind));
  return pick(depth > 3 && scalars.length > 0 ? scalars : members, random);
}

function generateMember(member: Member, rules: Rules, random: Random, depth: number): unknown {
  const given = depth === 0 ? rules.members[member.name] : undefined;
  if (given !== undefined) return given(random);
  const { traits, target } = member;
  if (traits.httpResponseCode) return pick([200, 201, 202], random);
  if (traits.httpQuery || traits.httpQueryParams)
    return generate(target, { ...rules, empties: false }, random, depth + 1);
  if (traits.eventPayload && target.kind === 'structure') return generate(target, rules, random, depth + 1);
  if (traits.httpHeader || traits.httpPrefixHeaders !== undefined)
    return headerSafe(target, rules, random, depth);
  return generate(target, rules, random, depth + 1);
}

/** Headers carry visible ASCII only. */
function headerSafe(shape: Shape, rules: Rules, random: Random, depth: number): unknown {
  if (shape.kind === 'string') return pick(PLAIN, random);
  if (shape.kind === 'list')
    return [headerSafe(shape.member.target, rules, random, depth), 'a,"b"'].slice(
      0,
      shape.member.target.kind === 'string' ? 2 : 1,
    );
  if (shape.kind === 'map') return { [`${pick(PLAIN, random).toLowerCase()}`]: pick(PLAIN, random) };
  return generate(shape, rules, random, depth + 1);
}

/** Dates, bytes and streams to things that compare; nulls and undefined members away. */
export async function normal(value: unknown): Promise<unknown> {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (value instanceof Readable) return normal(Buffer.concat(await value.toArray()));
  if (Array.isArray(value)) return Promise.all(value.map(normal));
  if (typeof value !== 'object') return value;
  if (Symbol.asyncIterator in value) return normal(await collect(value as AsyncIterable<unknown>)); // checked just before
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, item]) => [key, await normal(item)] as const),
  );
  return Object.fromEntries(
    entries
      .filter(([key, item]) => item !== undefined && key !== '$metadata')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
