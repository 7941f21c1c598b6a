/** java.util.List, Map, Map.Entry and Iterator for templates. */
import { methodTable, overload } from './method.ts';
import {
  JavaEntry,
  JavaException,
  JavaIterator,
  javaEquals,
  listOf,
  mapEntries,
  mapGet,
  mapHas,
  mapKeys,
  mapPut,
  mapRemove,
  mapSize,
  mapValues,
  printJava,
  type JavaMap,
} from './value.ts';

const at = (list: readonly unknown[], index: number, most = list.length - 1): number => {
  if (index < 0 || index > most)
    throw new JavaException('IndexOutOfBoundsException', `Index: ${index}, Size: ${list.length}`);
  return index;
};

/** Ours: a list or map of a template never grows past this, so that a loop cannot fill the memory. */
const MAX_ITEMS = 1_000_000;

function add(list: unknown[], items: readonly unknown[], index = list.length): boolean {
  if (list.length + items.length > MAX_ITEMS)
    throw new JavaException('OutOfMemoryError', 'the list is too long');
  if (index === list.length) for (const item of items) list.push(item);
  else list.splice(at(list, index, list.length), 0, ...items);
  return items.length > 0;
}

const indexIn = (list: readonly unknown[], wanted: unknown): number =>
  list.findIndex((item) => javaEquals(item, wanted));

function removeIf(list: unknown[], test: (item: unknown) => boolean): boolean {
  const kept = list.filter((item) => !test(item));
  const changed = kept.length < list.length;
  list.length = 0;
  for (const item of kept) list.push(item);
  return changed;
}

function removeItem(list: unknown[], wanted: unknown): boolean {
  const index = indexIn(list, wanted);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}

function set(list: unknown[], index: number, value: unknown): unknown {
  const old = list[at(list, index)];
  list[index] = value;
  return old;
}

const has = (list: readonly unknown[], wanted: unknown): boolean => indexIn(list, wanted) >= 0;

export const listMethods = methodTable<unknown[]>({
  add: [
    overload('o', (list, item: unknown) => add(list, [item])),
    overload('io', (list, index: number, item: unknown) => void add(list, [item], index)),
  ],
  addAll: [
    overload('l', (list, items: unknown[]) => add(list, items)),
    overload('il', (list, index: number, items: unknown[]) => add(list, items, index)),
  ],
  clear: [overload('', (list) => void (list.length = 0))],
  contains: [overload('o', has)],
  containsAll: [overload('l', (list, items: unknown[]) => items.every((item) => has(list, item)))],
  equals: [overload('o', (list, other: unknown) => javaEquals(list, other))],
  get: [overload('i', (list, index: number) => list[at(list, index)])],
  indexOf: [overload('o', indexIn)],
  isEmpty: [overload('', (list) => list.length === 0)],
  iterator: [overload('', (list) => new JavaIterator(list))],
  lastIndexOf: [
    overload('o', (list, wanted: unknown) => list.findLastIndex((item) => javaEquals(item, wanted))),
  ],
  listIterator: [overload('', (list) => new JavaIterator(list))],
  remove: [
    overload('i', (list, index: number) => list.splice(at(list, index), 1)[0]),
    overload('o', removeItem),
  ],
  removeAll: [overload('l', (list, items: unknown[]) => removeIf(list, (item) => has(items, item)))],
  retainAll: [overload('l', (list, items: unknown[]) => removeIf(list, (item) => !has(items, item)))],
  set: [overload('io', set)],
  size: [overload('', (list) => list.length)],
  subList: [
    overload('ii', (list, from: number, to: number) =>
      listOf(list.slice(at(list, from, at(list, to, list.length)), to)),
    ),
  ],
  toArray: [overload('', (list) => listOf(list))],
  toString: [overload('', printJava)],
});

function put(map: JavaMap, key: unknown, value: unknown): unknown {
  if (mapSize(map) >= MAX_ITEMS) throw new JavaException('OutOfMemoryError', 'the map is too large');
  const old = mapGet(map, key);
  mapPut(map, key, value);
  return old;
}

function clear(map: JavaMap): void {
  for (const key of mapKeys(map)) mapRemove(map, key);
}

export const mapMethods = methodTable<JavaMap>({
  clear: [overload('', clear)],
  containsKey: [overload('o', mapHas)],
  containsValue: [
    overload('o', (map, wanted: unknown) => mapValues(map).some((item) => javaEquals(item, wanted))),
  ],
  entrySet: [overload('', (map) => listOf(mapEntries(map).map(([key, item]) => new JavaEntry(key, item))))],
  equals: [overload('o', (map, other: unknown) => javaEquals(map, other))],
  get: [overload('o', mapGet)],
  getOrDefault: [
    overload('oo', (map, key: unknown, other: unknown) => (mapHas(map, key) ? mapGet(map, key) : other)),
  ],
  isEmpty: [overload('', (map) => mapSize(map) === 0)],
  keySet: [overload('', (map) => listOf(mapKeys(map)))],
  put: [overload('oo', put)],
  putAll: [
    overload('m', (map, other: JavaMap) => {
      for (const [key, item] of mapEntries(other)) put(map, key, item);
    }),
  ],
  putIfAbsent: [
    overload('oo', (map, key: unknown, item: unknown) => mapGet(map, key) ?? put(map, key, item)),
  ],
  remove: [overload('o', mapRemove)],
  replace: [
    overload('oo', (map, key: unknown, item: unknown) =>
      mapHas(map, key) ? put(map, key, item) : undefined,
    ),
  ],
  size: [overload('', mapSize)],
  toString: [overload('', printJava)],
  values: [overload('', (map) => listOf(mapValues(map)))],
});

export const entryMethods = methodTable<JavaEntry>({
  equals: [overload('o', (entry, other: unknown) => javaEquals(entry, other))],
  getKey: [overload('', (entry) => entry.key)],
  getValue: [overload('', (entry) => entry.value)],
  toString: [overload('', printJava)],
});

export const iteratorMethods = methodTable<JavaIterator>({
  hasNext: [overload('', (iterator) => iterator.hasNext())],
  next: [overload('', (iterator) => iterator.next())],
});
