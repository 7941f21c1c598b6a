/** REST APIs in front of AWS services: the wire of a real server carries what their integrations send. */
import { beforeAll, expect, test } from 'bun:test';
import * as rest from '@aws-sdk/client-api-gateway';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { useServer } from './test-server.ts';

const server = useServer();
const ROLE = 'arn:aws:iam::123456789012:role/gateway';
let base: string;

const integration = (uri: string, more: object = {}) => ({
  responses: { '200': { description: 'ok', headers: { 'Content-Type': { schema: { type: 'string' } } } } },
  'x-amazon-apigateway-integration': {
    type: 'aws',
    httpMethod: 'POST',
    uri: `arn:aws:apigateway:us-east-1:${uri}`,
    credentials: ROLE,
    responses: { default: { statusCode: '200' }, '4\\d\\d': { statusCode: '400' } },
    ...more,
  },
});
const inPath = (...names: string[]) =>
  names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
const inHeader = (name: string) => ({ name, in: 'header', schema: { type: 'string' } });
const json = (text: string) => ({ requestTemplates: { 'application/json': text } });

const API = {
  openapi: '3.0.1',
  info: { title: 'services', version: '1' },
  'x-amazon-apigateway-binary-media-types': ['image/png'],
  paths: {
    '/items/{id}': {
      put: {
        parameters: inPath('id'),
        ...integration(
          'dynamodb:action/PutItem',
          json(
            `{"TableName":"items","Item":{"id":{"S":"$input.params('id')"},"name":{"S":"$input.path('$.name')"}}}`,
          ),
        ),
      },
      get: {
        parameters: inPath('id'),
        ...integration('dynamodb:action/GetItem', {
          ...json(`{"TableName":"items","Key":{"id":{"S":"$input.params('id')"}}}`),
          responses: {
            default: {
              statusCode: '200',
              responseTemplates: { 'application/json': `{"name":"$input.path('$.Item.name.S')"}` },
            },
            '4\\d\\d': { statusCode: '400' },
          },
        }),
      },
    },
    '/folder/{bucket}/{key}': {
      put: {
        parameters: [...inPath('bucket', 'key'), inHeader('Content-Type')],
        ...integration('s3:path/{bucket}/{key}', {
          httpMethod: 'PUT',
          requestParameters: {
            'integration.request.path.bucket': 'method.request.path.bucket',
            'integration.request.path.key': 'method.request.path.key',
            'integration.request.header.Content-Type': 'method.request.header.Content-Type',
          },
        }),
      },
      get: {
        parameters: [...inPath('bucket', 'key'), inHeader('Accept')],
        ...integration('s3:path/{bucket}/{key}', {
          httpMethod: 'GET',
          requestParameters: {
            'integration.request.path.bucket': 'method.request.path.bucket',
            'integration.request.path.key': 'method.request.path.key',
          },
          responses: {
            default: {
              statusCode: '200',
              responseParameters: {
                'method.response.header.Content-Type': 'integration.response.header.Content-Type',
              },
            },
            '4\\d\\d': { statusCode: '400' },
          },
        }),
      },
    },
    '/missing': { get: integration('dynamodb:action/DescribeTable', json('{"TableName":"nowhere"}')) },
    '/users': { get: integration('iam:action/ListUsers') },
    '/groups': { get: integration('logs:action/DescribeLogGroups', json('{}')) },
    '/buckets': { get: integration('s3:path//', { httpMethod: 'GET' }) },
  },
};

beforeAll(async () => {
  const options = { ...server.options(), maxAttempts: 1 };
  const client = new rest.APIGatewayClient(options);
  const made = await client.send(new rest.ImportRestApiCommand({ body: Buffer.from(JSON.stringify(API)) }));
  await client.send(new rest.CreateDeploymentCommand({ restApiId: made.id, stageName: 'prod' }));
  base = `${server.url}/_aws/execute-api/${made.id}/prod`;
  await new DynamoDBClient(options).send(
    new CreateTableCommand({
      TableName: 'items',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await new S3Client({ ...options, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'pictures' }),
  );
});

test('DynamoDB: an item is put and got through templates', async () => {
  const put = await fetch(`${base}/items/7`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: '{"name":"red"}',
  });
  expect([put.status, await put.text()]).toEqual([200, '{}']);
  const got = await fetch(`${base}/items/7`);
  expect([got.status, await got.text()]).toEqual([200, '{"name":"red"}']);
});

test('DynamoDB: a refusal selects its response', async () => {
  const answer = await fetch(`${base}/missing`);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ __type: expect.stringContaining('ResourceNotFoundException') }),
  ]);
});

test('S3: bytes go up and come down as they are', async () => {
  const picture = Uint8Array.from({ length: 256 }, (_, at) => at);
  const headers = { 'Content-Type': 'image/png' };
  const put = await fetch(`${base}/folder/pictures/a.png`, { method: 'PUT', headers, body: picture });
  expect(put.status).toBe(200);
  const got = await fetch(`${base}/folder/pictures/a.png`, { headers: { Accept: 'image/png' } });
  expect([got.status, got.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(new Uint8Array(await got.arrayBuffer())).toEqual(picture);
  const missing = await fetch(`${base}/folder/pictures/none.png`);
  expect([missing.status, await missing.text()]).toEqual([
    400,
    expect.stringContaining('<Code>NoSuchKey</Code>'),
  ]);
});

test('S3: the list of buckets', async () => {
  const answer = await fetch(`${base}/buckets`);
  expect(await answer.text()).toContain('<Name>pictures</Name>');
});

test('the query and JSON protocols', async () => {
  // Query services answer in JSON because the gateway accepts it, which templates build upon.
  expect(await (await fetch(`${base}/users`)).json()).toMatchObject({
    ListUsersResponse: {
      ListUsersResult: { Users: [] },
      ResponseMetadata: { RequestId: expect.any(String) },
    },
  });
  expect(await (await fetch(`${base}/groups`)).json()).toHaveProperty('logGroups');
});
