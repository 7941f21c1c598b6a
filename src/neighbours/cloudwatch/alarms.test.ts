/** Alarms over a store in memory, with the clock in hand: missing data, state changes, what is done about them. */
import { describe, expect, test } from 'bun:test';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { silentLog } from '../../base/log.ts';
import type { Invocation, OperationCall } from '../../base/ports.ts';
import { createMemoryStore } from '../../store/memory.ts';
import type { Call } from '../../wire/service.ts';
import { verdictOf } from './alarm-verdict.ts';
import { createCloudWatch } from './service.ts';

/** The table of AWS's page: datapoints from the oldest to the newest, `-` for missing, `X` breaching, `0` not. */
describe('missing data', () => {
  const N = 3;
  test.each([
    ['0-X-X', 3, ['OK', 'OK', 'OK', 'OK']],
    ['----0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['-----', 3, ['INSUFFICIENT_DATA', 'retained', 'ALARM', 'OK']],
    ['0XX-X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['--X--', 3, ['ALARM', 'retained', 'ALARM', 'OK']],
    ['0-X-X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['00X0X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0-X--', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['----0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['----X', 2, ['ALARM', 'retained', 'ALARM', 'OK']],
  ] as const)('%s, %d of 3', (drawn, datapointsToAlarm, expected) => {
    const recent = [...drawn]
      .map((mark, at): [number, number] | undefined =>
        mark === '-' ? undefined : [at * 60_000, mark === 'X' ? 1 : 0],
      )
      .filter((point) => point !== undefined)
      .toReversed();
    const states = ['missing', 'ignore', 'breaching', 'notBreaching'].map((treatMissingData) => {
      const condition = { operator: 'GreaterThanThreshold', threshold: 0.5, evaluationPeriods: N } as const;
      const verdict = (before: 'OK' | 'ALARM') =>
        verdictOf({ ...condition, datapointsToAlarm, treatMissingData }, recent, before).state;
      return verdict('OK') === verdict('ALARM') ? verdict('OK') : 'retained';
    });
    expect(states).toEqual([...expected]);
  });
});

const MINUTE_MS = 60_000;
const scope = { account: '123456789012', region: 'us-east-1' };
const call: Call = {
  scope,
  caller: {
    kind: 'root',
    account: scope.account,
    arn: 'arn:aws:iam::123456789012:root',
    accessKeyId: 'test',
  },
  requestId: 'test',
  endpoint: '',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:alarms';

function start(store = createMemoryStore()) {
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) };
  const published: OperationCall[] = [];
  const invoked: Invocation[] = [];
  let isBroken = false;
  const service = createCloudWatch({
    store,
    now: () => clock.ms,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: async (operation) => {
      if (isBroken) throw new Error('the topic is gone');
      published.push(operation);
      return {};
    },
    invoke: async (invocation) => {
      invoked.push(invocation);
      return { status: 202, requestId: 'r', payload: new Uint8Array(), executedVersion: '$LATEST' };
    },
    drain: () => [],
  });
  const run = async (operation: string, input: object): Promise<unknown> =>
    service.handlers[operation]?.(input as never, call); // the test's own input
  return { service, store, clock, published, invoked, run, breakTopic: () => void (isBroken = true) };
}

const ALARM: PutMetricAlarmInput = {
  AlarmName: 'orders',
  Namespace: 'Shop',
  MetricName: 'Orders',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 10,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

test('a threshold is crossed and crossed back: a message and an event each time', async () => {
  const { service, clock, published, invoked, run } = start();
  await run('PutMetricAlarm', { ...ALARM, AlarmActions: [TOPIC, FUNCTION], OKActions: [TOPIC] });
  await service.evaluateAlarms();
  await run('PutMetricData', { Namespace: 'Shop', MetricData: [{ MetricName: 'Orders', Value: 11 }] });
  clock.ms += MINUTE_MS;
  await service.evaluateAlarms();
  clock.ms += 5 * MINUTE_MS;
  await service.evaluateAlarms();
  // From INSUFFICIENT_DATA to OK, to ALARM, to OK.
  const messages = published.map(({ input }) => JSON.parse((input as { Message: string }).Message));
  expect(messages.map(({ OldStateValue, NewStateValue }) => `${OldStateValue} ${NewStateValue}`)).toEqual([
    'INSUFFICIENT_DATA OK',
    'OK ALARM',
    'ALARM OK',
  ]);
  expect(messages[1]).toMatchObject({
    AlarmName: 'orders',
    AWSAccountId: '123456789012',
    Region: 'US East (N. Virginia)',
    NewStateReason:
      'Threshold Crossed: 1 out of the last 1 datapoint [11.0 (02/01/26 03:04:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
    Trigger: {
      MetricName: 'Orders',
      StatisticType: 'Statistic',
      Statistic: 'SUM',
      Period: 60,
      Threshold: 10,
    },
  });
  expect(published[1]?.input).toMatchObject({
    TopicArn: TOPIC,
    Subject: 'ALARM: "orders" in US East (N. Virginia)',
  });
  expect(invoked).toHaveLength(1);
  expect(invoked[0]).toMatchObject({
    functionArn: FUNCTION,
    type: 'Event',
    invoker: { servicePrincipal: 'lambda.alarms.cloudwatch.amazonaws.com' },
  });
  const event = JSON.parse(Buffer.from(invoked[0]?.payload ?? []).toString());
  expect(event).toMatchObject({
    source: 'aws.cloudwatch',
    alarmData: { alarmName: 'orders', state: { value: 'ALARM' }, previousState: { value: 'OK' } },
  });
});

test('switched off, it changes its state and does nothing', async () => {
  const { service, published, run } = start();
  await run('PutMetricAlarm', { ...ALARM, OKActions: [TOPIC] });
  await run('DisableAlarmActions', { AlarmNames: ['orders'] });
  await service.evaluateAlarms();
  expect(await run('DescribeAlarms', {})).toMatchObject({
    MetricAlarms: [{ StateValue: 'OK', ActionsEnabled: false }],
  });
  expect(published.filter(({ operation }) => operation === 'Publish').length).toBeLessThanOrEqual(1);
});

test('an action that fails is told in the history and hurts nobody', async () => {
  const { service, run, breakTopic } = start();
  breakTopic();
  await run('PutMetricAlarm', { ...ALARM, OKActions: [TOPIC] });
  await service.evaluateAlarms();
  expect(await run('DescribeAlarmHistory', { HistoryItemType: 'Action' })).toMatchObject({
    AlarmHistoryItems: [{ HistorySummary: `Failed to execute action ${TOPIC}` }],
  });
});

test('what was written down and not done is done by the next server', async () => {
  const first = start();
  await first.run('PutMetricAlarm', ALARM);
  await first.service.evaluateAlarms();
  const row = (await first.store.list({ name: 'cloudwatch.alarms' }, scope))[0]?.row;
  await first.store.transaction((rows) =>
    rows.put({ name: 'cloudwatch.pending-actions' }, scope, '1/a', {
      alarm: row,
      before: 'ALARM',
      action: TOPIC,
    }),
  );
  const second = start(first.store);
  await second.service.start?.();
  expect(second.published).toHaveLength(1);
  await second.service.stop?.();
});

test('points are kept as long as AWS keeps them, at the resolution it keeps', async () => {
  const { clock, run } = start();
  const put = (Value: number) =>
    run('PutMetricData', { Namespace: 'Shop', MetricData: [{ MetricName: 'Old', Value }] });
  await put(1);
  const began = clock.ms;
  const points = async (Period: number): Promise<number> => {
    const found = await run('GetMetricStatistics', {
      Namespace: 'Shop',
      MetricName: 'Old',
      StartTime: new Date(began - (began % 3_600_000)),
      EndTime: new Date(began + 3_600_000),
      Period,
      Statistics: ['Sum'],
    });
    return (found as { Datapoints: unknown[] }).Datapoints.length;
  };
  expect([await points(60), await points(300), await points(3600)]).toEqual([1, 1, 1]);
  clock.ms += 20 * 86_400_000;
  await put(2);
  expect([await points(60), await points(300), await points(3600)]).toEqual([0, 1, 1]);
  clock.ms += 60 * 86_400_000;
  await put(3);
  expect([await points(300), await points(3600)]).toEqual([0, 1]);
});
