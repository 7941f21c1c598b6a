import { JavaDouble, printDouble } from '../java/number.ts';

/**
 * JSON text of what `parseJson` gives: Doubles as Java writes them, bigints whole, Maps as objects. Throws RangeError
 * when there is no end of it, as lists that a template puts into one another can have it.
 */
export const printJson = (value: unknown): string => print('', value);

/** Ours: longer than any payload. */
const MAX_PRINTED = 16 * 1024 * 1024;

/** `out` and the JSON of a value. */
function print(out: string, value: unknown): string {
  if (out.length > MAX_PRINTED) throw new RangeError('the JSON text is too long');
  if (typeof value === 'string') return out + JSON.stringify(value);
  if (value === null || value === undefined) return `${out}null`;
  if (typeof value === 'number') return out + (Number.isInteger(value) ? String(value) : fraction(value));
  if (typeof value === 'boolean' || typeof value === 'bigint') return out + String(value);
  if (value instanceof JavaDouble) return out + fraction(value.value);
  if (Array.isArray(value)) return printArray(out, value);
  if (value instanceof Map) return printEntries(out, value);
  return isPlain(value) ? printEntries(out, Object.entries(value)) : `${out}null`;
}

/** Objects of classes are no JSON. */
const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const fraction = (value: number): string => (Number.isFinite(value) ? printDouble(value) : 'null');

function printArray(out: string, items: readonly unknown[]): string {
  let text = `${out}[`;
  for (let i = 0; i < items.length; i++) text = print(i === 0 ? text : `${text},`, items[i]);
  return `${text}]`;
}

function printEntries(out: string, entries: Iterable<readonly [unknown, unknown]>): string {
  let text = `${out}{`;
  let first = true;
  for (const [key, item] of entries) {
    text = print(`${text}${first ? '' : ','}${JSON.stringify(String(key))}:`, item);
    first = false;
  }
  return `${text}}`;
}
