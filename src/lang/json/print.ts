import { JavaDouble, printDouble } from '../java/number.ts';

/** JSON text of what `parseJson` gives: Doubles as Java writes them, bigints whole, Maps as objects. */
export function printJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : fraction(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof JavaDouble) return fraction(value.value);
  if (Array.isArray(value)) return printArray(value);
  if (value instanceof Map) return printEntries(value);
  if (typeof value === 'object') return printEntries(Object.entries(value));
  return 'null';
}

const fraction = (value: number): string => (Number.isFinite(value) ? printDouble(value) : 'null');

function printArray(items: readonly unknown[]): string {
  let out = '[';
  for (let i = 0; i < items.length; i++) out += (i === 0 ? '' : ',') + printJson(items[i]);
  return `${out}]`;
}

function printEntries(entries: Iterable<readonly [unknown, unknown]>): string {
  let out = '{';
  for (const [key, item] of entries)
    out += `${out.length === 1 ? '' : ','}${JSON.stringify(String(key))}:${printJson(item)}`;
  return `${out}}`;
}
