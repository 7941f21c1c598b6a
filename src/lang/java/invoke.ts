/** `value.name(args)`, `value.name` and `value[index]` as Velocity's introspection finds them. */
import { entryMethods, iteratorMethods, listMethods, mapMethods } from './collection-methods.ts';
import { callMethod, NO_METHOD } from './method.ts';
import { booleanMethods, numberMethods } from './number-methods.ts';
import { isNumber, isWhole, numberOf } from './number.ts';
import { stringMethods } from './string-methods.ts';
import { isMap, JavaEntry, JavaException, JavaIterator, JavaObject, mapGet, mapPut } from './value.ts';

/** Undefined also when there is no such method: Velocity's references are then null. Throws JavaException. */
export function invoke(self: unknown, name: string, args: readonly unknown[]): unknown {
  const result = dispatch(self, name, args);
  return result === NO_METHOD ? undefined : result;
}

function dispatch(self: unknown, name: string, args: readonly unknown[]): unknown {
  if (typeof self === 'string') return callMethod(stringMethods, self, name, args);
  if (self === null || self === undefined) return undefined;
  if (Array.isArray(self)) return callMethod(listMethods, self, name, args);
  if (self instanceof JavaObject) return self.method(name)?.(...args);
  if (isNumber(self)) return callMethod(numberMethods, self, name, args);
  if (typeof self === 'boolean') return callMethod(booleanMethods, self, name, args);
  if (self instanceof JavaEntry) return callMethod(entryMethods, self, name, args);
  if (self instanceof JavaIterator) return callMethod(iteratorMethods, self, name, args);
  return isMap(self) ? callMethod(mapMethods, self, name, args) : undefined;
}

/** `self.name`: a map's value, an entry's key and value, an object's property, `empty` of strings and lists. */
export function property(self: unknown, name: string): unknown {
  if (typeof self === 'string') return name === 'empty' ? self === '' : undefined;
  if (self === null || self === undefined || typeof self !== 'object') return undefined;
  if (Array.isArray(self)) return name === 'empty' ? self.length === 0 : undefined;
  if (self instanceof JavaObject) return self.property(name);
  if (self instanceof JavaEntry) return name === 'key' ? self.key : name === 'value' ? self.value : undefined;
  return isMap(self) ? mapGet(self, name) : undefined;
}

/** `self[key]`: Velocity 1.7 calls `get(key)`; a negative index of a list counts from its end. */
export function element(self: unknown, key: unknown): unknown {
  if (Array.isArray(self))
    return isNumber(key) && isWhole(key) ? self[position(self, numberOf(key))] : undefined;
  return isMap(self) ? mapGet(self, key) : invoke(self, 'get', [key]);
}

function position(list: readonly unknown[], index: number): number {
  const from = index < 0 ? list.length + index : index;
  if (from < 0 || from >= list.length)
    throw new JavaException('IndexOutOfBoundsException', `Index: ${index}, Size: ${list.length}`);
  return from;
}

/** `#set($self.name = value)`: false where nothing of that name can be set. */
export function setProperty(self: unknown, name: string, value: unknown): boolean {
  if (!isMap(self)) return false;
  mapPut(self, name, value);
  return true;
}

/** `#set($self[key] = value)`. */
export function setElement(self: unknown, key: unknown, value: unknown): boolean {
  if (Array.isArray(self)) {
    if (!isNumber(key) || !isWhole(key)) return false;
    self[position(self, numberOf(key))] = value;
    return true;
  }
  if (!isMap(self)) return false;
  mapPut(self, key, value);
  return true;
}
