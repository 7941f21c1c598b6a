import { expect, test } from 'bun:test';
import type {
  CreateChangeSetOutput,
  DescribeChangeSetOutput,
  DescribeStackEventsOutput,
  DescribeStacksOutput,
} from '@aws-sdk/client-cloudformation';
import { openCloud } from './testing/cloud.ts';

const template = (name = 'one', more: object = {}) =>
  JSON.stringify({
    Parameters: { Secret: { Type: 'String', NoEcho: true, Default: 'hush' } },
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: name } }, ...more },
    Outputs: { Name: { Value: { Ref: 'Topic' } } },
  });

const fault = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no fault',
    (thrown: unknown) =>
      thrown instanceof Error && 'code' in thrown ? `${thrown.code}: ${thrown.message}` : String(thrown),
  );

test('a stack is created, shown, updated and deleted', async () => {
  const cloud = openCloud();
  const { StackId } = await cloud.call<{ StackId: string }>('CreateStack', {
    StackName: 'shop',
    TemplateBody: template(),
    Tags: [{ Key: 'team', Value: 'a' }],
  });
  expect(StackId).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/shop\/[0-9a-f-]{36}$/);
  expect(await cloud.status('shop')).toBe('CREATE_COMPLETE');
  const { Stacks } = await cloud.call<DescribeStacksOutput>('DescribeStacks', { StackName: 'shop' });
  expect(Stacks?.[0]).toMatchObject({
    StackName: 'shop',
    Parameters: [{ ParameterKey: 'Secret', ParameterValue: '****' }],
    Tags: [{ Key: 'team', Value: 'a' }],
    DisableRollback: false,
    Outputs: [{ OutputKey: 'Name' }],
  });
  const { StackEvents = [] } = await cloud.call<DescribeStackEventsOutput>('DescribeStackEvents', {
    StackName: 'shop',
  });
  expect(
    StackEvents.map((event) => [event.LogicalResourceId, event.ResourceStatus, event.ResourceStatusReason]),
  ).toEqual([
    ['shop', 'CREATE_COMPLETE', undefined],
    ['Topic', 'CREATE_COMPLETE', undefined],
    ['Topic', 'CREATE_IN_PROGRESS', 'Resource creation Initiated'],
    ['Topic', 'CREATE_IN_PROGRESS', undefined],
    ['shop', 'CREATE_IN_PROGRESS', 'User Initiated'],
  ]);
  await cloud.call('UpdateStack', { StackName: 'shop', TemplateBody: template('two') });
  expect(await cloud.status('shop')).toBe('UPDATE_COMPLETE');
  expect([...cloud.world.things.values()].map(({ properties }) => properties)).toEqual([
    { DisplayName: 'two' },
  ]);
  await cloud.call('DeleteStack', { StackName: 'shop' });
  expect(await cloud.status(StackId)).toBe('DELETE_COMPLETE');
  expect(cloud.world.things.size).toBe(0);
  expect(await fault(cloud.call('DescribeStacks', { StackName: 'shop' }))).toBe(
    'ValidationError: Stack with id shop does not exist',
  );
});

test.each([
  [
    'an existing name',
    'CreateStack',
    { StackName: 'shop', TemplateBody: template() },
    'AlreadyExistsException: Stack [shop] already exists',
  ],
  [
    'no change',
    'UpdateStack',
    { StackName: 'shop', TemplateBody: template() },
    'ValidationError: No updates are to be performed.',
  ],
  [
    'no change, by reference',
    'UpdateStack',
    { StackName: 'shop', UsePreviousTemplate: true },
    'ValidationError: No updates are to be performed.',
  ],
  [
    'no such stack to update',
    'UpdateStack',
    { StackName: 'none', TemplateBody: template() },
    'ValidationError: Stack [none] does not exist',
  ],
  [
    'no template',
    'CreateStack',
    { StackName: 'x' },
    'ValidationError: Either Template URL or Template Body must be specified.',
  ],
  [
    'a bad name',
    'CreateStack',
    { StackName: '1x', TemplateBody: template() },
    "ValidationError: 1 validation error detected: Value '1x' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
  ],
  [
    'an unknown parameter',
    'CreateStack',
    { StackName: 'x', TemplateBody: template(), Parameters: [{ ParameterKey: 'Nope', ParameterValue: '1' }] },
    'ValidationError: Parameters: [Nope] do not exist in the template',
  ],
  [
    'IAM without a word',
    'CreateStack',
    {
      StackName: 'x',
      TemplateBody: template('one', {
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
      }),
    },
    'InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]',
  ],
  [
    'an unsupported type',
    'CreateStack',
    { StackName: 'x', TemplateBody: template('one', { Web: { Type: 'AWS::ECS::Service' } }) },
    'ValidationError: AWS::ECS::Service (resource Web): not supported by gatehouse; nothing was created (template line 1)',
  ],
  [
    'events of no stack',
    'DescribeStackEvents',
    { StackName: 'none' },
    'ValidationError: Stack [none] does not exist',
  ],
  [
    'an export nobody reads',
    'ListImports',
    { ExportName: 'none' },
    "ValidationError: Export 'none' is not imported by any stack.",
  ],
])('refused: %s', async (_name, operation, input, expected) => {
  const cloud = openCloud();
  await cloud.call('CreateStack', { StackName: 'shop', TemplateBody: template() });
  await cloud.status('shop');
  expect(await fault(cloud.call(operation, input))).toBe(expected);
  expect(cloud.world.things.size).toBe(1);
});

test('deployment by change sets, as the AWS CLI, SAM and CDK do it', async () => {
  const cloud = openCloud();
  const made = await cloud.call<CreateChangeSetOutput>('CreateChangeSet', {
    StackName: 'shop',
    ChangeSetName: 'first',
    ChangeSetType: 'CREATE',
    TemplateBody: template(),
  });
  expect(await cloud.status('shop')).toBe('REVIEW_IN_PROGRESS');
  const shown = await cloud.call<DescribeChangeSetOutput>('DescribeChangeSet', { ChangeSetName: made.Id });
  expect(shown).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' });
  expect(shown.Changes).toMatchObject([
    {
      Type: 'Resource',
      ResourceChange: { Action: 'Add', LogicalResourceId: 'Topic', ResourceType: 'AWS::SNS::Topic' },
    },
  ]);
  await cloud.call('ExecuteChangeSet', { ChangeSetName: made.Id });
  expect(await cloud.status('shop')).toBe('CREATE_COMPLETE');
  await cloud.call('CreateChangeSet', { StackName: 'shop', ChangeSetName: 'same', TemplateBody: template() });
  expect(
    await cloud.call<DescribeChangeSetOutput>('DescribeChangeSet', {
      ChangeSetName: 'same',
      StackName: 'shop',
    }),
  ).toMatchObject({
    Status: 'FAILED',
    StatusReason:
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    ExecutionStatus: 'UNAVAILABLE',
  });
  const changed = template('two', { More: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'more' } } });
  await cloud.call('CreateChangeSet', { StackName: 'shop', ChangeSetName: 'next', TemplateBody: changed });
  const next = await cloud.call<DescribeChangeSetOutput>('DescribeChangeSet', {
    ChangeSetName: 'next',
    StackName: 'shop',
  });
  expect(
    next.Changes?.map(({ ResourceChange }) => [
      ResourceChange?.Action,
      ResourceChange?.LogicalResourceId,
      ResourceChange?.Replacement,
    ]),
  ).toEqual([
    ['Modify', 'Topic', 'False'],
    ['Add', 'More', undefined],
  ]);
  await cloud.call('ExecuteChangeSet', { ChangeSetName: 'next', StackName: 'shop' });
  expect(await cloud.status('shop')).toBe('UPDATE_COMPLETE');
  expect(await fault(cloud.call('ExecuteChangeSet', { ChangeSetName: 'next', StackName: 'shop' }))).toMatch(
    /^InvalidChangeSetStatus: ChangeSet \[arn:.*\] cannot be executed in its current status of \[CREATE_COMPLETE\]$/,
  );
  expect(await fault(cloud.call('DescribeChangeSet', { ChangeSetName: 'none', StackName: 'shop' }))).toBe(
    'ChangeSetNotFound: ChangeSet [none] does not exist',
  );
});

test('exports are read by other stacks and held by them', async () => {
  const cloud = openCloud();
  const exporting = JSON.stringify({
    Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
    Outputs: { Name: { Value: 'v1', Export: { Name: 'shared' } } },
  });
  const importing = JSON.stringify({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::ImportValue': 'shared' } } },
    },
  });
  expect(await fault(cloud.call('CreateStack', { StackName: 'reader', TemplateBody: importing }))).toBe(
    'ValidationError: No export named shared found.',
  );
  await cloud.call('CreateStack', { StackName: 'writer', TemplateBody: exporting });
  await cloud.status('writer');
  await cloud.call('CreateStack', { StackName: 'reader', TemplateBody: importing });
  await cloud.status('reader');
  expect(await cloud.call('ListImports', { ExportName: 'shared' })).toEqual({ Imports: ['reader'] });
  await cloud.call('DeleteStack', { StackName: 'writer' });
  expect(await cloud.status('writer')).toBe('DELETE_FAILED');
  await cloud.call('CreateStack', { StackName: 'rival', TemplateBody: exporting });
  expect(await cloud.status('rival')).toBe('ROLLBACK_COMPLETE');
  await cloud.call('DeleteStack', { StackName: 'reader' });
  await cloud.call('DeleteStack', { StackName: 'writer' });
  await cloud.call('DeleteStack', { StackName: 'rival' });
  expect(await cloud.call('ListExports', {})).toEqual({ Exports: [] });
  expect(await cloud.call<DescribeStacksOutput>('DescribeStacks', {})).toEqual({ Stacks: [] });
});

test('a stack in progress when the server stops is carried on by the next', async () => {
  const cloud = openCloud();
  cloud.world.hangs.add('create Slow');
  const body = template('one', { Slow: { Type: 'AWS::SQS::Queue', DependsOn: 'Topic' } });
  const creating = cloud.call('CreateStack', { StackName: 'shop', TemplateBody: body });
  while (!cloud.world.calls.includes('create Slow')) await new Promise((resolve) => setImmediate(resolve));
  await cloud.service.stop?.();
  await creating;
  const shown = await cloud.call<DescribeStacksOutput>('DescribeStacks', { StackName: 'shop' });
  expect(shown.Stacks?.[0]?.StackStatus).toBe('CREATE_IN_PROGRESS');
  cloud.world.hangs.clear();
  const next = cloud.restart();
  await next.service.start?.();
  expect(await next.status('shop')).toBe('CREATE_COMPLETE');
  expect(next.world.things.size).toBe(2);
});

test('a creation under way can be deleted', async () => {
  const cloud = openCloud();
  cloud.world.hangs.add('create Slow');
  const body = template('one', { Slow: { Type: 'AWS::SQS::Queue', DependsOn: 'Topic' } });
  const creating = cloud.call<{ StackId: string }>('CreateStack', { StackName: 'shop', TemplateBody: body });
  while (!cloud.world.calls.includes('create Slow')) await new Promise((resolve) => setImmediate(resolve));
  await cloud.call('DeleteStack', { StackName: 'shop' });
  const { StackId } = await creating;
  expect(await cloud.status(StackId)).toBe('DELETE_COMPLETE');
  expect(cloud.world.things.size).toBe(0);
});

test('a stack that took too long is rolled back', async () => {
  const cloud = openCloud();
  cloud.world.hangs.add('create Slow');
  const body = JSON.stringify({ Resources: { Slow: { Type: 'AWS::SQS::Queue' } } });
  const created = cloud.call<{ StackId: string }>('CreateStack', {
    StackName: 'shop',
    TemplateBody: body,
    TimeoutInMinutes: 0.0001,
  });
  await created;
  expect(await cloud.status('shop')).toBe('ROLLBACK_COMPLETE');
});

test('protected stacks are not deleted', async () => {
  const cloud = openCloud();
  await cloud.call('CreateStack', {
    StackName: 'shop',
    TemplateBody: template(),
    EnableTerminationProtection: true,
  });
  expect(await fault(cloud.call('DeleteStack', { StackName: 'shop' }))).toBe(
    'ValidationError: Stack [shop] cannot be deleted while TerminationProtection is enabled',
  );
  await cloud.call('UpdateTerminationProtection', { StackName: 'shop', EnableTerminationProtection: false });
  await cloud.call('DeleteStack', { StackName: 'shop' });
  expect(cloud.world.things.size).toBe(0);
});

const POLICY = (statements: object[]) => JSON.stringify({ Statement: statements });
const ALLOW = { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' };

test.each([
  ['everything allowed', [ALLOW], undefined],
  [
    'nothing allowed',
    [{ ...ALLOW, Resource: 'LogicalResourceId/Other' }],
    'no statement allows [Update:Modify] for resource [Topic]',
  ],
  [
    'one resource denied',
    [ALLOW, { ...ALLOW, Effect: 'Deny', Resource: 'LogicalResourceId/To*' }],
    'Statement [#2] does not allow [Update:Modify] for resource [Topic]',
  ],
  [
    'another action denied',
    [ALLOW, { ...ALLOW, Effect: 'Deny', Action: ['Update:Delete', 'Update:Replace'] }],
    undefined,
  ],
  [
    'a type denied',
    [ALLOW, { ...ALLOW, Effect: 'Deny', Condition: { StringLike: { ResourceType: ['AWS::SNS::*'] } } }],
    'Statement [#2] does not allow [Update:Modify] for resource [Topic]',
  ],
  [
    'all but one denied',
    [
      ALLOW,
      { Effect: 'Deny', NotAction: 'Update:Delete', Principal: '*', NotResource: 'LogicalResourceId/Topic' },
    ],
    undefined,
  ],
])('a stack policy with %s', async (_name, statements, expected) => {
  const cloud = openCloud();
  await cloud.call('CreateStack', {
    StackName: 'shop',
    TemplateBody: template(),
    StackPolicyBody: POLICY(statements),
  });
  const update = fault(cloud.call('UpdateStack', { StackName: 'shop', TemplateBody: template('two') }));
  expect(await update).toBe(
    expected === undefined ? 'no fault' : `ValidationError: Action denied by stack policy: ${expected}`,
  );
  expect([...cloud.world.things.values()][0]?.properties.DisplayName).toBe(
    expected === undefined ? 'two' : 'one',
  );
  expect(await cloud.call('GetStackPolicy', { StackName: 'shop' })).toEqual({
    StackPolicyBody: POLICY(statements),
  });
});
