/** BatchGetItem and BatchWriteItem: many items, each on its own. */
import type {
  BatchGetItemInput,
  BatchGetItemOutput,
  BatchWriteItemInput,
  BatchWriteItemOutput,
  ConsumedCapacity,
  KeysAndAttributes,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { admitItem, type Item, itemSizeBytes } from './attribute-value.ts';
import { consumed, readUnits, writeUnits } from './capacity.ts';
import { project } from './expression/path.ts';
import { carryOut, parseGet, prepareDelete, preparePut, type Write } from './item.ts';
import { readItem } from './item-rows.ts';
import { checkItemKeys, checkKey, primaryKey } from './key.ts';
import { refuseLegacy } from './legacy.ts';
import type { DynamoDbRoom } from './room.ts';
import { findTable, type TableRow } from './table-row.ts';

const MAX_GETS = 100;
const MAX_WRITES = 25;

const invalid = (message: string): Fault => new Fault('ValidationException', message);

export const batchOperations = ({ store, record }: DynamoDbRoom) => ({
  async BatchGetItem(input: BatchGetItemInput, { scope }: Call): Promise<BatchGetItemOutput> {
    const asked = Object.entries(input.RequestItems ?? {});
    const count = asked.reduce((sum, [, keys]) => sum + (keys.Keys?.length ?? 0), 0);
    if (count > MAX_GETS) throw invalid('Too many items requested for the BatchGetItem call');
    return store.read((rows) => readAll(rows, scope, asked, input.ReturnConsumedCapacity));
  },

  async BatchWriteItem(input: BatchWriteItemInput, { scope }: Call): Promise<BatchWriteItemOutput> {
    const asked = Object.entries(input.RequestItems ?? {});
    const count = asked.reduce((sum, [, writes]) => sum + writes.length, 0);
    if (count > MAX_WRITES) {
      throw invalid(
        `1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${MAX_WRITES}, Member must have length greater than or equal to 1]`,
      );
    }
    const writes = asked.flatMap(([name, requests]) => requests.map((request) => writeOf(name, request)));
    const written = await store.transaction(async (rows) => {
      await refuseTwice(rows, scope, writes);
      const done = [];
      for (const write of writes) done.push(await carryOut({ rows, scope, record }, write));
      return done;
    });
    const spent = written.flatMap(({ of, before, after }) =>
      Object.values(consumed(input.ReturnConsumedCapacity, of, writeUnits(of, before, after))),
    );
    return { UnprocessedItems: {}, ...(spent.length > 0 ? { ConsumedCapacity: merge(spent) } : {}) };
  },
});

async function readAll(
  rows: Reader,
  scope: Scope,
  asked: readonly [string, KeysAndAttributes][],
  wanted: BatchGetItemInput['ReturnConsumedCapacity'],
): Promise<BatchGetItemOutput> {
  const Responses: NonNullable<BatchGetItemOutput['Responses']> = {};
  const UnprocessedKeys: NonNullable<BatchGetItemOutput['UnprocessedKeys']> = {};
  const spent: ConsumedCapacity[] = [];
  let bytes = 0;
  for (const [name, keys] of asked) {
    refuseLegacy(keys);
    const paths = parseGet(keys);
    const of = await findTable(rows, scope, name);
    const found: Item[] = [];
    let units = 0;
    for (const key of distinctKeys(of, keys.Keys ?? [])) {
      if (bytes >= limits.dynamodbBatchGetBytes) {
        UnprocessedKeys[name] = { ...keys, Keys: [...(UnprocessedKeys[name]?.Keys ?? []), { ...key }] };
        continue;
      }
      const item = await readItem(rows, scope, of, key);
      units += readUnits(item ? itemSizeBytes(item) : 0, keys.ConsistentRead);
      bytes += item ? itemSizeBytes(item) : 0;
      if (item) found.push(paths ? project(item, paths) : item);
    }
    Responses[name] = found.map((item) => ({ ...item }));
    spent.push(...Object.values(consumed(wanted, of, { table: units, indexes: {} })));
  }
  return { Responses, UnprocessedKeys, ...(spent.length > 0 ? { ConsumedCapacity: spent } : {}) };
}

function distinctKeys(of: TableRow, keys: readonly Item[]): Item[] {
  const checked = keys.map((key) => checkKey(of, admitItem(key)));
  if (new Set(checked.map((key) => primaryKey(of, key))).size < checked.length) {
    throw invalid('Provided list of item keys contains duplicates');
  }
  return checked;
}

function writeOf(TableName: string, { PutRequest, DeleteRequest }: WriteRequest): Write {
  if (PutRequest && DeleteRequest)
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  if (PutRequest) return preparePut({ TableName, Item: PutRequest.Item });
  if (DeleteRequest) return prepareDelete({ TableName, Key: DeleteRequest.Key });
  throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
}

async function refuseTwice(rows: Reader, scope: Scope, writes: readonly Write[]): Promise<void> {
  const seen = new Set<string>();
  for (const write of writes) {
    const of = await findTable(rows, scope, write.tableName);
    if (write.kind === 'put') checkItemKeys(of, write.item);
    else checkKey(of, write.item);
    const key = primaryKey(of, write.item);
    if (seen.has(key)) throw invalid('Provided list of item keys contains duplicates');
    seen.add(key);
  }
}

/** One entry a table. */
function merge(spent: readonly ConsumedCapacity[]): ConsumedCapacity[] {
  const byTable = new Map<string, ConsumedCapacity>();
  for (const one of spent) {
    const before = byTable.get(one.TableName ?? '');
    const CapacityUnits = (before?.CapacityUnits ?? 0) + (one.CapacityUnits ?? 0);
    byTable.set(one.TableName ?? '', before ? { ...before, CapacityUnits } : one);
  }
  return [...byTable.values()];
}
