/**
 * How an update changes a row: an absent member stays, an empty text clears an optional member, and in a map an
 * empty value removes its key. Terraform and CloudFormation rely on the last two ("Parameters are removed by setting
 * the associated value to an empty string").
 */
export function patched<Row extends object>(row: Row, changes: Partial<Row>): Row {
  const sent = Object.entries(changes).filter(([, value]) => value !== undefined);
  const cleared = new Set(sent.filter(([, value]) => value === '').map(([name]) => name));
  const members = Object.entries({ ...row, ...Object.fromEntries(sent) });
  return Object.fromEntries(members.filter(([name]) => !cleared.has(name))) as Row; // Row's own members, less optional ones
}

/** Leaves out members that are absent or empty texts. */
export const given = <T extends object>(members: T): T => patched({} as T, members); // starts from nothing

type Values<V> = Readonly<Record<string, V>>;

/** `current` with the keys of `changes` set, and those removed that `isRemoval` says so. */
export function mergedMap<V>(
  current: Values<V> | undefined,
  changes: Values<V> | undefined,
  isRemoval: (value: V) => boolean = (value) => value === '',
): Record<string, V> | undefined {
  if (changes === undefined) return current;
  const merged: Record<string, V> = { ...current };
  for (const [key, value] of Object.entries(changes)) {
    if (isRemoval(value)) delete merged[key];
    else merged[key] = value;
  }
  return merged;
}
