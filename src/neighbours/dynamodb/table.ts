/** Tables: making, describing, changing, deleting. States settle at once. */
import { randomUUID } from 'node:crypto';
import type {
  CreateTableInput,
  CreateTableOutput,
  DeleteTableInput,
  DeleteTableOutput,
  DescribeEndpointsResponse,
  DescribeLimitsOutput,
  DescribeTableInput,
  DescribeTableOutput,
  GlobalSecondaryIndexUpdate,
  ListTablesInput,
  ListTablesOutput,
  UpdateTableInput,
  UpdateTableOutput,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { fromStored, itemSizeBytes, toStored } from './attribute-value.ts';
import { indexItems, items, projectForIndex } from './item-rows.ts';
import { indexKey, indexPrefix, itemPrefix } from './key.ts';
import { checkDefinition, indexRow, invalid, throughputOf } from './table-definition.ts';
import { endStream } from './stream-row.ts';
import { tableStreams } from './table-stream.ts';
import {
  findNamedTable,
  type IndexRow,
  showTable,
  type Size,
  type TableRow,
  tableNameOf,
  tables,
} from './table-row.ts';

/** Above so many rows a description estimates nothing: counting would cost more than the answer is worth. */
const COUNTED_ROWS = 1000;
const LIST_LIMIT = 100;
const NOTHING: Size = { items: 0, bytes: 0 };

export const tableOperations = ({ store, now }: ServicePorts) => {
  const { streamOf, changeStream } = tableStreams(now);
  return {
    async CreateTable(input: CreateTableInput, { scope }: Call): Promise<CreateTableOutput> {
      refuseUnsupported(input);
      const row = newTable(input, now());
      const made = await store.transaction(async (rows) => {
        if (await rows.get(tables, scope, row.name)) {
          throw new Fault('ResourceInUseException', `Table already exists: ${row.name}`);
        }
        const stream = await streamOf(rows, scope, row, input.StreamSpecification);
        const whole = stream ? { ...row, stream } : row;
        await rows.put(tables, scope, row.name, whole);
        return whole;
      });
      return { TableDescription: showTable(made, scope, 'CREATING', NOTHING) };
    },

    async DescribeTable(input: DescribeTableInput, { scope }: Call): Promise<DescribeTableOutput> {
      return store.read(async (rows) => {
        const row = await findNamedTable(rows, scope, input.TableName);
        const stored = await rows.list(items, scope, { prefix: itemPrefix(row), limit: COUNTED_ROWS });
        const bytes = stored.reduce((sum, entry) => sum + itemSizeBytes(fromStored(entry.row)), 0);
        return { Table: showTable(row, scope, 'ACTIVE', { items: stored.length, bytes }) };
      });
    },

    async UpdateTable(input: UpdateTableInput, { scope }: Call): Promise<UpdateTableOutput> {
      refuseUnsupported(input);
      const row = await store.transaction(async (rows) => {
        const before = await findNamedTable(rows, scope, input.TableName);
        const changed = await changeStream(rows, scope, await changeTable(rows, scope, before, input), input);
        await rows.put(tables, scope, changed.name, changed);
        return changed;
      });
      return { TableDescription: showTable(row, scope, 'UPDATING', NOTHING) };
    },

    async DeleteTable(input: DeleteTableInput, { scope }: Call): Promise<DeleteTableOutput> {
      const row = await store.transaction(async (rows) => {
        const found = await findNamedTable(rows, scope, input.TableName);
        if (found.deletionProtection) {
          throw invalid(
            `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
          );
        }
        await endStream(rows, scope, found, now());
        await rows.delete(tables, scope, found.name);
        await rows.deleteRange(items, scope, itemPrefix(found));
        await rows.deleteRange(indexItems, scope, itemPrefix(found));
        return found;
      });
      return { TableDescription: showTable(row, scope, 'DELETING', NOTHING) };
    },

    async ListTables(input: ListTablesInput, { scope }: Call): Promise<ListTablesOutput> {
      const limit = input.Limit ?? LIST_LIMIT;
      const after = input.ExclusiveStartTableName;
      const found = await store.list(tables, scope, { limit: limit + 1, ...(after ? { after } : {}) });
      const TableNames = found.slice(0, limit).map((entry) => entry.key);
      const last = TableNames.at(-1);
      return { TableNames, ...(found.length > limit && last ? { LastEvaluatedTableName: last } : {}) };
    },

    async DescribeLimits(): Promise<DescribeLimitsOutput> {
      return {
        AccountMaxReadCapacityUnits: 80_000,
        AccountMaxWriteCapacityUnits: 80_000,
        TableMaxReadCapacityUnits: 40_000,
        TableMaxWriteCapacityUnits: 40_000,
      };
    },

    async DescribeEndpoints(_input: object, { endpoint }: Call): Promise<DescribeEndpointsResponse> {
      return { Endpoints: [{ Address: new URL(endpoint).host, CachePeriodInMinutes: 1440 }] };
    },
  };
};

function newTable(input: CreateTableInput, createdMs: number): TableRow {
  const indexes = [
    ...(input.LocalSecondaryIndexes ?? []).map((index) => indexRow('local', index)),
    ...(input.GlobalSecondaryIndexes ?? []).map((index) => indexRow('global', index)),
  ];
  const keySchema = input.KeySchema ?? [];
  const attributes = input.AttributeDefinitions ?? [];
  checkDefinition(keySchema, attributes, indexes);
  return {
    name: tableNameOf(input.TableName),
    tableId: randomUUID(),
    createdMs,
    keySchema,
    attributes,
    indexes,
    ...throughputOf(input.BillingMode, input.ProvisionedThroughput),
    tableClass: input.TableClass ?? 'STANDARD',
    deletionProtection: input.DeletionProtectionEnabled ?? false,
    ...(input.SSESpecification ? { sse: input.SSESpecification } : {}),
    tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
    pointInTimeRecovery: false,
    ...(input.ResourcePolicy ? { resourcePolicy: input.ResourcePolicy } : {}),
  };
}

/** Features that would be silently missing are refused by name. */
function refuseUnsupported(input: CreateTableInput | UpdateTableInput): void {
  if ('ReplicaUpdates' in input && input.ReplicaUpdates?.length) {
    throw invalid('ReplicaUpdates (global tables): not supported by gatehouse');
  }
}

async function changeTable(
  rows: Transaction,
  scope: Scope,
  row: TableRow,
  input: UpdateTableInput,
): Promise<TableRow> {
  const attributes = mergeAttributes(row, input);
  const billed =
    input.BillingMode || input.ProvisionedThroughput
      ? throughputOf(input.BillingMode ?? row.billingMode, input.ProvisionedThroughput)
      : {};
  let indexes = row.indexes;
  for (const update of input.GlobalSecondaryIndexUpdates ?? []) {
    indexes = await changeIndexes(rows, scope, { ...row, attributes, indexes }, update);
  }
  const used = new Set(
    [row.keySchema, ...indexes.map((index) => index.keySchema)]
      .flat()
      .map((element) => element.AttributeName),
  );
  const kept = attributes.filter((attribute) => used.has(attribute.AttributeName));
  checkDefinition(row.keySchema, kept, indexes);
  return {
    ...row,
    ...billed,
    attributes: kept,
    indexes,
    tableClass: input.TableClass ?? row.tableClass,
    deletionProtection: input.DeletionProtectionEnabled ?? row.deletionProtection,
    ...(input.SSESpecification ? { sse: input.SSESpecification } : {}),
  };
}

function mergeAttributes(row: TableRow, input: UpdateTableInput): TableRow['attributes'] {
  const given = input.AttributeDefinitions ?? [];
  const names = given.map((attribute) => attribute.AttributeName);
  return [...row.attributes.filter((attribute) => !names.includes(attribute.AttributeName)), ...given];
}

async function changeIndexes(
  rows: Transaction,
  scope: Scope,
  row: TableRow,
  { Create, Delete, Update }: GlobalSecondaryIndexUpdate,
): Promise<readonly IndexRow[]> {
  const find = (name: string | undefined): IndexRow => {
    const found = row.indexes.find((index) => index.name === name);
    if (found) return found;
    throw new Fault('ResourceNotFoundException', `Requested resource not found: Index: ${name} not found`);
  };
  if (Create) {
    if (row.indexes.some((index) => index.name === Create.IndexName)) {
      throw invalid(`Attempting to create an index which already exists`);
    }
    const index = indexRow('global', Create as Parameters<typeof indexRow>[1]); // the same members under another name
    await fillIndex(rows, scope, row, index);
    return [...row.indexes, index];
  }
  if (Delete) {
    const index = find(Delete.IndexName);
    await rows.deleteRange(indexItems, scope, indexPrefix(row, index));
    return row.indexes.filter((other) => other !== index);
  }
  const index = find(Update?.IndexName);
  const throughput = Update?.ProvisionedThroughput;
  return row.indexes.map((other) => (other === index && throughput ? { ...other, throughput } : other));
}

/** A new index holds what the table holds already. */
async function fillIndex(rows: Transaction, scope: Scope, row: TableRow, index: IndexRow): Promise<void> {
  for (const entry of await rows.list(items, scope, { prefix: itemPrefix(row) })) {
    const item = fromStored(entry.row);
    const key = indexKey(row, index, item);
    if (key) await rows.put(indexItems, scope, key, toStored(projectForIndex(row, index, item)));
  }
}
