/** A mutation's answer under the schema's own names: subscribers know no aliases of somebody else's query. */
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';

/** Each root field with its result. */
export function unaliased(
  data: unknown,
  document: DocumentNode,
  selections: SelectionSetNode,
): [string, unknown][] {
  const fragments = new Map<string, SelectionSetNode>();
  for (const each of document.definitions)
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each.selectionSet);
  const rename = (value: unknown, set: SelectionSetNode | undefined): unknown => {
    if (set === undefined || value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => rename(item, set));
    return Object.fromEntries(entries(value as Record<string, unknown>, set));
  };
  const entries = (value: Record<string, unknown>, set: SelectionSetNode): [string, unknown][] =>
    set.selections.flatMap((selection): [string, unknown][] => {
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        return key in value ? [[selection.name.value, rename(value[key], selection.selectionSet)]] : [];
      }
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value);
      return inner === undefined ? [] : entries(value, inner);
    });
  return data === null || typeof data !== 'object'
    ? []
    : entries(data as Record<string, unknown>, selections);
}
