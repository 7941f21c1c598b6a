/**
 * DynamoDB's numbers: decimals of up to 38 significant digits, from 1E-130 to 9.99...E+125, exact.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
import { Fault } from '../../base/fault.ts';

/** `digits × 10^exponent`; `digits` has no trailing zero; zero is `{ digits: 0n, exponent: 0 }`. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const MAX_SIGNIFICANT = 38;
const MAX_MAGNITUDE = 125;
const MIN_MAGNITUDE = -130;

const invalid = (message: string): Fault => new Fault('ValidationException', message);

export function parseNumber(text: string): Decimal {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (!match || whole + fraction === '') {
    throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  }
  const digits = (whole + fraction).replace(/^0+/, '');
  const decimal = normalize(
    BigInt(`${sign === '-' ? '-' : ''}${digits || '0'}`),
    Number(exponent) - fraction.length,
  );
  return checkRange(decimal);
}

function normalize(digits: bigint, exponent: number): Decimal {
  if (digits === 0n) return { digits: 0n, exponent: 0 };
  const zeros = /0*$/.exec(digits.toString())?.[0].length ?? 0;
  return { digits: zeros > 0 ? digits / 10n ** BigInt(zeros) : digits, exponent: exponent + zeros };
}

function checkRange(decimal: Decimal): Decimal {
  if (decimal.digits === 0n) return decimal;
  const length = absolute(decimal.digits).toString().length;
  if (length > MAX_SIGNIFICANT) {
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  }
  const magnitude = length - 1 + decimal.exponent;
  if (magnitude > MAX_MAGNITUDE) {
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (magnitude < MIN_MAGNITUDE) {
    throw invalid(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  return decimal;
}

export function addNumbers(left: string, right: string, sign: 1n | -1n = 1n): string {
  const [a, b] = [parseNumber(left), parseNumber(right)];
  const exponent = Math.min(a.exponent, b.exponent);
  // Past this distance the smaller one cannot reach the 38 digits that are kept.
  const scaled = (value: Decimal): bigint => value.digits * 10n ** BigInt(value.exponent - exponent);
  return printNumber(checkRange(normalize(scaled(a) + sign * scaled(b), exponent)));
}

export function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  const [a, b] = [sortableNumber(left), sortableNumber(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The form DynamoDB answers with: no exponent, no trailing zeros (`1.50` is `1.5`, `1e2` is `100`). */
export function canonicalNumber(text: string): string {
  return /^-?(0|[1-9]\d{0,36})$/.test(text) && text !== '-0' ? text : printNumber(parseNumber(text));
}

function printNumber({ digits, exponent }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const text = absolute(digits).toString();
  if (exponent >= 0) return sign + text + '0'.repeat(exponent);
  const point = text.length + exponent;
  if (point > 0) return `${sign}${text.slice(0, point)}.${text.slice(point)}`;
  return `${sign}0.${'0'.repeat(-point)}${text}`;
}

/** Text whose byte order is the numbers' order: a sign, the magnitude, the digits; negatives complemented. */
export function sortableNumber(text: string): string {
  const { digits, exponent } = parseNumber(text);
  if (digits === 0n) return '1';
  const significant = absolute(digits).toString();
  const magnitude = String(significant.length - 1 + exponent + 500);
  if (digits > 0n) return `2${magnitude}${significant}`;
  return `0${complement(magnitude)}${complement(significant)}~`;
}

const complement = (digits: string): string => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
