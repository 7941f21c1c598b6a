import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { openCloud } from '../../aws/cloudformation/testing/cloud.ts';
import { deployDefinition, type DeployRequest } from './deploy-definition.ts';
import { DeployFailure } from './deploy-failure.ts';

const root = mkdtempSync(join(tmpdir(), 'gatehouse-deploy-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function folderWith(files: Readonly<Record<string, string>>): string {
  folders += 1;
  const folder = join(root, `app-${folders}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function server() {
  const cloud = openCloud();
  const objects = new Map<string, Uint8Array>();
  const buckets = new Set<string>();
  const request = (definition: string, more: Partial<DeployRequest> = {}): DeployRequest => ({
    definition,
    parameters: {},
    region: 'us-east-1',
    local: true,
    call: async (service, operation, input) => {
      const { Bucket, Key, Body } = input as { Bucket?: string; Key?: string; Body?: Uint8Array };
      if (service === 'sts') return { Account: '123456789012' };
      if (service === 'cloudformation') return cloud.call(operation, input);
      if (operation === 'CreateBucket') buckets.add(Bucket ?? '');
      if (operation === 'HeadBucket' && !buckets.has(Bucket ?? '')) throw new Error('NotFound');
      if (operation === 'HeadObject' && !objects.has(`${Bucket}/${Key}`)) throw new Error('NotFound');
      if (operation === 'PutObject') objects.set(`${Bucket}/${Key}`, Body ?? new Uint8Array());
      return {};
    },
    ...more,
  });
  cloud.world.answers.set('s3.GetObject', (input) => {
    const { Bucket, Key } = input as { Bucket: string; Key: string };
    return { Body: objects.get(`${Bucket}/${Key}`) };
  });
  return { cloud, objects, buckets, request };
}

const SAM = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Color: { Type: String, Default: red }
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: orders/
      Description: !Ref Color
Outputs:
  Arn: { Value: !GetAtt Orders.Arn }
`;
const CODE = 'exports.handler = async () => 1;\n';

test('code in a folder is handed over by path to a server on this machine', async () => {
  const { cloud, request, objects } = server();
  const folder = folderWith({ 'template.yaml': SAM, 'orders/index.js': CODE });
  const { stacks } = await deployDefinition(request(folder));
  const [stack] = stacks;
  expect(stack).toMatchObject({ stackName: `app-${folders}`, status: 'CREATE_COMPLETE', changed: true });
  const lambda = [...cloud.world.things.values()].find(({ type }) => type === 'AWS::Lambda::Function');
  expect(lambda?.properties.Code).toEqual({ S3Bucket: '__folder__', S3Key: join(folder, 'orders') });
  expect(objects.size).toBe(0);
  const again = await deployDefinition(request(folder));
  expect(again.stacks[0]).toMatchObject({ changed: false, status: 'CREATE_COMPLETE' });
  const blue = await deployDefinition(request(folder, { parameters: { Color: 'blue' } }));
  expect(blue.stacks[0]).toMatchObject({ changed: true, status: 'UPDATE_COMPLETE' });
  // A parameter that is not given again keeps its value.
  expect((await deployDefinition(request(folder))).stacks[0]?.changed).toBe(false);
});

test('any other server gets a zip in a bucket', async () => {
  const { cloud, request, objects, buckets } = server();
  const folder = folderWith({ 'template.yaml': SAM, 'orders/index.js': CODE, 'orders/lib/a.txt': 'a' });
  await deployDefinition(request(folder, { local: false }));
  expect([...buckets]).toEqual(['gatehouse-assets-123456789012-us-east-1']);
  const [[name = '', bytes = new Uint8Array()] = []] = objects;
  expect(Object.keys(unzipSync(bytes))).toEqual(['index.js', 'lib/a.txt']);
  const lambda = [...cloud.world.things.values()].find(({ type }) => type === 'AWS::Lambda::Function');
  expect(lambda?.properties.Code).toEqual({ S3Bucket: name.split('/')[0], S3Key: name.split('/')[1] });
});

test.each([
  ['a missing folder', SAM, {}, /^Orders: CodeUri orders\/: no such file or folder: .*\(template line 11\)$/],
  [
    'a missing file',
    SAM,
    { 'orders/other.js': CODE },
    /^Orders: handler index\.handler: no file index\.js .*\(template line 10\)$/,
  ],
  [
    'a missing export',
    SAM,
    { 'orders/index.js': 'exports.main = 1;' },
    /^Orders: handler index\.handler: .*index\.js exports no handler \(template line 10\)$/,
  ],
  [
    'code that does not parse',
    SAM,
    { 'orders/index.js': 'exports.handler = (\n' },
    /^Orders: .*index\.js: line \d: SyntaxError: .* \(template line 10\)$/,
  ],
  [
    'Python that does not parse',
    SAM.replace('nodejs22.x', 'python3.12'),
    { 'orders/index.py': 'def handler(event, context):\nreturn 1\n' },
    /^Orders: .*index\.py: line 2: IndentationError: .* \(template line 10\)$/,
  ],
  [
    'an unknown property',
    SAM.replace('Description:', 'Descriptoin:'),
    { 'orders/index.js': CODE },
    /property Descriptoin not defined for resource of type AWS::Serverless::Function \(template line 6\)/,
  ],
  [
    'a missing parameter',
    SAM.replace(', Default: red', ''),
    { 'orders/index.js': CODE },
    /Parameters: \[Color\] must have values/,
  ],
  [
    'an unknown attribute',
    SAM.replace('Orders.Arn', 'Orders.Nope'),
    { 'orders/index.js': CODE },
    /does not support attribute type Nope in Fn::GetAtt \(template line 14\)/,
  ],
] as const)('%s is told with its place, and nothing is made', async (_name, template, files, expected) => {
  const { cloud, request } = server();
  const folder = folderWith({ 'template.yaml': template, ...files });
  const failure = await deployDefinition(request(folder)).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(DeployFailure);
  expect(failure instanceof Error ? failure.message : '').toMatch(expected);
  expect(cloud.world.things.size).toBe(0);
});

test('a failed creation is told with every reason, and the next attempt begins anew', async () => {
  const { cloud, request } = server();
  const folder = folderWith({ 'template.yaml': SAM, 'orders/index.js': CODE });
  cloud.world.failures.set('create Orders', 1);
  const told: string[] = [];
  const failure = await deployDefinition(
    request(folder, {
      stackName: 'shop',
      onEvent: ({ logicalId, status }) => told.push(`${logicalId} ${status}`),
    }),
  ).catch((thrown: unknown) => thrown);
  expect(failure instanceof DeployFailure && failure.reasons).toEqual([
    'shop: ROLLBACK_COMPLETE',
    expect.stringContaining('Orders (AWS::Lambda::Function): no create Orders'),
  ]);
  expect(told).toContain('Orders CREATE_FAILED');
  const { stacks } = await deployDefinition(request(folder, { stackName: 'shop' }));
  expect(stacks[0]?.status).toBe('CREATE_COMPLETE');
});

test('a template too large for a call goes by way of a bucket; nested templates too', async () => {
  const { cloud, request } = server();
  const topic = (id: number) =>
    `  T${id}: { Type: AWS::SNS::Topic, Properties: { DisplayName: ${'x'.repeat(2000)} } }`;
  const template = `Resources:\n${Array.from({ length: 30 }, (_, id) => topic(id)).join('\n')}\n`;
  const folder = folderWith({ 'template.yaml': template });
  await deployDefinition(request(folder));
  expect(cloud.world.things.size).toBe(30);
});

test.each([
  ['an empty folder', { 'readme.txt': '' }, /no template here/],
  ['the Serverless Framework', { 'serverless.yml': 'service: x' }, /Serverless Framework are not supported/],
])('%s is refused', async (_name, files, expected) => {
  const { request } = server();
  expect(deployDefinition(request(folderWith(files)))).rejects.toThrow(expected);
});

test('a CDK assembly: stacks in order, code by path, no bootstrap', async () => {
  const { cloud, request, objects } = server();
  const stackTemplate = (code: boolean) => ({
    Resources: {
      ...(code && {
        Fn: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            Role: 'arn:role',
            Code: {
              S3Bucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' },
              S3Key: 'abc.zip',
            },
          },
        },
      }),
      Topic: { Type: 'AWS::SNS::Topic', ...(code && { Properties: { DisplayName: 'file.json' } }) },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:x' } },
    },
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [{ Assert: false }] } },
  });
  const destination = (objectKey: string) => ({
    current: { bucketName: 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}', objectKey },
  });
  const folder = folderWith({
    'manifest.json': JSON.stringify({
      version: '36.0.0',
      artifacts: {
        'B.assets': { type: 'cdk:asset-manifest', properties: { file: 'B.assets.json' } },
        B: {
          type: 'aws:cloudformation:stack',
          dependencies: ['A', 'B.assets'],
          properties: { templateFile: 'B.json' },
        },
        A: {
          type: 'aws:cloudformation:stack',
          properties: { templateFile: 'A.json', stackName: 'first', tags: { t: 'v' } },
        },
      },
    }),
    'A.json': JSON.stringify(stackTemplate(false)),
    'B.json': JSON.stringify(stackTemplate(true)),
    'B.assets.json': JSON.stringify({
      files: {
        abc: { source: { path: 'asset.abc', packaging: 'zip' }, destinations: destination('abc.zip') },
        file: { source: { path: 'file.json', packaging: 'file' }, destinations: destination('file.json') },
        template: { source: { path: 'B.json', packaging: 'file' }, destinations: destination('unused.json') },
      },
    }),
    'asset.abc/index.js': CODE,
    'file.json': '{}',
  });
  const { stacks } = await deployDefinition(request(folder));
  expect(stacks.map(({ stackName, status }) => [stackName, status])).toEqual([
    ['first', 'CREATE_COMPLETE'],
    ['B', 'CREATE_COMPLETE'],
  ]);
  const lambda = [...cloud.world.things.values()].find(({ type }) => type === 'AWS::Lambda::Function');
  expect(lambda?.properties.Code).toEqual({ S3Bucket: '__folder__', S3Key: join(folder, 'asset.abc') });
  expect([...objects.keys()]).toEqual(['cdk-hnb659fds-assets-123456789012-us-east-1/file.json']);
});
