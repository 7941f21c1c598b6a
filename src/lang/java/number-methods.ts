/** java.lang.Integer, Long, Double and Boolean for templates; static ones too, as `$number.parseInt("5")` is much used. */
import { methodTable, overload } from './method.ts';
import {
  compareNumbers,
  isWhole,
  numberOf,
  printNumber,
  toDouble,
  toWhole,
  type JavaNumber,
} from './number.ts';
import { JavaException, javaEquals } from './value.ts';

const badNumber = (text: string): never => {
  throw new JavaException('NumberFormatException', `For input string: "${text}"`);
};

function parseWhole(text: string, radix = 10, bits = 32): number | bigint {
  const digits = /^[+-]?([0-9a-zA-Z]+)$/.exec(text)?.[1];
  if (digits === undefined) return badNumber(text);
  let value = 0n;
  for (const digit of digits) {
    const each = Number.parseInt(digit, radix);
    if (Number.isNaN(each)) return badNumber(text);
    value = value * BigInt(radix) + BigInt(each);
  }
  const signed = text.startsWith('-') ? -value : value;
  return BigInt.asIntN(bits, signed) === signed ? toWhole(signed) : badNumber(text);
}

function parseDouble(text: string): JavaNumber {
  const trimmed = text.trim();
  if (!/^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[dDfF]?$/.test(trimmed))
    return badNumber(text);
  return toDouble(Number(trimmed.replace(/[dDfF]$/, '')));
}

/** (int) and (long): a Double is cut off at its point and at the type's ends; a whole number loses its high bits. */
function narrow(value: JavaNumber, bits: number): number | bigint {
  if (isWhole(value)) return toWhole(BigInt.asIntN(bits, BigInt(value)));
  const number = Math.trunc(numberOf(value));
  if (Number.isNaN(number)) return 0;
  const most = 2 ** (bits - 1);
  if (number >= most) return toWhole(2n ** BigInt(bits - 1) - 1n);
  return number < -most ? toWhole(-(2n ** BigInt(bits - 1))) : number + 0;
}

const radixText = (value: JavaNumber, radix: number): string => {
  const whole = BigInt(isWhole(value) ? value : Math.trunc(numberOf(value)));
  return BigInt.asUintN(BigInt.asIntN(32, whole) === whole ? 32 : 64, whole).toString(radix);
};

const largest = (a: JavaNumber, b: JavaNumber): JavaNumber => (compareNumbers(a, b) >= 0 ? a : b);
const smallest = (a: JavaNumber, b: JavaNumber): JavaNumber => (compareNumbers(a, b) <= 0 ? a : b);

export const numberMethods = methodTable<JavaNumber>({
  byteValue: [overload('', (value) => narrow(value, 8))],
  compareTo: [overload('n', (value, other: JavaNumber) => compareNumbers(value, other))],
  doubleValue: [overload('', (value) => toDouble(numberOf(value)))],
  equals: [overload('o', (value, other: unknown) => javaEquals(value, other))],
  floatValue: [overload('', (value) => toDouble(Math.fround(numberOf(value))))],
  hashCode: [overload('', (value) => narrow(value, 32))],
  intValue: [overload('', (value) => narrow(value, 32))],
  isInfinite: [overload('', (value) => Math.abs(numberOf(value)) === Number.POSITIVE_INFINITY)],
  isNaN: [overload('', (value) => Number.isNaN(numberOf(value)))],
  longValue: [overload('', (value) => narrow(value, 64))],
  max: [overload('nn', (_value, a: JavaNumber, b: JavaNumber) => largest(a, b))],
  min: [overload('nn', (_value, a: JavaNumber, b: JavaNumber) => smallest(a, b))],
  parseDouble: [overload('s', (_value, text: string) => parseDouble(text))],
  parseFloat: [overload('s', (_value, text: string) => parseDouble(text))],
  parseInt: [
    overload('s', (_value, text: string) => parseWhole(text)),
    overload('si', (_value, text: string, radix: number) => parseWhole(text, radix)),
  ],
  parseLong: [overload('s', (_value, text: string) => parseWhole(text, 10, 64))],
  shortValue: [overload('', (value) => narrow(value, 16))],
  toBinaryString: [overload('n', (_value, other: JavaNumber) => radixText(other, 2))],
  toHexString: [overload('n', (_value, other: JavaNumber) => radixText(other, 16))],
  toOctalString: [overload('n', (_value, other: JavaNumber) => radixText(other, 8))],
  toString: [
    overload('', (value: JavaNumber) => printNumber(value)),
    overload('n', (_value, other: JavaNumber) => printNumber(other)),
  ],
  valueOf: [
    overload('s', (value: JavaNumber, text: string) =>
      isWhole(value) ? parseWhole(text, 10, 64) : parseDouble(text),
    ),
    overload('n', (_value, other: JavaNumber) => other),
  ],
});

export const booleanMethods = methodTable<boolean>({
  booleanValue: [overload('', (value) => value)],
  compareTo: [overload('b', (value, other: boolean) => Number(value) - Number(other))],
  equals: [overload('o', (value, other: unknown) => value === other)],
  hashCode: [overload('', (value) => (value ? 1231 : 1237))],
  parseBoolean: [overload('s', (_value, text: string) => text.toLowerCase() === 'true')],
  toString: [overload('', String), overload('b', (_value, other: boolean) => String(other))],
  valueOf: [
    overload('s', (_value, text: string) => text.toLowerCase() === 'true'),
    overload('b', (_value, other: boolean) => other),
  ],
});
