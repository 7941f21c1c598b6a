/** Capacity units: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
import type { ConsumedCapacity, ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { type Item, itemSizeBytes } from './attribute-value.ts';
import { indexKey } from './key.ts';
import type { TableRow } from './table-row.ts';

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

export const readUnits = (bytes: number, consistent: boolean | undefined): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5);

export function writeUnits(table: TableRow, before: Item | undefined, after: Item | undefined): Units {
  const bytes = Math.max(before ? itemSizeBytes(before) : 0, after ? itemSizeBytes(after) : 0);
  const own = Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
  const indexes: Record<string, number> = {};
  for (const index of table.indexes) {
    const touched = [before, after].filter((item) => item && indexKey(table, index, item)).length;
    if (touched > 0) indexes[index.name] = own;
  }
  return { table: own, indexes };
}

export interface Units {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

/** What the answer says of capacity: nothing unless asked; `INDEXES` takes it apart. */
export function consumed(
  wanted: ReturnConsumedCapacity | undefined,
  table: TableRow,
  units: Units,
  factor = 1,
): { ConsumedCapacity?: ConsumedCapacity } {
  if (!wanted || wanted === 'NONE') return {};
  const CapacityUnits =
    factor * (units.table + Object.values(units.indexes).reduce((sum, unit) => sum + unit, 0));
  if (wanted === 'TOTAL') return { ConsumedCapacity: { TableName: table.name, CapacityUnits } };
  const ofKind = (kind: string) => {
    const named = table.indexes.filter(
      (index) => index.kind === kind && units.indexes[index.name] !== undefined,
    );
    if (named.length === 0) return undefined;
    return Object.fromEntries(
      named.map(({ name }) => [name, { CapacityUnits: factor * (units.indexes[name] ?? 0) }]),
    );
  };
  const globals = ofKind('global');
  const locals = ofKind('local');
  return {
    ConsumedCapacity: {
      TableName: table.name,
      CapacityUnits,
      Table: { CapacityUnits: factor * units.table },
      ...(globals ? { GlobalSecondaryIndexes: globals } : {}),
      ...(locals ? { LocalSecondaryIndexes: locals } : {}),
    },
  };
}
