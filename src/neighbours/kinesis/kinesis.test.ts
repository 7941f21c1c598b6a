/** Kinesis through the official client. */
import { beforeAll, describe, expect, test } from 'bun:test';
import * as kinesis from '@aws-sdk/client-kinesis';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: kinesis.KinesisClient;
let other: CloudFormationClient;
beforeAll(() => {
  other = new CloudFormationClient(server.options());
  // Its own handler speaks HTTP/2 alone.
  const { requestHandler } = other.config;
  client = new kinesis.KinesisClient({ ...server.options(), requestHandler });
});

let made = 0;
async function createStream(ShardCount = 1): Promise<string> {
  const StreamName = `stream-${++made}`;
  await client.send(new kinesis.CreateStreamCommand({ StreamName, ShardCount }));
  return StreamName;
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (StreamName: string, text: string, more: object = {}) =>
  client.send(new kinesis.PutRecordCommand({ StreamName, Data: bytes(text), PartitionKey: text, ...more }));
const iterator = async (
  StreamName: string,
  more: Partial<kinesis.GetShardIteratorCommandInput> = {},
): Promise<string> => {
  const input = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await client.send(new kinesis.GetShardIteratorCommand({ ...input, ...more }));
  return ShardIterator ?? '';
};
const get = (ShardIterator: string | undefined, Limit?: number) =>
  client.send(new kinesis.GetRecordsCommand({ ShardIterator, ...(Limit ? { Limit } : {}) }));
const texts = ({ Records }: { Records?: kinesis._Record[] | undefined }) =>
  (Records ?? []).map(({ Data }) => new TextDecoder().decode(Data));
const shardsOf = async (StreamName: string) =>
  (await client.send(new kinesis.ListShardsCommand({ StreamName }))).Shards ?? [];
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};

describe('records', () => {
  test('come in order, page by page, and from every kind of place', async () => {
    const name = await createStream();
    const latest = await iterator(name, { ShardIteratorType: 'LATEST' });
    const numbers: string[] = [];
    for (const text of ['a', 'b', 'c', 'd']) numbers.push((await put(name, text)).SequenceNumber ?? '');
    expect(numbers.toSorted()).toEqual(numbers);
    const first = await get(await iterator(name), 3);
    expect(texts(first)).toEqual(['a', 'b', 'c']);
    expect(first.MillisBehindLatest).toBeGreaterThanOrEqual(0);
    expect(texts(await get(first.NextShardIterator))).toEqual(['d']);
    expect(texts(await get(latest))).toEqual(['a', 'b', 'c', 'd']);
    const from = async (ShardIteratorType: kinesis.ShardIteratorType) =>
      texts(await get(await iterator(name, { ShardIteratorType, StartingSequenceNumber: numbers[1] })));
    expect(await from('AT_SEQUENCE_NUMBER')).toEqual(['b', 'c', 'd']);
    expect(await from('AFTER_SEQUENCE_NUMBER')).toEqual(['c', 'd']);
    server.pass(10);
    const { Records: [record] = [] } = await get(await iterator(name));
    const Timestamp = new Date((record?.ApproximateArrivalTimestamp?.getTime() ?? 0) + 5_000);
    await put(name, 'late');
    const since = await iterator(name, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp });
    expect(texts(await get(since))).toEqual(['late']);
  });

  test('PutRecords spreads over shards by the MD5 of the key', async () => {
    const StreamName = await createStream(2);
    const Records = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ Data: bytes(key), PartitionKey: key }));
    const answer = await client.send(new kinesis.PutRecordsCommand({ StreamName, Records }));
    expect(answer.FailedRecordCount).toBe(0);
    // md5('a') begins with 0c, md5('b') with 92, md5('c') with 4a, md5('d') with 82, md5('e') with e1, md5('f') with 8f.
    const shards = answer.Records?.map(({ ShardId }) => Number(ShardId?.slice(-1)));
    expect(shards).toEqual([0, 1, 0, 1, 1, 1]);
    const explicit = await put(StreamName, 'x', { ExplicitHashKey: '0' });
    expect(explicit.ShardId).toBe('shardId-000000000000');
  });

  test('expire with the retention of the stream, iterators after five minutes', async () => {
    const name = await createStream();
    await put(name, 'old');
    const early = await iterator(name);
    server.pass(301);
    expect(await refusal(get(early))).toStartWith('ExpiredIteratorException: Iterator expired.');
    server.pass(86_400);
    await put(name, 'new');
    expect(texts(await get(await iterator(name)))).toEqual(['new']);
  });

  const refused: [string, () => Promise<unknown>][] = [
    [
      'ResourceNotFoundException: Stream nowhere under account 123456789012 not found.',
      () => put('nowhere', 'x'),
    ],
    ['InvalidArgumentException: Invalid ShardIterator.', () => get('bad')],
    [
      'ResourceNotFoundException: Could not find shard shardId-000000000007 in stream refused under account 123456789012.',
      () => iterator('refused', { ShardId: 'shardId-000000000007' }),
    ],
    [
      'InvalidArgumentException: Invalid ExplicitHashKey.',
      () => put('refused', 'x', { ExplicitHashKey: `${2n ** 128n}` }),
    ],
    ['ValidationException', () => put('refused', '')],
    ['ValidationException', () => put('refused', 'x', { Data: new Uint8Array(1_048_576) })],
    [
      'ResourceInUseException',
      () => client.send(new kinesis.CreateStreamCommand({ StreamName: 'refused', ShardCount: 1 })),
    ],
  ];
  test('refusals', async () => {
    await client.send(new kinesis.CreateStreamCommand({ StreamName: 'refused', ShardCount: 1 }));
    for (const [message, work] of refused) expect(await refusal(work())).toStartWith(message);
  });
});

describe('shards', () => {
  test('a split closes its parent, whose reading goes on with the children', async () => {
    const StreamName = await createStream();
    await put(StreamName, 'before');
    const half = { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: `${2n ** 127n}` };
    await client.send(new kinesis.SplitShardCommand({ StreamName, ...half }));
    await put(StreamName, 'a');
    const all = await get(await iterator(StreamName));
    expect(texts(all)).toEqual(['before']);
    expect(all.NextShardIterator).toBeUndefined();
    expect(all.ChildShards?.map(({ ShardId }) => ShardId)).toEqual([
      'shardId-000000000001',
      'shardId-000000000002',
    ]);
    const [parent, one] = await shardsOf(StreamName);
    expect(parent?.SequenceNumberRange?.EndingSequenceNumber).toBeDefined();
    expect(one).toMatchObject({
      ParentShardId: 'shardId-000000000000',
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: `${2n ** 127n - 1n}` },
    });
    expect(texts(await get(await iterator(StreamName, { ShardId: 'shardId-000000000001' })))).toEqual(['a']);

    const merge = { ShardToMerge: 'shardId-000000000001', AdjacentShardToMerge: 'shardId-000000000002' };
    await client.send(new kinesis.MergeShardsCommand({ StreamName, ...merge }));
    expect((await shardsOf(StreamName)).at(-1)).toMatchObject({
      ShardId: 'shardId-000000000003',
      ParentShardId: 'shardId-000000000001',
      AdjacentParentShardId: 'shardId-000000000002',
    });
    const split = client.send(new kinesis.SplitShardCommand({ StreamName, ...half }));
    expect(await refusal(split)).toContain('has already been merged or split');
  });

  test('the count is doubled and halved', async () => {
    const StreamName = await createStream(2);
    const update = (TargetShardCount: number) =>
      client.send(
        new kinesis.UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }),
      );
    await update(4);
    const summary = await client.send(new kinesis.DescribeStreamSummaryCommand({ StreamName }));
    expect(summary.StreamDescriptionSummary).toMatchObject({ OpenShardCount: 4, StreamStatus: 'ACTIVE' });
    expect(await refusal(update(9))).toStartWith('LimitExceededException: UpdateShardCount cannot scale up');
  });
});

test('enhanced fan-out pushes what comes', async () => {
  const StreamName = await createStream();
  const { StreamDescriptionSummary: summary } = await client.send(
    new kinesis.DescribeStreamSummaryCommand({ StreamName }),
  );
  const { Consumer } = await client.send(
    new kinesis.RegisterStreamConsumerCommand({ StreamARN: summary?.StreamARN, ConsumerName: 'fan' }),
  );
  await put(StreamName, 'first');
  const { EventStream } = await client.send(
    new kinesis.SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
  );
  const seen: string[] = [];
  for await (const { SubscribeToShardEvent: event } of EventStream ?? []) {
    seen.push(...texts(event ?? {}));
    if (seen.length === 1) await put(StreamName, 'second');
    if (seen.length >= 2) break;
  }
  expect(seen).toEqual(['first', 'second']);
});

test('tags, retention, mode, encryption', async () => {
  const StreamName = await createStream();
  await client.send(new kinesis.AddTagsToStreamCommand({ StreamName, Tags: { a: '1', b: '2' } }));
  await client.send(new kinesis.RemoveTagsFromStreamCommand({ StreamName, TagKeys: ['a'] }));
  const tags = await client.send(new kinesis.ListTagsForStreamCommand({ StreamName }));
  expect(tags.Tags).toEqual([{ Key: 'b', Value: '2' }]);
  const increase = (RetentionPeriodHours: number) =>
    client.send(new kinesis.IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }));
  await increase(48);
  expect(await refusal(increase(24))).toContain(
    'can not be shorter than existing retention period (48 hours)',
  );
  await client.send(
    new kinesis.StartStreamEncryptionCommand({
      StreamName,
      EncryptionType: 'KMS',
      KeyId: 'alias/aws/kinesis',
    }),
  );
  const { StreamDescription } = await client.send(new kinesis.DescribeStreamCommand({ StreamName }));
  expect(StreamDescription).toMatchObject({ RetentionPeriodHours: 48, EncryptionType: 'KMS' });
});

test('streams and consumers in stacks', async () => {
  const stacks = createStacks(other);
  const template = (RetentionPeriodHours: number) => ({
    Resources: {
      Stream: {
        Type: 'AWS::Kinesis::Stream',
        Properties: { ShardCount: 2, RetentionPeriodHours, Tags: [{ Key: 'team', Value: 'a' }] },
      },
      Consumer: {
        Type: 'AWS::Kinesis::StreamConsumer',
        Properties: { ConsumerName: 'c', StreamARN: { 'Fn::GetAtt': ['Stream', 'Arn'] } },
      },
    },
    Outputs: { Name: { Value: { Ref: 'Stream' } }, Consumer: { Value: { Ref: 'Consumer' } } },
  });
  const { Name: StreamName, Consumer } = await stacks.create('streams', template(48));
  expect(Consumer).toContain(`:stream/${StreamName}/consumer/c:`);
  await stacks.update('streams', template(24));
  const { StreamDescription } = await client.send(new kinesis.DescribeStreamCommand({ StreamName }));
  expect(StreamDescription).toMatchObject({ RetentionPeriodHours: 24 });
  await stacks.delete('streams');
  expect(await refusal(client.send(new kinesis.DescribeStreamCommand({ StreamName })))).toStartWith(
    'ResourceNotFound',
  );
});
