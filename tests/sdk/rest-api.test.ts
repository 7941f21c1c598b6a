/** A REST API before a function, through the official clients: made, called, changed, deployed again, deleted. */
import { beforeAll, expect, test } from 'bun:test';
import * as gateway from '@aws-sdk/client-api-gateway';
import { callApi } from './call-api.ts';
import { createFunction, type FunctionUnderTest } from './function.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let client: gateway.APIGatewayClient;
let orders: FunctionUnderTest;
let restApiId: string;
let method: { restApiId: string; resourceId: string; httpMethod: string };

const CODE = `export const handler = async (event, context) => {
  if (event.queryStringParameters?.raise) throw new TypeError('on purpose');
  return { statusCode: 201, headers: { 'X-Function': context.functionName }, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    body: JSON.stringify({ id: event.pathParameters.id, stage: event.requestContext.stage, colour: event.stageVariables?.colour, body: event.body }) };
};`;

beforeAll(async () => {
  client = new gateway.APIGatewayClient({ ...server.options(), maxAttempts: 1 });
  orders = await createFunction(server.options(), 'orders', { 'index.mjs': CODE });
  const api = await client.send(new gateway.CreateRestApiCommand({ name: 'shop', tags: { team: 'web' } }));
  restApiId = api.id ?? '';
  const resourceOf = async (parentId: string, pathPart: string) =>
    (await client.send(new gateway.CreateResourceCommand({ restApiId, parentId, pathPart }))).id ?? '';
  const resourceId = await resourceOf(await resourceOf(api.rootResourceId ?? '', 'orders'), '{id}');
  method = { restApiId, resourceId, httpMethod: 'PUT' };
  await client.send(new gateway.PutMethodCommand({ ...method, authorizationType: 'NONE' }));
  await client.send(
    new gateway.PutIntegrationCommand({
      ...method,
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: orders.invocationUri,
    }),
  );
  await client.send(
    new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod', variables: { colour: 'green' } }),
  );
});

const call = (path: string, init?: RequestInit) => callApi(server.url, restApiId, path, init);

test('it answers once its function lets it', async () => {
  expect(await call('/prod/orders/7', { method: 'PUT' })).toMatchObject({
    status: 500,
    text: '{"message":"Internal server error"}',
  });
  await orders.allowApi(restApiId);
  const answer = await call('/prod/orders/7', { method: 'PUT', body: 'tea' });
  expect(answer).toMatchObject({ status: 201, cookies: ['a=1', 'b=2'] });
  expect(answer.headers.get('x-function')).toBe('orders');
  expect(JSON.parse(answer.text)).toEqual({ id: '7', stage: 'prod', colour: 'green', body: 'tea' });
});

test.each([
  ['what the function throws', '/prod/orders/7?raise=1', 502, 'InternalServerErrorException'],
  ['a method that is not there', '/prod/orders', 403, 'MissingAuthenticationTokenException'],
  ['a stage that is not there', '/test/orders/7', 403, 'ForbiddenException'],
])('%s', async (_, path, status, errorType) => {
  const answer = await call(path, { method: 'PUT' });
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([status, errorType]);
});

test('a change is served when it is deployed', async () => {
  const patchOperations = [{ op: 'replace', path: '/type', value: 'MOCK' } as const];
  await client.send(new gateway.PutIntegrationCommand({ ...method, type: 'MOCK', requestTemplates: ok }));
  await client.send(new gateway.PutMethodResponseCommand({ ...method, statusCode: '200' }));
  await client.send(
    new gateway.PutIntegrationResponseCommand({
      ...method,
      statusCode: '200',
      responseTemplates: { 'application/json': '{"colour":"$stageVariables.colour"}' },
    }),
  );
  expect((await call('/prod/orders/7', { method: 'PUT' })).status).toBe(201);
  await client.send(new gateway.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  expect((await call('/prod/orders/7', { method: 'PUT' })).text).toBe('{"colour":"green"}');
  await client.send(
    new gateway.UpdateStageCommand({
      restApiId,
      stageName: 'prod',
      patchOperations: [{ op: 'replace', path: '/variables/colour', value: 'blue' }],
    }),
  );
  expect((await call('/prod/orders/7', { method: 'PUT' })).text).toBe('{"colour":"blue"}');
  await expect(
    client.send(new gateway.UpdateIntegrationCommand({ ...method, patchOperations })),
  ).rejects.toMatchObject({ name: 'BadRequestException' });
});

const ok = { 'application/json': '{"statusCode": 200}' };

test('it is read back as it was made', async () => {
  const { items = [] } = await client.send(new gateway.GetRestApisCommand({}));
  expect(items).toMatchObject([{ id: restApiId, name: 'shop', tags: { team: 'web' } }]);
  const resources = await client.send(new gateway.GetResourcesCommand({ restApiId, embed: ['methods'] }));
  expect(resources.items?.map(({ path }) => path).toSorted()).toEqual(['/', '/orders', '/orders/{id}']);
  expect(resources.items?.find(({ path }) => path === '/orders/{id}')?.resourceMethods).toMatchObject({
    PUT: { httpMethod: 'PUT', authorizationType: 'NONE', methodIntegration: { type: 'MOCK' } },
  });
  const resourceArn = `arn:aws:apigateway:us-east-1::/restapis/${restApiId}`;
  await client.send(new gateway.TagResourceCommand({ resourceArn, tags: { stage: 'test' } }));
  await client.send(new gateway.UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
  const { tags } = await client.send(new gateway.GetTagsCommand({ resourceArn }));
  expect(tags).toEqual({ stage: 'test' });
});

test('deleted, nothing of it answers', async () => {
  await client.send(new gateway.DeleteRestApiCommand({ restApiId }));
  await orders.delete();
  expect((await call('/prod/orders/7', { method: 'PUT' })).status).toBe(403);
  await expect(client.send(new gateway.GetRestApiCommand({ restApiId }))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: `Invalid API identifier specified 123456789012:${restApiId}`,
  });
  expect((await client.send(new gateway.GetRestApisCommand({}))).items).toEqual([]);
});
