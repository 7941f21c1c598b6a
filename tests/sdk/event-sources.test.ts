/** Queues and streams of this server that call functions, all through the official clients. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { useServer } from './test-server.ts';

const server = useServer();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sources-'));
let functions: lambda.LambdaClient;
let queues: sqs.SQSClient;
let streams: kinesis.KinesisClient;
let tables: dynamodb.DynamoDBClient;
let buckets: s3.S3Client;

beforeAll(() => {
  functions = new lambda.LambdaClient(server.options());
  queues = new sqs.SQSClient(server.options());
  // Its own handler speaks HTTP/2 with TLS only.
  const { requestHandler } = queues.config;
  streams = new kinesis.KinesisClient({ ...server.options(), requestHandler });
  tables = new dynamodb.DynamoDBClient(server.options());
  buckets = new s3.S3Client({ ...server.options(), forcePathStyle: true });
  return () => rmSync(folder, { recursive: true, force: true });
});

/** What the tests look at in records of any source. */
interface SourceRecord {
  readonly body: string;
  readonly kinesis: { readonly data: string };
}

/** Appends each event, with the time it arrived, to a file of its own; BODY runs after that. */
async function makeFunction(name: string, body = '', more: Partial<lambda.CreateFunctionCommandInput> = {}) {
  const file = join(folder, name);
  writeFileSync(file, '');
  const code = `const { appendFileSync } = require('node:fs');
    exports.handler = async (event) => {
      appendFileSync(${JSON.stringify(file)}, JSON.stringify({ at: Date.now(), event }) + '\\n');
      ${body}
    };`;
  await functions.send(
    new lambda.CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Timeout: 5,
      Code: { ZipFile: zipSync({ 'index.js': Buffer.from(code) }) },
      ...more,
    }),
  );
  const seen = (): { at: number; event: { Records?: SourceRecord[] } }[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { seen, records: () => seen().flatMap(({ event }) => event.Records ?? []) };
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(5);
}

async function makeQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName, Attributes }));
  const arn = `arn:aws:sqs:us-east-1:123456789012:${QueueName}`;
  const count = async (): Promise<number> => {
    const { Attributes: found } = await queues.send(
      new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return Number(found?.ApproximateNumberOfMessages) + Number(found?.ApproximateNumberOfMessagesNotVisible);
  };
  const send = (MessageBody: string, extra: Partial<sqs.SendMessageCommandInput> = {}) =>
    queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody, ...extra }));
  return { url: QueueUrl, arn, count, send };
}

const map = (input: lambda.CreateEventSourceMappingCommandInput) =>
  functions.send(new lambda.CreateEventSourceMappingCommand(input));

describe('SQS', () => {
  test('a message reaches a warm function within 50 ms, whole, and leaves its queue', async () => {
    const { seen, records } = await makeFunction('worker');
    const queue = await makeQueue('jobs');
    const made = await map({ FunctionName: 'worker', EventSourceArn: queue.arn });
    expect(made).toMatchObject({ State: 'Creating', BatchSize: 10 });
    const shown = await functions.send(new lambda.GetEventSourceMappingCommand({ UUID: made.UUID }));
    expect(shown.State).toBe('Enabled');
    await queue.send('first', {
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'a' } },
    });
    await eventually(async () => (await queue.count()) === 0);
    expect(records()).toMatchObject([
      {
        body: 'first',
        messageAttributes: { kind: { stringValue: 'a', dataType: 'String' } },
        attributes: {
          ApproximateReceiveCount: '1',
          SenderId: expect.any(String),
          SentTimestamp: expect.any(String),
        },
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
      },
    ]);
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const before = seen().length;
      const sentAt = Date.now();
      await queue.send('again');
      await eventually(() => seen().length > before);
      times.push((seen().at(-1)?.at ?? 0) - sentAt);
    }
    // The best of five: this machine may be busy with other things.
    expect(Math.min(...times)).toBeLessThan(50);
  });

  test('a poison message ends in the dead-letter queue; the others are dealt with', async () => {
    const { records } = await makeFunction(
      'picky',
      `return { batchItemFailures: event.Records.filter(({ body }) => body === 'poison').map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
      { Timeout: 1 },
    );
    const dead = await makeQueue('dead');
    const queue = await makeQueue('mixed', {
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
    });
    await map({
      FunctionName: 'picky',
      EventSourceArn: queue.arn,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    await queue.send('fine');
    await queue.send('poison');
    await eventually(async () => (await dead.count()) === 1);
    const bodies = records().map(({ body }) => body);
    expect(bodies.filter((body) => body === 'fine')).toHaveLength(1);
    expect(bodies.filter((body) => body === 'poison')).toHaveLength(2);
  });

  test('filters: what does not match is deleted and not seen', async () => {
    const { records } = await makeFunction('filtered');
    const queue = await makeQueue('filtered');
    await map({
      FunctionName: 'filtered',
      EventSourceArn: queue.arn,
      FilterCriteria: {
        Filters: [{ Pattern: '{"body":{"type":["order"],"total":[{"numeric":[">",10]}]}}' }],
      },
    });
    for (const body of ['{"type":"order","total":5}', 'no JSON', '{"type":"order","total":50}'])
      await queue.send(body);
    await eventually(async () => (await queue.count()) === 0);
    expect(records().map(({ body }) => body)).toEqual(['{"type":"order","total":50}']);
    const wrong = map({
      FunctionName: 'worker',
      EventSourceArn: queue.arn,
      FilterCriteria: { Filters: [{ Pattern: '{"body":"order"}' }] },
    });
    await expect(wrong).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Invalid filter pattern definition.',
    });
  });

  test('FIFO: groups keep their order', async () => {
    const { records } = await makeFunction('ordered');
    const queue = await makeQueue('ordered.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await map({ FunctionName: 'ordered', EventSourceArn: queue.arn, BatchSize: 2 });
    for (let n = 0; n < 6; n++)
      for (const group of ['a', 'b']) await queue.send(`${group}${n}`, { MessageGroupId: group });
    await eventually(() => records().length === 12);
    const of = (group: string) =>
      records()
        .map(({ body }) => body)
        .filter((body) => body[0] === group);
    expect(of('a')).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
    expect(of('b')).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
  });

  test('no such queue, or one that lets go of messages too early', async () => {
    const absent = map({
      FunctionName: 'worker',
      EventSourceArn: 'arn:aws:sqs:us-east-1:123456789012:nobody',
    });
    await expect(absent).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('Error occurred while ReceiveMessage. SQS Error Code: '),
    });
    const quick = await makeQueue('quick', { VisibilityTimeout: '1' });
    await expect(map({ FunctionName: 'worker', EventSourceArn: quick.arn })).rejects.toThrow(
      'Queue visibility timeout: 1 seconds is less than Function timeout: 5 seconds',
    );
  });

  test('tags, lists, deletion', async () => {
    const queue = await makeQueue('tagged');
    const made = await map({ FunctionName: 'worker', EventSourceArn: queue.arn, Tags: { team: 'a' } });
    const Resource = made.EventSourceMappingArn;
    expect((await functions.send(new lambda.ListTagsCommand({ Resource }))).Tags).toEqual({ team: 'a' });
    const listed = await functions.send(
      new lambda.ListEventSourceMappingsCommand({ EventSourceArn: queue.arn, FunctionName: 'worker' }),
    );
    expect(listed.EventSourceMappings?.map(({ UUID }) => UUID)).toEqual([made.UUID]);
    const { UUID } = made;
    expect((await functions.send(new lambda.DeleteEventSourceMappingCommand({ UUID }))).State).toBe(
      'Deleting',
    );
    await expect(functions.send(new lambda.GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
  });
});

test('Kinesis: records by shard, and a batch that fails is told of', async () => {
  const { records } = await makeFunction(
    'clicks',
    `if (event.Records.some(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString() === 'bad')) throw new Error('no');`,
  );
  const failed = await makeQueue('failed');
  await streams.send(new kinesis.CreateStreamCommand({ StreamName: 'clicks', ShardCount: 2 }));
  const { StreamDescriptionSummary } = await streams.send(
    new kinesis.DescribeStreamSummaryCommand({ StreamName: 'clicks' }),
  );
  const EventSourceArn = StreamDescriptionSummary?.StreamARN;
  await map({
    FunctionName: 'clicks',
    EventSourceArn,
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 1,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: failed.arn } },
    FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":[{"anything-but":"skipped"}]}' }] },
  });
  const put = (text: string, PartitionKey: string) =>
    streams.send(
      new kinesis.PutRecordCommand({ StreamName: 'clicks', PartitionKey, Data: Buffer.from(text) }),
    );
  for (const [text, key] of [
    ['one', 'a'],
    ['bad', 'a'],
    ['two', 'a'],
    ['three', 'b'],
    ['unseen', 'skipped'],
  ] as const)
    await put(text, key);
  const texts = () => records().map(({ kinesis: { data } }) => Buffer.from(data, 'base64').toString());
  await eventually(() => ['one', 'bad', 'two', 'three'].every((text) => texts().includes(text)));
  expect(texts()).not.toContain('unseen');
  expect(texts().filter((text) => text !== 'three')).toEqual(['one', 'bad', 'two']);
  const { Messages } = await queues.send(
    new sqs.ReceiveMessageCommand({ QueueUrl: failed.url, WaitTimeSeconds: 5 }),
  );
  expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
    KinesisBatchInfo: { streamArn: EventSourceArn, batchSize: 1 },
  });
});

test('DynamoDB streams: changes of items, in order', async () => {
  const { records } = await makeFunction('changes');
  const { TableDescription } = await tables.send(
    new dynamodb.CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  const EventSourceArn = TableDescription?.LatestStreamArn;
  await map({ FunctionName: 'changes', EventSourceArn, StartingPosition: 'LATEST' });
  const Item = { id: { S: '1' }, total: { N: '5' }, raw: { B: Buffer.from('bytes') } };
  await tables.send(new dynamodb.PutItemCommand({ TableName: 'orders', Item }));
  await tables.send(
    new dynamodb.PutItemCommand({ TableName: 'orders', Item: { ...Item, total: { N: '6' } } }),
  );
  await tables.send(new dynamodb.DeleteItemCommand({ TableName: 'orders', Key: { id: { S: '1' } } }));
  await eventually(() => records().length === 3);
  expect(records()).toMatchObject([
    {
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      eventSourceARN: EventSourceArn,
      dynamodb: {
        Keys: { id: { S: '1' } },
        NewImage: { id: { S: '1' }, total: { N: '5' }, raw: { B: 'Ynl0ZXM=' } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        SequenceNumber: expect.any(String),
        ApproximateCreationDateTime: expect.any(Number),
      },
    },
    { eventName: 'MODIFY', dynamodb: { OldImage: { total: { N: '5' } }, NewImage: { total: { N: '6' } } } },
    { eventName: 'REMOVE', dynamodb: { OldImage: { total: { N: '6' } } } },
  ]);
});

test('an event that fails for good is told of in a bucket', async () => {
  await makeFunction('failing', `throw new Error('always');`);
  await buckets.send(new s3.CreateBucketCommand({ Bucket: 'failures' }));
  await functions.send(
    new lambda.PutFunctionEventInvokeConfigCommand({
      FunctionName: 'failing',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
    }),
  );
  await functions.send(
    new lambda.InvokeCommand({
      FunctionName: 'failing',
      InvocationType: 'Event',
      Payload: Buffer.from('{"n":1}'),
    }),
  );
  const keys = async (): Promise<(string | undefined)[]> =>
    ((await buckets.send(new s3.ListObjectsV2Command({ Bucket: 'failures' }))).Contents ?? []).map(
      ({ Key }) => Key,
    );
  await eventually(async () => (await keys()).length === 1);
  const [Key] = await keys();
  expect(Key).toMatch(
    /^aws\/lambda\/async\/failing\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
  );
  const { Body } = await buckets.send(new s3.GetObjectCommand({ Bucket: 'failures', Key }));
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted' },
    requestPayload: { n: 1 },
    responsePayload: { errorMessage: 'always' },
  });
});

test('a loop through a queue is stopped after sixteen rounds', async () => {
  const queue = await makeQueue('loop');
  const { seen } = await makeFunction(
    'looping',
    `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
     await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: ${JSON.stringify(queue.url)}, MessageBody: 'round' }));`,
  );
  await map({ FunctionName: 'looping', EventSourceArn: queue.arn });
  await queue.send('begin');
  await eventually(() => seen().length >= 16);
  await eventually(async () => (await queue.count()) === 1);
  const rounds = seen().length;
  await wait(300);
  expect(seen().length).toBe(rounds);
  expect(rounds).toBeLessThanOrEqual(17);
});
