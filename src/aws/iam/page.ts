/** Paging of every list: `MaxItems` and `Marker` in, `IsTruncated` and `Marker` out. */
import { limits } from '../../base/limits.ts';
import { validationError } from './faults.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface Page<Item> {
  readonly items: Item[];
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** `items` are in the order of `keyOf`, which is unique. */
export function pageOf<Item>(
  items: readonly Item[],
  request: PageRequest,
  keyOf: (item: Item) => string,
): Page<Item> {
  const after = request.Marker === undefined ? undefined : keyFrom(request.Marker);
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const shown = rest.slice(0, request.MaxItems ?? limits.iamPageItems);
  const last = shown.at(-1);
  if (last === undefined || shown.length === rest.length)
    return { items: shown, rest: { IsTruncated: false } };
  const Marker = Buffer.from(keyOf(last)).toString('base64');
  return { items: shown, rest: { IsTruncated: true, Marker } };
}

function keyFrom(marker: string): string {
  const key = Buffer.from(marker, 'base64').toString();
  if (Buffer.from(key).toString('base64') !== marker) throw validationError('Invalid Marker');
  return key;
}

/** Sorted by a key, as stores order them: by code units, not by a language's rules. */
export const sortedBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] =>
  items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
