/** An HTTP API before functions, through the official clients: made, called, changed, deleted. */
import { beforeAll, expect, test } from 'bun:test';
import * as gateway from '@aws-sdk/client-apigatewayv2';
import { callApi } from './call-api.ts';
import { createFunction, type FunctionUnderTest } from './function.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let client: gateway.ApiGatewayV2Client;
let front: FunctionUnderTest;
let ApiId: string;
let RouteId: string;
let Target: string;

const CODE = `export const handler = async (event) => {
  if (event.rawQueryString === 'raise') throw new TypeError('on purpose');
  if (event.rawQueryString === 'plain') return { plain: event.version };
  return { statusCode: 202, cookies: ['a=1', 'b=2'], body: JSON.stringify({ route: event.routeKey, path: event.rawPath, id: event.pathParameters?.id, stage: event.requestContext.stage }) };
};`;

beforeAll(async () => {
  client = new gateway.ApiGatewayV2Client({ ...server.options(), maxAttempts: 1 });
  front = await createFunction(server.options(), 'front', { 'index.mjs': CODE });
  const api = await client.send(
    new gateway.CreateApiCommand({
      Name: 'front',
      ProtocolType: 'HTTP',
      CorsConfiguration: { AllowOrigins: ['https://shop.example'], AllowMethods: ['GET'], MaxAge: 300 },
    }),
  );
  ApiId = api.ApiId ?? '';
  const integration = await client.send(
    new gateway.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: front.arn,
      PayloadFormatVersion: '2.0',
    }),
  );
  Target = `integrations/${integration.IntegrationId}`;
  const route = await client.send(
    new gateway.CreateRouteCommand({ ApiId, RouteKey: 'GET /orders/{id}', Target }),
  );
  RouteId = route.RouteId ?? '';
  await client.send(new gateway.CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
  await front.allowApi(ApiId);
});

const call = (path: string, init?: RequestInit) => callApi(server.url, ApiId, path, init);

test('it answers', async () => {
  const answer = await call('/orders/7');
  expect(answer).toMatchObject({ status: 202, cookies: ['a=1', 'b=2'] });
  expect(JSON.parse(answer.text)).toEqual({
    route: 'GET /orders/{id}',
    path: '/orders/7',
    id: '7',
    stage: '$default',
  });
  expect(await call('/orders/7?plain')).toMatchObject({ status: 200, text: '{"plain":"2.0"}' });
});

test.each([
  ['what the function throws', '/orders/7?raise', 500, '{"message":"Internal Server Error"}'],
  ['a route that is not there', '/orders', 404, '{"message":"Not Found"}'],
])('%s', async (_, path, status, text) => {
  expect(await call(path)).toMatchObject({ status, text });
});

test('preflights are answered by the API itself', async () => {
  const asked = (origin: string) =>
    call('/orders/7', {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'GET' },
    });
  const allowed = await asked('https://shop.example');
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
    204,
    'https://shop.example',
  ]);
  expect((await asked('https://other.example')).headers.get('access-control-allow-origin')).toBeNull();
});

test('a change is served at once, and not by a stage that was given a deployment', async () => {
  const { DeploymentId } = await client.send(new gateway.CreateDeploymentCommand({ ApiId }));
  await client.send(new gateway.CreateStageCommand({ ApiId, StageName: 'fixed', DeploymentId }));
  await client.send(new gateway.UpdateRouteCommand({ ApiId, RouteId, RouteKey: 'GET /things/{id}' }));
  expect([(await call('/orders/7')).status, (await call('/things/7')).status]).toEqual([404, 202]);
  expect([(await call('/fixed/orders/7')).status, (await call('/fixed/things/7')).status]).toEqual([
    202, 404,
  ]);
  await client.send(new gateway.CreateRouteCommand({ ApiId, RouteKey: '$default', Target }));
  expect(JSON.parse((await call('/orders/7')).text).route).toBe('$default');
});

test('it is read back as it was made', async () => {
  const routes = await client.send(new gateway.GetRoutesCommand({ ApiId }));
  expect(routes.Items?.map(({ RouteKey }) => RouteKey).toSorted()).toEqual(['$default', 'GET /things/{id}']);
  const stages = await client.send(new gateway.GetStagesCommand({ ApiId }));
  expect(
    stages.Items?.map(({ StageName, AutoDeploy }) => [StageName, AutoDeploy ?? false]).toSorted(),
  ).toEqual([
    ['$default', true],
    ['fixed', false],
  ]);
  const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
  await client.send(new gateway.TagResourceCommand({ ResourceArn, Tags: { team: 'web' } }));
  expect((await client.send(new gateway.GetTagsCommand({ ResourceArn }))).Tags).toEqual({ team: 'web' });
});

test('deleted, nothing of it answers', async () => {
  await client.send(new gateway.DeleteApiCommand({ ApiId }));
  await front.delete();
  expect((await call('/things/7')).status).toBe(403);
  await expect(client.send(new gateway.GetApiCommand({ ApiId }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
  expect((await client.send(new gateway.GetApisCommand({}))).Items).toEqual([]);
});
