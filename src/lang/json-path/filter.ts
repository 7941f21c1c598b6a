/** Filters as functions, with Jayway's comparisons: numbers and strings compare across, nothing equals what is not there. */
import { compareNumbers, isNumber, numberOf, printNumber, readNumber } from '../java/number.ts';
import { isList, isMap, javaEquals, mapSize, printJava } from '../java/value.ts';
import type { FilterNode, Operand, Operator, Path } from './syntax.ts';

export type Filter = (item: unknown, root: unknown) => boolean;

/** How a path inside a filter is read: undefined when there is no such thing. */
export type CompileInner = (
  path: Path,
  requireProperties: boolean,
) => (item: unknown, root: unknown) => unknown;

/** Thrown where Jayway throws InvalidPathException while filtering: the item is not taken, whatever else holds. */
class NotComparable extends Error {}
const NOT_COMPARABLE = new NotComparable();

export function compileFilter(node: FilterNode, inner: CompileInner): Filter {
  const test = compileNode(node, inner);
  return (item, root) => {
    try {
      return test(item, root);
    } catch (thrown) {
      if (thrown === NOT_COMPARABLE) return false;
      throw thrown;
    }
  };
}

function compileNode(node: FilterNode, inner: CompileInner): Filter {
  switch (node.kind) {
    case 'and': {
      const tests = node.operands.map((operand) => compileNode(operand, inner));
      return (item, root) => tests.every((test) => test(item, root));
    }
    case 'or': {
      const tests = node.operands.map((operand) => compileNode(operand, inner));
      return (item, root) => tests.some((test) => test(item, root));
    }
    case 'not': {
      const test = compileNode(node.operand, inner);
      return (item, root) => !test(item, root);
    }
    case 'exists': {
      const read = inner(node.path, true);
      return (item, root) => (read(item, root) !== undefined) === node.expected;
    }
    case 'compare':
      return compileComparison(node.operator, node.left, node.right, inner);
    default:
      return node satisfies never;
  }
}

type Read = (item: unknown, root: unknown) => unknown;

function compileComparison(operator: Operator, left: Operand, right: Operand, inner: CompileInner): Filter {
  const readLeft = compileOperand(left, inner);
  const readRight = compileOperand(right, inner);
  const compare = COMPARISONS[operator];
  return (item, root) => compare(readLeft(item, root), readRight(item, root));
}

function compileOperand(operand: Operand, inner: CompileInner): Read {
  if (operand.kind === 'path') return inner(operand.path, false);
  const value = operand.kind === 'pattern' ? operand.pattern : operand.value;
  return () => value;
}

type Comparison = (left: unknown, right: unknown) => boolean;

function equal(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  if (isNumber(left)) {
    const other = typeof right === 'string' ? numberFrom(right) : right;
    return isNumber(other) && compareNumbers(left, other) === 0;
  }
  if (typeof left === 'string') return isNumber(right) ? left === printNumber(right) : left === right;
  if (left === null) return right === null;
  return javaEquals(left, right);
}

const numberFrom = (text: string): unknown =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? readNumber(text.replace(/^\+/, '')) : undefined;

const kindOf = (value: unknown): string =>
  isNumber(value)
    ? 'number'
    : isList(value) || isMap(value)
      ? 'json'
      : value === null
        ? 'null'
        : typeof value;

/** Negative, zero or positive; NaN where the two do not compare. */
function order(left: unknown, right: unknown): number {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  const a = textOf(left);
  const b = textOf(right);
  if (a === undefined || b === undefined) return Number.NaN;
  return a < b ? -1 : a > b ? 1 : 0;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : isNumber(value) ? printNumber(value) : undefined;

const listOf = (value: unknown): readonly unknown[] | undefined => (isList(value) ? value : undefined);

/** What Jayway insists on being a list. */
function mustBeList(value: unknown): readonly unknown[] {
  if (isList(value)) return value;
  throw NOT_COMPARABLE;
}

const contains = (list: readonly unknown[], wanted: unknown): boolean =>
  list.some((item) => equal(item, wanted));

/** A map on the right is a list of nothing; anything else that is no list spoils the filter. */
const within: Comparison = (left, right) => !isMap(right) && contains(mustBeList(right), left);

function matches(left: unknown, right: unknown): boolean {
  const [pattern, value] = left instanceof RegExp ? [left, right] : [right, left];
  if (!(pattern instanceof RegExp) || value instanceof RegExp) return false;
  if (isList(value)) return value.some((item) => pattern.test(inputOf(item)));
  return pattern.test(inputOf(value));
}

const inputOf = (value: unknown): string =>
  typeof value === 'string' || isNumber(value) || typeof value === 'boolean' ? printJava(value) : '';

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || isList(value)) return value.length;
  return isMap(value) ? mapSize(value) : undefined;
}

function isEmpty(left: unknown, right: unknown): boolean {
  const size = sizeOf(left);
  if (size === undefined) return false;
  if (typeof right !== 'boolean') throw NOT_COMPARABLE;
  return (size === 0) === right;
}

function all(left: unknown, right: unknown): boolean {
  const required = mustBeList(right);
  if (isMap(left)) return true;
  return isList(left) && required.every((item) => contains(left, item));
}

const overlap = (left: unknown, right: unknown): boolean | undefined => {
  if (isMap(right) || !isList(left)) return undefined;
  const list = mustBeList(right);
  return left.some((item) => contains(list, item));
};

const COMPARISONS: Readonly<Record<Operator, Comparison>> = {
  '==': equal,
  '!=': (left, right) => !equal(left, right),
  '===': (left, right) => kindOf(left) === kindOf(right) && equal(left, right),
  '!==': (left, right) => !(kindOf(left) === kindOf(right) && equal(left, right)),
  '<': (left, right) => order(left, right) < 0,
  '<=': (left, right) => order(left, right) <= 0,
  '>': (left, right) => order(left, right) > 0,
  '>=': (left, right) => order(left, right) >= 0,
  '=~': matches,
  IN: within,
  NIN: (left, right) => !within(left, right),
  ALL: all,
  CONTAINS: (left, right) =>
    typeof left === 'string' && typeof right === 'string'
      ? left.includes(right)
      : contains(listOf(left) ?? [], right),
  SIZE: (left, right) => isNumber(right) && sizeOf(left) === Math.trunc(numberOf(right)),
  EMPTY: isEmpty,
  SUBSETOF: (left, right) => isList(left) && left.every((item) => contains(mustBeList(right), item)),
  ANYOF: (left, right) => overlap(left, right) === true,
  NONEOF: (left, right) => overlap(left, right) === false,
};
