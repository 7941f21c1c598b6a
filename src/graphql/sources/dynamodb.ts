/** DynamoDB data sources. https://docs.aws.amazon.com/appsync/latest/devguide/js-resolver-reference-dynamodb.html */
import type { DataSourceDocument } from '../config.ts';
import { mappingFailed, ResolverError } from '../errors.ts';
import type { GraphqlRequest } from '../resolve/request.ts';
import { fromWire, mapFromWire, mapWire } from '../library/dynamodb.ts';
import { operate, type Wanted } from './call.ts';

interface ExpressionPart {
  readonly expression?: string;
  readonly expressionNames?: Readonly<Record<string, string>>;
  readonly expressionValues?: Readonly<Record<string, unknown>>;
}

type Item = Readonly<Record<string, unknown>>;

interface Condition extends ExpressionPart {
  readonly equalsIgnore?: readonly string[];
  readonly consistentRead?: boolean;
  readonly conditionalCheckFailedHandler?: { readonly strategy?: string; readonly lambdaArn?: string };
}

interface Operated {
  readonly operate: <Output>(operation: string, input: object) => Promise<Output>;
  readonly table: string;
}

export async function callDynamoDb(
  request: GraphqlRequest,
  source: DataSourceDocument,
  wanted: Wanted,
): Promise<unknown> {
  const told = {
    service: 'dynamodb',
    prefix: 'DynamoDB',
    ...(source.table && { region: source.table.region }),
  };
  const on: Operated = {
    table: source.table?.name ?? '',
    operate: (operation, input) => operate(request, source, told, operation, input),
  };
  const { operation } = wanted;
  const run =
    typeof operation === 'string' && Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (run === undefined)
    throw mappingFailed(`Value for field '$[operation]' not found or not supported: ${String(operation)}.`);
  return run(on, wanted);
}

const OPERATIONS: Readonly<Record<string, (on: Operated, wanted: Wanted) => Promise<unknown>>> = {
  async GetItem({ operate: send, table }, wanted) {
    const { Item } = await send<{ Item?: Item }>('GetItem', {
      TableName: table,
      Key: keyOf(wanted),
      ConsistentRead: wanted['consistentRead'] === true,
      ...projectionOf(wanted['projection']),
    });
    return Item === undefined ? null : mapFromWire(Item);
  },

  async PutItem(on, wanted) {
    const Item = { ...mapWire(wanted['attributeValues']), ...keyOf(wanted) };
    await guarded(on, wanted, Item, () =>
      on.operate('PutItem', { TableName: on.table, Item, ...conditionOf(wanted['condition']) }),
    );
    return mapFromWire(Item);
  },

  async UpdateItem(on, wanted) {
    const update = (wanted['update'] ?? {}) as ExpressionPart;
    const { Attributes } = await guarded(on, wanted, undefined, () =>
      on.operate<{ Attributes?: Item }>('UpdateItem', {
        TableName: on.table,
        Key: keyOf(wanted),
        ...merged(
          { UpdateExpression: update },
          { ConditionExpression: wanted['condition'] as ExpressionPart | undefined },
        ),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes === undefined ? null : mapFromWire(Attributes);
  },

  async DeleteItem(on, wanted) {
    const { Attributes } = await guarded(on, wanted, undefined, () =>
      on.operate<{ Attributes?: Item }>('DeleteItem', {
        TableName: on.table,
        Key: keyOf(wanted),
        ...conditionOf(wanted['condition']),
        ReturnValues: 'ALL_OLD',
      }),
    );
    return Attributes === undefined ? null : mapFromWire(Attributes);
  },

  Query: (on, wanted) =>
    pageOf(on, 'Query', wanted, {
      ...merged(
        { KeyConditionExpression: wanted['query'] as ExpressionPart | undefined },
        { FilterExpression: wanted['filter'] as ExpressionPart | undefined },
      ),
      ...(typeof wanted['scanIndexForward'] === 'boolean' && {
        ScanIndexForward: wanted['scanIndexForward'],
      }),
    }),

  Scan: (on, wanted) =>
    pageOf(on, 'Scan', wanted, {
      ...merged({ FilterExpression: wanted['filter'] as ExpressionPart | undefined }),
      ...(typeof wanted['totalSegments'] === 'number' && {
        TotalSegments: wanted['totalSegments'],
        Segment: wanted['segment'],
      }),
    }),

  async BatchGetItem({ operate: send }, wanted) {
    const tables = tablesOf<{ keys: readonly Item[]; consistentRead?: boolean; projection?: ExpressionPart }>(
      wanted,
    );
    const answer = await send<{
      Responses?: Record<string, Item[]>;
      UnprocessedKeys?: Record<string, { Keys: Item[] }>;
    }>('BatchGetItem', {
      RequestItems: mapTables(tables, ({ keys, consistentRead = false, projection }) => ({
        Keys: keys.map(mapWire),
        ConsistentRead: consistentRead,
        ...projectionOf(projection),
      })),
    });
    return {
      // In the order of the keys, null where there is nothing.
      data: mapTables(tables, ({ keys }, table) => {
        const found = answer.Responses?.[table] ?? [];
        return keys.map((key) => {
          const item = found.find((each) =>
            Object.entries(mapWire(key)).every(([name, value]) => isSame(each[name], value)),
          );
          return item === undefined ? null : mapFromWire(item);
        });
      }),
      unprocessedKeys: mapTables(tables, (_, table) =>
        (answer.UnprocessedKeys?.[table]?.Keys ?? []).map(mapFromWire),
      ),
    };
  },

  async BatchPutItem({ operate: send }, wanted) {
    const tables = tablesOf<readonly Item[]>(wanted);
    const answer = await send<{ UnprocessedItems?: Record<string, { PutRequest: { Item: Item } }[]> }>(
      'BatchWriteItem',
      {
        RequestItems: mapTables(tables, (items) =>
          items.map((item) => ({ PutRequest: { Item: mapWire(item) } })),
        ),
      },
    );
    return {
      data: mapTables(tables, (items) => items.map((item) => mapFromWire(mapWire(item)))),
      unprocessedItems: mapTables(tables, (_, table) =>
        (answer.UnprocessedItems?.[table] ?? []).map(({ PutRequest }) => mapFromWire(PutRequest.Item)),
      ),
    };
  },

  async BatchDeleteItem({ operate: send }, wanted) {
    const tables = tablesOf<readonly Item[]>(wanted);
    const answer = await send<{ UnprocessedItems?: Record<string, { DeleteRequest: { Key: Item } }[]> }>(
      'BatchWriteItem',
      {
        RequestItems: mapTables(tables, (keys) =>
          keys.map((key) => ({ DeleteRequest: { Key: mapWire(key) } })),
        ),
      },
    );
    return {
      data: mapTables(tables, (keys) => keys.map((key) => mapFromWire(mapWire(key)))),
      unprocessedKeys: mapTables(tables, (_, table) =>
        (answer.UnprocessedItems?.[table] ?? []).map(({ DeleteRequest }) => mapFromWire(DeleteRequest.Key)),
      ),
    };
  },

  async TransactGetItems({ operate: send }, wanted) {
    const items = transactItems(wanted);
    const { Responses = [] } = await cancellable(() =>
      send<{ Responses?: { Item?: Item }[] }>('TransactGetItems', {
        TransactItems: items.map((item) => ({
          Get: { TableName: item['table'], Key: mapWire(item['key']), ...projectionOf(item['projection']) },
        })),
      }),
    );
    return {
      items: Responses.map(({ Item }) => (Item === undefined ? null : mapFromWire(Item))),
      cancellationReasons: null,
    };
  },

  async TransactWriteItems({ operate: send }, wanted) {
    const items = transactItems(wanted);
    await cancellable(() => send('TransactWriteItems', { TransactItems: items.map(transactWrite) }));
    return { keys: items.map((item) => mapFromWire(mapWire(item['key']))), cancellationReasons: null };
  },
};

function transactWrite(item: Wanted): object {
  const TableName = item['table'];
  const condition = item['condition'] as
    | (ExpressionPart & { returnValuesOnConditionCheckFailure?: boolean })
    | undefined;
  const more = {
    TableName,
    ReturnValuesOnConditionCheckFailure:
      condition?.returnValuesOnConditionCheckFailure === false ? 'NONE' : 'ALL_OLD',
  };
  const Key = mapWire(item['key']);
  switch (item['operation']) {
    case 'PutItem':
      return {
        Put: { ...more, Item: { ...mapWire(item['attributeValues']), ...Key }, ...conditionOf(condition) },
      };
    case 'UpdateItem':
      return {
        Update: {
          ...more,
          Key,
          ...merged(
            { UpdateExpression: item['update'] as ExpressionPart },
            { ConditionExpression: condition },
          ),
        },
      };
    case 'DeleteItem':
      return { Delete: { ...more, Key, ...conditionOf(condition) } };
    case 'ConditionCheck':
      return { ConditionCheck: { ...more, Key, ...conditionOf(condition) } };
    default:
      throw mappingFailed(`Unsupported operation in a transaction: ${String(item['operation'])}`);
  }
}

async function cancellable<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof ResolverError) || thrown.errorType !== 'DynamoDB:TransactionCanceledException')
      throw thrown;
    const { CancellationReasons = [] } = (thrown.errorInfo ?? {}) as {
      CancellationReasons?: readonly { Code?: string; Message?: string; Item?: Item }[];
    };
    const cancellationReasons = CancellationReasons.map(({ Code, Message, Item }) => ({
      type: Code ?? 'None',
      message: Message ?? 'None',
      item: Item === undefined ? null : mapFromWire(Item),
    }));
    throw new ResolverError(thrown.message, thrown.errorType, {
      items: null,
      keys: null,
      cancellationReasons,
    });
  }
}

async function pageOf(
  { operate: send, table }: Operated,
  operation: string,
  wanted: Wanted,
  more: object,
): Promise<unknown> {
  const { index, limit, consistentRead, nextToken, select } = wanted;
  const answer = await send<{ Items?: Item[]; LastEvaluatedKey?: Item; ScannedCount?: number }>(operation, {
    TableName: table,
    ...(typeof index === 'string' && { IndexName: index }),
    ...(typeof limit === 'number' && { Limit: limit }),
    ...(typeof consistentRead === 'boolean' && { ConsistentRead: consistentRead }),
    ...(typeof select === 'string' && { Select: select }),
    ...(typeof nextToken === 'string' && { ExclusiveStartKey: keyOfToken(nextToken) }),
    ...withProjection(more, wanted['projection']),
  });
  return {
    items: (answer.Items ?? []).map(mapFromWire),
    nextToken: answer.LastEvaluatedKey === undefined ? null : tokenOf(answer.LastEvaluatedKey),
    scannedCount: answer.ScannedCount ?? 0,
  };
}

const tokenOf = (key: Item): string =>
  Buffer.from(
    JSON.stringify(key, (_, value: unknown) =>
      isBytes(value) ? { __bytes: Buffer.from(value.data).toString('base64') } : value,
    ),
  ).toString('base64');

const isBytes = (value: unknown): value is { type: 'Buffer'; data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';

function keyOfToken(token: string): object {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString('utf8'), (_, value: unknown) =>
      typeof value === 'object' && value !== null && '__bytes' in value
        ? Buffer.from(String(value.__bytes), 'base64')
        : value,
    ) as object;
  } catch {
    throw new ResolverError('Invalid pagination token given.', 'DynamoDB:ValidationException');
  }
}

function keyOf(wanted: Wanted): Record<string, unknown> {
  if (typeof wanted['key'] !== 'object' || wanted['key'] === null)
    throw mappingFailed("Value for field '$[key]' not found.");
  return mapWire(wanted['key']);
}

function tablesOf<Table>(wanted: Wanted): Readonly<Record<string, Table>> {
  if (typeof wanted['tables'] !== 'object' || wanted['tables'] === null)
    throw mappingFailed("Value for field '$[tables]' not found.");
  return wanted['tables'] as Readonly<Record<string, Table>>; // what the resolver wrote; DynamoDB checks the rest
}

const mapTables = <Table, Made>(
  tables: Readonly<Record<string, Table>>,
  make: (table: Table, name: string) => Made,
): Record<string, Made> =>
  Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, make(table, name)]));

function transactItems(wanted: Wanted): readonly Wanted[] {
  if (!Array.isArray(wanted['transactItems']))
    throw mappingFailed("Value for field '$[transactItems]' not found.");
  return wanted['transactItems'] as readonly Wanted[]; // each is looked at where it is used
}

/** Expressions of one call share their names and values. */
function merged(...parts: readonly Readonly<Record<string, ExpressionPart | undefined>>[]): object {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const expressions: Record<string, string> = {};
  for (const part of parts)
    for (const [name, given] of Object.entries(part)) {
      if (given?.expression === undefined || given.expression === '') continue;
      expressions[name] = given.expression;
      Object.assign(names, given.expressionNames);
      Object.assign(values, mapWire(given.expressionValues));
    }
  return {
    ...expressions,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

const conditionOf = (condition: unknown): object =>
  merged({ ConditionExpression: condition as ExpressionPart | undefined });
const projectionOf = (projection: unknown): object =>
  merged({ ProjectionExpression: projection as ExpressionPart | undefined });

function withProjection(more: object, projection: unknown): object {
  const own = projectionOf(projection) as { ExpressionAttributeNames?: object };
  const { ExpressionAttributeNames: names } = more as { ExpressionAttributeNames?: object };
  const both = { ...names, ...own.ExpressionAttributeNames };
  return { ...more, ...own, ...(Object.keys(both).length > 0 && { ExpressionAttributeNames: both }) };
}

/**
 * A condition that fails because the item is already what it should become is no error; any other tells the item as it
 * is. https://docs.aws.amazon.com/appsync/latest/devguide/js-resolver-reference-dynamodb.html#js-aws-appsync-resolver-reference-dynamodb-condition-expressions
 */
async function guarded<T>(
  on: Operated,
  wanted: Wanted,
  desired: Item | undefined,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    const isCondition =
      thrown instanceof ResolverError && thrown.errorType === 'DynamoDB:ConditionalCheckFailedException';
    if (!isCondition) throw thrown;
    const condition = (wanted['condition'] ?? {}) as Condition;
    if (condition.conditionalCheckFailedHandler?.strategy === 'Custom')
      throw new ResolverError(
        'conditionalCheckFailedHandler with strategy Custom: not supported by gatehouse',
        'UnsupportedOperation',
      );
    const { Item: current } = await on.operate<{ Item?: Item }>('GetItem', {
      TableName: on.table,
      Key: keyOf(wanted),
      ConsistentRead: condition.consistentRead !== false,
    });
    if (
      desired !== undefined &&
      current !== undefined &&
      sameBut(desired, current, condition.equalsIgnore ?? [])
    )
      return {} as T; // the caller shows what it wanted to write
    throw new ResolverError(
      thrown.message,
      thrown.errorType,
      current === undefined ? null : mapFromWire(current),
    );
  }
}

const sameBut = (one: Item, other: Item, ignored: readonly string[]): boolean =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => !ignored.includes(name))
    .every((name) => isSame(fromWire(one[name] ?? { NULL: true }), fromWire(other[name] ?? { NULL: true })));

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
