import { describe, expect, test } from 'bun:test';
import { faultOf, openLogs, scope } from './testing/room.ts';
import { chunks } from './rows.ts';
import { sweepExpired } from './retention.ts';

const group = '/aws/lambda/orders';
interface Page {
  readonly events: {
    readonly message: string;
    readonly timestamp: number;
    readonly eventId?: string;
    logStreamName?: string;
  }[];
  readonly nextForwardToken: string;
  readonly nextBackwardToken: string;
  readonly nextToken?: string;
}
const lines = (page: Page) => page.events.map(({ message }) => message);

describe('written events', () => {
  test('are read at once, group and stream being made', async () => {
    const { call, write, clock } = openLogs();
    write('a', [clock.now, 'START'], [clock.now, 'END']);
    expect(await call<Page>('GetLogEvents', { logGroupName: group, logStreamName: 'a' })).toMatchObject({
      events: [
        { message: 'START', timestamp: clock.now, ingestionTime: clock.now },
        { message: 'END', timestamp: clock.now, ingestionTime: clock.now },
      ],
    });
    expect(await call('DescribeLogGroups', {})).toMatchObject({
      logGroups: [{ logGroupName: group, arn: `arn:aws:logs:us-east-1:123456789012:log-group:${group}:*` }],
    });
    expect(await call('DescribeLogStreams', { logGroupName: group })).toMatchObject({
      logStreams: [{ logStreamName: 'a', firstEventTimestamp: clock.now, lastEventTimestamp: clock.now }],
    });
  });

  test('many lines are few rows', async () => {
    const { call, write, clock, store } = openLogs();
    for (let line = 0; line < 5_000; line++) write('a', [clock.now, `line ${line}`]);
    const page = await call<Page>('GetLogEvents', {
      logGroupName: group,
      logStreamName: 'a',
      startFromHead: true,
    });
    expect(page.events).toHaveLength(5_000);
    expect(await store.list(chunks, scope)).toHaveLength(1);
  });

  test('come in the order of their time, whatever order they were written in', async () => {
    const { call, write, clock } = openLogs();
    const { now } = clock;
    write('a', [now + 30_000, 'third'], [now, 'first']);
    await call('DescribeLogGroups', {});
    write('a', [now + 10, 'second'], [now + 60_000, 'fourth']);
    const read = { logGroupName: group, logStreamName: 'a' };
    expect(lines(await call<Page>('GetLogEvents', { ...read, startFromHead: true }))).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ]);
    expect(lines(await call<Page>('GetLogEvents', { ...read, limit: 2 }))).toEqual(['third', 'fourth']);
    expect(
      lines(await call<Page>('GetLogEvents', { ...read, startTime: now + 10, endTime: now + 60_000 })),
    ).toEqual(['second', 'third']);
  });

  test('pages forwards until the same token comes back, and takes up what was written since', async () => {
    const { call, write, clock } = openLogs();
    const read = { logGroupName: group, logStreamName: 'a', startFromHead: true, limit: 2 };
    write('a', ...[0, 1, 2].map((index): [number, string] => [clock.now + index * 8_000, `line ${index}`]));
    const first = await call<Page>('GetLogEvents', read);
    const second = await call<Page>('GetLogEvents', { ...read, nextToken: first.nextForwardToken });
    const third = await call<Page>('GetLogEvents', { ...read, nextToken: second.nextForwardToken });
    expect([lines(first), lines(second), lines(third)]).toEqual([['line 0', 'line 1'], ['line 2'], []]);
    expect(third.nextForwardToken).toBe(second.nextForwardToken);
    write('a', [clock.now + 30_000, 'later']);
    expect(lines(await call<Page>('GetLogEvents', { ...read, nextToken: third.nextForwardToken }))).toEqual([
      'later',
    ]);
    expect(lines(await call<Page>('GetLogEvents', { ...read, nextToken: second.nextBackwardToken }))).toEqual(
      ['line 0', 'line 1'],
    );
  });

  test('an empty stream can be followed', async () => {
    const { call, write, clock } = openLogs();
    await call('CreateLogGroup', { logGroupName: group });
    await call('CreateLogStream', { logGroupName: group, logStreamName: 'a' });
    const empty = await call<Page>('GetLogEvents', { logGroupName: group, logStreamName: 'a' });
    expect(empty.events).toEqual([]);
    write('a', [clock.now, 'first']);
    expect(
      lines(
        await call<Page>('GetLogEvents', {
          logGroupName: group,
          logStreamName: 'a',
          nextToken: empty.nextForwardToken,
        }),
      ),
    ).toEqual(['first']);
  });

  test('are filtered over streams in the order of time, page by page', async () => {
    const { call, write, clock } = openLogs();
    const { now } = clock;
    write('a', [now, 'ERROR 1'], [now + 20_000, 'ERROR 3'], [now + 20_001, 'fine']);
    write('b', [now + 5, 'ERROR 2'], [now + 40_000, 'ERROR 4']);
    const read = { logGroupName: group, filterPattern: 'ERROR' };
    expect(lines(await call<Page>('FilterLogEvents', read))).toEqual([
      'ERROR 1',
      'ERROR 2',
      'ERROR 3',
      'ERROR 4',
    ]);
    const first = await call<Page>('FilterLogEvents', { ...read, limit: 3 });
    const second = await call<Page>('FilterLogEvents', { ...read, limit: 3, nextToken: first.nextToken });
    expect([lines(first), lines(second)]).toEqual([['ERROR 1', 'ERROR 2', 'ERROR 3'], ['ERROR 4']]);
    expect(second.nextToken).toBeUndefined();
    expect(lines(await call<Page>('FilterLogEvents', { ...read, logStreamNames: ['b'] }))).toEqual([
      'ERROR 2',
      'ERROR 4',
    ]);
    expect(lines(await call<Page>('FilterLogEvents', { ...read, logStreamNamePrefix: 'a' }))).toEqual([
      'ERROR 1',
      'ERROR 3',
    ]);
    expect(
      lines(await call<Page>('FilterLogEvents', { ...read, startTime: now + 5, endTime: now + 20_000 })),
    ).toEqual(['ERROR 2', 'ERROR 3']);
    expect(lines(await call<Page>('FilterLogEvents', { ...read, startFromHead: false }))).toEqual([
      'ERROR 4',
      'ERROR 3',
      'ERROR 2',
      'ERROR 1',
    ]);
    const ids = (await call<Page>('FilterLogEvents', read)).events.map(({ eventId }) => eventId);
    expect(new Set(ids).size).toBe(4);
  });

  test('are written when the server stops', async () => {
    const { logs, store, write, clock } = openLogs();
    write('a', [clock.now, 'last words']);
    await logs.stop?.();
    expect((await store.list(chunks, scope)).map(({ row }) => row.messages)).toEqual([['last words']]);
  });

  test('that the store refused are tried again', async () => {
    const { call, store, write, clock } = openLogs();
    const { transaction } = store;
    Object.defineProperty(store, 'transaction', {
      configurable: true,
      value: async () => {
        throw new Error('disk full');
      },
    });
    write('a', [clock.now, 'one']);
    await call('DescribeLogGroups', {}).catch(() => {});
    Object.defineProperty(store, 'transaction', { value: transaction });
    write('a', [clock.now, 'two']);
    expect(lines(await call<Page>('GetLogEvents', { logGroupName: group, logStreamName: 'a' }))).toEqual([
      'one',
      'two',
    ]);
  });

  test('that are older than the group keeps go', async () => {
    const { call, store, write, clock } = openLogs();
    const day = 86_400_000;
    write('a', [clock.now - 2 * day, 'old'], [clock.now, 'new']);
    await call('PutRetentionPolicy', { logGroupName: group, retentionInDays: 1 });
    await sweepExpired(store, clock.now);
    expect(lines(await call<Page>('FilterLogEvents', { logGroupName: group }))).toEqual(['new']);
    expect(await store.list(chunks, scope)).toHaveLength(1);
  });

  test('of a deleted stream or group are gone', async () => {
    const { call, store, write, clock } = openLogs();
    write('a', [clock.now, 'a']);
    write('b', [clock.now, 'b']);
    await call('DeleteLogStream', { logGroupName: group, logStreamName: 'a' });
    expect(lines(await call<Page>('FilterLogEvents', { logGroupName: group }))).toEqual(['b']);
    await call('DeleteLogGroup', { logGroupName: group });
    expect(await store.list(chunks, scope)).toEqual([]);
    expect(await call('DescribeLogGroups', {})).toEqual({ logGroups: [] });
  });
});

describe('PutLogEvents', () => {
  const hour = 3_600_000;
  const open = async () => {
    const room = openLogs();
    await room.call('CreateLogGroup', { logGroupName: group });
    await room.call('CreateLogStream', { logGroupName: group, logStreamName: 'a' });
    const put = (...events: [offset: number, message: string][]) =>
      room.call('PutLogEvents', {
        logGroupName: group,
        logStreamName: 'a',
        logEvents: events.map(([offset, message]) => ({ timestamp: room.clock.now + offset, message })),
      });
    return { ...room, put };
  };

  test('leaves out what is too old or too new, and says so', async () => {
    const { put, call } = await open();
    expect(await put([-15 * 24 * hour, 'old'])).toMatchObject({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 },
    });
    expect(await put([0, 'now'], [3 * hour, 'new'])).toMatchObject({
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 },
    });
    expect(lines(await call<Page>('FilterLogEvents', { logGroupName: group }))).toEqual(['now']);
  });

  const refused: [string, [number, string][], string][] = [
    [
      'the wrong order',
      [
        [1, 'b'],
        [0, 'a'],
      ],
      'Log events in a single PutLogEvents request must be in chronological order.',
    ],
    [
      'more than a day',
      [
        [-25 * hour, 'a'],
        [0, 'b'],
      ],
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    ],
    [
      'too much',
      [
        [0, 'x'.repeat(600_000)],
        [0, 'x'.repeat(600_000)],
      ],
      'Upload too large: 1200052 bytes exceeds limit of 1048576',
    ],
    [
      'too large an event',
      [[0, 'x'.repeat(1_048_576)]],
      'Log event too large: 1048602 bytes exceeds limit of 1048576',
    ],
  ];
  for (const [name, events, message] of refused)
    test(`refuses ${name}`, async () => {
      const { put } = await open();
      expect(await faultOf(() => put(...events))).toBe(`InvalidParameterException: ${message}`);
    });
});

describe('refusals', () => {
  const rows: [operation: string, input: object, fault: string][] = [
    [
      'CreateLogGroup',
      { logGroupName: 'there' },
      'ResourceAlreadyExistsException: The specified log group already exists',
    ],
    [
      'CreateLogGroup',
      { logGroupName: 'x', kmsKeyId: 'k' },
      'InvalidParameterException: kmsKeyId is not supported by gatehouse; nothing was changed',
    ],
    [
      'CreateLogStream',
      { logGroupName: 'there', logStreamName: 's' },
      'ResourceAlreadyExistsException: The specified log stream already exists',
    ],
    [
      'DeleteLogGroup',
      { logGroupName: 'absent' },
      'ResourceNotFoundException: The specified log group does not exist.',
    ],
    [
      'GetLogEvents',
      { logGroupName: 'there', logStreamName: 'absent' },
      'ResourceNotFoundException: The specified log stream does not exist.',
    ],
    [
      'GetLogEvents',
      { logGroupName: 'there', logStreamName: 's', nextToken: 'x' },
      'InvalidParameterException: The specified nextToken is invalid.',
    ],
    [
      'FilterLogEvents',
      { logGroupName: 'there', nextToken: 'x' },
      'InvalidParameterException: The specified nextToken is invalid.',
    ],
    [
      'FilterLogEvents',
      { logGroupName: 'absent' },
      'ResourceNotFoundException: The specified log group does not exist.',
    ],
    [
      'DescribeLogStreams',
      { logGroupName: 'there', logGroupIdentifier: 'there' },
      'ValidationException: LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    ],
    [
      'DescribeLogGroups',
      { logGroupNamePrefix: 'a', logGroupNamePattern: 'b' },
      'InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    ],
  ];
  for (const [operation, input, fault] of rows)
    test(`${operation} ${JSON.stringify(input)}`, async () => {
      const { call } = openLogs();
      await call('CreateLogGroup', { logGroupName: 'there' });
      await call('CreateLogStream', { logGroupName: 'there', logStreamName: 's' });
      expect(await faultOf(() => call(operation, input))).toBe(fault);
    });
});
