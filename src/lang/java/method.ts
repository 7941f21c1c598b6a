/**
 * Method tables. A method's overloads are told apart by their arguments' kinds, one letter each:
 * `s` String, `i` whole number, `n` any number, `b` Boolean, `l` List, `m` Map, `o` anything, null too.
 * A call that fits none is, as in Velocity, a call of a method that is not there.
 */
import { isNumber, isWhole } from './number.ts';
import { isList, isMap } from './value.ts';

export interface Overload<Self> {
  readonly args: string;
  /** Written as a method, so that overloads may name the types that the letters have checked. */
  call(self: Self, ...args: unknown[]): unknown;
}

export type Methods<Self> = Readonly<Record<string, readonly Overload<Self>[]>>;

export const overload = <Self, Args extends unknown[]>(
  args: string,
  call: (self: Self, ...args: Args) => unknown,
): Overload<Self> => ({ args, call });

/** A table without a prototype, so that `constructor` and the like are not in it. */
export const methodTable = <Self>(methods: Methods<Self>): Methods<Self> =>
  Object.assign(Object.create(null), methods);

export const NO_METHOD: unique symbol = Symbol('no such method');

export function callMethod<Self>(
  methods: Methods<Self>,
  self: Self,
  name: string,
  args: readonly unknown[],
): unknown {
  const overloads = methods[name];
  if (overloads === undefined) return NO_METHOD;
  for (const candidate of overloads) if (fits(candidate.args, args)) return candidate.call(self, ...args);
  return NO_METHOD;
}

function fits(kinds: string, args: readonly unknown[]): boolean {
  if (kinds.length !== args.length) return false;
  for (let i = 0; i < args.length; i++) if (!isKind(kinds.charCodeAt(i), args[i])) return false;
  return true;
}

function isKind(kind: number, value: unknown): boolean {
  switch (kind) {
    case 111: // o
      return true;
    case 115: // s
      return typeof value === 'string';
    case 105: // i
      return isNumber(value) && isWhole(value);
    case 110: // n
      return isNumber(value);
    case 98: // b
      return typeof value === 'boolean';
    case 108: // l
      return isList(value);
    default: // m
      return isMap(value);
  }
}
