/** Streams of tables, through the official clients; what time to live deletes, straight from the sweep. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { silentLog } from '../../base/log.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';
import { createRecordChange } from './stream-record.ts';
import { streamRecords } from './stream-row.ts';
import { tableOperations } from './table.ts';
import { sweepExpired, timeToLiveOperations } from './time-to-live.ts';
import { itemOperations } from './item.ts';

const server = useTestServer();
let db: dynamodb.DynamoDBClient;
let client: streams.DynamoDBStreamsClient;
beforeAll(() => {
  db = new dynamodb.DynamoDBClient(server.options());
  client = new streams.DynamoDBStreamsClient(server.options());
});

const KEYS = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
} as const;
async function createTable(TableName: string, StreamViewType: dynamodb.StreamViewType): Promise<string> {
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  const input = { TableName, ...KEYS, KeySchema: [...KEYS.KeySchema], StreamSpecification };
  const created = await db.send(
    new dynamodb.CreateTableCommand({ ...input, AttributeDefinitions: [...KEYS.AttributeDefinitions] }),
  );
  return created.TableDescription?.LatestStreamArn ?? '';
}
const put = (TableName: string, id: string, colour: string) =>
  db.send(new dynamodb.PutItemCommand({ TableName, Item: { id: { S: id }, colour: { S: colour } } }));
const iterator = async (
  StreamArn: string,
  ShardIteratorType: streams.ShardIteratorType,
  SequenceNumber?: string,
): Promise<string> => {
  const { StreamDescription } = await client.send(new streams.DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
  const input = { StreamArn, ShardId, ShardIteratorType, SequenceNumber };
  return (await client.send(new streams.GetShardIteratorCommand(input))).ShardIterator ?? '';
};
const get = (ShardIterator: string | undefined, Limit?: number) =>
  client.send(new streams.GetRecordsCommand({ ShardIterator, ...(Limit ? { Limit } : {}) }));
const short = ({ eventName, dynamodb: change }: streams._Record) => ({
  eventName,
  keys: change?.Keys?.['id']?.S,
  old: change?.OldImage?.['colour']?.S,
  new: change?.NewImage?.['colour']?.S,
});

describe('records', () => {
  test('of every kind of write, in order; nothing for a write that changes nothing', async () => {
    const arn = await createTable('colours', 'NEW_AND_OLD_IMAGES');
    expect(arn).toMatch(/^arn:aws:dynamodb:us-east-1:123456789012:table\/colours\/stream\/\d{4}-\d\d-\d\dT/);
    await put('colours', 'a', 'red');
    await put('colours', 'a', 'red');
    const update = { TableName: 'colours', Key: { id: { S: 'a' } }, UpdateExpression: 'SET colour = :c' };
    await db.send(
      new dynamodb.UpdateItemCommand({ ...update, ExpressionAttributeValues: { ':c': { S: 'blue' } } }),
    );
    const b = { id: { S: 'b' }, colour: { S: 'green' } };
    await db.send(
      new dynamodb.BatchWriteItemCommand({ RequestItems: { colours: [{ PutRequest: { Item: b } }] } }),
    );
    await db.send(
      new dynamodb.TransactWriteItemsCommand({
        TransactItems: [{ Delete: { TableName: 'colours', Key: { id: { S: 'a' } } } }],
      }),
    );
    await db.send(new dynamodb.DeleteItemCommand({ TableName: 'colours', Key: { id: { S: 'nobody' } } }));
    const { Records = [] } = await get(await iterator(arn, 'TRIM_HORIZON'));
    expect(Records.map(short)).toEqual([
      { eventName: 'INSERT', keys: 'a', old: undefined, new: 'red' },
      { eventName: 'MODIFY', keys: 'a', old: 'red', new: 'blue' },
      { eventName: 'INSERT', keys: 'b', old: undefined, new: 'green' },
      { eventName: 'REMOVE', keys: 'a', old: 'blue', new: undefined },
    ]);
    expect(Records[0]).toMatchObject({
      eventSource: 'aws:dynamodb',
      eventVersion: '1.1',
      awsRegion: 'us-east-1',
      dynamodb: { StreamViewType: 'NEW_AND_OLD_IMAGES', SizeBytes: 3 + 12 },
    });
    const second = Records[1]?.dynamodb?.SequenceNumber;
    const names = async (place: string) =>
      ((await get(place)).Records ?? []).map(({ eventName }) => eventName);
    expect(await names(await iterator(arn, 'AT_SEQUENCE_NUMBER', second))).toEqual([
      'MODIFY',
      'INSERT',
      'REMOVE',
    ]);
    expect(await names(await iterator(arn, 'AFTER_SEQUENCE_NUMBER', second))).toEqual(['INSERT', 'REMOVE']);
    expect(await names(await iterator(arn, 'LATEST'))).toEqual([]);
    const first = await get(await iterator(arn, 'TRIM_HORIZON'), 3);
    expect(await names(first.NextShardIterator ?? '')).toEqual(['REMOVE']);
  });

  test('hold what the view says', async () => {
    const views: [streams.StreamViewType, boolean, boolean][] = [
      ['KEYS_ONLY', false, false],
      ['NEW_IMAGE', false, true],
      ['OLD_IMAGE', true, false],
    ];
    for (const [view, hasOld, hasNew] of views) {
      const arn = await createTable(`view-${view}`, view);
      for (const colour of ['red', 'blue']) await put(`view-${view}`, 'a', colour);
      const { Records = [] } = await get(await iterator(arn, 'TRIM_HORIZON'));
      const change = Records[1] ? short(Records[1]) : undefined;
      expect([view, change?.old !== undefined, change?.new !== undefined]).toEqual([view, hasOld, hasNew]);
    }
  });

  test('are trimmed after a day; iterators end after a quarter of an hour', async () => {
    const arn = await createTable('trimmed', 'KEYS_ONLY');
    await put('trimmed', 'old', 'x');
    const early = await iterator(arn, 'TRIM_HORIZON');
    server.pass(901);
    expect(get(early)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    server.pass(86_400);
    await put('trimmed', 'new', 'x');
    const { Records = [] } = await get(await iterator(arn, 'TRIM_HORIZON'));
    expect(Records.map(short)).toMatchObject([{ keys: 'new' }]);
  });
});

test('a stream is ended, read to its end, and begun again under another label', async () => {
  const arn = await createTable('ended', 'NEW_IMAGE');
  await put('ended', 'a', 'red');
  const update = (StreamSpecification: dynamodb.StreamSpecification) =>
    db.send(new dynamodb.UpdateTableCommand({ TableName: 'ended', StreamSpecification }));
  await update({ StreamEnabled: false });
  const { StreamDescription } = await client.send(new streams.DescribeStreamCommand({ StreamArn: arn }));
  expect(StreamDescription).toMatchObject({ StreamStatus: 'DISABLED', StreamViewType: 'NEW_IMAGE' });
  const rest = await get(await iterator(arn, 'TRIM_HORIZON'));
  expect([rest.Records?.length, rest.NextShardIterator]).toEqual([1, undefined]);
  server.pass(1);
  const again = await update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
  expect(again.TableDescription?.LatestStreamArn).not.toBe(arn);
  const listed = await client.send(new streams.ListStreamsCommand({ TableName: 'ended' }));
  expect(listed.Streams?.map(({ StreamArn }) => StreamArn)).toEqual([
    arn,
    again.TableDescription?.LatestStreamArn,
  ]);
  expect(update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' })).rejects.toThrow(
    'Table already has an enabled stream: TableName: ended',
  );
});

test('in stacks, with StreamArn', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (StreamViewType: string) => ({
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: { ...KEYS, StreamSpecification: { StreamViewType } },
      },
    },
    Outputs: { Stream: { Value: { 'Fn::GetAtt': ['Table', 'StreamArn'] } } },
  });
  const made = await stacks.create('table', template('NEW_IMAGE'));
  const { StreamDescription } = await client.send(
    new streams.DescribeStreamCommand({ StreamArn: made['Stream'] }),
  );
  expect(StreamDescription?.StreamViewType).toBe('NEW_IMAGE');
  server.pass(1);
  const changed = await stacks.update('table', template('KEYS_ONLY'));
  expect(changed['Stream']).not.toBe(made['Stream']);
  await stacks.delete('table');
});

test('a global table of one replica is a table', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (Region: string, DeletionProtectionEnabled: boolean) => ({
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          ...KEYS,
          BillingMode: 'PROVISIONED',
          WriteProvisionedThroughputSettings: {
            WriteCapacityAutoScalingSettings: {
              MinCapacity: 3,
              MaxCapacity: 9,
              TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 },
            },
          },
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
          Replicas: [
            {
              Region,
              DeletionProtectionEnabled,
              ReadProvisionedThroughputSettings: { ReadCapacityUnits: 5 },
            },
          ],
        },
      },
    },
    Outputs: {
      Name: { Value: { Ref: 'Table' } },
      Stream: { Value: { 'Fn::GetAtt': ['Table', 'StreamArn'] } },
    },
  });
  const { Name: TableName, Stream } = await stacks.create('global', template('us-east-1', true));
  const { Table } = await db.send(new dynamodb.DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 3 },
    DeletionProtectionEnabled: true,
    LatestStreamArn: Stream,
  });
  await stacks.update('global', template('us-east-1', false));
  await stacks.delete('global');
  await expect(stacks.create('elsewhere', template('eu-west-1', false))).rejects.toThrow(
    'Replicas in other regions than us-east-1: not supported by gatehouse',
  );
});

test('what time to live deletes says so in its record', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const store = createMemoryStore();
  const now = () => nowMs;
  const call = async (): Promise<never> => {
    throw new Error('not called');
  };
  const room = { store, now, random: randomBytes, log: silentLog, call, record: createRecordChange(now) };
  const scope = { account: '123456789012', region: 'us-east-1' };
  const made = { scope } as Parameters<ReturnType<typeof itemOperations>['PutItem']>[1]; // these operations read no more
  const TableName = 'expiring';
  await tableOperations(room).CreateTable(
    {
      TableName,
      ...KEYS,
      KeySchema: [...KEYS.KeySchema],
      AttributeDefinitions: [...KEYS.AttributeDefinitions],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
    },
    made,
  );
  await timeToLiveOperations(room).UpdateTimeToLive(
    { TableName, TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } },
    made,
  );
  const until = { N: String(Math.floor(nowMs / 1000) + 60) };
  await itemOperations(room).PutItem({ TableName, Item: { id: { S: 'a' }, until } }, made);
  nowMs += 61_000;
  await sweepExpired(room);
  const [, removed] = await store.list(streamRecords, scope);
  expect(removed?.row).toMatchObject({ eventName: 'REMOVE', expired: true });
  await store.close();
});
