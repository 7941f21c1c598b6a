/** From a queue to a function: batches, windows, partial failures, concurrency, and nothing deleted that was not dealt with. */
import { expect, test } from 'bun:test';
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { Fault } from '../../../base/fault.ts';
import { createFakeQueue, QUEUE } from '../testing/fake-sources.ts';
import { bytes, faultOf, type FakeRun, openRoom, text, until } from '../testing/room.ts';

const bodiesOf = (payload: Uint8Array): string[] =>
  JSON.parse(text(payload)).Records.map(({ body }: { body: string }) => body);

async function open(settings: object = {}, run: FakeRun = () => ({}), queue = createFakeQueue()) {
  const room = openRoom({ run, call: async (call) => queue.answer(call) });
  await room.createFunction('worker');
  const mapping = await room.call<EventSourceMappingConfiguration>('CreateEventSourceMapping', {
    FunctionName: 'worker',
    EventSourceArn: QUEUE,
    ...settings,
  });
  const batches = () => room.runs.map(({ request }) => bodiesOf(request.payload));
  const close = async () => {
    const stopping = room.lambda.stop?.();
    queue.wake();
    await stopping;
  };
  return { ...room, queue, mapping, batches, close };
}

test('messages reach the function as events and are deleted', async () => {
  const { queue, runs, batches, mapping, close } = await open();
  expect(mapping).toMatchObject({
    State: 'Creating',
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 0,
    FunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:worker',
    EventSourceArn: QUEUE,
    FunctionResponseTypes: [],
  });
  queue.send('one', 'two');
  await until(() => queue.messages.length === 0);
  expect(batches()).toEqual([['one', 'two']]);
  const [record] = JSON.parse(text(runs[0]?.request.payload)).Records;
  expect(record).toMatchObject({
    messageId: 'm1',
    receiptHandle: 'm1',
    body: 'one',
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: QUEUE,
    awsRegion: 'us-east-1',
  });
  await close();
});

test('a failed batch stays in the queue and comes again', async () => {
  let failing = true;
  const run: FakeRun = () => (failing ? { functionError: 'Unhandled', payload: bytes('{}') } : {});
  const { queue, runs, close } = await open({}, run);
  queue.send('poison');
  await until(() => runs.length === 1);
  expect(queue.messages).toMatchObject([{ receives: 1, hidden: true }]);
  failing = false;
  queue.reappear();
  await until(() => queue.messages.length === 0);
  expect(runs).toHaveLength(2);
  await close();
});

test.each([
  ['named items stay', '{"batchItemFailures":[{"itemIdentifier":"m2"}]}', ['b']],
  ['nothing named', '{"batchItemFailures":[]}', []],
  ['nothing said', 'null', []],
  ['an empty name: all stay', '{"batchItemFailures":[{"itemIdentifier":""}]}', ['a', 'b', 'c']],
  ['a bad key: all stay', '{"batchItemFailures":[{"id":"m2"}]}', ['a', 'b', 'c']],
  ['a name of no message: all stay', '{"batchItemFailures":[{"itemIdentifier":"m9"}]}', ['a', 'b', 'c']],
  ['no object: all stay', '"what"', ['a', 'b', 'c']],
])('partial failures: %s', async (_, answer, left) => {
  let done = 0;
  const run: FakeRun = () => {
    done += 1;
    return { payload: bytes(answer) };
  };
  const { queue, close } = await open({ FunctionResponseTypes: ['ReportBatchItemFailures'] }, run);
  queue.send('a', 'b', 'c');
  await until(() => done > 0 && queue.messages.length === left.length);
  expect(queue.messages.map(({ body }) => body)).toEqual(left);
  await close();
});

test('a batching window gathers until the batch is full or the window over', async () => {
  const { queue, batches, advance, timers, close } = await open({
    BatchSize: 20,
    MaximumBatchingWindowInSeconds: 1,
  });
  queue.send(...Array.from({ length: 20 }, (_, n) => String(n)));
  await until(() => batches().length === 1);
  expect(batches()[0]).toHaveLength(20);
  queue.send('late');
  await until(() => queue.messages[0]?.hidden === true);
  expect(batches()).toHaveLength(1);
  queue.send('later');
  // The last receive waits inside SQS; the window ends by the clock.
  while (batches().length === 1) {
    queue.wake();
    await new Promise((resolve) => setImmediate(resolve));
    if (timers.size > 0) advance(100);
    else if (queue.messages.every(({ hidden }) => hidden)) advance(1000);
  }
  expect(batches()[1]).toEqual(['late', 'later']);
  await close();
});

test('no more batches at once than the maximum concurrency', async () => {
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const run: FakeRun = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
    return {};
  };
  const { queue, close } = await open({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } }, run);
  queue.send('a', 'b', 'c', 'd');
  while (queue.messages.length > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    if (running === 2 || queue.messages.length < 3) ends.shift()?.();
  }
  expect(most).toBe(2);
  await close();
});

test('messages that nobody took up are given back when the server goes down', async () => {
  const run: FakeRun = () => {
    throw new Fault('ServiceException', 'The server is going down', { status: 500 });
  };
  const { queue, runs, close, lambda } = await open({}, run);
  const stopping = lambda.stop?.();
  queue.send('kept');
  await stopping;
  await until(() => queue.messages[0]?.receives === 1 && !queue.messages[0].hidden);
  expect(runs).toHaveLength(0);
  await close();
});

test('throttled: the message waits for its visibility timeout', async () => {
  const run: FakeRun = () => {
    throw new Fault('TooManyRequestsException', 'Rate Exceeded.', { status: 429 });
  };
  const { queue, runs, call, mapping, close } = await open({}, run);
  queue.send('later');
  await until(() => runs.length === 1);
  expect(queue.messages[0]?.hidden).toBe(true);
  expect(await call('GetEventSourceMapping', { UUID: mapping.UUID })).toMatchObject({ State: 'Enabled' });
  await close();
});

test('switched off it takes nothing; switched on it goes on; deleted it is gone', async () => {
  const { queue, runs, call, mapping, close } = await open({ Enabled: false });
  const { UUID } = mapping;
  queue.send('first');
  expect(await call('GetEventSourceMapping', { UUID })).toMatchObject({ State: 'Disabled' });
  expect(runs).toHaveLength(0);
  expect(await call('UpdateEventSourceMapping', { UUID, Enabled: true })).toMatchObject({
    State: 'Enabling',
  });
  await until(() => queue.messages.length === 0);
  expect(await call('DeleteEventSourceMapping', { UUID })).toMatchObject({ State: 'Deleting' });
  queue.send('second');
  await until(() => queue.messages[0]?.receives === 1 && !queue.messages[0].hidden);
  expect(runs).toHaveLength(1);
  expect(await faultOf(call('GetEventSourceMapping', { UUID }))).toBe(
    'ResourceNotFoundException: The resource you requested does not exist.',
  );
  await close();
});

const REFUSALS: readonly (readonly [object, string])[] = [
  [{ EventSourceArn: undefined }, 'InvalidParameterValueException: Unrecognized event source.'],
  [
    { EventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/c/1' },
    'InvalidParameterValueException: An event source mapping from Amazon MSK is not supported by gatehouse; nothing was changed',
  ],
  [
    { EventSourceArn: 'arn:aws:mq:us-east-1:123456789012:broker:b:1' },
    'InvalidParameterValueException: An event source mapping from Amazon MQ is not supported by gatehouse; nothing was changed',
  ],
  [
    { EventSourceArn: 'arn:aws:rds:us-east-1:123456789012:cluster:docdb' },
    'InvalidParameterValueException: An event source mapping from Amazon DocumentDB is not supported by gatehouse; nothing was changed',
  ],
  [
    { FunctionName: 'nobody' },
    'ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody',
  ],
  [
    { BatchSize: 11 },
    'InvalidParameterValueException: Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
  ],
  [
    { StartingPosition: 'LATEST' },
    'InvalidParameterValueException: StartingPosition is not valid for SQS event sources.',
  ],
  [
    { MaximumRetryAttempts: 1 },
    'InvalidParameterValueException: Unsupported MaximumRetryAttempts parameter for given event source mapping type.',
  ],
  [
    { EventSourceArn: `${QUEUE}.fifo`, MaximumBatchingWindowInSeconds: 1 },
    'InvalidParameterValueException: Batching window is not supported for FIFO queues',
  ],
];

test.each(REFUSALS)('refused: %p', async (given, fault) => {
  const { call, close } = await open();
  const input = { FunctionName: 'worker', EventSourceArn: `${QUEUE}2`, ...given };
  expect(await faultOf(call('CreateEventSourceMapping', input))).toBe(fault);
  await close();
});

test('twice the same, or a queue that lets go too early', async () => {
  const { call, mapping, close, createFunction } = await open();
  expect(
    await faultOf(call('CreateEventSourceMapping', { FunctionName: 'worker', EventSourceArn: QUEUE })),
  ).toBe(
    `ResourceConflictException: An event source mapping with SQS arn (" ${QUEUE} ") and function (" worker ") already exists. Please update or delete the existing mapping with UUID ${mapping.UUID}`,
  );
  await createFunction('slow', { Timeout: 60 });
  expect(
    await faultOf(call('CreateEventSourceMapping', { FunctionName: 'slow', EventSourceArn: QUEUE })),
  ).toBe(
    'InvalidParameterValueException: Invalid request provided: Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds',
  );
  await close();
});
