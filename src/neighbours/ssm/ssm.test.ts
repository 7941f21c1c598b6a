/** Parameters through the official client, and where templates read them. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DisableKeyCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: ssm.SSMClient;
beforeAll(() => {
  client = new ssm.SSMClient(server.options());
});

const put = (Name: string, Value: string, more: Partial<ssm.PutParameterCommandInput> = {}) =>
  client.send(new ssm.PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const get = async (Name: string, WithDecryption = false) =>
  (await client.send(new ssm.GetParameterCommand({ Name, WithDecryption }))).Parameter;
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};

test('versions, labels and history', async () => {
  expect(await put('/app/colour', 'red')).toMatchObject({ Version: 1, Tier: 'Standard' });
  expect(await refusal(put('/app/colour', 'blue'))).toStartWith('ParameterAlreadyExists');
  await put('/app/colour', 'blue', { Overwrite: true });
  expect(await get('/app/colour')).toMatchObject({
    Value: 'blue',
    Version: 2,
    ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/colour',
    DataType: 'text',
  });
  const label = { Name: '/app/colour', Labels: ['live', '1bad'] };
  const labelled = await client.send(new ssm.LabelParameterVersionCommand({ ...label, ParameterVersion: 1 }));
  expect(labelled.InvalidLabels).toEqual(['1bad']);
  expect([(await get('/app/colour:live'))?.Value, (await get('/app/colour:1'))?.Value]).toEqual([
    'red',
    'red',
  ]);
  await client.send(new ssm.LabelParameterVersionCommand({ Name: '/app/colour', Labels: ['live'] }));
  expect((await get('/app/colour:live'))?.Value).toBe('blue');
  const { Parameters } = await client.send(new ssm.GetParameterHistoryCommand({ Name: '/app/colour' }));
  expect(Parameters?.map(({ Value, Labels }) => [Value, Labels])).toEqual([
    ['red', []],
    ['blue', ['live']],
  ]);
  expect(await refusal(get('/app/colour:7'))).toStartWith('ParameterVersionNotFound');
  expect((await get('arn:aws:ssm:us-east-1:123456789012:parameter/app/colour'))?.Value).toBe('blue');
});

test('by path, by list, by filter', async () => {
  for (const name of ['/path/a', '/path/b/c', '/path/b/d', '/pathology']) await put(name, name);
  const byPath = async (more: object) => {
    const { Parameters, NextToken } = await client.send(
      new ssm.GetParametersByPathCommand({ Path: '/path', ...more }),
    );
    return { names: Parameters?.map(({ Name }) => Name), NextToken };
  };
  expect((await byPath({})).names).toEqual(['/path/a']);
  const first = await byPath({ Recursive: true, MaxResults: 2 });
  expect(first.names).toEqual(['/path/a', '/path/b/c']);
  expect((await byPath({ Recursive: true, NextToken: first.NextToken })).names).toEqual(['/path/b/d']);
  const several = await client.send(new ssm.GetParametersCommand({ Names: ['/path/a', '/nothing'] }));
  expect([several.Parameters?.length, several.InvalidParameters]).toEqual([1, ['/nothing']]);
  await client.send(
    new ssm.AddTagsToResourceCommand({
      ResourceType: 'Parameter',
      ResourceId: '/path/a',
      Tags: [{ Key: 'k', Value: 'v' }],
    }),
  );
  const ParameterFilters = [{ Key: 'tag:k', Values: ['v'] }];
  const described = await client.send(new ssm.DescribeParametersCommand({ ParameterFilters }));
  expect(described.Parameters?.map(({ Name }) => Name)).toEqual(['/path/a']);
  const deleted = await client.send(new ssm.DeleteParametersCommand({ Names: ['/path/a', '/nothing'] }));
  expect(deleted).toMatchObject({ DeletedParameters: ['/path/a'], InvalidParameters: ['/nothing'] });
  expect(await refusal(get('/path/a'))).toStartWith('ParameterNotFound');
});

test('secure strings are closed by their key', async () => {
  const keys = new KMSClient(server.options());
  const { KeyMetadata } = await keys.send(new CreateKeyCommand({}));
  await put('/secret', 'hidden', { Type: 'SecureString', KeyId: KeyMetadata?.KeyId });
  expect((await get('/secret'))?.Value).not.toContain('hidden');
  expect((await get('/secret', true))?.Value).toBe('hidden');
  await keys.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }));
  expect(await refusal(get('/secret', true))).toStartWith('DisabledException');
  await put('/default', 'hidden too', { Type: 'SecureString' });
  expect((await get('/default', true))?.Value).toBe('hidden too');
});

test('a policy ends a parameter at its time', async () => {
  const Timestamp = new Date(Date.now() + 3_600_000).toISOString();
  const Policies = JSON.stringify([{ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp } }]);
  await put('/ending', 'x', { Tier: 'Advanced', Policies });
  expect((await get('/ending'))?.Value).toBe('x');
  server.pass(3601);
  expect(await refusal(get('/ending'))).toStartWith('ParameterNotFound');
  expect((await put('/ending', 'again')).Version).toBe(1);
});

const REFUSED: [string, Partial<ssm.PutParameterCommandInput>, string][] = [
  ['/aws/x', {}, 'can\'t be prefixed with "aws" or "ssm"'],
  ['a/b', {}, 'must be a fully qualified name'],
  ['/a b', {}, 'must be a fully qualified name'],
  [`/${'a/'.repeat(16)}a`, {}, 'HierarchyLevelLimitExceededException'],
  [
    '/large',
    { Value: 'x'.repeat(4097) },
    'Standard tier parameters support a maximum parameter value of 4096',
  ],
  ['/pattern', { AllowedPattern: '\\d+', Value: 'x' }, 'ParameterPatternMismatchException'],
  ['/nested', { Value: '{{x}}' }, "can't nest another parameter"],
  [
    '/policy',
    { Policies: '[{"Type":"NoChangeNotification"}]', Tier: 'Advanced' },
    'NoChangeNotification: not supported by gatehouse',
  ],
];
test.each(REFUSED)('refuses %s', async (name, more, message) => {
  expect(await refusal(put(name, 'x', more))).toContain(message);
});

describe('templates', () => {
  test('make parameters, read them by type and by dynamic reference', async () => {
    const stacks = createStacks(new CloudFormationClient(server.options()));
    await put('/template/timeout', '77');
    await put('/template/delay', '11');
    const template = (Value: string) => ({
      Parameters: { Timeout: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/template/timeout' } },
      Resources: {
        Made: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value, Tags: { a: '1' } } },
        Queue: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            VisibilityTimeout: { Ref: 'Timeout' },
            DelaySeconds: '{{resolve:ssm:/template/delay:1}}',
          },
        },
      },
      Outputs: { Name: { Value: { Ref: 'Made' } }, Queue: { Value: { Ref: 'Queue' } } },
    });
    const { Name = '', Queue } = await stacks.create('parameters', template('one'));
    expect((await get(Name))?.Value).toBe('one');
    const { Attributes } = await new SQSClient(server.options()).send(
      new GetQueueAttributesCommand({
        QueueUrl: Queue,
        AttributeNames: ['VisibilityTimeout', 'DelaySeconds'],
      }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: '77', DelaySeconds: '11' });
    await stacks.update('parameters', template('two'));
    expect(await get(Name)).toMatchObject({ Value: 'two', Version: 2 });
    await stacks.delete('parameters');
    expect(await refusal(get(Name))).toStartWith('ParameterNotFound');
  });
});
