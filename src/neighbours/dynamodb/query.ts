/** Query and Scan: a range of rows read in pages, filtered, projected; at most 1 MB a call. */
import type {
  AttributeValue,
  QueryInput,
  QueryOutput,
  ScanInput,
  ScanOutput,
} from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Entry, Reader, Table } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { admitItem, fromStored, type Item, itemSizeBytes, own, type StoredItem } from './attribute-value.ts';
import { consumed, readUnits } from './capacity.ts';
import type { Condition, DocumentPath } from './expression/ast.ts';
import { holds, parseCondition } from './expression/condition.ts';
import { createPlaceholders } from './expression/names-and-values.ts';
import { parseProjection, project } from './expression/path.ts';
import { indexItems, items, readItem } from './item-rows.ts';
import {
  closed,
  hashName,
  indexKey,
  indexPrefix,
  itemPrefix,
  keyNames,
  pickKeys,
  primaryKey,
} from './key.ts';
import { type KeyRange, readKeyCondition } from './key-condition.ts';
import { refuseLegacy } from './legacy.ts';
import { findTable, type IndexRow, type TableRow } from './table-row.ts';

const ROWS_AT_ONCE = 200;

const invalid = (message: string): Fault => new Fault('ValidationException', message);

export const queryOperations = ({ store }: ServicePorts) => ({
  async Query(input: QueryInput, { scope }: Call): Promise<QueryOutput> {
    refuseLegacy(input);
    if (input.KeyConditionExpression === undefined) {
      throw invalid(
        'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
      );
    }
    const { KeyConditionExpression: keyCondition } = input;
    const placeholders = createPlaceholders(input, [
      keyCondition,
      input.FilterExpression,
      input.ProjectionExpression,
    ]);
    const condition = parseCondition('KeyConditionExpression', keyCondition, placeholders);
    const reading = parseReading(input, placeholders);
    return store.read(async (rows) => {
      const source = await sourceOf(rows, scope, input);
      const range = readKeyCondition(condition, source);
      checkFilter(reading.filter, source);
      const reverse = input.ScanIndexForward === false;
      return readPage(rows, scope, { input, source, range, reverse, keep: () => true, ...reading });
    });
  },

  async Scan(input: ScanInput, { scope }: Call): Promise<ScanOutput> {
    refuseLegacy(input);
    checkSegments(input);
    const placeholders = createPlaceholders(input, [input.FilterExpression, input.ProjectionExpression]);
    const reading = parseReading(input, placeholders);
    return store.read(async (rows) => {
      const source = await sourceOf(rows, scope, input);
      const range: KeyRange = { prefix: '', isEnd: () => false, keep: () => true };
      return readPage(rows, scope, {
        input,
        source,
        range,
        reverse: false,
        keep: segmentOf(input, source),
        ...reading,
      });
    });
  },
});

/** Where rows are read: the table, or one of its indexes. */
export interface Source {
  readonly of: TableRow;
  readonly index?: IndexRow;
  readonly prefix: string;
  readonly keySchema: TableRow['keySchema'];
}

interface Reading {
  readonly filter: Condition | undefined;
  readonly paths: readonly DocumentPath[] | undefined;
}

interface Page extends Reading {
  readonly input: QueryInput | ScanInput;
  readonly source: Source;
  readonly range: KeyRange;
  readonly reverse: boolean;
  /** Whether an item belongs to this reader at all (parallel scans). */
  readonly keep: (item: Item) => boolean;
}

function parseReading(
  input: QueryInput | ScanInput,
  placeholders: ReturnType<typeof createPlaceholders>,
): Reading {
  const filter =
    input.FilterExpression === undefined
      ? undefined
      : parseCondition('FilterExpression', input.FilterExpression, placeholders);
  const paths =
    input.ProjectionExpression === undefined
      ? undefined
      : parseProjection(input.ProjectionExpression, placeholders);
  placeholders.checkAllUsed();
  if (paths && input.Select && input.Select !== 'SPECIFIC_ATTRIBUTES') {
    throw invalid(
      `Cannot specify the ProjectionExpression when choosing to get ${input.Select === 'COUNT' ? 'only the Count' : input.Select}`,
    );
  }
  if (!paths && input.Select === 'SPECIFIC_ATTRIBUTES') {
    throw invalid(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  return { filter, paths };
}

async function sourceOf(rows: Reader, scope: Scope, input: QueryInput | ScanInput): Promise<Source> {
  const of = await findTable(rows, scope, input.TableName);
  if (input.IndexName === undefined) {
    if (input.Select === 'ALL_PROJECTED_ATTRIBUTES')
      throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
    return { of, prefix: itemPrefix(of), keySchema: of.keySchema };
  }
  const index = of.indexes.find((candidate) => candidate.name === input.IndexName);
  if (!index) throw invalid(`The table does not have the specified index: ${input.IndexName}`);
  if (index.kind === 'global' && input.ConsistentRead)
    throw invalid('Consistent reads are not supported on global secondary indexes');
  if (
    index.kind === 'global' &&
    input.Select === 'ALL_ATTRIBUTES' &&
    index.projection.ProjectionType !== 'ALL'
  ) {
    throw invalid(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  return { of, index, prefix: indexPrefix(of, index), keySchema: index.keySchema };
}

function checkFilter(filter: Condition | undefined, source: Source): void {
  const names = keyNames(source.keySchema);
  const used = filter && pathsOf(filter).find((path) => names.includes(path[0]));
  if (used) {
    throw invalid(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${used[0]}`,
    );
  }
}

function pathsOf(condition: Condition): DocumentPath[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not':
      return pathsOf(condition.condition);
    case 'exists':
    case 'not-exists':
    case 'type':
      return [condition.path];
    case 'between':
      return [condition.operand, condition.low, condition.high].flatMap((operand) =>
        'path' in operand ? [operand.path] : [],
      );
    case 'in':
      return [condition.operand, ...condition.choices].flatMap((operand) =>
        'path' in operand ? [operand.path] : [],
      );
    case 'compare':
    case 'begins-with':
    case 'contains':
      return [condition.left, condition.right].flatMap((operand) =>
        'path' in operand ? [operand.path] : [],
      );
    default:
      return condition satisfies never;
  }
}

async function readPage(rows: Reader, scope: Scope, page: Page): Promise<QueryOutput & ScanOutput> {
  const { input, source, reverse } = page;
  const table: Table<StoredItem> = source.index ? indexItems : items;
  const prefix = source.prefix + page.range.prefix;
  const limit = input.Limit ?? Number.POSITIVE_INFINITY;
  let after = input.ExclusiveStartKey
    ? startKey(source, admitItem(input.ExclusiveStartKey))
    : reverse
      ? undefined
      : firstKey(source, page.range);
  const found: Item[] = [];
  let [scanned, bytes] = [0, 0];
  let last: Item | undefined;
  reading: for (;;) {
    const entries: Entry<StoredItem>[] = await rows.list(table, scope, {
      prefix,
      limit: ROWS_AT_ONCE,
      reverse,
      ...(after ? { after } : {}),
    });
    for (const entry of entries) {
      const item = fromStored(entry.row);
      if (page.range.isEnd(item, reverse)) break reading;
      if (!page.range.keep(item) || !page.keep(item)) continue;
      // A page ends before what would no longer fit, and says where to go on.
      if (scanned >= limit || bytes >= limits.dynamodbPageBytes)
        return answer(rows, scope, page, { found, scanned, bytes, last });
      scanned++;
      bytes += itemSizeBytes(item);
      last = item;
      if (!page.filter || holds(page.filter, item)) found.push(item);
    }
    if (entries.length < ROWS_AT_ONCE) break;
    after = entries.at(-1)?.key;
  }
  // DynamoDB gives a last key whenever the limit was met, whether or not more items follow.
  return answer(rows, scope, page, { found, scanned, bytes, ...(scanned >= limit ? { last } : {}) });
}

interface Found {
  readonly found: readonly Item[];
  readonly scanned: number;
  readonly bytes: number;
  readonly last?: Item | undefined;
}

async function answer(
  rows: Reader,
  scope: Scope,
  page: Page,
  { found, scanned, bytes, last }: Found,
): Promise<QueryOutput & ScanOutput> {
  const { input, source } = page;
  const units = readUnits(bytes, input.ConsistentRead);
  const spent = source.index
    ? { table: 0, indexes: { [source.index.name]: units } }
    : { table: units, indexes: {} };
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: await shown(rows, scope, page, found) }),
    Count: found.length,
    ScannedCount: scanned,
    ...(last ? { LastEvaluatedKey: pickKeys(last, source.keySchema, source.of.keySchema) } : {}),
    ...consumed(input.ReturnConsumedCapacity, source.of, spent),
  };
}

/** A local index answers attributes it does not hold from the table. */
async function shown(
  rows: Reader,
  scope: Scope,
  page: Page,
  found: readonly Item[],
): Promise<Record<string, AttributeValue>[]> {
  const { source, paths, input } = page;
  const isWhole = !source.index || source.index.projection.ProjectionType === 'ALL';
  const wantsMore =
    source.index?.kind === 'local' && !isWhole && (paths !== undefined || input.Select === 'ALL_ATTRIBUTES');
  const whole = wantsMore
    ? await Promise.all(found.map((item) => readItem(rows, scope, source.of, item)))
    : found;
  return whole.map((item) => (paths ? project(item ?? {}, paths) : { ...item }));
}

/** The row key that the page before ended with. */
function startKey(source: Source, key: Item): string {
  const names = [...new Set([...keyNames(source.keySchema), ...keyNames(source.of.keySchema)])];
  if (Object.keys(key).length !== names.length || names.some((name) => !own(key, name))) {
    throw invalid('The provided starting key is invalid');
  }
  return (source.index ? indexKey(source.of, source.index, key) : primaryKey(source.of, key)) ?? '';
}

const firstKey = (source: Source, range: KeyRange): string | undefined =>
  range.from === undefined ? undefined : source.prefix + range.from;

function checkSegments({ Segment, TotalSegments }: ScanInput): void {
  if (Segment === undefined && TotalSegments === undefined) return;
  if (Segment === undefined)
    throw invalid(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  if (TotalSegments === undefined)
    throw invalid(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  if (Segment < TotalSegments) return;
  throw invalid(
    `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
  );
}

/** An item belongs to the segment its hash key falls into. */
function segmentOf({ Segment, TotalSegments }: ScanInput, source: Source): (item: Item) => boolean {
  if (Segment === undefined || TotalSegments === undefined) return () => true;
  const name = hashName(source.keySchema);
  return (item) => {
    const value = own(item, name);
    const digest = createHash('md5')
      .update(value ? closed(value) : '')
      .digest();
    return digest.readUInt32BE(0) % TotalSegments === Segment;
  };
}
