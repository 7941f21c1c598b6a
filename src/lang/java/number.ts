/**
 * Java's numbers in JavaScript, as templates and JSON paths see them:
 *   Integer and Long   a whole JavaScript number
 *   BigInteger         a bigint (and any Long beyond 2^53)
 *   Double             a JavaScript number with a fraction, NaN or an infinity, or a `JavaDouble` when it is whole
 * so that nearly every number is a plain one and 1.0 still is not 1.
 */
export class JavaDouble {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type JavaNumber = number | bigint | JavaDouble;

export const isNumber = (value: unknown): value is JavaNumber =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof JavaDouble;

/** A Double of that value. */
export const toDouble = (value: number): number | JavaDouble =>
  Number.isInteger(value) ? new JavaDouble(value) : value;

/** A whole number of that value: plain where it is exact, bigint beyond. */
export const toWhole = (value: bigint): number | bigint =>
  value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value;

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export const isWhole = (value: JavaNumber): value is number | bigint =>
  typeof value === 'bigint' || Number.isInteger(value);

/** The nearest JavaScript number. */
export const numberOf = (value: JavaNumber): number =>
  typeof value === 'number' ? value : value instanceof JavaDouble ? value.value : Number(value);

/** `Number.toString()` as Java writes it: `1`, `1.0`, `1.0E10`. */
export function printNumber(value: JavaNumber): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : printDouble(value);
  return value instanceof JavaDouble ? printDouble(value.value) : value.toString();
}

/** Double.toString: plain from 10^-3 up to 10^7, scientific with one digit before the point elsewhere. */
export function printDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}

/** Less than, equal or more: -1, 0, 1; NaN compares as equal to nothing. */
export function compareNumbers(left: JavaNumber, right: JavaNumber): number {
  const a = left instanceof JavaDouble ? left.value : left;
  const b = right instanceof JavaDouble ? right.value : right;
  if (a < b) return -1;
  return a > b ? 1 : a == b ? 0 : Number.NaN; // == compares a bigint with a number by value
}

/** A number's text as a Java number: whole text gives a whole number, text with a point or an exponent a Double. */
export function readNumber(text: string): JavaNumber {
  if (/[.eE]/.test(text)) return toDouble(Number(text));
  const value = Number(text);
  return Number.isSafeInteger(value) ? value + 0 : BigInt(text);
}
