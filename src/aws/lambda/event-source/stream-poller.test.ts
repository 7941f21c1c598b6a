/** From a stream to a function: order, checkpoints, retries, bisection, parallel lanes, windows, failure records. */
import { expect, test } from 'bun:test';
import type { OperationCall } from '../../../base/ports.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Store } from '../../../store/store.ts';
import type { LambdaPorts } from '../ports.ts';
import { createFakeStream, STREAM } from '../testing/fake-sources.ts';
import { bytes, faultOf, type FakeRun, openRoom, text } from '../testing/room.ts';

const DESTINATION = 'arn:aws:sqs:us-east-1:123456789012:failed';

interface Options extends Pick<LambdaPorts, 'observeIteratorAge'> {
  readonly settings?: object;
  readonly run?: FakeRun;
  readonly stream?: ReturnType<typeof createFakeStream>;
  readonly store?: Store;
}

interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
  }[];
  readonly state?: unknown;
  readonly window?: { readonly start: string; readonly end: string };
  readonly isFinalInvokeForWindow?: boolean;
}

const eventOf = (payload: Uint8Array): KinesisEvent => JSON.parse(text(payload));
const dataOf = (payload: Uint8Array): string[] =>
  eventOf(payload).Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());

async function open({ settings = {}, run = () => ({}), store = createMemoryStore(), ...more }: Options = {}) {
  const sent: OperationCall[] = [];
  let stream = more.stream;
  const room = openRoom({
    run,
    store,
    ...(more.observeIteratorAge && { observeIteratorAge: more.observeIteratorAge }),
    call: async (call) => {
      if (call.service === 'kinesis') return stream?.answer(call);
      sent.push(call);
      return {};
    },
  });
  stream ??= createFakeStream(() => room.clock.now);
  if (more.stream === undefined) stream.shard('shard-1');
  if (
    !(await store.get(
      { name: 'lambda.functions' },
      { account: '123456789012', region: 'us-east-1' },
      'reader',
    ))
  ) {
    await room.createFunction('reader');
    await room.call('CreateEventSourceMapping', {
      FunctionName: 'reader',
      EventSourceArn: STREAM,
      StartingPosition: 'TRIM_HORIZON',
      ...settings,
    });
  } else await room.lambda.start?.();
  /** Lets the clock run until it holds. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise((resolve) => setImmediate(resolve));
      room.advance(50);
    }
  };
  const batches = () => room.runs.map(({ request }) => dataOf(request.payload));
  const close = async () => room.lambda.stop?.();
  return { ...room, stream, sent, until, batches, close };
}

const sentTo = (sent: readonly OperationCall[]): { QueueUrl: string; MessageBody: string } =>
  (sent[0] as OperationCall).input as { QueueUrl: string; MessageBody: string };

const numbers = (count: number, key = 'k') =>
  Array.from({ length: count }, (_, n) => ({ key, data: String(n) }));

test('records come in order, in batches, and are not read twice after a restart', async () => {
  const store = createMemoryStore();
  const first = await open({ settings: { BatchSize: 2 }, store });
  first.stream.put('shard-1', ...numbers(3));
  await first.until(() => first.batches().flat().length === 3);
  expect(first.batches().flat()).toEqual(['0', '1', '2']);
  expect(first.batches().every(({ length }) => length <= 2)).toBe(true);
  expect(JSON.parse(text(first.runs[0]?.request.payload)).Records[0]).toMatchObject({
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: 'shard-1:000001',
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::123456789012:role/orders',
    eventSourceARN: STREAM,
    kinesis: { partitionKey: 'k', kinesisSchemaVersion: '1.0', sequenceNumber: '000001', data: 'MA==' },
  });
  await first.close();
  first.stream.put('shard-1', { key: 'k', data: 'new' });
  const second = await open({ stream: first.stream, store });
  await second.until(() => second.runs.length > 0);
  expect(second.batches()).toEqual([['new']]);
  await second.close();
});

test('the age of the last record is told after each batch', async () => {
  const ages: [string, number][] = [];
  const { stream, until, close, clock } = await open({
    observeIteratorAge: (_, name, ageMs) => void ages.push([name, ageMs]),
  });
  stream.put('shard-1', { key: 'k', data: 'old', at: clock.now - 5000 });
  await until(() => ages.length === 1);
  expect(ages[0]?.[0]).toBe('reader');
  expect(ages[0]?.[1]).toBeGreaterThanOrEqual(5000);
  await close();
});

test('killed before the checkpoint, a batch comes again', async () => {
  const store = createMemoryStore();
  const first = await open({ store, run: () => new Promise(() => {}) });
  first.stream.put('shard-1', ...numbers(2));
  await first.until(() => first.runs.length === 1);
  const second = await open({ stream: first.stream, store });
  await second.until(() => second.runs.length === 1);
  expect(second.batches()).toEqual([['0', '1']]);
  await second.close();
});

test('LATEST begins with the mapping', async () => {
  const stream = createFakeStream(() => 0);
  stream.shard('shard-1');
  stream.put('shard-1', { key: 'k', data: 'old', at: 0 });
  const { until, batches, close, clock } = await open({ stream, settings: { StartingPosition: 'LATEST' } });
  stream.put('shard-1', { key: 'k', data: 'new', at: clock.now });
  await until(() => batches().length > 0);
  expect(batches()).toEqual([['new']]);
  await close();
});

test('a batch that fails is tried again, then told of and left behind', async () => {
  const run: FakeRun = (_, { payload }) =>
    dataOf(payload).includes('bad') ? { functionError: 'Unhandled', payload: bytes('{}') } : {};
  const { stream, until, batches, sent, close } = await open({
    run,
    settings: { MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: { Destination: DESTINATION } } },
  });
  stream.put('shard-1', { key: 'k', data: 'bad' });
  await until(() => sent.length === 1);
  expect(batches()).toEqual([['bad'], ['bad'], ['bad']]);
  const { QueueUrl, MessageBody } = sentTo(sent);
  expect(QueueUrl).toBe('https://sqs.us-east-1.amazonaws.com/123456789012/failed');
  expect(JSON.parse(MessageBody)).toMatchObject({
    version: '1.0',
    requestContext: {
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:reader',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    KinesisBatchInfo: {
      shardId: 'shard-1',
      startSequenceNumber: '000001',
      endSequenceNumber: '000001',
      batchSize: 1,
      streamArn: STREAM,
    },
  });
  stream.put('shard-1', { key: 'k', data: 'good' });
  await until(() => batches().length === 4);
  await close();
});

test('bisection finds the record that fails; the others are dealt with', async () => {
  const done: string[] = [];
  const run: FakeRun = (_, { payload }) => {
    const data = dataOf(payload);
    if (data.includes('5')) return { functionError: 'Unhandled', payload: bytes('{}') };
    done.push(...data);
    return {};
  };
  const { stream, until, sent, close } = await open({
    run,
    settings: {
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: DESTINATION } },
    },
  });
  stream.put('shard-1', ...numbers(8));
  await until(() => sent.length === 1);
  await until(() => done.length === 7);
  expect(done).toEqual(['0', '1', '2', '3', '4', '6', '7']);
  const { MessageBody } = sentTo(sent);
  expect(JSON.parse(MessageBody).KinesisBatchInfo).toMatchObject({
    startSequenceNumber: '000006',
    endSequenceNumber: '000006',
  });
  await close();
});

test('a partial failure is the place to go on from', async () => {
  let failures = 1;
  const run: FakeRun = () =>
    failures-- > 0 ? { payload: bytes('{"batchItemFailures":[{"itemIdentifier":"000003"}]}') } : {};
  const { stream, until, batches, close } = await open({
    run,
    settings: { FunctionResponseTypes: ['ReportBatchItemFailures'] },
  });
  stream.put('shard-1', ...numbers(4));
  await until(() => batches().length === 2);
  expect(batches()).toEqual([
    ['0', '1', '2', '3'],
    ['2', '3'],
  ]);
  await close();
});

test('records that are too old are told of and not run', async () => {
  const { stream, until, sent, batches, close, clock } = await open({
    settings: {
      MaximumRecordAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: DESTINATION } },
    },
  });
  stream.put('shard-1', { key: 'k', data: 'old', at: clock.now - 3_600_000 }, { key: 'k', data: 'young' });
  await until(() => batches().length === 1);
  expect(batches()).toEqual([['young']]);
  const { MessageBody } = sentTo(sent);
  expect(JSON.parse(MessageBody).requestContext.condition).toBe('RecordAgeExceeded');
  await close();
});

test('lanes run side by side and keep the order of each key', async () => {
  let running = 0;
  let most = 0;
  const seen = new Map<string, string[]>();
  const run: FakeRun = async (_, { payload }) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    for (const { kinesis } of JSON.parse(text(payload)).Records) {
      const of = seen.get(kinesis.partitionKey) ?? [];
      seen.set(kinesis.partitionKey, [...of, Buffer.from(kinesis.data, 'base64').toString()]);
    }
    running -= 1;
    return {};
  };
  const { stream, until, close } = await open({ run, settings: { ParallelizationFactor: 4, BatchSize: 2 } });
  for (let n = 0; n < 6; n++)
    for (const key of ['a', 'b', 'c', 'd', 'e']) stream.put('shard-1', { key, data: String(n) });
  await until(() => [...seen.values()].flat().length === 30);
  expect(most).toBeGreaterThan(1);
  for (const of of seen.values()) expect(of).toEqual(['0', '1', '2', '3', '4', '5']);
  await close();
});

test('a child shard is read when its parent is dealt with', async () => {
  const { stream, until, batches, close } = await open();
  stream.shard('shard-2', 'shard-1');
  stream.put('shard-2', { key: 'k', data: 'after' });
  stream.put('shard-1', { key: 'k', data: 'before' });
  await until(() => batches().length === 1);
  stream.end('shard-1');
  await until(() => batches().length === 2);
  expect(batches()).toEqual([['before'], ['after']]);
  await close();
});

test('tumbling windows hand a state on and end with a last run', async () => {
  const run: FakeRun = (_, { payload }) => {
    const { Records, state } = eventOf(payload);
    const before = (state as { count?: number }).count ?? 0;
    return { payload: bytes(JSON.stringify({ state: { count: before + Records.length } })) };
  };
  const { stream, until, runs, close, clock } = await open({
    run,
    settings: { TumblingWindowInSeconds: 60, BatchSize: 2 },
  });
  const start = clock.now;
  stream.put('shard-1', ...numbers(3));
  await until(() => runs.length >= 3 && clock.now > start + 60_000);
  const events = runs.map(({ request }) => eventOf(request.payload));
  expect(events.reduce((sum, { Records }) => sum + Records.length, 0)).toBe(3);
  const last = events.at(-1);
  expect(last).toMatchObject({
    Records: [],
    state: { count: 3 },
    isFinalInvokeForWindow: true,
    isWindowTerminatedEarly: false,
    shardId: 'shard-1',
    eventSourceARN: STREAM,
    window: { start: '2026-11-01T12:00:00Z', end: '2026-11-01T12:01:00Z' },
  });
  await close();
});

test('what streams ask for in AWS words', async () => {
  const { call, close } = await open();
  const create = (more: object) =>
    faultOf(call('CreateEventSourceMapping', { FunctionName: 'reader', EventSourceArn: STREAM, ...more }));
  expect(await create({})).toBe(
    "ValidationException: 1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
  );
  expect(await create({ StartingPosition: 'LATEST' })).toStartWith(
    `ResourceConflictException: The event source arn (" ${STREAM} ") and function (" reader ") provided mapping already exists.`,
  );
  expect(await create({ StartingPosition: 'LATEST', ScalingConfig: { MaximumConcurrency: 2 } })).toBe(
    'InvalidParameterValueException: Unsupported ScalingConfig parameter for given event source mapping type.',
  );
  await close();
});
