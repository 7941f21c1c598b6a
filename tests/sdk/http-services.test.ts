/** First-class integrations of HTTP APIs: against the services of this server, and an endpoint that stands for others. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as kinesis from '@aws-sdk/client-kinesis';

import * as sfn from '@aws-sdk/client-sfn';
import * as sqs from '@aws-sdk/client-sqs';
import { useServer } from './test-server.ts';

const other: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
const elsewhere = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    other.push({ method, url, headers, body });
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1', 'Configuration-Version': '7' });
    response.end('{"FailedEntryCount":0}');
  });
});
await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
const { port } = elsewhere.address() as AddressInfo; // a TCP server's address
for (const name of ['EVENTS', 'APPCONFIG'])
  process.env[`GATEHOUSE_ENDPOINT_${name}`] = `http://127.0.0.1:${port}`;
const server = useServer();
afterAll(() => {
  for (const name of ['EVENTS', 'APPCONFIG']) delete process.env[`GATEHOUSE_ENDPOINT_${name}`];
  elsewhere.close();
});

let apiId = '';
let roleArn = '';
let queueUrl = '';
let machineArn = '';
const client = () => new v2.ApiGatewayV2Client({ ...server.options(), maxAttempts: 1 });
// Its own handler speaks HTTP/2 alone.
const streams = () =>
  new kinesis.KinesisClient({ ...server.options(), requestHandler: client().config.requestHandler });

beforeAll(async () => {
  const iam = new IAMClient(server.options());
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'caller', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  roleArn = Role?.Arn ?? '';
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'caller',
      PolicyName: 'all',
      PolicyDocument: JSON.stringify(policy),
    }),
  );
  ({ QueueUrl: queueUrl = '' } = await new sqs.SQSClient(server.options()).send(
    new sqs.CreateQueueCommand({ QueueName: 'orders' }),
  ));
  await streams().send(new kinesis.CreateStreamCommand({ StreamName: 'clicks', ShardCount: 1 }));
  ({ stateMachineArn: machineArn = '' } = await new sfn.SFNClient(server.options()).send(
    new sfn.CreateStateMachineCommand({
      name: 'greet',
      type: 'EXPRESS',
      roleArn,
      definition: JSON.stringify({
        StartAt: 'Hello',
        States: { Hello: { Type: 'Pass', Parameters: { 'hello.$': '$.name' }, End: true } },
      }),
    }),
  ));
  ({ ApiId: apiId = '' } = await client().send(
    new v2.CreateApiCommand({ Name: 'services', ProtocolType: 'HTTP' }),
  ));
  await client().send(
    new v2.CreateStageCommand({
      ApiId: apiId,
      StageName: '$default',
      AutoDeploy: true,
      StageVariables: { bus: 'shop' },
    }),
  );
});

async function route(
  RouteKey: string,
  IntegrationSubtype: string,
  RequestParameters: Record<string, string>,
  more: Partial<v2.CreateIntegrationRequest> = {},
): Promise<void> {
  const { IntegrationId } = await client().send(
    new v2.CreateIntegrationCommand({
      ApiId: apiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationSubtype,
      PayloadFormatVersion: '1.0',
      CredentialsArn: roleArn,
      RequestParameters,
      ...more,
    }),
  );
  await client().send(
    new v2.CreateRouteCommand({ ApiId: apiId, RouteKey, Target: `integrations/${IntegrationId}` }),
  );
}

const call = (
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${server.url}/_aws/execute-api/${apiId}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });

test('SQS: send, receive, delete, purge', async () => {
  await route('POST /messages', 'SQS-SendMessage', {
    QueueUrl: queueUrl,
    MessageBody: '$request.body.message',
    MessageAttributes: '$request.body.attributes',
  });
  await route('GET /messages', 'SQS-ReceiveMessage', {
    QueueUrl: queueUrl,
    MaxNumberOfMessages: '1',
    MessageAttributeNames: 'All',
  });
  await route('DELETE /messages', 'SQS-DeleteMessage', {
    QueueUrl: queueUrl,
    ReceiptHandle: '$request.querystring.receipt',
  });
  await route('DELETE /queue', 'SQS-PurgeQueue', { QueueUrl: queueUrl });
  const sent = await call(
    'POST',
    '/messages',
    JSON.stringify({ message: 'h&llo <1>', attributes: { kind: { DataType: 'String', StringValue: 'a' } } }),
  );
  expect([sent.status, sent.headers.get('content-type')]).toEqual([200, 'text/xml']);
  expect(await sent.text()).toMatch(/<SendMessageResult>.*<MessageId>[0-9a-f-]{36}</);
  const received = await (await call('GET', '/messages')).text();
  expect(received).toContain('<Body>h&amp;llo &lt;1&gt;</Body>');
  expect(received).toContain('<StringValue>a</StringValue>');
  const receipt = /<ReceiptHandle>([^<]+)</.exec(received)?.[1] ?? '';
  expect((await call('DELETE', `/messages?receipt=${encodeURIComponent(receipt)}`)).status).toBe(200);
  expect((await call('DELETE', '/queue')).status).toBe(200);
  const missing = await call('POST', '/messages', '{"other":1}');
  expect([missing.status, await missing.text()]).toEqual([400, '{"message":"Bad Request"}']);
});

test('SQS: what the service refuses comes back as it refused', async () => {
  await route('POST /nowhere', 'SQS-SendMessage', {
    QueueUrl: `${queueUrl}-none`,
    MessageBody: '$request.body',
  });
  const answer = await call('POST', '/nowhere', 'x');
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>');
});

test('Kinesis: the record holds what was mapped', async () => {
  await route('POST /clicks', 'Kinesis-PutRecord', {
    StreamName: 'clicks',
    Data: '$request.body',
    PartitionKey: '$request.header.X-User',
  });
  const answer = await call('POST', '/clicks', '{"page":"é"}', { 'x-user': 'ada' });
  expect(await answer.json()).toMatchObject({ ShardId: 'shardId-000000000000' });
  const { ShardIterator } = await streams().send(
    new kinesis.GetShardIteratorCommand({
      StreamName: 'clicks',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records } = await streams().send(new kinesis.GetRecordsCommand({ ShardIterator }));
  expect(
    Records?.map(({ Data, PartitionKey }) => [Buffer.from(Data ?? []).toString(), PartitionKey]),
  ).toEqual([['{"page":"é"}', 'ada']]);
});

test('Step Functions: start, and wait for the end', async () => {
  await route('POST /start', 'StepFunctions-StartExecution', {
    StateMachineArn: machineArn,
    Input: '$request.body',
    Name: '$request.querystring.name',
  });
  await route('POST /sync', 'StepFunctions-StartSyncExecution', {
    StateMachineArn: machineArn,
    Input: '$request.body',
  });
  const started = (await (await call('POST', '/start?name=one', '{"name":"Ada"}')).json()) as Record<
    string,
    unknown
  >;
  expect(started['executionArn']).toContain(':greet:one');
  const ended = (await (await call('POST', '/sync', '{"name":"Ada"}')).json()) as Record<string, unknown>;
  expect([ended['status'], ended['output']]).toEqual(['SUCCEEDED', '{"hello":"Ada"}']);
});

test('EventBridge and AppConfig: as their services are asked', async () => {
  other.length = 0;
  await route(
    'POST /events',
    'EventBridge-PutEvents',
    {
      Source: 'shop',
      DetailType: '$request.body.type',
      Detail: '$request.body.detail',
      EventBusName: '$stageVariables.bus',
      Time: '$request.body.time',
      Resources: '$request.body.resources',
      Region: 'eu-west-1',
    },
    {
      ResponseParameters: {
        '200': { 'overwrite:statuscode': '202', 'append:header.x-request': '$context.requestId' },
      },
    },
  );
  await route('GET /flags/{app}', 'AppConfig-GetConfiguration', {
    Application: '$request.path.app',
    Environment: 'prod',
    Configuration: 'flags',
    ClientId: '$context.identity.sourceIp',
  });
  const detail = {
    type: 'placed',
    detail: { id: 1 },
    time: '2026-01-02T03:04:05Z',
    resources: ['arn:a', 'arn:b'],
  };
  const put = await call('POST', '/events', JSON.stringify(detail));
  expect([put.status, put.headers.get('x-request')]).toEqual([202, put.headers.get('apigw-requestid')]);
  const flags = await call('GET', '/flags/my%20app');
  expect([flags.headers.get('configuration-version'), await flags.text()]).toEqual([
    '7',
    '{"FailedEntryCount":0}',
  ]);
  const [event, config] = other;
  expect(JSON.parse(event?.body ?? '')).toEqual({
    Entries: [
      {
        Source: 'shop',
        DetailType: 'placed',
        Detail: '{"id":1}',
        EventBusName: 'shop',
        Time: 1767323045,
        Resources: ['arn:a', 'arn:b'],
      },
    ],
  });
  expect(event?.headers).toMatchObject({
    'x-amz-target': 'AWSEvents.PutEvents',
    'content-type': 'application/x-amz-json-1.1',
  });
  expect(event?.headers.authorization).toContain('/eu-west-1/events/aws4_request');
  expect([config?.method, config?.url]).toEqual([
    'GET',
    '/applications/my%20app/environments/prod/configurations/flags?client_id=127.0.0.1',
  ]);
});

const refused: readonly [
  name: string,
  subtype: string,
  parameters: Record<string, string>,
  message: string,
][] = [
  ['an operation nobody has', 'S3-PutObject', {}, 'IntegrationSubtype S3-PutObject is not supported'],
  [
    'a parameter that is missing',
    'SQS-SendMessage',
    { QueueUrl: 'x' },
    'Parameter(s) MessageBody are required',
  ],
  [
    'a parameter nobody knows',
    'SQS-PurgeQueue',
    { QueueUrl: 'x', Color: 'red' },
    'Parameter: Color does not fit schema',
  ],
  [
    'attributes written down',
    'SQS-SendMessage',
    { QueueUrl: 'x', MessageBody: 'x', MessageAttributes: '{}' },
    'Invalid source: {} specified for destination: MessageAttributes',
  ],
];
for (const [name, subtype, parameters, message] of refused)
  test(`refused when it is made: ${name}`, () =>
    expect(route(`GET /${subtype}`, subtype, parameters)).rejects.toThrow(message));

test('without a role nothing is called', () =>
  expect(
    route('GET /none', 'SQS-PurgeQueue', { QueueUrl: queueUrl }, { CredentialsArn: '' }),
  ).rejects.toThrow('CredentialsArn is a required parameter'));
