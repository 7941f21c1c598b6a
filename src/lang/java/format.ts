import { isNumber, isWhole, numberOf, printNumber } from './number.ts';
import { JavaException, printJava } from './value.ts';

const CONVERSION = /%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([bBhHsScCdoxXeEfgGn%])/g;

/** String.format for the conversions b s c d o x e f n %; others throw UnknownFormatConversionException. */
export function javaFormat(format: string, args: readonly unknown[]): string {
  let next = 0;
  const bare = format.replace(CONVERSION, '');
  if (bare.includes('%'))
    throw new JavaException(
      'UnknownFormatConversionException',
      `Conversion = '${bare.charAt(bare.indexOf('%') + 1) || '%'}'`,
    );
  return format.replace(CONVERSION, (text, position, flags, width, precision, conversion) => {
    if (conversion === 'n') return '\n';
    if (conversion === '%') return '%';
    const at = position === undefined ? next++ : Number(position) - 1;
    if (at >= args.length)
      throw new JavaException('MissingFormatArgumentException', `Format specifier '${text}'`);
    const digits = precision === undefined ? undefined : Number(precision);
    const shown = convert(conversion, args[at], flags, digits);
    return pad(shown, Number(width ?? 0), flags, /[dxXoeEf]/.test(conversion));
  });
}

function convert(conversion: string, value: unknown, flags: string, precision: number | undefined): string {
  const shown = convertLower(conversion.toLowerCase(), value, flags, precision);
  return /[A-Z]/.test(conversion) ? shown.toUpperCase() : shown;
}

function convertLower(
  conversion: string,
  value: unknown,
  flags: string,
  precision: number | undefined,
): string {
  if (conversion === 'b') return String(typeof value === 'boolean' ? value : value != null);
  if (conversion === 's' || conversion === 'c' || value === null || value === undefined)
    return printJava(value).slice(0, precision);
  if (!isNumber(value)) return mismatch(conversion, value);
  if (conversion === 'd' || conversion === 'x' || conversion === 'o') {
    if (!isWhole(value)) return mismatch(conversion, value);
    if (conversion !== 'd') return BigInt.asUintN(64, BigInt(value)).toString(conversion === 'x' ? 16 : 8);
    return signed(grouped(printNumber(value), flags), flags);
  }
  if (isWhole(value)) return mismatch(conversion, value);
  const number = numberOf(value);
  if (conversion === 'e') return number.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, 'e$10$2');
  return signed(grouped(number.toFixed(precision ?? 6), flags), flags);
}

const mismatch = (conversion: string, value: unknown): never => {
  throw new JavaException('IllegalFormatConversionException', `${conversion} != ${typeof value}`);
};

const signed = (text: string, flags: string): string =>
  text.startsWith('-') ? text : flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;

const grouped = (text: string, flags: string): string =>
  flags.includes(',') ? text.replace(/\B(?<!\.\d*)(?=(?:\d{3})+(?!\d))/g, ',') : text;

const MAX_WIDTH = 10_000;

function pad(text: string, width: number, flags: string, numeric: boolean): string {
  if (width > MAX_WIDTH) throw new JavaException('IllegalFormatWidthException', String(width));
  if (flags.includes('-')) return text.padEnd(width);
  if (!numeric || !flags.includes('0')) return text.padStart(width);
  const sign = /^[+-]?/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
