/** JSON values <-> SDK values, compiled once per shape. */
import type { Member, Shape, StructureShape, TimestampShape } from '../schema.ts';
import { readBase64, writeBase64 } from './base64.ts';
import { Malformed, type ScalarName } from './malformed.ts';
import { isObject, setKey, type PlainObject } from './record.ts';
import { dateOf, fromEpochSeconds, readTimestampText, writeTimestamp } from './timestamp.ts';

export type Read = (value: unknown) => unknown;
export type Write = (value: unknown) => unknown;

export interface JsonCodec {
  /** Parsed JSON to the SDK's value. */
  readonly reader: (shape: Shape) => Read;
  /** The SDK's value to what `JSON.stringify` takes. */
  readonly writer: (shape: Shape) => Write;
  /** The key a member has on the wire. */
  readonly keyOf: (member: Member) => string;
}

/** restJson1 honours `jsonName`, the RPC protocols do not: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
export function createJsonCodec(useJsonName: boolean): JsonCodec {
  const readers = new WeakMap<Shape, Read>();
  const writers = new WeakMap<Shape, Write>();
  const keyOf = (member: Member): string =>
    useJsonName ? (member.traits.jsonName ?? member.name) : member.name;

  const reader = (shape: Shape): Read => cached(readers, shape, compileReader);
  const writer = (shape: Shape): Write => cached(writers, shape, compileWriter);

  function compileReader(shape: Shape): Read {
    switch (shape.kind) {
      case 'string':
        return readString;
      case 'boolean':
        return readBoolean;
      case 'number':
      case 'bigInteger':
      case 'bigDecimal':
        return readNumber;
      case 'blob':
        return readBlob;
      case 'timestamp':
        return readTimestamp;
      case 'document':
      case 'unit':
        return (value) => value;
      case 'list':
        return readList(lazily(reader, shape.member), shape.traits.sparse === 1);
      case 'map':
        return readMap(lazily(reader, shape.value), shape.traits.sparse === 1);
      case 'structure':
        return readStructure(shape);
    }
  }

  function readStructure(shape: StructureShape): Read {
    const members = shape.members.map((member) => ({
      name: member.name,
      key: keyOf(member),
      read: lazily(reader, member),
    }));
    return (value) => {
      if (!isObject(value)) throw misplaced(value, 'structure');
      const result: PlainObject = {};
      for (const { name, key, read } of members) {
        const found = Object.hasOwn(value, key) ? value[key] : undefined;
        if (found !== undefined && found !== null) result[name] = read(found);
      }
      return result;
    };
  }

  function compileWriter(shape: Shape): Write {
    switch (shape.kind) {
      case 'blob':
        return writeBase64;
      case 'number':
        return writeNumber;
      case 'bigInteger':
      case 'bigDecimal':
        return (value) => Number(String(value));
      case 'timestamp':
        return writeJsonTimestamp(shape);
      case 'string':
      case 'boolean':
      case 'document':
      case 'unit':
        return (value) => value;
      case 'list':
        return writeList(lazily(writer, shape.member), shape.traits.sparse === 1);
      case 'map':
        return writeMap(lazily(writer, shape.value), shape.traits.sparse === 1);
      case 'structure':
        return writeStructure(shape);
    }
  }

  function writeStructure(shape: StructureShape): Write {
    const members = shape.members.map((member) => ({
      name: member.name,
      key: keyOf(member),
      write: lazily(writer, member),
    }));
    return (value) => {
      const source = value as PlainObject; // outputs are the SDK's shapes, by the handlers' types
      const result: PlainObject = {};
      for (const { name, key, write } of members) {
        const found = source[name];
        if (found !== undefined && found !== null) result[key] = write(found);
      }
      return result;
    };
  }

  return { reader, writer, keyOf };
}

function cached(cache: WeakMap<Shape, Read>, shape: Shape, compile: (shape: Shape) => Read): Read {
  const known = cache.get(shape);
  if (known !== undefined) return known;
  const compiled = compile(shape);
  cache.set(shape, compiled);
  return compiled;
}

/** Compiles a member's target when the first value comes by: most shapes of a service are never seen. */
function lazily(compile: (shape: Shape) => Read, member: Member): Read {
  let compiled: Read | undefined;
  return (value) => {
    compiled ??= compile(member.target);
    return compiled(value);
  };
}

const readList =
  (read: Read, sparse: boolean): Read =>
  (value) => {
    if (!Array.isArray(value)) throw misplaced(value, 'list');
    const items = sparse ? value : value.filter((item) => item !== null);
    return items.map((item) => (item === null ? null : read(item)));
  };

const readMap =
  (read: Read, sparse: boolean): Read =>
  (value) => {
    if (!isObject(value)) throw misplaced(value, 'map');
    const result: PlainObject = {};
    for (const key of Object.keys(value)) {
      const found = value[key];
      if (found !== null) setKey(result, key, read(found));
      else if (sparse) setKey(result, key, null);
    }
    return result;
  };

const writeList =
  (write: Write, sparse: boolean): Write =>
  (value) => {
    const result: unknown[] = [];
    for (const item of value as Iterable<unknown>) // the handler's type says so
      if (item !== undefined && item !== null) result.push(write(item));
      else if (sparse) result.push(null);
    return result;
  };

const writeMap =
  (write: Write, sparse: boolean): Write =>
  (value) => {
    const source = value as PlainObject; // the handler's type says so
    const result: PlainObject = {};
    for (const key of Object.keys(source)) {
      const found = source[key];
      if (found !== undefined && found !== null) setKey(result, key, write(found));
      else if (sparse) setKey(result, key, null);
    }
    return result;
  };

const readString: Read = (value) => {
  if (typeof value !== 'string') throw wrongScalar(value, 'String');
  return value;
};

const readBoolean: Read = (value) => {
  if (typeof value !== 'boolean') throw wrongScalar(value, 'Boolean');
  return value;
};

const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

const readNumber: Read = (value) => {
  if (typeof value === 'number') return value;
  const special = typeof value === 'string' ? SPECIAL_NUMBERS[value] : undefined;
  if (special === undefined) throw wrongScalar(value, 'Integer');
  return special;
};

const writeNumber: Write = (value) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : Number(value);

const readBlob: Read = (value) => {
  if (typeof value !== 'string') throw wrongScalar(value, 'Blob');
  return readBase64(value);
};

const readTimestamp: Read = (value) => {
  if (typeof value === 'number') return fromEpochSeconds(value);
  if (typeof value === 'string') return readTimestampText(value);
  throw wrongScalar(value, 'Timestamp');
};

/** Epoch seconds unless the member says otherwise: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
function writeJsonTimestamp(shape: TimestampShape): Write {
  const format = shape.format;
  if (format === undefined || format === 'epoch-seconds') return (value) => dateOf(value).getTime() / 1000;
  return (value) => writeTimestamp(value, format);
}

function wrongScalar(value: unknown, wanted: ScalarName): Malformed {
  if (Array.isArray(value)) return new Malformed({ kind: 'unexpected', found: 'list' });
  if (isObject(value)) return new Malformed({ kind: 'unexpected', found: 'structure' });
  return new Malformed({ kind: 'scalar', found: tokenOf(value), wanted, text: String(value) });
}

function misplaced(value: unknown, wanted: 'list' | 'map' | 'structure'): Malformed {
  if (Array.isArray(value)) return new Malformed({ kind: 'unexpected', found: 'list' });
  if (isObject(value)) return new Malformed({ kind: 'unexpected', found: 'structure' });
  return new Malformed({ kind: 'expected', what: wanted });
}

/** The names of Jackson's tokens, which AWS's texts show. */
function tokenOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE';
}
