import { expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import type { Invocation, InvocationAnswer } from '../../base/ports.ts';
import { Fault } from '../../base/fault.ts';
import { faultOf, openLogs } from './testing/room.ts';

const group = '/aws/lambda/orders';
const sink = 'arn:aws:lambda:us-east-1:123456789012:function:sink';
const answer: InvocationAnswer = {
  status: 202,
  requestId: 'r',
  payload: new Uint8Array(),
  executedVersion: '$LATEST',
};
const filter = { logGroupName: group, filterName: 'f', filterPattern: 'ERROR', destinationArn: sink };

test('a subscription sends on what matches, as CloudWatch Logs packs it', async () => {
  const invocations: Invocation[] = [];
  const { logs, call, write, clock } = openLogs({
    invoke: async (invocation) => {
      invocations.push(invocation);
      return answer;
    },
  });
  write('s', [clock.now, 'before']);
  await call('PutSubscriptionFilter', filter);
  write('s', [clock.now, 'ERROR 1'], [clock.now, 'fine'], [clock.now, 'ERROR 2']);
  await logs.stop?.();
  expect(invocations.map(({ type, invoker }) => [type, invoker])).toEqual(
    (['DryRun', 'Event'] as const).map((type) => [
      type,
      {
        servicePrincipal: 'logs.amazonaws.com',
        sourceArn: `arn:aws:logs:us-east-1:123456789012:log-group:${group}:*`,
      },
    ]),
  );
  const event = JSON.parse(new TextDecoder().decode(invocations[1]?.payload)) as {
    awslogs: { data: string };
  };
  expect(JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, 'base64')).toString())).toEqual({
    messageType: 'DATA_MESSAGE',
    owner: '123456789012',
    logGroup: group,
    logStream: 's',
    subscriptionFilters: ['f'],
    logEvents: ['ERROR 1', 'ERROR 2'].map((message) => ({
      id: expect.stringMatching(/^\d{56}$/),
      timestamp: clock.now,
      message,
    })),
  });
});

const refused: [name: string, input: object, fault: string][] = [
  [
    'a function that does not let CloudWatch Logs in',
    {},
    'InvalidParameterException: Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
  ],
  [
    'another account',
    { destinationArn: sink.replace('123456789012', '210987654321') },
    'AccessDeniedException: Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
  ],
  [
    'a Kinesis stream',
    { destinationArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' },
    'InvalidParameterException: A subscription to kinesis is not supported by gatehouse; nothing was changed',
  ],
  [
    'a pattern that cannot be read',
    { filterPattern: '{ $.a' },
    'InvalidParameterException: Invalid filter pattern',
  ],
];
for (const [name, more, fault] of refused)
  test(`a subscription to ${name} is refused`, async () => {
    const { call, write, clock } = openLogs({
      invoke: async () => {
        throw new Fault('AccessDeniedException', 'no');
      },
    });
    write('s', [clock.now, 'x']);
    expect(await faultOf(() => call('PutSubscriptionFilter', { ...filter, ...more }))).toBe(fault);
    expect(await call('DescribeSubscriptionFilters', { logGroupName: group })).toEqual({
      subscriptionFilters: [],
    });
  });

test('two subscriptions a group, no more', async () => {
  const { call, write, clock } = openLogs({ invoke: async () => answer });
  write('s', [clock.now, 'x']);
  for (const filterName of ['a', 'b', 'a']) await call('PutSubscriptionFilter', { ...filter, filterName });
  expect(await faultOf(() => call('PutSubscriptionFilter', { ...filter, filterName: 'c' }))).toBe(
    'LimitExceededException: Resource limit exceeded.',
  );
});

test('metric filters are kept, found and tried out', async () => {
  const { call, write, clock } = openLogs();
  write('s', [clock.now, 'x']);
  const metricTransformations = [{ metricName: 'Errors', metricNamespace: 'N', metricValue: '1' }];
  await call('PutMetricFilter', {
    logGroupName: group,
    filterName: 'm',
    filterPattern: 'ERROR',
    metricTransformations,
  });
  const shown = {
    filterName: 'm',
    filterPattern: 'ERROR',
    metricTransformations,
    logGroupName: group,
    creationTime: clock.now,
    applyOnTransformedLogs: false,
  };
  expect(await call('DescribeMetricFilters', { metricName: 'Errors', metricNamespace: 'N' })).toEqual({
    metricFilters: [shown],
  });
  expect(await call('DescribeMetricFilters', { metricName: 'Others', metricNamespace: 'N' })).toEqual({
    metricFilters: [],
  });
  expect(await call('DescribeLogGroups', {})).toMatchObject({ logGroups: [{ metricFilterCount: 1 }] });
  expect(
    await call('TestMetricFilter', { filterPattern: '[level, code]', logEventMessages: ['ERROR 1', 'x'] }),
  ).toEqual({
    matches: [{ eventNumber: 1, eventMessage: 'ERROR 1', extractedValues: { $level: 'ERROR', $code: '1' } }],
  });
  await call('DeleteMetricFilter', { logGroupName: group, filterName: 'm' });
  expect(await faultOf(() => call('DeleteMetricFilter', { logGroupName: group, filterName: 'm' }))).toBe(
    'ResourceNotFoundException: The specified metric filter does not exist.',
  );
});

test('tags by both APIs are the same tags', async () => {
  const { call } = openLogs();
  await call('CreateLogGroup', { logGroupName: group, tags: { env: 'x' } });
  const resourceArn = `arn:aws:logs:us-east-1:123456789012:log-group:${group}:*`;
  await call('TagResource', { resourceArn, tags: { a: '1' } });
  await call('TagLogGroup', { logGroupName: group, tags: { b: '2' } });
  await call('UntagResource', { resourceArn, tagKeys: ['env'] });
  await call('UntagLogGroup', { logGroupName: group, tags: ['a'] });
  expect(await call('ListTagsLogGroup', { logGroupName: group })).toEqual({ tags: { b: '2' } });
  expect(await call('ListTagsForResource', { resourceArn })).toEqual({ tags: { b: '2' } });
});

test('resource policies of the account', async () => {
  const { call } = openLogs();
  const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
  await call('PutResourcePolicy', { policyName: 'p', policyDocument });
  expect(await call('DescribeResourcePolicies', {})).toMatchObject({
    resourcePolicies: [{ policyName: 'p', policyDocument, policyScope: 'ACCOUNT' }],
  });
  await call('DeleteResourcePolicy', { policyName: 'p' });
  expect(await faultOf(() => call('DeleteResourcePolicy', { policyName: 'p' }))).toBe(
    'ResourceNotFoundException: Policy with name [p] does not exist.',
  );
});

test('live tail tells what is stored from then on', async () => {
  const { call, write, clock } = openLogs();
  write('s', [clock.now, 'ERROR before']);
  await call('DescribeLogGroups', {});
  const arn = `arn:aws:logs:us-east-1:123456789012:log-group:${group}`;
  const { responseStream } = await call<{
    responseStream: AsyncIterable<{ sessionStart?: object; sessionUpdate?: { sessionResults: object[] } }>;
  }>('StartLiveTail', { logGroupIdentifiers: [arn], logEventFilterPattern: 'ERROR' });
  for await (const { sessionStart, sessionUpdate } of responseStream) {
    if (sessionStart) {
      write('s', [clock.now, 'ERROR now'], [clock.now, 'fine']);
      await call('DescribeLogGroups', {});
    }
    if (!sessionUpdate) continue;
    expect(sessionUpdate.sessionResults).toMatchObject([
      { message: 'ERROR now', logStreamName: 's', logGroupIdentifier: `123456789012:${group}` },
    ]);
    break;
  }
});
