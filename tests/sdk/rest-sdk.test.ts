/** GetSdk for JavaScript: the client that comes out works as it is. */
import { beforeAll, expect, test } from 'bun:test';
import * as rest from '@aws-sdk/client-api-gateway';
import { unzipSync } from 'fflate';
import { useServer } from './test-server.ts';

const server = useServer();
const mock = (text: string, more: object = {}) => ({
  responses: { '200': { description: 'ok' } },
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    responses: { default: { statusCode: '200', responseTemplates: { 'application/json': text } } },
  },
  ...more,
});
const parameter = (name: string, place: string) => ({
  name,
  in: place,
  required: place === 'path',
  schema: { type: 'string' },
});
const API = {
  openapi: '3.0.1',
  info: { title: 'pets', version: '1' },
  paths: {
    '/': { get: mock('{"root":true}') },
    '/pets/{petId}': {
      get: mock(
        `{"id":"$input.params('petId')","kind":"$input.params('kind')","x":"$input.params('X-Color')","more":"$input.params('more')"}`,
        {
          parameters: [
            parameter('petId', 'path'),
            parameter('kind', 'query'),
            parameter('X-Color', 'header'),
          ],
        },
      ),
    },
    '/named': { post: mock('{"named":true}', { operationId: 'savePet' }) },
    '/signed/{proxy+}': {
      'x-amazon-apigateway-any-method': {
        ...mock('{"who":"$context.identity.userArn"}', { parameters: [parameter('proxy', 'path')] }),
        'x-amazon-apigateway-auth': { type: 'AWS_IAM' },
      },
    },
  },
};

interface Answer {
  readonly status: number;
  readonly data: unknown;
}
type Client = Record<string, (params?: object, body?: unknown, more?: object) => Promise<Answer>>;

let client: rest.APIGatewayClient;
let restApiId = '';
let newClient: (config?: object) => Client;

beforeAll(async () => {
  client = new rest.APIGatewayClient({ ...server.options(), maxAttempts: 1 });
  const body = Buffer.from(JSON.stringify(API));
  restApiId = (await client.send(new rest.ImportRestApiCommand({ body }))).id ?? '';
  await client.send(new rest.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const sdk = await client.send(
    new rest.GetSdkCommand({ restApiId, stageName: 'prod', sdkType: 'javascript' }),
  );
  expect(sdk.contentDisposition).toMatch(/^attachment; filename="javascript_.*\.zip"$/);
  const source = unzipSync(sdk.body ?? new Uint8Array())['apiGateway-js-sdk/apigClient.js'];
  const module: { exports: { apigClientFactory?: { newClient: typeof newClient } } } = { exports: {} };
  new Function('module', new TextDecoder().decode(source))(module);
  const { apigClientFactory } = module.exports;
  if (apigClientFactory === undefined) throw new Error('the file exports its factory');
  newClient = apigClientFactory.newClient;
});

test('methods are named by their paths and operations', () => {
  expect(Object.keys(newClient()).filter((name) => !name.startsWith('signed'))).toEqual([
    'rootGet',
    'savePet',
    'petsPetIdGet',
  ]);
  expect(Object.keys(newClient()).filter((name) => name.startsWith('signed'))).toHaveLength(7);
});

test('parameters go to path, query and headers', async () => {
  const answer = await newClient()['petsPetIdGet']?.(
    { petId: 'a b/c', kind: 'cat&dog', 'X-Color': 'red' },
    undefined,
    { queryParams: { more: '1' } },
  );
  expect(answer).toMatchObject({
    status: 200,
    data: { id: 'a%20b%2Fc', kind: 'cat&dog', x: 'red', more: '1' },
  });
});

test('requests are signed with the credentials given', async () => {
  const signed = newClient({ accessKey: 'test', secretKey: 'test' });
  const answer = await signed['signedProxyPost']?.({ proxy: 'a/b c' }, { x: 'ü' });
  expect(answer?.data).toEqual({ who: 'arn:aws:iam::123456789012:root' });
  const refused = newClient()['signedProxyGet']?.({ proxy: 'a' });
  expect(await refused?.catch((thrown: { response: Answer }) => thrown.response.status)).toBe(403);
});

test('other languages are refused by name', async () => {
  const parameters = { 'service.name': 'x', 'java.package-name': 'y' };
  const asked = client.send(
    new rest.GetSdkCommand({ restApiId, stageName: 'prod', sdkType: 'java', parameters }),
  );
  expect(await asked.catch((thrown: Error) => thrown.message)).toBe(
    'GetSdk (sdkType java): not supported by gatehouse',
  );
});
