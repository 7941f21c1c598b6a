/** Arithmetic and comparison as Velocity 1.7's MathUtils does them: whole stays whole, a Double makes a Double. */
import {
  compareNumbers,
  isNumber,
  isWhole,
  numberOf,
  toDouble,
  toWhole,
  type JavaNumber,
} from '../java/number.ts';
import { isList, isMap, JavaException, JavaObject, javaEquals, printJava } from '../java/value.ts';

type Operands = readonly [JavaNumber, JavaNumber];

const operands = (left: unknown, right: unknown): Operands | undefined =>
  isNumber(left) && isNumber(right) ? [left, right] : undefined;

/** A String on either side joins; null joins as its own source text. Anything else but two numbers gives null. */
export function add(left: unknown, right: unknown, leftText: string, rightText: string): unknown {
  if (
    typeof left === 'number' &&
    typeof right === 'number' &&
    Number.isInteger(left) &&
    Number.isInteger(right)
  )
    return Number.isSafeInteger(left + right) ? left + right : toWhole(BigInt(left) + BigInt(right));
  if (typeof left === 'string' || typeof right === 'string')
    return textOr(left, leftText) + textOr(right, rightText);
  const pair = operands(left, right);
  return (
    pair &&
    calculate(
      pair,
      (a, b) => a + b,
      (a, b) => a + b,
    )
  );
}

const textOr = (value: unknown, text: string): string =>
  value === null || value === undefined ? text : printJava(value);

export function subtract(left: unknown, right: unknown): unknown {
  const pair = operands(left, right);
  return (
    pair &&
    calculate(
      pair,
      (a, b) => a - b,
      (a, b) => a - b,
    )
  );
}

export function multiply(left: unknown, right: unknown): unknown {
  const pair = operands(left, right);
  return (
    pair &&
    calculate(
      pair,
      (a, b) => a * b,
      (a, b) => a * b,
    )
  );
}

/** Whole numbers divide towards zero; by zero there is null, of Doubles too, as Velocity refuses first. */
export function divide(left: unknown, right: unknown): unknown {
  const pair = operands(left, right);
  if (pair === undefined || numberOf(pair[1]) === 0) return undefined;
  return calculate(
    pair,
    (a, b) => a / b,
    (a, b) => a / b,
  );
}

export function modulo(left: unknown, right: unknown): unknown {
  const pair = operands(left, right);
  if (pair === undefined || numberOf(pair[1]) === 0) return undefined;
  return calculate(
    pair,
    (a, b) => a % b,
    (a, b) => a % b,
  );
}

function calculate(
  [left, right]: Operands,
  double: (a: number, b: number) => number,
  whole: (a: bigint, b: bigint) => bigint,
): JavaNumber {
  if (!isWhole(left) || !isWhole(right)) return toDouble(double(numberOf(left), numberOf(right)));
  if (typeof left === 'number' && typeof right === 'number') {
    const result = Math.trunc(double(left, right));
    if (Number.isSafeInteger(result)) return result + 0;
  }
  const result = whole(BigInt(left), BigInt(right));
  if (result > BIGGEST || result < -BIGGEST)
    throw new JavaException('ArithmeticException', 'the number is too big');
  return toWhole(result);
}

/** Ours: a loop that squares a number is stopped here. */
const BIGGEST = 1n << 4096n;

/** `==`: numbers by value, lists and maps by what they hold, two of a kind by equals, all else by their text. */
export function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const leftNull = left === null || left === undefined;
  if (leftNull || right === null || right === undefined)
    return leftNull && (right === null || right === undefined);
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (typeof left === 'string' && typeof right === 'string') return false;
  if ((isList(left) && isList(right)) || (isMap(left) && isMap(right))) return javaEquals(left, right);
  if (left instanceof JavaObject && right instanceof JavaObject) return left.toString() === right.toString();
  return printJava(left) === printJava(right);
}

/** -1, 0, 1, or NaN where one is not a number: then every comparison is false, as in Velocity 1.7. */
export const compare = (left: unknown, right: unknown): number =>
  isNumber(left) && isNumber(right) ? compareNumbers(left, right) : Number.NaN;
