/** CBOR's decoded values <-> SDK values: as JSON, except that blobs and timestamps have types of their own. */
import type { Member, Shape } from '../schema.ts';
import { bytesOf } from './base64.ts';
import { Malformed } from './malformed.ts';
import { isObject, setKey, type PlainObject } from './record.ts';
import { dateOf, fromEpochSeconds } from './timestamp.ts';

export function fromCbor(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'list':
      if (!Array.isArray(value)) throw new Malformed({ kind: 'expected', what: 'list' });
      return value.filter((item) => item !== null).map((item) => fromCbor(shape.member.target, item));
    case 'map':
      return eachKey(value, 'map', (item) => fromCbor(shape.value.target, item));
    case 'structure':
      return eachMember(shape.members, asObject(value, 'structure'), fromCbor);
    case 'timestamp':
      return typeof value === 'number' ? fromEpochSeconds(value) : checked(shape, value);
    default:
      return checked(shape, value);
  }
}

export function toCbor(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'list': {
      const items = [...(value as Iterable<unknown>)]; // outputs are the SDK's shapes, by the handlers' types
      return items.filter((item) => item != null).map((item) => toCbor(shape.member.target, item));
    }
    case 'map':
      return eachKey(value, 'map', (item) => toCbor(shape.value.target, item));
    case 'structure':
      return eachMember(shape.members, value as PlainObject, toCbor); // as above
    case 'timestamp':
      return dateOf(value);
    case 'blob':
      return bytesOf(value);
    default:
      return value;
  }
}

type Convert = (shape: Shape, value: unknown) => unknown;

function eachMember(members: readonly Member[], source: PlainObject, convert: Convert): PlainObject {
  const result: PlainObject = {};
  for (const member of members) {
    const found = Object.hasOwn(source, member.name) ? source[member.name] : undefined;
    if (found !== undefined && found !== null) result[member.name] = convert(member.target, found);
  }
  return result;
}

function eachKey(value: unknown, what: 'map', convert: (item: unknown) => unknown): PlainObject {
  const result: PlainObject = {};
  for (const [key, item] of Object.entries(asObject(value, what)))
    if (item !== null && item !== undefined) setKey(result, key, convert(item));
  return result;
}

function asObject(value: unknown, what: 'map' | 'structure'): PlainObject {
  if (isObject(value)) return value;
  throw new Malformed({ kind: 'expected', what });
}

const TYPES = {
  string: (value: unknown) => typeof value === 'string',
  boolean: (value: unknown) => typeof value === 'boolean',
  number: (value: unknown) => typeof value === 'number' || typeof value === 'bigint',
  bigInteger: (value: unknown) => typeof value === 'number' || typeof value === 'bigint',
  bigDecimal: (value: unknown) => typeof value === 'number' || typeof value === 'bigint',
  blob: (value: unknown) => value instanceof Uint8Array,
  timestamp: (value: unknown) => value instanceof Date,
  document: () => true,
  unit: () => true,
} as const;

const NAMES = {
  string: 'String',
  boolean: 'Boolean',
  number: 'Integer',
  bigInteger: 'Integer',
  bigDecimal: 'Double',
  blob: 'Blob',
  timestamp: 'Timestamp',
  document: 'String',
  unit: 'String',
} as const;

function checked(shape: Shape & { kind: keyof typeof TYPES }, value: unknown): unknown {
  if (TYPES[shape.kind](value)) return value;
  const found = `${typeof value}_VALUE`.toUpperCase();
  throw new Malformed({ kind: 'scalar', found, wanted: NAMES[shape.kind], text: String(value) });
}
