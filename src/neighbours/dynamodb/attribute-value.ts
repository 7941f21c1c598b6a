/** Attribute values: checking, size, equality and order, and the form they have in a row. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import { canonicalNumber, compareNumbers, parseNumber } from './number.ts';

export type Item = Readonly<Record<string, AttributeValue>>;
export type TypeName = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';

/** An attribute value taken apart: its one type and what it holds. */
export type Tagged =
  | readonly ['S', string]
  | readonly ['N', string]
  | readonly ['B', Uint8Array]
  | readonly ['SS' | 'NS', readonly string[]]
  | readonly ['BS', readonly Uint8Array[]]
  | readonly ['M', Item]
  | readonly ['L', readonly AttributeValue[]]
  | readonly ['NULL' | 'BOOL', boolean];

const MAX_DEPTH = 32;

const invalid = (message: string): Fault => new Fault('ValidationException', message);

export function tagged(value: AttributeValue): Tagged {
  if (value.S !== undefined) return ['S', value.S];
  if (value.N !== undefined) return ['N', value.N];
  if (value.B !== undefined) return ['B', value.B];
  if (value.M !== undefined) return ['M', value.M];
  if (value.L !== undefined) return ['L', value.L];
  if (value.BOOL !== undefined) return ['BOOL', value.BOOL];
  if (value.NULL !== undefined) return ['NULL', value.NULL];
  if (value.SS !== undefined) return ['SS', value.SS];
  if (value.NS !== undefined) return ['NS', value.NS];
  if (value.BS !== undefined) return ['BS', value.BS];
  throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
}

export const typeOf = (value: AttributeValue): TypeName => tagged(value)[0];

/** Checks a value from outside and brings its numbers into the form DynamoDB answers with. Throws ValidationException. */
export function admit(value: AttributeValue, depth = 0): AttributeValue {
  if (depth > MAX_DEPTH) throw invalid('Nesting Levels have exceeded supported limits');
  if (Object.values(value).filter((member) => member !== undefined).length > 1) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  const [type, held] = tagged(value);
  switch (type) {
    case 'S':
    case 'B':
    case 'BOOL':
      return value;
    case 'NULL':
      if (!held)
        throw invalid(
          'One or more parameter values were invalid: Null attribute value types must have the value of true',
        );
      return value;
    case 'N':
      return { N: canonicalNumber(held) };
    case 'M':
      return { M: admitItem(held, depth + 1) };
    case 'L':
      return { L: held.map((element) => admit(element, depth + 1)) };
    case 'SS':
      return { SS: admitSet(held, held, 'string') };
    case 'NS': {
      const numbers = held.map(canonicalNumber);
      return { NS: admitSet(numbers, numbers, 'number') };
    }
    case 'BS':
      return { BS: admitSet(held, held.map(hex), 'binary') };
    default:
      return type satisfies never;
  }
}

export function admitItem(item: Item, depth = 0): Record<string, AttributeValue> {
  const admitted: Record<string, AttributeValue> = {};
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value) define(admitted, name, admit(value, depth));
  }
  return admitted;
}

/** Attribute names come from outside: `__proto__` is a name like any other. */
export function define<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

export const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;

function admitSet<T>(held: readonly T[], identities: readonly string[], kind: string): T[] {
  if (held.length === 0)
    throw invalid(`One or more parameter values were invalid: An ${kind} set  may not be empty`);
  if (new Set(identities).size < held.length) {
    throw invalid(
      `One or more parameter values were invalid: Input collection [${identities.join(', ')}] contains duplicates.`,
    );
  }
  return [...held];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Bytes an item counts for: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemSizeBytes(item: Item): number {
  let size = 0;
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value) size += Buffer.byteLength(name) + valueSizeBytes(value);
  }
  return size;
}

function valueSizeBytes(value: AttributeValue): number {
  const [type, held] = tagged(value);
  switch (type) {
    case 'S':
      return Buffer.byteLength(held);
    case 'N':
      return numberSizeBytes(held);
    case 'B':
      return held.byteLength;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'SS':
      return held.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    case 'NS':
      return held.reduce((sum, text) => sum + numberSizeBytes(text), 0);
    case 'BS':
      return held.reduce((sum, bytes) => sum + bytes.byteLength, 0);
    case 'L':
      return held.reduce((sum, element) => sum + 1 + valueSizeBytes(element), 3);
    case 'M':
      return Object.keys(held).length + 3 + itemSizeBytes(held);
    default:
      return type satisfies never;
  }
}

/** About one byte for two significant digits, and one more. */
const numberSizeBytes = (text: string): number =>
  Math.ceil(text.replace(/^-?0*\.?0*|[-.]/g, '').length / 2) + 1;

export function equal(left: AttributeValue, right: AttributeValue): boolean {
  const [a, b] = [tagged(left), tagged(right)];
  if (a[0] !== b[0]) return false;
  return identity(a) === identity(b);
}

/** Text that is the same for equal values and only for them. */
function identity([type, held]: Tagged): string {
  switch (type) {
    case 'S':
      return `S${JSON.stringify(held)}`;
    case 'N': {
      const { digits, exponent } = parseNumber(held);
      return `N${digits}e${exponent}`;
    }
    case 'B':
      return `B${hex(held)}`;
    case 'BOOL':
    case 'NULL':
      return `${type}${held}`;
    case 'SS':
      return `SS${JSON.stringify([...held].sort())}`;
    case 'NS':
      return `NS${held
        .map((text) => identity(['N', text]))
        .sort()
        .join()}`;
    case 'BS':
      return `BS${held.map(hex).sort().join()}`;
    case 'L':
      return `L[${held.map((element) => identity(tagged(element))).join()}]`;
    case 'M':
      return `M{${Object.entries(held)
        .map(([name, value]) => `${JSON.stringify(name)}:${identity(tagged(value))}`)
        .sort()
        .join()}}`;
    default:
      return type satisfies never;
  }
}

/** Order of two values of one of the types that have an order (S, N, B); undefined for any others. */
export function compare(left: AttributeValue, right: AttributeValue): number | undefined {
  const [a, b] = [tagged(left), tagged(right)];
  if (a[0] === 'N' && b[0] === 'N') return compareNumbers(a[1], b[1]);
  if (a[0] === 'S' && b[0] === 'S') return Buffer.compare(Buffer.from(a[1]), Buffer.from(b[1]));
  if (a[0] === 'B' && b[0] === 'B') return Buffer.compare(a[1], b[1]);
  return undefined;
}

/** What a row holds: JSON has no bytes, so binary values are base64 text under the same tags. */
export interface StoredItem {
  readonly item: Item;
  /** Set when some value is binary: most items are read without being walked. */
  readonly binary?: true;
}

export function toStored(item: Item): StoredItem {
  return holdsBinary(item) ? { item: mapBinary(item, toBase64), binary: true } : { item };
}

export function fromStored({ item, binary }: StoredItem): Item {
  return binary ? mapBinary(item, fromBase64) : item;
}

function holdsBinary(item: Item): boolean {
  return Object.values(item).some(
    ({ B, BS, M, L }) =>
      B !== undefined ||
      BS !== undefined ||
      (M && holdsBinary(M)) ||
      L?.some((value) => holdsBinary({ value })),
  );
}

function mapBinary(item: Item, change: (bytes: Uint8Array) => Uint8Array): Item {
  const changed: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(item)) define(changed, name, mapValue(value, change));
  return changed;
}

function mapValue(value: AttributeValue, change: (bytes: Uint8Array) => Uint8Array): AttributeValue {
  if (value.B !== undefined) return { B: change(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(change) };
  if (value.M !== undefined) return { M: mapBinary(value.M, change) };
  if (value.L !== undefined) return { L: value.L.map((element) => mapValue(element, change)) };
  return value;
}

/** In a row the place of bytes is taken by their text; only `fromBase64` ever reads it back. */
const toBase64 = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(bytes).toString('base64') as unknown as Uint8Array; // see StoredItem
const fromBase64 = (text: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.from(text as unknown as string, 'base64')); // see StoredItem
