/** Items as rows: one of the table itself and one of each index that the item is in. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import {
  define,
  fromStored,
  type Item,
  itemSizeBytes,
  own,
  type StoredItem,
  toStored,
} from './attribute-value.ts';
import { indexKey, pickKeys, primaryKey } from './key.ts';
import type { IndexRow, TableRow } from './table-row.ts';

export const items = table<StoredItem>('dynamodb.items');
export const indexItems = table<StoredItem>('dynamodb.index-items');

export async function readItem(
  rows: Reader,
  scope: Scope,
  of: TableRow,
  key: Item,
): Promise<Item | undefined> {
  const stored = await rows.get(items, scope, primaryKey(of, key));
  return stored && fromStored(stored);
}

/** Writes an item and its place in every index; `before` is what was there. Throws when it is too large. */
export async function writeItem(
  rows: Transaction,
  scope: Scope,
  of: TableRow,
  item: Item,
  before: Item | undefined,
): Promise<void> {
  if (itemSizeBytes(item) > limits.dynamodbItemBytes) {
    throw new Fault('ValidationException', 'Item size has exceeded the maximum allowed size');
  }
  await rows.put(items, scope, primaryKey(of, item), toStored(item));
  for (const index of of.indexes) {
    const key = indexKey(of, index, item);
    const oldKey = before && indexKey(of, index, before);
    if (oldKey && oldKey !== key) await rows.delete(indexItems, scope, oldKey);
    if (key) await rows.put(indexItems, scope, key, toStored(projectForIndex(of, index, item)));
  }
}

export async function removeItem(rows: Transaction, scope: Scope, of: TableRow, before: Item): Promise<void> {
  await rows.delete(items, scope, primaryKey(of, before));
  for (const index of of.indexes) {
    const key = indexKey(of, index, before);
    if (key) await rows.delete(indexItems, scope, key);
  }
}

/** Attributes that the index holds. */
export function projectForIndex(of: TableRow, index: IndexRow, item: Item): Item {
  if (index.projection.ProjectionType === 'ALL') return item;
  const picked: Record<string, AttributeValue> = pickKeys(item, of.keySchema, index.keySchema);
  if (index.projection.ProjectionType !== 'INCLUDE') return picked;
  for (const name of index.projection.NonKeyAttributes ?? []) {
    const value = own(item, name);
    if (value) define(picked, name, value);
  }
  return picked;
}
