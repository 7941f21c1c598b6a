import { describe, expect, test } from 'bun:test';
import { unzipSync } from 'fflate';
import { resourceOf } from './testing/resource.ts';
import { faultOf, openRoom, ROLE, text, zip } from './testing/room.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:stack-Fn-ABC';
const template = {
  Runtime: 'nodejs22.x',
  Handler: 'index.handler',
  Role: ROLE,
  Code: { ZipFile: 'exports.handler = async () => 1;' },
};

async function filesOf(room: ReturnType<typeof openRoom>, name: string): Promise<Record<string, string>> {
  const { Code } = await room.call<{ Code: { Location: string } }>('GetFunction', { FunctionName: name });
  const archive = await room.lambda.openCode(Code.Location.slice('http://127.0.0.1:4566'.length));
  return Object.fromEntries(
    Object.entries(unzipSync(archive ?? zip)).map(([file, bytes]) => [file, text(bytes)]),
  );
}

describe('AWS::Lambda::Function', () => {
  test('inline code becomes index.js, the same text the same package', async () => {
    const room = openRoom();
    const state = await resourceOf(room, 'AWS::Lambda::Function', 'Fn').create(template);
    expect(state).toMatchObject({ physicalId: 'stack-Fn-ABC', attributes: { Arn: ARN } });
    expect(await filesOf(room, 'stack-Fn-ABC')).toEqual({ 'index.js': 'exports.handler = async () => 1;' });
    await resourceOf(room, 'AWS::Lambda::Function', 'Other').create(template);
    const digests = await Promise.all(
      ['Fn', 'Other'].map((id) => room.call('GetFunctionConfiguration', { FunctionName: `stack-${id}-ABC` })),
    );
    expect(digests[0]?.CodeSha256).toBe(digests[1]?.CodeSha256);
  });

  test('inline Python that answers CloudFormation gets the module for it', async () => {
    const room = openRoom();
    const Code = { ZipFile: 'import cfnresponse' };
    await resourceOf(room, 'AWS::Lambda::Function', 'Fn').create({
      ...template,
      Runtime: 'python3.12',
      Code,
    });
    expect(Object.keys(await filesOf(room, 'stack-Fn-ABC'))).toEqual(['index.py', 'cfnresponse.py']);
  });

  test('an update takes back what the template no longer says', async () => {
    const room = openRoom();
    const resource = resourceOf(room, 'AWS::Lambda::Function', 'Fn');
    await resource.create({
      ...template,
      Timeout: 30,
      Environment: { Variables: { TABLE: 't' } },
      ReservedConcurrentExecutions: 2,
      RecursiveLoop: 'Allow',
      Tags: [
        { Key: 'team', Value: 'a' },
        { Key: 'old', Value: 'x' },
      ],
    });
    await resource.update({
      ...template,
      Code: { ZipFile: 'exports.handler = 2;' },
      Tags: [{ Key: 'team', Value: 'b' }],
    });
    const shown = await room.call('GetFunction', { FunctionName: 'stack-Fn-ABC' });
    expect(shown).toMatchObject({
      Configuration: { Timeout: 3, Environment: { Variables: {} } },
      Tags: { team: 'b', 'aws:cloudformation:stack-name': 'stack' },
    });
    expect(Object.keys(Object(shown.Tags))).not.toContain('old');
    expect(shown.Concurrency).toBeUndefined();
    expect(await room.call('GetFunctionRecursionConfig', { FunctionName: 'stack-Fn-ABC' })).toEqual({
      RecursiveLoop: 'Terminate',
    });
    expect(await filesOf(room, 'stack-Fn-ABC')).toEqual({ 'index.js': 'exports.handler = 2;' });
  });

  test('an update that changes tags alone leaves the code running', async () => {
    const room = openRoom();
    const resource = resourceOf(room, 'AWS::Lambda::Function', 'Fn');
    await resource.create(template);
    await room.call('Invoke', { FunctionName: 'stack-Fn-ABC' });
    await resource.update({ ...template, Tags: [{ Key: 'a', Value: 'b' }] });
    await room.call('Invoke', { FunctionName: 'stack-Fn-ABC' });
    expect(room.runs[1]?.config.revision).toBe(room.runs[0]?.config.revision ?? '');
  });

  test('deleting what is gone succeeds', async () => {
    const room = openRoom();
    const resource = resourceOf(room, 'AWS::Lambda::Function', 'Fn');
    await resource.create(template);
    await resource.delete();
    await resource.delete();
    expect(await room.call('ListFunctions', {})).toEqual({ Functions: [] });
  });
});

test('a version, an alias on it, a permission of the alias and a URL are made, changed and removed', async () => {
  const room = openRoom();
  await resourceOf(room, 'AWS::Lambda::Function', 'Fn').create(template);
  const FunctionName = 'stack-Fn-ABC';
  const version = resourceOf(room, 'AWS::Lambda::Version', 'V');
  expect(await version.create({ FunctionName })).toEqual({
    physicalId: `${ARN}:1`,
    attributes: { FunctionArn: `${ARN}:1`, Version: '1' },
  });
  expect(await faultOf(resourceOf(room, 'AWS::Lambda::Version', 'V2').create({ FunctionName }))).toBe(
    'ResourceConflictException: A version for this Lambda function exists ( 1 ). Modify the function to create a new version.',
  );
  const alias = resourceOf(room, 'AWS::Lambda::Alias', 'Live');
  const live = { FunctionName, Name: 'live', FunctionVersion: '1' };
  expect(
    await alias.create({ ...live, ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } }),
  ).toMatchObject({ physicalId: `${ARN}:live` });
  await alias.update({ ...live, Description: 'x' });
  expect(
    await faultOf(room.call('GetProvisionedConcurrencyConfig', { FunctionName, Qualifier: 'live' })),
  ).toBe(
    'ProvisionedConcurrencyConfigNotFoundException: No Provisioned Concurrency Config found for this function',
  );
  const permission = resourceOf(room, 'AWS::Lambda::Permission', 'P');
  await permission.create({
    FunctionName: `${ARN}:live`,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
  });
  const policy = await room.call<{ Policy: string }>('GetPolicy', { FunctionName, Qualifier: 'live' });
  expect(JSON.parse(policy.Policy)).toMatchObject({
    Statement: [{ Sid: 'stack-P-ABC', Resource: `${ARN}:live` }],
  });
  const url = resourceOf(room, 'AWS::Lambda::Url', 'U');
  const { attributes } = await url.create({
    TargetFunctionArn: ARN,
    AuthType: 'NONE',
    Cors: { AllowOrigins: ['*'] },
  });
  const urlId = new URL(String(attributes?.FunctionUrl)).hostname.split('.')[0] ?? '';
  expect(attributes?.FunctionUrl).toBe(`http://${urlId}.lambda-url.us-east-1.localhost:4566/`);
  expect(await room.lambda.findFunctionUrl(urlId)).toMatchObject({
    functionArn: ARN,
    authType: 'NONE',
    cors: { AllowOrigins: ['*'] },
  });
  await url.update({ TargetFunctionArn: ARN, AuthType: 'AWS_IAM' });
  expect(await room.lambda.findFunctionUrl(urlId)).toMatchObject({ authType: 'AWS_IAM', cors: {} });
  for (const resource of [url, permission, alias, version]) await resource.delete();
  expect(await room.lambda.findFunctionUrl(urlId)).toBeUndefined();
  expect(await room.call('ListAliases', { FunctionName })).toEqual({ Aliases: [] });
});

test('layers and their permissions, and event invoke configs', async () => {
  const room = openRoom({ allowFolders: true });
  const layer = resourceOf(room, 'AWS::Lambda::LayerVersion', 'Layer');
  const arn = 'arn:aws:lambda:us-east-1:123456789012:layer:stack-Layer-ABC:1';
  expect(await layer.create({ Content: { S3Bucket: '__folder__', S3Key: '/tmp' } })).toMatchObject({
    physicalId: arn,
  });
  const permission = resourceOf(room, 'AWS::Lambda::LayerVersionPermission', 'LP');
  await permission.create({ LayerVersionArn: arn, Action: 'lambda:GetLayerVersion', Principal: '*' });
  await resourceOf(room, 'AWS::Lambda::Function', 'Fn').create({ ...template, Layers: [arn] });
  await room.call('Invoke', { FunctionName: 'stack-Fn-ABC' });
  expect(room.runs[0]?.config.layers).toEqual([{ kind: 'folder', path: '/tmp' }]);
  const config = resourceOf(room, 'AWS::Lambda::EventInvokeConfig', 'E');
  const target = { FunctionName: 'stack-Fn-ABC', Qualifier: '$LATEST' };
  await config.create({ ...target, MaximumRetryAttempts: 1 });
  await config.update({ ...target, MaximumEventAgeInSeconds: 60 });
  const kept = await room.call('GetFunctionEventInvokeConfig', target);
  expect([kept.MaximumRetryAttempts, kept.MaximumEventAgeInSeconds]).toEqual([undefined, 60]);
  for (const resource of [config, permission, layer]) await resource.delete();
  expect(await room.call('ListLayers', {})).toEqual({ Layers: [] });
});
