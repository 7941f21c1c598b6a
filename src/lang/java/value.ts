/**
 * Java's other values in JavaScript:
 *   String, Character  a string        Boolean  a boolean        null  null or undefined
 *   List               an array; a `JavaList` where Java would have an ArrayList, a plain array where it came from JSON
 *   Map                a plain object (own members only) or an ES Map
 *   Map.Entry          a `JavaEntry`
 *   anything with methods of its own  a `JavaObject`
 */
import { isNumber, compareNumbers, isWhole, printNumber } from './number.ts';
import { printJson } from '../json/print.ts';

/** A list that prints as java.util lists do, `[a, b]`; lists that came from JSON print as JSON. */
export class JavaList extends Array<unknown> {}

export function listOf(items: Iterable<unknown>): JavaList {
  const list = new JavaList();
  for (const item of items) list.push(item);
  return list;
}

export class JavaEntry {
  readonly key: unknown;
  readonly value: unknown;
  constructor(key: unknown, value: unknown) {
    this.key = key;
    this.value = value;
  }
}

export class JavaIterator {
  private at = 0;
  private readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
  hasNext(): boolean {
    return this.at < this.items.length;
  }
  next(): unknown {
    if (!this.hasNext()) throw new JavaException('NoSuchElementException', 'No more elements');
    return this.items[this.at++];
  }
  rest(): readonly unknown[] {
    return this.items.slice(this.at);
  }
}

/** An object of ours with methods and properties for templates: `$input`, `$util`. Own members of the two tables only. */
export abstract class JavaObject {
  /** What `$x.name` reads. */
  property(_name: string): unknown {
    return undefined;
  }
  /** The method of that name, or undefined when there is none. */
  abstract method(name: string): ((...args: unknown[]) => unknown) | undefined;
  abstract toString(): string;
}

/** What a Java method throws: `IndexOutOfBoundsException`, `NumberFormatException`, ... */
export class JavaException extends Error {
  readonly exception: string;
  constructor(exception: string, message: string) {
    super(message);
    this.name = 'JavaException';
    this.exception = exception;
  }
}

export type JavaMap = Map<unknown, unknown> | Record<string, unknown>;

export const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** A plain object or an ES Map: all that is left of the objects. */
export const isMap = (value: unknown): value is JavaMap =>
  value instanceof Map ||
  (typeof value === 'object' &&
    value !== null &&
    (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null));

/** `map.get(key)`; undefined when it is not there. Inherited members are never seen. */
export function mapGet(map: JavaMap, key: unknown): unknown {
  if (map instanceof Map) return map.get(key);
  if (typeof key !== 'string') return undefined;
  const value = map[key];
  if (typeof value === 'function') return undefined;
  return key === '__proto__' && !Object.hasOwn(map, key) ? undefined : value;
}

export const mapHas = (map: JavaMap, key: unknown): boolean =>
  map instanceof Map ? map.has(key) : typeof key === 'string' && Object.hasOwn(map, key);

export function mapPut(map: JavaMap, key: unknown, value: unknown): void {
  if (!Object.isExtensible(map))
    throw new JavaException('UnsupportedOperationException', 'the map is read-only');
  if (map instanceof Map) map.set(key, value);
  else {
    const name = printJava(key);
    if (name === '__proto__')
      Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });
    else map[name] = value;
  }
}

export function mapRemove(map: JavaMap, key: unknown): unknown {
  const old = mapGet(map, key);
  if (map instanceof Map) map.delete(key);
  else if (typeof key === 'string') delete map[key];
  return old;
}

export const mapSize = (map: JavaMap): number => (map instanceof Map ? map.size : Object.keys(map).length);
export const mapKeys = (map: JavaMap): unknown[] => (map instanceof Map ? [...map.keys()] : Object.keys(map));
export const mapValues = (map: JavaMap): unknown[] =>
  map instanceof Map ? [...map.values()] : Object.values(map);
export const mapEntries = (map: JavaMap): [unknown, unknown][] =>
  map instanceof Map ? [...map.entries()] : Object.entries(map);

/** `String.valueOf(value)`: `{foo=bar}` for a map, `[a, b]` for a Java list, JSON for a list that came from JSON. */
export function printJava(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (isNumber(value)) return printNumber(value);
  if (value instanceof JavaObject) return value.toString();
  return typeof value === 'object' ? printCollection('', value) : '';
}

/** Ours: lists that hold one another can print without end; no text of a template is longer. */
const MAX_PRINTED = 16 * 1024 * 1024;

/** `out` and the text of a value. */
function printCollection(out: string, value: unknown): string {
  if (out.length > MAX_PRINTED) throw new JavaException('OutOfMemoryError', 'the text is too long');
  if (value instanceof JavaList) {
    let text = `${out}[`;
    for (let i = 0; i < value.length; i++) text = printCollection(i === 0 ? text : `${text}, `, value[i]);
    return `${text}]`;
  }
  if (value === null) return `${out}null`;
  if (isList(value)) return out + printJson(value);
  if (value instanceof JavaEntry) return printEntry(out, value.key, value.value);
  if (!isMap(value))
    return typeof value === 'object' && !(value instanceof JavaObject) ? out : out + printJava(value);
  let text = `${out}{`;
  let first = true;
  for (const [key, item] of mapEntries(value)) {
    text = printEntry(first ? text : `${text}, `, key, item);
    first = false;
  }
  return `${text}}`;
}

const printEntry = (out: string, key: unknown, value: unknown): string =>
  printCollection(`${printCollection(out, key)}=`, value);

/** `left.equals(right)`: numbers by class and value, lists and maps by what they hold. */
export function javaEquals(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (left === null || left === undefined) return right === null || right === undefined;
  if (isNumber(left))
    return isNumber(right) && isWhole(left) === isWhole(right) && compareNumbers(left, right) === 0;
  if (isList(left)) return isList(right) && listEquals(left, right);
  if (left instanceof JavaEntry)
    return (
      right instanceof JavaEntry && javaEquals(left.key, right.key) && javaEquals(left.value, right.value)
    );
  return isMap(left) && isMap(right) && mapEquals(left, right);
}

const listEquals = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((item, i) => javaEquals(item, right[i]));

const mapEquals = (left: JavaMap, right: JavaMap): boolean =>
  mapSize(left) === mapSize(right) &&
  mapEntries(left).every(([key, item]) => mapHas(right, key) && javaEquals(item, mapGet(right, key)));
