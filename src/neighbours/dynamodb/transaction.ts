/** TransactWriteItems and TransactGetItems: all or nothing. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
import { createHash } from 'node:crypto';
import type {
  CancellationReason,
  ConsumedCapacity,
  TransactGetItemsInput,
  TransactGetItemsOutput,
  TransactWriteItem,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from '@aws-sdk/client-dynamodb';
import type { Now } from '../../base/clock.ts';
import { Fault, isFault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { table, type Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { admitItem, itemSizeBytes } from './attribute-value.ts';
import { consumed, readUnits, writeUnits } from './capacity.ts';
import { project } from './expression/path.ts';
import {
  carryOut,
  parseGet,
  prepareDelete,
  preparePut,
  prepareUpdate,
  type Write,
  type Writing,
  type Written,
} from './item.ts';
import { readItem } from './item-rows.ts';
import { checkItemKeys, checkKey, primaryKey } from './key.ts';
import type { DynamoDbRoom } from './room.ts';
import { findTable } from './table-row.ts';

/** A transaction counts twice: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */
const CAPACITY_FACTOR = 2;
const TOKEN_LIFE_MS = 10 * 60 * 1000;

interface TokenRow {
  readonly digest: string;
  readonly expiresMs: number;
}
const tokens = table<TokenRow>('dynamodb.transaction-tokens');

export const transactionOperations = ({ store, now, record }: DynamoDbRoom) => ({
  async TransactWriteItems(
    input: TransactWriteItemsInput,
    { scope }: Call,
  ): Promise<TransactWriteItemsOutput> {
    const writes = (input.TransactItems ?? []).map(writeOf);
    const written = await store.transaction(async (rows) => {
      if (await wasDone(rows, scope, input, now)) return [];
      await refuseTwice(rows, scope, writes);
      return writeAll({ rows, scope, record }, writes);
    });
    const spent = written.flatMap(({ of, before, after }) =>
      Object.values(
        consumed(input.ReturnConsumedCapacity, of, writeUnits(of, before, after), CAPACITY_FACTOR),
      ),
    );
    return spent.length > 0 ? { ConsumedCapacity: spent } : {};
  },

  async TransactGetItems(input: TransactGetItemsInput, { scope }: Call): Promise<TransactGetItemsOutput> {
    const spent: ConsumedCapacity[] = [];
    const Responses = await store.read(async (rows) => {
      const answers = [];
      for (const { Get } of input.TransactItems ?? []) {
        const paths = parseGet(Get ?? {});
        const of = await findTable(rows, scope, Get?.TableName);
        const item = await readItem(rows, scope, of, checkKey(of, admitItem(Get?.Key ?? {})));
        const units = { table: readUnits(item ? itemSizeBytes(item) : 0, true), indexes: {} };
        spent.push(...Object.values(consumed(input.ReturnConsumedCapacity, of, units, CAPACITY_FACTOR)));
        answers.push(item ? { Item: paths ? { ...project(item, paths) } : { ...item } } : {});
      }
      return answers;
    });
    return { Responses, ...(spent.length > 0 ? { ConsumedCapacity: spent } : {}) };
  },
});

function writeOf({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): Write {
  if ([Put, Update, Delete, ConditionCheck].filter(Boolean).length !== 1) {
    throw new Fault(
      'ValidationException',
      'TransactItems can only contain one of Check, Put, Update or Delete',
    );
  }
  if (Put) return preparePut(Put);
  if (Update) return prepareUpdate(Update);
  if (Delete) return prepareDelete(Delete);
  return prepareDelete(
    { ...ConditionCheck, TableName: ConditionCheck?.TableName, Key: ConditionCheck?.Key },
    'check',
  );
}

/** The same token with the same request is answered again without being carried out again, for ten minutes. */
async function wasDone(
  rows: Transaction,
  scope: Scope,
  input: TransactWriteItemsInput,
  now: Now,
): Promise<boolean> {
  const { ClientRequestToken, ReturnConsumedCapacity: _, ...request } = input;
  if (!ClientRequestToken) return false;
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const known = await rows.get(tokens, scope, ClientRequestToken);
  if (!known || known.expiresMs <= now()) {
    await rows.put(tokens, scope, ClientRequestToken, { digest, expiresMs: now() + TOKEN_LIFE_MS });
    return false;
  }
  if (known.digest === digest) return true;
  throw new Fault(
    'IdempotentParameterMismatchException',
    `The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical`,
  );
}

/** Forgets tokens whose time is over. */
export async function expireTokens({ store, now }: ServicePorts): Promise<void> {
  const known = await store.listAll(tokens);
  for (const { key, scope, row } of known) {
    if (row.expiresMs <= now()) await store.transaction((rows) => rows.delete(tokens, scope, key));
  }
}

async function refuseTwice(rows: Transaction, scope: Scope, writes: readonly Write[]): Promise<void> {
  const seen = new Set<string>();
  for (const write of writes) {
    const of = await findTable(rows, scope, write.tableName);
    if (write.kind === 'put') checkItemKeys(of, write.item);
    else checkKey(of, write.item);
    const key = primaryKey(of, write.item);
    if (seen.has(key)) {
      throw new Fault(
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      );
    }
    seen.add(key);
  }
}

/** Goes through all of them before it fails, since the error tells the reason of each. */
async function writeAll(writing: Writing, writes: readonly Write[]): Promise<Written[]> {
  const written: Written[] = [];
  const reasons: CancellationReason[] = [];
  for (const write of writes) {
    try {
      written.push(await carryOut(writing, write));
      reasons.push({ Code: 'None' });
    } catch (error) {
      if (!isFault(error) || error.code === 'ResourceNotFoundException') throw error;
      reasons.push(reasonOf(error));
    }
  }
  if (written.length === writes.length) return written;
  const codes = reasons.map((reason) => reason.Code).join(', ');
  throw new Fault(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { members: { CancellationReasons: reasons } },
  );
}

function reasonOf(error: Fault): CancellationReason {
  const Code =
    error.code === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError';
  const { Item } = error.members;
  // conditionFailed put the item there as DynamoDB's own shape
  return { Code, Message: error.message, ...(Item ? { Item: Item as CancellationReason['Item'] } : {}) };
}
