import { expect, test } from 'bun:test';
import type { DescribeStacksOutput } from '@aws-sdk/client-cloudformation';
import type { CallbackUrls } from '../../base/stack-engine.ts';
import { fakeWorld } from '../../deploy/testing/fake-world.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { type Cloud, openCloud } from './testing/cloud.ts';

/** The server's call-back URLs, without a server. */
function callbackUrls() {
  const listeners = new Map<string, (body: Uint8Array) => void>();
  const urls: CallbackUrls = {
    url: (token) => `http://127.0.0.1:4566/_gatehouse/callback/${token}`,
    listen(token, onBody) {
      listeners.set(token, onBody);
      return () => listeners.delete(token);
    },
  };
  const put = (url: string, body: object): void =>
    listeners.get(url.split('/').at(-1) ?? '')?.(Buffer.from(JSON.stringify(body)));
  return { urls, put, listeners };
}

function open() {
  const callbacks = callbackUrls();
  const cloud = openCloud(fakeWorld(), createMemoryStore(), { callbacks: callbacks.urls });
  return { cloud, callbacks };
}

const create = (cloud: Cloud, template: object) =>
  cloud.call('CreateStack', { StackName: 'shop', TemplateBody: JSON.stringify(template) });

const outputsOf = async (cloud: Cloud) => {
  const { Stacks } = await cloud.call<DescribeStacksOutput>('DescribeStacks', { StackName: 'shop' });
  return Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
};

interface Told {
  readonly RequestType: string;
  readonly ResponseURL: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly ResourceProperties: Record<string, unknown>;
  readonly OldResourceProperties?: Record<string, unknown>;
}

/** A function that answers every custom resource request at once. */
function answering(
  cloud: Cloud,
  put: (url: string, body: object) => void,
  answer: (told: Told) => object,
): Told[] {
  const all: Told[] = [];
  cloud.world.answers.set('lambda.Invoke', (input) => {
    const told: Told = JSON.parse(Buffer.from((input as { Payload: Uint8Array }).Payload).toString());
    all.push(told);
    setImmediate(() => put(told.ResponseURL, answer(told)));
    return {};
  });
  return all;
}

const custom = (size: number) => ({
  Resources: {
    Thing: {
      Type: 'Custom::Thing',
      Properties: { ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:f', Size: size, On: true },
    },
  },
  Outputs: { Id: { Value: { Ref: 'Thing' } }, Color: { Value: { 'Fn::GetAtt': ['Thing', 'Color'] } } },
});

test('a custom resource is created, updated, replaced and deleted by its function', async () => {
  const { cloud, callbacks } = open();
  const told = answering(cloud, callbacks.put, ({ RequestType, ResourceProperties }) => ({
    Status: 'SUCCESS',
    PhysicalResourceId: ResourceProperties.Size === '3' ? 'thing-b' : 'thing-a',
    Data: { Color: RequestType === 'Create' ? 'red' : 'blue' },
  }));
  await create(cloud, custom(1));
  expect(await cloud.status('shop')).toBe('CREATE_COMPLETE');
  expect(await outputsOf(cloud)).toEqual({ Id: 'thing-a', Color: 'red' });
  for (const size of [2, 3]) {
    await cloud.call('UpdateStack', { StackName: 'shop', TemplateBody: JSON.stringify(custom(size)) });
    expect(await cloud.status('shop')).toBe('UPDATE_COMPLETE');
  }
  await cloud.call('DeleteStack', { StackName: 'shop' });
  expect(
    told.map(({ RequestType, PhysicalResourceId, ResourceProperties }) => [
      RequestType,
      PhysicalResourceId,
      ResourceProperties.Size,
    ]),
  ).toEqual([
    ['Create', undefined, '1'],
    ['Update', 'thing-a', '2'],
    ['Update', 'thing-a', '3'],
    // Another physical id replaces: the old one is deleted in the clean-up.
    ['Delete', 'thing-a', '2'],
    ['Delete', 'thing-b', '3'],
  ]);
  expect(told[0]).toMatchObject({ ResourceType: 'Custom::Thing', ResourceProperties: { On: 'true' } });
  expect(told[1]).toMatchObject({ OldResourceProperties: { Size: '1' } });
  expect(callbacks.listeners.size).toBe(0);
});

test('a custom resource that fails is told in its own words', async () => {
  const { cloud, callbacks } = open();
  const told = answering(cloud, callbacks.put, ({ RequestType }) =>
    RequestType === 'Create'
      ? { Status: 'FAILED', Reason: 'no more things', PhysicalResourceId: 'half' }
      : { Status: 'SUCCESS' },
  );
  await create(cloud, custom(1));
  expect(await cloud.status('shop')).toBe('ROLLBACK_COMPLETE');
  const { StackEvents } = await cloud.call<{ StackEvents: { ResourceStatusReason?: string }[] }>(
    'DescribeStackEvents',
    { StackName: 'shop' },
  );
  expect(StackEvents.map((event) => event.ResourceStatusReason).join('\n')).toMatch(
    /Received response status \[FAILED\] from custom resource\. Message returned: no more things \(RequestId: [-0-9a-f]{36}\)/,
  );
  expect(told.map(({ RequestType, PhysicalResourceId }) => [RequestType, PhysicalResourceId])).toEqual([
    ['Create', undefined],
    ['Delete', 'half'],
  ]);
});

test('a wait condition waits for its signals', async () => {
  const { cloud, callbacks } = open();
  const template = {
    Resources: {
      Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
      Wait: {
        Type: 'AWS::CloudFormation::WaitCondition',
        Properties: { Handle: { Ref: 'Handle' }, Timeout: '60', Count: 2 },
      },
    },
    Outputs: { Data: { Value: { 'Fn::GetAtt': ['Wait', 'Data'] } }, Url: { Value: { Ref: 'Handle' } } },
  };
  const creating = create(cloud, template);
  while (callbacks.listeners.size === 0) await new Promise((resolve) => setImmediate(resolve));
  const [token = ''] = callbacks.listeners.keys();
  callbacks.put(token, { Status: 'SUCCESS', UniqueId: 'a', Data: 'one' });
  callbacks.put(token, { Status: 'SUCCESS', UniqueId: 'b', Data: 'two' });
  await creating;
  expect(await cloud.status('shop')).toBe('CREATE_COMPLETE');
  expect(await outputsOf(cloud)).toMatchObject({ Data: '{"a":"one","b":"two"}' });
});

test('a wait condition that is told of a failure, or of nothing, fails', async () => {
  for (const [signal, timeout, reason] of [
    [
      { Status: 'FAILURE', UniqueId: 'a', Reason: 'broken' },
      60,
      "WaitCondition received failed message: 'broken' for uniqueId: a",
    ],
    [undefined, 0.01, 'WaitCondition timed out. Received 0 conditions when expecting 1'],
  ] as const) {
    const { cloud, callbacks } = open();
    const template = {
      Resources: {
        Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
        Wait: {
          Type: 'AWS::CloudFormation::WaitCondition',
          Properties: { Handle: { Ref: 'Handle' }, Timeout: timeout },
        },
      },
    };
    const creating = create(cloud, template);
    while (callbacks.listeners.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [token = ''] = callbacks.listeners.keys();
    if (signal) callbacks.put(token, signal);
    await creating;
    expect(await cloud.status('shop')).toBe('ROLLBACK_COMPLETE');
    const { StackEvents } = await cloud.call<{ StackEvents: { ResourceStatusReason?: string }[] }>(
      'DescribeStackEvents',
      { StackName: 'shop' },
    );
    expect(StackEvents.map((event) => event.ResourceStatusReason)).toContain(reason);
  }
});

function nested(cloud: Cloud) {
  const child = (name: string) =>
    JSON.stringify({
      Parameters: { Name: { Type: 'String' } },
      Resources: {
        Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::Sub': `${name}-\${Name}` } } },
      },
      Outputs: { Topic: { Value: { Ref: 'Topic' } } },
    });
  cloud.world.answers.set('s3.GetObject', (input) => ({
    Body: Buffer.from(child((input as { Key: string }).Key)),
  }));
  return (key: string) => ({
    Resources: {
      Child: {
        Type: 'AWS::CloudFormation::Stack',
        Properties: { TemplateURL: `https://s3.amazonaws.com/b/${key}`, Parameters: { Name: 'n' } },
      },
      After: { Type: 'AWS::SQS::Queue', DependsOn: 'Child' },
    },
    Outputs: { Topic: { Value: { 'Fn::GetAtt': ['Child', 'Outputs.Topic'] } } },
  });
}

test('a nested stack lives and goes with its parent', async () => {
  const { cloud } = open();
  const parent = nested(cloud);
  await create(cloud, parent('one'));
  expect(await cloud.status('shop')).toBe('CREATE_COMPLETE');
  expect(Object.keys(await outputsOf(cloud))).toEqual(['Topic']);
  const { Stacks = [] } = await cloud.call<DescribeStacksOutput>('DescribeStacks', {});
  const child = Stacks.find(({ ParentId }) => ParentId !== undefined);
  expect(child?.StackName).toMatch(/^shop-Child-[A-Z0-9]{12}$/);
  expect(child?.RootId).toBe(Stacks.find(({ StackName }) => StackName === 'shop')?.StackId);
  await cloud.call('UpdateStack', { StackName: 'shop', TemplateBody: JSON.stringify(parent('two')) });
  expect(await cloud.status('shop')).toBe('UPDATE_COMPLETE');
  const names = [...cloud.world.things.values()].map(({ properties }) => properties.DisplayName);
  expect(names).toContain('two-n');
  await cloud.call('DeleteStack', { StackName: 'shop' });
  expect(cloud.world.things.size).toBe(0);
  expect((await cloud.call<DescribeStacksOutput>('DescribeStacks', {})).Stacks).toEqual([]);
});

test('a nested stack that cannot be made leaves nothing, and neither does its parent', async () => {
  const { cloud } = open();
  const parent = nested(cloud);
  cloud.world.failures.set('create Topic', 1);
  await create(cloud, parent('one'));
  expect(await cloud.status('shop')).toBe('ROLLBACK_COMPLETE');
  const { StackEvents } = await cloud.call<{ StackEvents: { ResourceStatusReason?: string }[] }>(
    'DescribeStackEvents',
    { StackName: 'shop' },
  );
  expect(StackEvents.map((event) => event.ResourceStatusReason).join('\n')).toMatch(
    /Embedded stack arn:.* was not successfully created/,
  );
  expect(cloud.world.things.size).toBe(0);
  cloud.world.failures.set('create After', 1);
  await cloud.call('DeleteStack', { StackName: 'shop' });
  await create(cloud, parent('one'));
  expect(await cloud.status('shop')).toBe('ROLLBACK_COMPLETE');
  expect(cloud.world.things.size).toBe(0);
});

test('parent and child in progress when the server stops are both carried on', async () => {
  const { cloud } = open();
  const parent = nested(cloud);
  cloud.world.hangs.add('create Topic');
  const creating = create(cloud, parent('one'));
  while (!cloud.world.calls.includes('create Topic')) await new Promise((resolve) => setImmediate(resolve));
  await cloud.service.stop?.();
  await creating;
  cloud.world.hangs.clear();
  const next = cloud.restart();
  await next.service.start?.();
  expect(await next.status('shop')).toBe('CREATE_COMPLETE');
  expect([...next.world.things.values()].map(({ type }) => type).toSorted()).toEqual([
    'AWS::SNS::Topic',
    'AWS::SQS::Queue',
  ]);
  expect((await next.call<DescribeStacksOutput>('DescribeStacks', {})).Stacks?.length).toBe(2);
});
