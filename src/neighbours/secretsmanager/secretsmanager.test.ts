/** Secrets Manager through the official client. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as sm from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: sm.SecretsManagerClient;
beforeAll(() => {
  client = new sm.SecretsManagerClient(server.options());
});
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-rotation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const create = (Name: string, SecretString: string, more: Partial<sm.CreateSecretCommandInput> = {}) =>
  client.send(new sm.CreateSecretCommand({ Name, SecretString, ...more }));
const get = (SecretId: string, more: Partial<sm.GetSecretValueCommandInput> = {}) =>
  client.send(new sm.GetSecretValueCommand({ SecretId, ...more }));
const describeSecret = (SecretId: string) => client.send(new sm.DescribeSecretCommand({ SecretId }));
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};
const token = (text: string): string => text.padEnd(32, '-');

describe('values', () => {
  test('versions and their stages', async () => {
    const { ARN = '', VersionId } = await create('app/db', 'one');
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/db-\w{6}$/);
    expect(await get('app/db')).toMatchObject({
      ARN,
      SecretString: 'one',
      VersionId,
      VersionStages: ['AWSCURRENT'],
    });
    const put = (ClientRequestToken: string, SecretString: string, VersionStages?: string[]) =>
      client.send(
        new sm.PutSecretValueCommand({ SecretId: ARN, ClientRequestToken, SecretString, VersionStages }),
      );
    await put(token('two'), 'two');
    await put(token('two'), 'two');
    expect(await refusal(put(token('two'), 'other'))).toStartWith('ResourceExistsException');
    expect((await get(ARN.slice(0, -7))).SecretString).toBe('two');
    expect((await get(ARN, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('one');
    expect((await get(ARN, { VersionId })).SecretString).toBe('one');
    await put(token('three'), 'three', ['mine']);
    expect([(await get(ARN)).SecretString, (await get(ARN, { VersionStage: 'mine' })).SecretString]).toEqual([
      'two',
      'three',
    ]);
    await client.send(
      new sm.UpdateSecretVersionStageCommand({
        SecretId: ARN,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: token('three'),
        RemoveFromVersionId: token('two'),
      }),
    );
    expect((await describeSecret(ARN)).VersionIdsToStages).toEqual({
      [token('three')]: ['mine', 'AWSCURRENT'],
      [token('two')]: ['AWSPREVIOUS'],
    });
    expect(await refusal(get(ARN, { VersionStage: 'nothing' }))).toBe(
      "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: nothing",
    );
  });

  test('bytes, and many at once', async () => {
    const SecretBinary = new Uint8Array([0, 255, 7]);
    await client.send(new sm.CreateSecretCommand({ Name: 'bytes', SecretBinary }));
    expect((await get('bytes')).SecretBinary).toEqual(SecretBinary);
    await create('batch-1', 'b1');
    const batch = await client.send(
      new sm.BatchGetSecretValueCommand({ SecretIdList: ['batch-1', 'nothing'] }),
    );
    expect(batch.SecretValues?.map(({ SecretString }) => SecretString)).toEqual(['b1']);
    expect(batch.Errors).toMatchObject([{ SecretId: 'nothing', ErrorCode: 'ResourceNotFoundException' }]);
  });

  test('another account needs the policy', async () => {
    const { ARN } = await create('shared', 'x');
    const other = new sm.SecretsManagerClient(server.options('210987654321'));
    const reading = () => other.send(new sm.GetSecretValueCommand({ SecretId: ARN }));
    expect(await refusal(reading())).toStartWith('AccessDeniedException');
    const allow = (Principal: unknown) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
      });
    const set = (ResourcePolicy: string) =>
      client.send(
        new sm.PutResourcePolicyCommand({ SecretId: ARN, ResourcePolicy, BlockPublicPolicy: true }),
      );
    expect(await refusal(set(allow('*')))).toStartWith('PublicPolicyException');
    await set(allow({ AWS: 'arn:aws:iam::210987654321:root' }));
    // The policy lets the account in; the key behind the secret does not, as with AWS's own key on AWS.
    expect(await refusal(reading())).toContain('kms:Decrypt');
  });
});

test('deleted, brought back, gone when the time is over', async () => {
  await create('passing', 'x');
  const remove = (more: object) => client.send(new sm.DeleteSecretCommand({ SecretId: 'passing', ...more }));
  await remove({ RecoveryWindowInDays: 7 });
  expect(await refusal(get('passing'))).toContain('marked for deletion');
  expect(await refusal(create('passing', 'y'))).toContain('already scheduled for deletion');
  await client.send(new sm.RestoreSecretCommand({ SecretId: 'passing' }));
  expect((await get('passing')).SecretString).toBe('x');
  await remove({ RecoveryWindowInDays: 7 });
  server.pass(7 * 86_400 + 1);
  expect(await refusal(describeSecret('passing'))).toStartWith('ResourceNotFoundException');
  await create('passing', 'y');
  await remove({ ForceDeleteWithoutRecovery: true });
  expect(await refusal(remove({}))).toStartWith('ResourceNotFoundException');
});

test('listed by filters', async () => {
  await create('list/a', 'x', { Tags: [{ Key: 'team', Value: 'red' }], Description: 'Database of Orders' });
  await create('list/b', 'x', { Tags: [{ Key: 'team', Value: 'blue' }] });
  const list = async (...Filters: sm.Filter[]) =>
    (await client.send(new sm.ListSecretsCommand({ Filters, SortOrder: 'asc' }))).SecretList?.map(
      ({ Name }) => Name,
    );
  expect(await list({ Key: 'name', Values: ['list/'] })).toEqual(['list/a', 'list/b']);
  expect(await list({ Key: 'tag-value', Values: ['red'] })).toEqual(['list/a']);
  expect(await list({ Key: 'name', Values: ['list/'] }, { Key: 'description', Values: ['orders'] })).toEqual([
    'list/a',
  ]);
  expect(await list({ Key: 'name', Values: ['list/'] }, { Key: 'tag-value', Values: ['!red'] })).toEqual([
    'list/b',
  ]);
});

test('random passwords', async () => {
  const password = async (input: sm.GetRandomPasswordCommandInput) =>
    (await client.send(new sm.GetRandomPasswordCommand(input))).RandomPassword ?? '';
  expect(await password({})).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{32}$/);
  expect(await password({ PasswordLength: 100, ExcludePunctuation: true, ExcludeCharacters: 'abc' })).toMatch(
    /^[d-zA-Z0-9]{100}$/,
  );
  const nothing = password({
    ExcludeLowercase: true,
    ExcludeUppercase: true,
    ExcludeNumbers: true,
    ExcludePunctuation: true,
  });
  expect(await refusal(nothing)).toContain('leaves no characters');
});

test('rotated by a function, step by step', async () => {
  // Each step is told to the parameter store, which the test reads.
  writeFileSync(
    join(folder, 'index.mjs'),
    `const call = async (target, body) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', body: JSON.stringify(body), headers: {
    'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.1',
    Authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/' + target.split('.')[0] + '/aws4_request, SignedHeaders=host, Signature=0' } });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};
export const handler = async ({ Step, SecretId, ClientRequestToken }) => {
  await call('AmazonSSM.PutParameter', { Name: '/step/' + Step, Value: SecretId, Type: 'String', Overwrite: true });
  if (Step === 'createSecret') await call('secretsmanager.PutSecretValue', { SecretId, ClientRequestToken, SecretString: 'rotated', VersionStages: ['AWSPENDING'] });
  if (Step === 'finishSecret') {
    const { VersionIdsToStages: all } = await call('secretsmanager.DescribeSecret', { SecretId });
    const [old] = Object.entries(all).find(([, stages]) => stages.includes('AWSCURRENT'));
    await call('secretsmanager.UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId: old });
  }
};`,
  );
  const functions = new LambdaClient(server.options());
  const { FunctionArn } = await functions.send(
    new CreateFunctionCommand({
      FunctionName: 'rotate',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Timeout: 30,
      Code: { S3Bucket: '__folder__', S3Key: folder },
    }),
  );
  await functions.send(
    new AddPermissionCommand({
      FunctionName: 'rotate',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
    }),
  );
  const { ARN } = await create('rotating', 'first');
  const rotate = {
    SecretId: 'rotating',
    RotationLambdaARN: FunctionArn,
    RotationRules: { AutomaticallyAfterDays: 30 },
  };
  await client.send(new sm.RotateSecretCommand(rotate));
  while ((await describeSecret('rotating')).LastRotatedDate === undefined) await get('rotating');
  expect((await get('rotating')).SecretString).toBe('rotated');
  expect((await get('rotating', { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('first');
  expect(await describeSecret('rotating')).toMatchObject({
    RotationEnabled: true,
    RotationLambdaARN: FunctionArn,
  });
  const steps = new SSMClient(server.options());
  const { Parameters } = await steps.send(new DescribeParametersCommand({}));
  expect(Parameters?.map(({ Name }) => Name)).toEqual(
    ['createSecret', 'finishSecret', 'setSecret', 'testSecret'].map((step) => `/step/${step}`),
  );
  const { Parameter } = await steps.send(new GetParameterCommand({ Name: '/step/finishSecret' }));
  expect(Parameter?.Value).toBe(ARN);
}, 30_000);

test('in stacks: generated, read by dynamic reference', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (Description: string) => ({
    Resources: {
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          Description,
          GenerateSecretString: {
            SecretStringTemplate: '{"username":"admin"}',
            GenerateStringKey: 'password',
            PasswordLength: 20,
            ExcludePunctuation: true,
          },
        },
      },
      Parameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Type: 'String',
          Value: { 'Fn::Sub': '{{resolve:secretsmanager:${Secret}:SecretString:username}}' },
        },
      },
    },
    Outputs: { Secret: { Value: { Ref: 'Secret' } }, Parameter: { Value: { Ref: 'Parameter' } } },
  });
  const { Secret = '', Parameter: Name } = await stacks.create('secrets', template('one'));
  const before = (await get(Secret)).SecretString ?? '';
  expect(JSON.parse(before)).toEqual({ username: 'admin', password: expect.stringMatching(/^\w{20}$/) });
  const { Parameter } = await new SSMClient(server.options()).send(new GetParameterCommand({ Name }));
  expect(Parameter?.Value).toBe('admin');
  await stacks.update('secrets', template('two'));
  expect((await get(Secret)).SecretString).toBe(before);
  expect((await describeSecret(Secret)).Description).toBe('two');
  await stacks.delete('secrets');
  expect(await refusal(get(Secret))).toStartWith('ResourceNotFoundException');
});
