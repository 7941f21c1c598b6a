import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';
import { silentLog } from '../../base/log.ts';
import { createMemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { canonicalNumber, compareNumbers, sortableNumber } from './number.ts';
import { createDynamoDb } from './service.ts';
import { createRecordChange } from './stream-record.ts';
import { sweepExpired } from './time-to-live.ts';

const call: Call = {
  scope: { account: '123456789012', region: 'us-east-1' },
  caller: {
    kind: 'root',
    account: '123456789012',
    arn: 'arn:aws:iam::123456789012:root',
    accessKeyId: 'test',
  },
  requestId: 'r',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};

let store: Store;
let nowMs: number;
type Item = Record<string, AttributeValue>;
/** What operations answer; each test reads the members of the operation it called. */
interface Answer {
  readonly Item: Item;
  readonly Items: readonly Item[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
  readonly Attributes: Item;
  readonly Responses: Readonly<Record<string, readonly Item[]>>;
  readonly Table: TableDescription;
}
let run: (operation: string, input: object) => Promise<Answer>;

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  store = createMemoryStore();
  const unused = async (): Promise<never> => {
    throw new Error('not called');
  };
  const { handlers } = createDynamoDb({
    store,
    now: () => nowMs,
    random: randomBytes,
    log: silentLog,
    call: unused,
  });
  run = (operation, input) =>
    (handlers[operation] as (input: object, call: Call) => Promise<Answer>)(input, call);
});
afterEach(() => store.close());

const S = (text: string): AttributeValue => ({ S: text });
const N = (value: number | string): AttributeValue => ({ N: String(value) });

async function createOrders(more: object = {}): Promise<void> {
  await run('CreateTable', {
    TableName: 'orders',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'number', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'customer', AttributeType: 'S' },
      { AttributeName: 'number', AttributeType: 'N' },
      { AttributeName: 'status', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-status',
        KeySchema: [
          { AttributeName: 'status', KeyType: 'HASH' },
          { AttributeName: 'number', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    ...more,
  });
}

const put = (item: object, more: object = {}) => run('PutItem', { TableName: 'orders', Item: item, ...more });

describe('numbers', () => {
  test('canonical form', () => {
    const rows = {
      '1.50': '1.5',
      '-0': '0',
      '1e2': '100',
      '.5': '0.5',
      '00012': '12',
      '1E-3': '0.001',
      '-12.340': '-12.34',
    };
    for (const [given, expected] of Object.entries(rows)) expect(canonicalNumber(given)).toBe(expected);
  });

  test('text order is number order', () => {
    const sorted = [
      '-1e125',
      '-12.5',
      '-12',
      '-1.5',
      '-1',
      '-0.001',
      '0',
      '1e-130',
      '0.5',
      '1',
      '1.5',
      '2',
      '10',
      '10.01',
      '9e125',
    ];
    const encoded = sorted.map(sortableNumber);
    expect([...encoded].sort()).toEqual(encoded);
    expect(compareNumbers('10', '9')).toBe(1);
    expect(compareNumbers('1.0', '1')).toBe(0);
  });

  test.each([
    ['1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['1'.repeat(39), 'Attempting to store more than 38 significant digits in a Number'],
    ['abc', 'The parameter cannot be converted to a numeric value: abc'],
  ])('%s is refused', (text, message) => {
    expect(() => canonicalNumber(text)).toThrow(message);
  });
});

describe('conditions', () => {
  const item = {
    customer: S('ann'),
    number: N(1),
    status: S('open'),
    price: N('12.50'),
    tags: { SS: ['red', 'blue'] },
    parts: { L: [{ M: { sku: S('a-1'), count: N(2) } }, S('x')] },
    paid: { BOOL: false },
    none: { NULL: true },
  };
  const values = {
    ':n': N('12.5'),
    ':m': N(13),
    ':s': S('op'),
    ':red': S('red'),
    ':t': S('L'),
    ':x': S('x'),
    ':sku': S('a-1'),
    ':two': N(2),
  };
  const rows: [string, boolean][] = [
    ['price = :n', true],
    ['price <> :n', false],
    ['price < :m AND price >= :n', true],
    ['price BETWEEN :n AND :m', true],
    ['price IN (:m, :n)', true],
    ['NOT price = :n OR paid = :n', false],
    ['NOT (price = :m)', true],
    ['attribute_exists(parts[0].sku)', true],
    ['attribute_exists(parts[9])', false],
    ['attribute_not_exists(nowhere)', true],
    ['attribute_type(parts, :t)', true],
    ['begins_with(#status, :s)', true],
    ['contains(tags, :red)', true],
    ['contains(parts, :x)', true],
    ['contains(#status, :s)', true],
    ['size(tags) = :two', true],
    ['size(parts[0].sku) > :two', true],
    ['parts[0].sku = :sku', true],
    ['parts[0].#count = :two', true],
    ['nowhere = :n', false],
    ['nowhere <> :n', false],
    ['status2 < :n', false],
    ['#status < :n', false],
  ];
  test.each(rows)('%s', async (condition, expected) => {
    await createOrders();
    await put(item);
    const used = (source: object) =>
      Object.fromEntries(Object.entries(source).filter(([key]) => new RegExp(`${key}\\b`).test(condition)));
    const names = used({ '#status': 'status', '#count': 'count' });
    const result = run('PutItem', {
      TableName: 'orders',
      Item: item,
      ConditionExpression: condition,
      ...(Object.keys(used(values)).length > 0 ? { ExpressionAttributeValues: used(values) } : {}),
      ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    });
    if (expected) await result;
    else await expect(result).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
  });
});

describe('updates', () => {
  const start = {
    customer: S('ann'),
    number: N(1),
    count: N(1),
    list: { L: [S('a'), S('b'), S('c')] },
    tags: { SS: ['red'] },
    map: { M: { x: N(1) } },
  };
  const rows: [string, object, object][] = [
    ['SET price = :v', { ':v': N(5) }, { price: N(5) }],
    ['SET #c = #c + :v', { ':v': N(5) }, { count: N(6) }],
    ['SET #c = if_not_exists(nowhere, :v) - #c', { ':v': N(5) }, { count: N(4) }],
    [
      'SET #l = list_append(#l, :v)',
      { ':v': { L: [S('d')] } },
      { list: { L: [S('a'), S('b'), S('c'), S('d')] } },
    ],
    ['SET #l[1] = :v, #l[9] = :v', { ':v': S('z') }, { list: { L: [S('a'), S('z'), S('c'), S('z')] } }],
    ['REMOVE #l[0], #l[2]', {}, { list: { L: [S('b')] } }],
    ['SET #m.y = :v REMOVE #m.x', { ':v': N(2) }, { map: { M: { y: N(2) } } }],
    ['ADD #c :v', { ':v': N('0.1') }, { count: N('1.1') }],
    ['ADD tags :v', { ':v': { SS: ['red', 'blue'] } }, { tags: { SS: ['red', 'blue'] } }],
    ['DELETE tags :v', { ':v': { SS: ['red'] } }, { tags: undefined }],
  ];
  test.each(rows)('%s', async (expression, values, changed) => {
    await createOrders();
    await put(start);
    const names = Object.fromEntries(
      Object.entries({ '#c': 'count', '#l': 'list', '#m': 'map' }).filter(([key]) =>
        expression.includes(key),
      ),
    );
    const { Attributes } = await run('UpdateItem', {
      TableName: 'orders',
      Key: { customer: S('ann'), number: N(1) },
      UpdateExpression: expression,
      ReturnValues: 'ALL_NEW',
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
      ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    });
    expect(Attributes).toEqual(JSON.parse(JSON.stringify({ ...start, ...changed })));
  });
});

describe('refusals', () => {
  const key = { customer: S('ann'), number: N(1) };
  const rows: [string, string, object, string][] = [
    [
      'PutItem',
      'no key',
      { Item: { customer: S('a') } },
      'One or more parameter values were invalid: Missing the key number in the item',
    ],
    [
      'PutItem',
      'type',
      { Item: { customer: N(1), number: N(1) } },
      'One or more parameter values were invalid: Type mismatch for key customer expected: S actual: N',
    ],
    [
      'PutItem',
      'empty key',
      { Item: { customer: S(''), number: N(1) } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: customer',
    ],
    [
      'PutItem',
      'large',
      { Item: { ...key, blob: S('x'.repeat(400 * 1024)) } },
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'PutItem',
      'duplicates',
      { Item: { ...key, set: { SS: ['a', 'a'] } } },
      'One or more parameter values were invalid: Input collection [a, a] contains duplicates.',
    ],
    [
      'GetItem',
      'key schema',
      { Key: { customer: S('a') } },
      'The provided key element does not match the schema',
    ],
    [
      'UpdateItem',
      'key',
      { Key: key, UpdateExpression: 'SET customer = :v', ExpressionAttributeValues: { ':v': S('b') } },
      'One or more parameter values were invalid: Cannot update attribute customer. This attribute is part of the key',
    ],
    [
      'UpdateItem',
      'syntax',
      { Key: key, UpdateExpression: 'SET a == :v', ExpressionAttributeValues: { ':v': S('b') } },
      'Invalid UpdateExpression: Syntax error; token: "=", near: "== :v"',
    ],
    [
      'UpdateItem',
      'reserved',
      { Key: key, UpdateExpression: 'SET status = :v', ExpressionAttributeValues: { ':v': S('b') } },
      'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status',
    ],
    [
      'UpdateItem',
      'undefined value',
      { Key: key, UpdateExpression: 'SET a = :v' },
      'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :v',
    ],
    [
      'UpdateItem',
      'unused',
      { Key: key, UpdateExpression: 'REMOVE a', ExpressionAttributeValues: { ':v': S('b') } },
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}',
    ],
    [
      'UpdateItem',
      'overlap',
      { Key: key, UpdateExpression: 'REMOVE a.b, a' },
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]',
    ],
    [
      'Query',
      'hash',
      {
        KeyConditionExpression: '#n = :v',
        ExpressionAttributeNames: { '#n': 'number' },
        ExpressionAttributeValues: { ':v': N(1) },
      },
      'Query condition missed key schema element: customer',
    ],
    [
      'PutItem',
      'legacy',
      { Item: key, Expected: {} },
      'The legacy parameter Expected is not supported by gatehouse',
    ],
  ];
  test.each(rows)('%s: %s', async (operation, _name, input, message) => {
    await createOrders();
    const result = run(operation, { TableName: 'orders', ...input });
    await expect(result).rejects.toThrow(message);
    await expect(result).rejects.toMatchObject({ code: 'ValidationException' });
  });

  test('no such table', async () => {
    await expect(run('GetItem', { TableName: 'x', Key: key })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
  });
});

describe('queries', () => {
  beforeEach(async () => {
    await createOrders();
    for (const number of [1, 2, 3, 10, 20]) {
      await put({
        customer: S('ann'),
        number: N(number),
        status: S(number > 5 ? 'open' : 'done'),
        note: S(`n${number}`),
      });
    }
    await put({ customer: S('anna'), number: N(1), status: S('open') });
  });
  const query = async (more: object) => {
    const { Items } = await run('Query', {
      TableName: 'orders',
      KeyConditionExpression: 'customer = :c',
      ...more,
      ExpressionAttributeValues: {
        ':c': S('ann'),
        ...(more as { ExpressionAttributeValues?: object }).ExpressionAttributeValues,
      },
    });
    return Items.map((item) => Number(item['number']?.N));
  };
  const names = { '#n': 'number' };
  const ranges: [string, object, number[]][] = [
    ['#n = :v', { ':v': N(2) }, [2]],
    ['#n > :v', { ':v': N(2) }, [3, 10, 20]],
    ['#n >= :v', { ':v': N(2) }, [2, 3, 10, 20]],
    ['#n < :v', { ':v': N(10) }, [1, 2, 3]],
    ['#n BETWEEN :v AND :w', { ':v': N(2), ':w': N(10) }, [2, 3, 10]],
  ];
  test.each(ranges)('%s', async (range, values, expected) => {
    const input = {
      KeyConditionExpression: `customer = :c AND ${range}`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    };
    expect(await query(input)).toEqual(expected);
    expect(await query({ ...input, ScanIndexForward: false })).toEqual([...expected].reverse());
  });

  test('pages join to the whole, forwards and backwards', async () => {
    for (const ScanIndexForward of [true, false]) {
      const seen: number[] = [];
      let ExclusiveStartKey: object | undefined;
      do {
        const page = await run('Query', {
          TableName: 'orders',
          Limit: 2,
          ScanIndexForward,
          KeyConditionExpression: 'customer = :c',
          ExpressionAttributeValues: { ':c': S('ann') },
          ExclusiveStartKey,
        });
        seen.push(...page.Items.map((item) => Number(item['number']?.N)));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      expect(seen).toEqual(ScanIndexForward ? [1, 2, 3, 10, 20] : [20, 10, 3, 2, 1]);
    }
  });

  test('an index holds what it projects, follows changes and forgets what is deleted', async () => {
    const open = async () => {
      const { Items } = await run('Query', {
        TableName: 'orders',
        IndexName: 'by-status',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':s': S('open') },
      });
      return Items;
    };
    expect(await open()).toEqual([
      { customer: S('anna'), number: N(1), status: S('open') },
      { customer: S('ann'), number: N(10), status: S('open') },
      { customer: S('ann'), number: N(20), status: S('open') },
    ]);
    await put({ customer: S('ann'), number: N(10), status: S('done') });
    await run('DeleteItem', { TableName: 'orders', Key: { customer: S('anna'), number: N(1) } });
    expect((await open()).map((item) => item['number'])).toEqual([N(20)]);
  });

  test('scan: filter counts what it read; segments share the items out', async () => {
    const { Count, ScannedCount } = await run('Scan', {
      TableName: 'orders',
      FilterExpression: 'note = :n',
      ExpressionAttributeValues: { ':n': S('n2') },
    });
    expect([Count, ScannedCount]).toEqual([1, 6]);
    const parts = await Promise.all(
      [0, 1, 2].map((Segment) => run('Scan', { TableName: 'orders', Segment, TotalSegments: 3 })),
    );
    expect(parts.reduce((sum, part) => sum + part.Count, 0)).toBe(6);
  });

  test('a page ends at 1 MB', async () => {
    for (let number = 100; number < 105; number++)
      await put({ customer: S('big'), number: N(number), blob: S('x'.repeat(300_000)) });
    const page = await run('Query', {
      TableName: 'orders',
      KeyConditionExpression: 'customer = :c',
      ExpressionAttributeValues: { ':c': S('big') },
    });
    expect(page.Count).toBe(4);
    expect(page.LastEvaluatedKey).toEqual({ customer: S('big'), number: N(103) });
  });
});

describe('many at once', () => {
  beforeEach(() => createOrders());
  const key = (number: number) => ({ customer: S('ann'), number: N(number) });

  test('batches write and read; twice the same key is refused', async () => {
    await run('BatchWriteItem', {
      RequestItems: { orders: [1, 2, 3].map((n) => ({ PutRequest: { Item: key(n) } })) },
    });
    const { Responses } = await run('BatchGetItem', {
      RequestItems: { orders: { Keys: [key(1), key(9), key(3)] } },
    });
    expect(Responses['orders']).toEqual([key(1), key(3)]);
    const twice = run('BatchWriteItem', {
      RequestItems: { orders: [{ PutRequest: { Item: key(1) } }, { DeleteRequest: { Key: key(1) } }] },
    });
    await expect(twice).rejects.toThrow('Provided list of item keys contains duplicates');
  });

  test('a transaction happens whole or not at all, and tells each reason', async () => {
    await put({ ...key(1), stock: N(1) });
    const take = (count: number) =>
      run('TransactWriteItems', {
        TransactItems: [
          {
            Update: {
              TableName: 'orders',
              Key: key(1),
              UpdateExpression: 'SET stock = stock - :n',
              ConditionExpression: 'stock >= :n',
              ExpressionAttributeValues: { ':n': N(count) },
            },
          },
          {
            Put: { TableName: 'orders', Item: key(2), ConditionExpression: 'attribute_not_exists(customer)' },
          },
        ],
      });
    await expect(take(2)).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]',
      members: {
        CancellationReasons: [
          { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
          { Code: 'None' },
        ],
      },
    });
    expect<unknown>(await run('GetItem', { TableName: 'orders', Key: key(2) })).toEqual({});
    await take(1);
    const { Responses } = await run('TransactGetItems', {
      TransactItems: [1, 2].map((n) => ({ Get: { TableName: 'orders', Key: key(n) } })),
    });
    expect<unknown>(Responses).toEqual([{ Item: { ...key(1), stock: N(0) } }, { Item: key(2) }]);
  });

  test('the same token is carried out once; with another request it is refused', async () => {
    await put({ ...key(1), n: N(0) });
    const add = (by: number) => ({
      ClientRequestToken: 'token',
      TransactItems: [
        {
          Update: {
            TableName: 'orders',
            Key: key(1),
            UpdateExpression: 'ADD n :v',
            ExpressionAttributeValues: { ':v': N(by) },
          },
        },
      ],
    });
    await run('TransactWriteItems', add(1));
    await run('TransactWriteItems', add(1));
    expect((await run('GetItem', { TableName: 'orders', Key: key(1) })).Item['n']).toEqual(N(1));
    await expect(run('TransactWriteItems', add(2))).rejects.toMatchObject({
      code: 'IdempotentParameterMismatchException',
    });
  });

  test('a hundred increments at once lose none', async () => {
    await Promise.all(
      Array.from({ length: 100 }, () =>
        run('UpdateItem', {
          TableName: 'orders',
          Key: key(1),
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': N(1) },
        }),
      ),
    );
    expect((await run('GetItem', { TableName: 'orders', Key: key(1) })).Item['n']).toEqual(N(100));
  });
});

test('binary values are kept whole', async () => {
  await createOrders();
  const item = {
    customer: S('ann'),
    number: N(1),
    bytes: { B: new Uint8Array([0, 255, 1]) },
    list: { L: [{ BS: [new Uint8Array([7])] }] },
  };
  await put(item);
  expect(
    (await run('GetItem', { TableName: 'orders', Key: { customer: S('ann'), number: N(1) } })).Item,
  ).toEqual(item);
});

test('an item whose time is over is swept, with its place in indexes', async () => {
  await createOrders();
  await run('UpdateTimeToLive', {
    TableName: 'orders',
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
  const seconds = nowMs / 1000;
  await put({ customer: S('ann'), number: N(1), status: S('open'), ttl: N(seconds + 60) });
  await put({ customer: S('ann'), number: N(2), status: S('open') });
  nowMs += 61_000;
  const unused = async (): Promise<never> => {
    throw new Error('not called');
  };
  const now = () => nowMs;
  const record = createRecordChange(now);
  await sweepExpired({ store, now, random: randomBytes, log: silentLog, call: unused, record });
  expect((await run('Scan', { TableName: 'orders' })).Count).toBe(1);
  expect((await run('Scan', { TableName: 'orders', IndexName: 'by-status' })).Count).toBe(1);
});

test('tables: made, described, listed by page, indexed later, protected, deleted', async () => {
  await createOrders({ DeletionProtectionEnabled: true });
  await put({ customer: S('ann'), number: N(1), city: S('Bonn') });
  await expect(createOrders()).rejects.toMatchObject({
    code: 'ResourceInUseException',
    message: 'Table already exists: orders',
  });
  await run('UpdateTable', {
    TableName: 'orders',
    AttributeDefinitions: [{ AttributeName: 'city', AttributeType: 'S' }],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: 'by-city',
          KeySchema: [{ AttributeName: 'city', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      },
    ],
  });
  expect((await run('Scan', { TableName: 'orders', IndexName: 'by-city' })).Count).toBe(1);
  const { Table } = await run('DescribeTable', { TableName: 'orders' });
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    ItemCount: 1,
    TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders',
  });
  expect(Table.GlobalSecondaryIndexes?.map((index) => index.IndexName)).toEqual(['by-status', 'by-city']);
  await expect(run('DeleteTable', { TableName: 'orders' })).rejects.toThrow(
    'currently protected against deletion',
  );
  await run('UpdateTable', { TableName: 'orders', DeletionProtectionEnabled: false });
  await run('DeleteTable', { TableName: 'orders' });
  expect<unknown>(await run('ListTables', {})).toEqual({ TableNames: [] });
});
