/** The AWS CLI, as its manual shows it: one walk a service, each from nothing to nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { strToU8, zipSync } from 'fflate';
import { callApi } from '../sdk/call-api.ts';
import { useServer } from '../sdk/test-server.ts';
import { type AwsCli, openAwsCli } from './aws.ts';

const server = useServer();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-aws-cli-'));
let aws: AwsCli;
let major = 0;
let minor = 0;
beforeAll(async () => {
  aws = await openAwsCli(server.url, folder);
  const version = (await aws.text('--version')).replace('aws-cli/', '');
  [major = 0, minor = 0] = version.split('.').map(Number);
});
afterAll(() => {
  aws.close();
  rmSync(folder, { recursive: true, force: true });
});

const CODE = `export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + (event.name ?? event.rawPath ?? event.path) });`;
writeFileSync(join(folder, 'function.zip'), zipSync({ 'index.mjs': strToU8(CODE) }));
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

const createFunction = async (name: string): Promise<string> => {
  const made = await aws.run(
    ['lambda', 'create-function', '--function-name', name, '--runtime', 'nodejs22.x'],
    ['--handler', 'index.handler', '--zip-file', 'fileb://function.zip'],
    ['--role', 'arn:aws:iam::123456789012:role/any'],
  );
  return (made as { FunctionArn: string }).FunctionArn;
};
const permit = (name: string, apiId: string): Promise<unknown> =>
  aws.run(
    ['lambda', 'add-permission', '--function-name', name, '--statement-id', 'api'],
    ['--action', 'lambda:InvokeFunction', '--principal', 'apigateway.amazonaws.com'],
    ['--source-arn', `arn:aws:execute-api:us-east-1:123456789012:${apiId}/*`],
  );

test('apigateway', async () => {
  const arn = await createFunction('rest');
  const api = (await aws.run('apigateway', 'create-rest-api', '--name', 'shop')) as {
    id: string;
    rootResourceId: string;
  };
  const of = ['--rest-api-id', api.id];
  const resource = (await aws.run([
    'apigateway',
    'create-resource',
    ...of,
    '--parent-id',
    api.rootResourceId,
    '--path-part',
    '{proxy+}',
  ])) as { id: string };
  const method = [...of, '--resource-id', resource.id, '--http-method', 'ANY'];
  await aws.run('apigateway', 'put-method', ...method, '--authorization-type', 'NONE');
  await aws.run(
    ['apigateway', 'put-integration', ...method, '--type', 'AWS_PROXY', '--integration-http-method', 'POST'],
    ['--uri', `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`],
  );
  await aws.run('apigateway', 'create-deployment', ...of, '--stage-name', 'prod');
  await permit('rest', api.id);
  expect(await callApi(server.url, api.id, '/prod/a/b')).toMatchObject({ status: 200, text: 'hello /a/b' });
  await aws.run(
    ['apigateway', 'update-stage', ...of, '--stage-name', 'prod'],
    ['--patch-operations', 'op=replace,path=/description,value=live'],
  );
  expect(await aws.run('apigateway', 'get-stages', ...of)).toMatchObject({
    item: [{ stageName: 'prod', description: 'live' }],
  });
  await aws.run([
    'apigateway',
    'get-export',
    ...of,
    '--stage-name',
    'prod',
    '--export-type',
    'oas30',
    'export.json',
  ]);
  const exported = JSON.parse(readFileSync(join(folder, 'export.json'), 'utf8'));
  expect(Object.keys(exported.paths)).toEqual(['/{proxy+}']);
  await aws.run('apigateway', 'delete-rest-api', ...of);
  expect(await aws.fails('apigateway', 'get-rest-api', ...of)).toContain(
    '(NotFoundException) when calling the GetRestApi operation: Invalid API identifier specified',
  );
}, 60_000);

test('apigatewayv2', async () => {
  const arn = await createFunction('http');
  const { ApiId } = (await aws.run([
    'apigatewayv2',
    'create-api',
    '--name',
    'front',
    '--protocol-type',
    'HTTP',
    '--target',
    arn,
  ])) as { ApiId: string };
  await permit('http', ApiId);
  expect(await callApi(server.url, ApiId, '/a/b')).toMatchObject({ status: 200, text: 'hello /a/b' });
  expect(await aws.run('apigatewayv2', 'get-routes', '--api-id', ApiId)).toMatchObject({
    Items: [{ RouteKey: '$default' }],
  });
  await aws.run('apigatewayv2', 'update-api', '--api-id', ApiId, '--cors-configuration', 'AllowOrigins=*');
  expect(await aws.run('apigatewayv2', 'get-api', '--api-id', ApiId)).toMatchObject({
    CorsConfiguration: { AllowOrigins: ['*'] },
  });
  await aws.run('apigatewayv2', 'delete-api', '--api-id', ApiId);
  expect(await aws.fails('apigatewayv2', 'get-api', '--api-id', ApiId)).toContain('(NotFoundException)');
}, 60_000);

test('lambda and logs', async () => {
  await createFunction('work');
  await aws.run('lambda', 'wait', 'function-active-v2', '--function-name', 'work');
  const answer = await aws.run(
    ['lambda', 'invoke', '--function-name', 'work', '--log-type', 'Tail'],
    payload('{"name":"Ada"}'),
    'answer.json',
  );
  expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  expect(JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8')).body).toBe('hello Ada');
  writeFileSync(join(folder, 'new.zip'), zipSync({ 'index.mjs': strToU8(CODE.replace('hello', 'goodbye')) }));
  await aws.run('lambda', 'update-function-code', '--function-name', 'work', '--zip-file', 'fileb://new.zip');
  expect(await aws.run('lambda', 'publish-version', '--function-name', 'work')).toMatchObject({
    Version: '1',
  });
  await aws.run([
    'lambda',
    'create-alias',
    '--function-name',
    'work',
    '--name',
    'live',
    '--function-version',
    '1',
  ]);
  await aws.run('lambda', 'invoke', '--function-name', 'work:live', 'answer.json');
  expect(readFileSync(join(folder, 'answer.json'), 'utf8')).toContain('goodbye');
  const { events } = (await aws.run([
    'logs',
    'filter-log-events',
    '--log-group-name',
    '/aws/lambda/work',
    '--filter-pattern',
    'REPORT',
  ])) as { events: { message: string }[] };
  expect(events.map(({ message }) => message.split(' ')[0])).toEqual(['REPORT', 'REPORT']);
  await aws.run(
    'logs',
    'put-retention-policy',
    '--log-group-name',
    '/aws/lambda/work',
    '--retention-in-days',
    '1',
  );
  expect(
    await aws.run('logs', 'describe-log-groups', '--log-group-name-prefix', '/aws/lambda/work'),
  ).toMatchObject({
    logGroups: [{ logGroupName: '/aws/lambda/work', retentionInDays: 1 }],
  });
  await aws.run('logs', 'delete-log-group', '--log-group-name', '/aws/lambda/work');
  await aws.run('lambda', 'delete-function', '--function-name', 'work');
  expect(await aws.fails('lambda', 'get-function', '--function-name', 'work')).toContain(
    'Function not found: arn:aws:lambda:us-east-1:123456789012:function:work',
  );
}, 60_000);

/** Version 2 of the CLI reads base64 unless it is told otherwise; version 1 does not know the option. */
const payload = (json: string): string[] => [
  '--payload',
  json,
  ...(major === 2 ? ['--cli-binary-format', 'raw-in-base64-out'] : []),
];

/** `package` takes no --endpoint-url; the variable in its place is known since 1.29 and 2.13, which Debian 12 does not have. */
const packagesAtAnEndpoint = (): boolean => (major === 1 ? minor >= 29 : minor >= 13);

test('iam and sts', async () => {
  expect(await aws.run('sts', 'get-caller-identity')).toMatchObject({ Account: '123456789012' });
  const name = ['--role-name', 'worker'];
  await aws.run('iam', 'create-role', ...name, '--assume-role-policy-document', TRUST);
  const managed = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  await aws.run('iam', 'attach-role-policy', ...name, '--policy-arn', managed);
  expect(await aws.run('iam', 'list-attached-role-policies', ...name)).toMatchObject({
    AttachedPolicies: [{ PolicyArn: managed }],
  });
  expect(await aws.fails('iam', 'delete-role', ...name)).toContain('(DeleteConflict)');
  await aws.run('iam', 'detach-role-policy', ...name, '--policy-arn', managed);
  await aws.run('iam', 'delete-role', ...name);
  expect(await aws.fails('iam', 'get-role', ...name)).toContain('(NoSuchEntity)');
}, 60_000);

test('s3', async () => {
  mkdirSync(join(folder, 'site', 'css'), { recursive: true });
  writeFileSync(join(folder, 'site', 'index.html'), '<h1>hello</h1>');
  writeFileSync(join(folder, 'site', 'css', 'page.css'), 'h1 {}');
  writeFileSync(join(folder, 'large.bin'), Buffer.alloc(9 * 1024 * 1024, 'x'));
  await aws.text('s3', 'mb', 's3://site');
  await aws.text('s3', 'sync', 'site', 's3://site', '--quiet');
  await aws.text('s3', 'cp', 'large.bin', 's3://site/large.bin', '--quiet');
  const listed = await aws.text('s3', 'ls', 's3://site', '--recursive');
  expect(
    listed
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).slice(2)),
  ).toEqual([
    ['5', 'css/page.css'],
    ['14', 'index.html'],
    ['9437184', 'large.bin'],
  ]);
  const link = (await aws.text('s3', 'presign', 's3://site/index.html')).trim();
  expect(await (await fetch(link)).text()).toBe('<h1>hello</h1>');
  await aws.text('s3', 'cp', 's3://site/large.bin', 'back.bin', '--quiet');
  expect(readFileSync(join(folder, 'back.bin')).equals(readFileSync(join(folder, 'large.bin')))).toBe(true);
  await aws.text('s3', 'rb', 's3://site', '--force');
  expect(await aws.text('s3', 'ls')).not.toContain('site');
}, 60_000);

test('dynamodb', async () => {
  const table = ['--table-name', 'music'];
  await aws.run(
    ['dynamodb', 'create-table', ...table, '--billing-mode', 'PAY_PER_REQUEST'],
    ['--attribute-definitions', 'AttributeName=artist,AttributeType=S', 'AttributeName=song,AttributeType=S'],
    ['--key-schema', 'AttributeName=artist,KeyType=HASH', 'AttributeName=song,KeyType=RANGE'],
  );
  await aws.run('dynamodb', 'wait', 'table-exists', ...table);
  const item = { artist: { S: 'Nina' }, song: { S: 'Feeling' }, plays: { N: '3' } };
  await aws.run('dynamodb', 'put-item', ...table, '--item', JSON.stringify(item));
  await aws.run(
    ['dynamodb', 'update-item', ...table, '--key', JSON.stringify({ artist: item.artist, song: item.song })],
    ['--update-expression', 'ADD plays :n', '--expression-attribute-values', '{":n":{"N":"2"}}'],
  );
  const found = await aws.run(
    ['dynamodb', 'query', ...table, '--key-condition-expression', 'artist = :a'],
    ['--expression-attribute-values', '{":a":{"S":"Nina"}}'],
  );
  expect(found).toMatchObject({ Count: 1, Items: [{ ...item, plays: { N: '5' } }] });
  await aws.run('dynamodb', 'delete-table', ...table);
  expect(await aws.fails('dynamodb', 'describe-table', ...table)).toContain('(ResourceNotFoundException)');
}, 60_000);

test('cloudformation package and deploy', async () => {
  const app = join(folder, 'app');
  mkdirSync(join(app, 'code'), { recursive: true });
  writeFileSync(join(app, 'code', 'index.mjs'), CODE);
  writeFileSync(join(app, 'template.yaml'), TEMPLATE);
  await aws.text('s3', 'mb', 's3://packages');
  if (packagesAtAnEndpoint())
    await aws.text(
      ['cloudformation', 'package', '--template-file', 'app/template.yaml', '--s3-bucket', 'packages'],
      ['--output-template-file', 'packaged.yaml'],
    );
  else {
    await aws.text('s3', 'cp', 'function.zip', 's3://packages/function.zip', '--quiet');
    writeFileSync(join(folder, 'packaged.yaml'), TEMPLATE.replace('code/', 's3://packages/function.zip'));
  }
  let last = 0;
  const deploy = async (...more: string[]): Promise<string> => {
    // The CLI names its change set by the second in which it is made.
    while (Math.floor(Date.now() / 1000) <= last) await wait(20);
    const said = await aws.text(
      ['cloudformation', 'deploy', '--template-file', 'packaged.yaml', '--stack-name', 'app'],
      ['--capabilities', 'CAPABILITY_IAM', ...more],
    );
    last = Math.floor(Date.now() / 1000);
    return said;
  };
  expect(await deploy()).toContain('Successfully created/updated stack - app');
  const { Stacks } = (await aws.run('cloudformation', 'describe-stacks', '--stack-name', 'app')) as {
    Stacks: { StackStatus: string; Outputs: { OutputKey: string; OutputValue: string }[] }[];
  };
  const output = (key: string) => Stacks[0]?.Outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  expect(Stacks[0]?.StackStatus).toBe('CREATE_COMPLETE');
  expect((await callApi(server.url, output('RestId') ?? '', '/Prod/x')).text).toBe('hello /x');
  expect((await callApi(server.url, output('HttpId') ?? '', '/y')).text).toBe('hello /y');
  expect(await deploy('--no-fail-on-empty-changeset')).toContain('No changes to deploy');
  expect(await deploy('--parameter-overrides', 'Days=3')).toContain('Successfully created/updated');
  expect(await aws.run('logs', 'describe-log-groups', '--log-group-name-prefix', 'app-')).toMatchObject({
    logGroups: [{ retentionInDays: 3 }],
  });
  expect(
    await aws.fails('cloudformation', 'validate-template', '--template-body', '{"Resources":{"A":{}}}'),
  ).toContain('(ValidationError)');
  await aws.run('cloudformation', 'delete-stack', '--stack-name', 'app');
  await aws.run('cloudformation', 'wait', 'stack-delete-complete', '--stack-name', 'app');
  expect(
    await aws.run('lambda', 'list-functions', '--query', "Functions[?starts_with(FunctionName,'app-')]"),
  ).toEqual([]);
}, 120_000);

const TEMPLATE = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Days: { Type: Number, Default: 1 }
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: code/
      Events:
        Rest: { Type: Api, Properties: { Path: /x, Method: get } }
        Http: { Type: HttpApi, Properties: { Path: /y, Method: get } }
  Group:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: !Sub '\${AWS::StackName}-own', RetentionInDays: !Ref Days }
Outputs:
  RestId: { Value: !Ref ServerlessRestApi }
  HttpId: { Value: !Ref ServerlessHttpApi }
`;
