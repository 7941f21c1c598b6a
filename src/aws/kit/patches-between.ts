/** Patch operations that bring an API Gateway resource from one set of values to another. */
import { encodePointer } from './patch.ts';

export interface Patch {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: string;
}

/** One `replace` for every member that differs; an absent value becomes the empty text, which clears. */
export function scalarPatches(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  /** Path by member name: `{ Description: '/description' }`. */
  paths: Readonly<Record<string, string>>,
): Patch[] {
  return Object.entries(paths)
    .filter(([name]) => before[name] !== after[name])
    .map(([name, path]) => ({ op: 'replace' as const, path, value: textOf(after[name]) }));
}

/** `remove` for every entry that went, `op` for every one that came or changed, below `path`. */
export function mapPatches(
  before: unknown,
  after: unknown,
  path: string,
  op: 'add' | 'replace' = 'replace',
): Patch[] {
  const old = entriesOf(before);
  const wanted = entriesOf(after);
  return [
    ...Object.keys(old)
      .filter((name) => !(name in wanted))
      .map((name) => ({ op: 'remove' as const, path: `${path}/${encodePointer(name)}` })),
    ...Object.entries(wanted)
      .filter(([name, value]) => old[name] !== value)
      .map(([name, value]) => ({ op, path: `${path}/${encodePointer(name)}`, value: textOf(value) })),
  ];
}

const entriesOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
