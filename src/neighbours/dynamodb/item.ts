/** GetItem, PutItem, UpdateItem and DeleteItem. */
import type {
  AttributeValue,
  DeleteItemInput,
  DeleteItemOutput,
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  PutItemOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { admitItem, equal, type Item, itemSizeBytes, own } from './attribute-value.ts';
import { consumed, readUnits, writeUnits } from './capacity.ts';
import type { Condition, Update } from './expression/ast.ts';
import { holds, parseCondition } from './expression/condition.ts';
import {
  createPlaceholders,
  type PlaceholderInput,
  type Placeholders,
} from './expression/names-and-values.ts';
import { parseProjection, project, readPath } from './expression/path.ts';
import { applyUpdate, parseUpdate, touchedPaths } from './expression/update.ts';
import { readItem, removeItem, writeItem } from './item-rows.ts';
import { checkItemKeys, checkKey, keyNames } from './key.ts';
import { refuseLegacy } from './legacy.ts';
import type { DynamoDbRoom } from './room.ts';
import type { RecordChange } from './stream-record.ts';
import { findTable, type TableRow } from './table-row.ts';

export const itemOperations = ({ store, record }: DynamoDbRoom) => ({
  async GetItem(input: GetItemInput, { scope }: Call): Promise<GetItemOutput> {
    refuseLegacy(input);
    const paths = parseGet(input);
    const of = await findTable(store, scope, input.TableName);
    const item = await readItem(store, scope, of, checkKey(of, admitItem(input.Key ?? {})));
    const units = { table: readUnits(item ? itemSizeBytes(item) : 0, input.ConsistentRead), indexes: {} };
    return {
      ...(item ? { Item: paths ? project(item, paths) : item } : {}),
      ...consumed(input.ReturnConsumedCapacity, of, units),
    };
  },

  async PutItem(input: PutItemInput, { scope }: Call): Promise<PutItemOutput> {
    const write = preparePut(input);
    checkReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD']);
    const { of, before, after } = await store.transaction((rows) => carryOut({ rows, scope, record }, write));
    return {
      ...(input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {}),
      ...consumed(input.ReturnConsumedCapacity, of, writeUnits(of, before, after)),
    };
  },

  async DeleteItem(input: DeleteItemInput, { scope }: Call): Promise<DeleteItemOutput> {
    const write = prepareDelete(input);
    checkReturnValues(input.ReturnValues, ['NONE', 'ALL_OLD']);
    const { of, before } = await store.transaction((rows) => carryOut({ rows, scope, record }, write));
    return {
      ...(input.ReturnValues === 'ALL_OLD' && before ? { Attributes: before } : {}),
      ...consumed(input.ReturnConsumedCapacity, of, writeUnits(of, before, undefined)),
    };
  },

  async UpdateItem(input: UpdateItemInput, { scope }: Call): Promise<UpdateItemOutput> {
    const write = prepareUpdate(input);
    const { of, before, after } = await store.transaction((rows) => carryOut({ rows, scope, record }, write));
    const attributes = updatedAttributes(input.ReturnValues, write.update, before, after);
    return {
      ...(attributes ? { Attributes: attributes } : {}),
      ...consumed(input.ReturnConsumedCapacity, of, writeUnits(of, before, after)),
    };
  },
});

/** A write whose expressions are parsed; it is carried out inside a transaction. */
export interface Write {
  readonly kind: 'put' | 'delete' | 'update' | 'check';
  readonly tableName: string | undefined;
  /** The whole item of a put, the key of the others. */
  readonly item: Item;
  readonly condition?: Condition;
  readonly update?: Update;
  /** `ALL_OLD`: a failed condition's error carries the item. */
  readonly onFailure?: string | undefined;
}

export interface Written {
  readonly of: TableRow;
  readonly before?: Item;
  readonly after?: Item;
}

interface ConditionInput extends PlaceholderInput {
  readonly ConditionExpression?: string | undefined;
}

export function parseGet(input: PlaceholderInput & { ProjectionExpression?: string | undefined }) {
  const placeholders = createPlaceholders(input, [input.ProjectionExpression]);
  const paths =
    input.ProjectionExpression === undefined
      ? undefined
      : parseProjection(input.ProjectionExpression, placeholders);
  placeholders.checkAllUsed();
  return paths;
}

export function preparePut(input: Omit<PutItemInput, 'ReturnValues'>): Write {
  refuseLegacy(input);
  const condition = parseOnlyCondition(input);
  const item = admitItem(input.Item ?? {});
  return {
    kind: 'put',
    tableName: input.TableName,
    item,
    ...condition,
    onFailure: input.ReturnValuesOnConditionCheckFailure,
  };
}

export function prepareDelete(
  input: Omit<DeleteItemInput, 'ReturnValues'>,
  kind: 'delete' | 'check' = 'delete',
): Write {
  refuseLegacy(input);
  const condition = parseOnlyCondition(input);
  const item = admitItem(input.Key ?? {});
  return {
    kind,
    tableName: input.TableName,
    item,
    ...condition,
    onFailure: input.ReturnValuesOnConditionCheckFailure,
  };
}

export function prepareUpdate(input: Omit<UpdateItemInput, 'ReturnValues'>): Write {
  refuseLegacy(input);
  const placeholders = createPlaceholders(input, [input.ConditionExpression, input.UpdateExpression]);
  const condition = parseIfGiven(input.ConditionExpression, placeholders);
  const update =
    input.UpdateExpression === undefined ? undefined : parseUpdate(input.UpdateExpression, placeholders);
  placeholders.checkAllUsed();
  const item = admitItem(input.Key ?? {});
  const onFailure = input.ReturnValuesOnConditionCheckFailure;
  return {
    kind: 'update',
    tableName: input.TableName,
    item,
    ...condition,
    ...(update ? { update } : {}),
    onFailure,
  };
}

function parseOnlyCondition(input: ConditionInput): { condition?: Condition } {
  const placeholders = createPlaceholders(input, [input.ConditionExpression]);
  const condition = parseIfGiven(input.ConditionExpression, placeholders);
  placeholders.checkAllUsed();
  return condition;
}

const parseIfGiven = (source: string | undefined, placeholders: Placeholders): { condition?: Condition } =>
  source === undefined ? {} : { condition: parseCondition('ConditionExpression', source, placeholders) };

/** Where a write is made, and where it is recorded. */
export interface Writing {
  readonly rows: Transaction;
  readonly scope: Scope;
  readonly record: RecordChange;
}

/** Checks and makes one write. Throws ConditionalCheckFailedException, ValidationException, ResourceNotFoundException. */
export async function carryOut(writing: Writing, write: Write): Promise<Written> {
  const { rows, scope, record } = writing;
  const of = await findTable(rows, scope, write.tableName);
  checkWrite(of, write);
  const before = await readItem(rows, scope, of, write.item);
  if (write.condition && !holds(write.condition, before ?? {}))
    throw conditionFailed(write.onFailure, before);
  switch (write.kind) {
    case 'check':
      return { of, ...(before ? { before } : {}) };
    case 'delete':
      if (before) await removeItem(rows, scope, of, before);
      await record(rows, scope, of, { before, after: undefined });
      return { of, ...(before ? { before } : {}) };
    case 'put':
    case 'update': {
      const after = write.kind === 'put' ? write.item : updated(of, write, before);
      await writeItem(rows, scope, of, after, before);
      await record(rows, scope, of, { before, after });
      return { of, after, ...(before ? { before } : {}) };
    }
    default:
      return write.kind satisfies never;
  }
}

function checkWrite(of: TableRow, write: Write): void {
  if (write.kind === 'put') return checkItemKeys(of, write.item);
  checkKey(of, write.item);
  const names = keyNames(of.keySchema);
  const touched = write.update && touchedPaths(write.update).find((path) => names.includes(path[0]));
  if (touched) {
    throw new Fault(
      'ValidationException',
      `One or more parameter values were invalid: Cannot update attribute ${touched[0]}. This attribute is part of the key`,
    );
  }
}

function updated(of: TableRow, write: Write, before: Item | undefined): Item {
  const start = before ?? write.item;
  const after = write.update ? applyUpdate(write.update, start) : start;
  checkItemKeys(of, after);
  return after;
}

function conditionFailed(onFailure: string | undefined, item: Item | undefined): Fault {
  const members = onFailure === 'ALL_OLD' && item ? { Item: item } : {};
  return new Fault('ConditionalCheckFailedException', 'The conditional request failed', { members });
}

function checkReturnValues(given: string | undefined, allowed: readonly string[]): void {
  if (given === undefined || allowed.includes(given)) return;
  throw new Fault('ValidationException', `Return values set to invalid value`);
}

function updatedAttributes(
  wanted: string | undefined,
  update: Update | undefined,
  before: Item | undefined,
  after: Item | undefined,
): Item | undefined {
  switch (wanted) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return touchedOf(update, before, before, after);
    case 'UPDATED_NEW':
      return touchedOf(update, after, before, after);
    default:
      return undefined;
  }
}

/** The attributes that the update names, as they are on the side that was asked for. */
function touchedOf(
  update: Update | undefined,
  side: Item | undefined,
  before?: Item,
  after?: Item,
): Item | undefined {
  if (!update || !side) return undefined;
  const isThere = touchedPaths(update).filter((path) => {
    const [old, fresh] = [before && readPath(before, path), after && readPath(after, path)];
    const changed = !old || !fresh || !equal(old, fresh) || update.set.some((action) => action.path === path);
    return changed && (side === before ? old : fresh) !== undefined;
  });
  const picked: Item = project(side, isThere);
  const names = Object.keys(picked).filter((name) => own(picked, name));
  return names.length > 0 ? (picked as Record<string, AttributeValue>) : undefined; // the output type is not readonly
}
