/** CBOR (RFC 8949) for Smithy RPC v2: values as in JSON, byte strings as Uint8Array, tag 1 as Date. */
import { limits } from '../../base/limits.ts';
import { setKey, type PlainObject } from './record.ts';
import { Malformed } from './malformed.ts';

export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw broken('bytes after the end');
  return value;
}

const BREAK = Symbol('break');

/** One pass over the bytes: a class because it has a position. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): unknown {
    const value = this.#item(depth);
    if (value === BREAK) throw broken('a break outside');
    return value;
  }

  #item(depth: number): unknown {
    if (depth > limits.wireNesting) throw broken('nested too deeply');
    const initial = this.#take(1)[0] ?? 0;
    const major = initial >> 5;
    const info = initial & 31;
    if (info === 31) return this.#indefinite(major, depth);
    if (major === 7) return this.#simple(info);
    const argument = this.#argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return typeof argument === 'bigint' ? -1n - argument : -1 - argument;
      case 2:
        return this.#take(Number(argument)).slice();
      case 3:
        return Buffer.from(this.#take(Number(argument))).toString('utf8');
      case 4:
        return this.#list(Number(argument), depth);
      case 5:
        return this.#map(Number(argument), depth);
      default:
        return this.#tagged(Number(argument), depth);
    }
  }

  #take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.at) throw broken('it ends too early');
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  #argument(info: number): number | bigint {
    const at = this.at;
    switch (info) {
      case 24:
        return this.#take(1)[0] ?? 0;
      case 25:
        this.#take(2);
        return this.#view.getUint16(at);
      case 26:
        this.#take(4);
        return this.#view.getUint32(at);
      case 27: {
        this.#take(8);
        const wide = this.#view.getBigUint64(at);
        return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
      }
      default:
        if (info > 27) throw broken('a reserved length');
        return info;
    }
  }

  #list(count: number, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let index = 0; index < count; index++) items.push(this.value(depth + 1));
    return items;
  }

  #map(count: number, depth: number): PlainObject {
    const result: PlainObject = {};
    for (let index = 0; index < count; index++) setKey(result, this.#key(depth), this.value(depth + 1));
    return result;
  }

  #key(depth: number): string {
    const key = this.value(depth + 1);
    if (typeof key !== 'string') throw broken('a key that is no text');
    return key;
  }

  #indefinite(major: number, depth: number): unknown {
    if (major === 7) return BREAK;
    const items: unknown[] = [];
    for (let item = this.#item(depth + 1); item !== BREAK; item = this.#item(depth + 1)) items.push(item);
    switch (major) {
      case 2:
        return Buffer.concat(items.filter((item) => item instanceof Uint8Array));
      case 3:
        return items.join('');
      case 4:
        return items;
      case 5: {
        const result: PlainObject = {};
        for (let index = 0; index + 1 < items.length; index += 2)
          setKey(result, String(items[index]), items[index + 1]);
        return result;
      }
      default:
        throw broken('an indefinite length where none may be');
    }
  }

  #tagged(tag: number, depth: number): unknown {
    const value = this.value(depth + 1);
    if (tag === 1 && typeof value === 'number') return new Date(Math.round(value * 1000));
    if ((tag === 2 || tag === 3) && value instanceof Uint8Array) {
      const number = BigInt(`0x${Buffer.from(value).toString('hex') || '0'}`);
      return tag === 2 ? number : -1n - number;
    }
    return value;
  }

  #simple(info: number): unknown {
    const at = this.at;
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        this.#take(2);
        return halfFloat(this.#view.getUint16(at));
      case 26:
        this.#take(4);
        return this.#view.getFloat32(at);
      case 27:
        this.#take(8);
        return this.#view.getFloat64(at);
      default:
        throw broken(`simple value ${info}`);
    }
  }
}

function halfFloat(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const broken = (text: string): Malformed => new Malformed({ kind: 'syntax', text: `CBOR: ${text}` });

export function encodeCbor(value: unknown): Uint8Array {
  const parts: Uint8Array[] = [];
  encode(value, parts);
  return Buffer.concat(parts);
}

function encode(value: unknown, parts: Uint8Array[]): void {
  switch (typeof value) {
    case 'string': {
      const bytes = Buffer.from(value);
      parts.push(head(3, bytes.length), bytes);
      return;
    }
    case 'boolean':
      parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
      return;
    case 'number':
      parts.push(Number.isSafeInteger(value) && !Object.is(value, -0) ? integer(value) : double(value));
      return;
    case 'bigint':
      encodeBigInt(value, parts);
      return;
    case 'object':
      encodeObject(value, parts);
      return;
    default:
      parts.push(Uint8Array.of(0xf6));
  }
}

/** Beyond 64 bits a number is a tagged byte string. */
function encodeBigInt(value: bigint, parts: Uint8Array[]): void {
  const [major, argument] = value >= 0n ? [0, value] : [1, -1n - value];
  if (argument < 2n ** 64n) {
    parts.push(head(major, argument));
    return;
  }
  const hex = argument.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  parts.push(head(6, 2 + major), head(2, bytes.length), bytes);
}

function encodeObject(value: object | null, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (value instanceof Date) parts.push(Uint8Array.of(0xc1), double(value.getTime() / 1000));
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const item of value) encode(item, parts);
  } else {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    parts.push(head(5, entries.length));
    for (const [key, member] of entries) {
      encode(key, parts);
      encode(member, parts);
    }
  }
}

const integer = (value: number): Uint8Array => (value >= 0 ? head(0, value) : head(1, -1 - value));

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(major: number, argument: number | bigint): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | Number(argument));
  if (argument < 0x100) return Uint8Array.of(type | 24, Number(argument));
  const bytes = Buffer.alloc(argument < 0x10000 ? 3 : argument < 0x100000000 ? 5 : 9);
  bytes[0] = type | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  if (bytes.length === 3) bytes.writeUInt16BE(Number(argument), 1);
  else if (bytes.length === 5) bytes.writeUInt32BE(Number(argument), 1);
  else bytes.writeBigUInt64BE(BigInt(argument), 1);
  return bytes;
}
