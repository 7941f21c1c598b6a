import { expect, test } from 'bun:test';
import type { CreateRouteRequest } from '@aws-sdk/client-apigatewayv2';
import { limits } from '../../base/limits.ts';
import { refusal, startTestService, testCall as call } from './testing/service.ts';

async function startApi() {
  const service = startTestService();
  const { handlers } = service;
  const { ApiId = '' } = await handlers.CreateApi({ Name: 'orders', ProtocolType: 'HTTP' }, call);
  const { IntegrationId = '' } = await handlers.CreateIntegration(
    {
      ApiId,
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri: 'https://example.com',
      IntegrationMethod: 'GET',
      PayloadFormatVersion: '1.0',
    },
    call,
  );
  return { ...service, ApiId, IntegrationId, Target: `integrations/${IntegrationId}` };
}

test('a route is shown with its defaults, changed and deleted', async () => {
  const { handlers, ApiId, Target } = await startApi();
  const route = await handlers.CreateRoute({ ApiId, RouteKey: 'GET /orders/{id}', Target }, call);
  expect(route).toEqual({
    RouteId: expect.stringMatching(/^[a-z0-9]{7}$/),
    RouteKey: 'GET /orders/{id}',
    Target,
    ApiKeyRequired: false,
    AuthorizationType: 'NONE',
  });
  const { RouteId = '' } = route;
  await handlers.UpdateRoute({ ApiId, RouteId, RouteKey: 'POST /orders', OperationName: 'add' }, call);
  expect(await handlers.GetRoute({ ApiId, RouteId }, call)).toMatchObject({
    RouteKey: 'POST /orders',
    OperationName: 'add',
    Target,
  });
  await handlers.UpdateRoute({ ApiId, RouteId, OperationName: '', Target: '' }, call);
  expect(Object.keys(await handlers.GetRoute({ ApiId, RouteId }, call)).toSorted()).toEqual([
    'ApiKeyRequired',
    'AuthorizationType',
    'RouteId',
    'RouteKey',
  ]);
  await handlers.DeleteRoute({ ApiId, RouteId }, call);
  expect(await handlers.GetRoutes({ ApiId }, call)).toEqual({ Items: [], NextToken: undefined });
});

const MALFORMED =
  'BadRequestException: The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"';

const REFUSED: readonly {
  name: string;
  route: Omit<CreateRouteRequest, 'ApiId'>;
  expected: string;
}[] = [
  { name: 'no method', route: { RouteKey: '/orders' }, expected: MALFORMED },
  { name: 'a method HTTP APIs do not know', route: { RouteKey: 'TRACE /x' }, expected: MALFORMED },
  { name: 'a greedy variable before the end', route: { RouteKey: 'GET /{a+}/b' }, expected: MALFORMED },
  { name: 'one variable twice', route: { RouteKey: 'GET /{a}/{a}' }, expected: MALFORMED },
  {
    name: 'a key that is taken',
    route: { RouteKey: 'GET /taken/{id}' },
    expected: 'ConflictException: Route with key GET /taken/{id} already exists for this API',
  },
  {
    name: 'another name for the same variable',
    route: { RouteKey: 'GET /taken/{other}/more' },
    expected:
      'ConflictException: The provided route key "GET /taken/{other}/more" has a conflicting variable on the same hierarchical level as "GET /taken/{id}"',
  },
  {
    name: 'an integration that is not there',
    route: { RouteKey: 'GET /', Target: 'integrations/nope' },
    expected: 'NotFoundException: Invalid Integration identifier specified nope',
  },
  {
    name: 'JWT without its authorizer',
    route: { RouteKey: 'GET /', AuthorizationType: 'JWT' },
    expected:
      'BadRequestException: Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.',
  },
  {
    name: 'CUSTOM without its authorizer',
    route: { RouteKey: 'GET /', AuthorizationType: 'CUSTOM', AuthorizerId: 'nope' },
    expected:
      'BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
  },
  {
    name: 'what only WebSocket routes have',
    route: { RouteKey: 'GET /', ApiKeyRequired: true },
    expected: 'BadRequestException: ApiKeyRequired is supported only for WebSocket APIs',
  },
];

for (const { name, route, expected } of REFUSED)
  test(`CreateRoute refuses ${name}`, async () => {
    const { handlers, ApiId, Target } = await startApi();
    await handlers.CreateRoute({ ApiId, RouteKey: 'GET /taken/{id}', Target }, call);
    expect(await refusal(handlers.CreateRoute({ ApiId, ...route }, call))).toBe(expected);
  });

test('keys that only look alike are all taken', async () => {
  const { handlers, ApiId } = await startApi();
  const keys = ['GET /a/{id}', 'POST /a/{other}', 'GET /a/{rest+}', 'GET /a/b', 'ANY /a/{id}', '$default'];
  for (const RouteKey of keys) await handlers.CreateRoute({ ApiId, RouteKey }, call);
  expect((await handlers.GetRoutes({ ApiId }, call)).Items).toHaveLength(keys.length);
});

test('an API has at most so many routes', async () => {
  const { handlers, ApiId } = await startApi();
  const paths = Object.fromEntries(
    Array.from({ length: limits.httpApiRoutes }, (_, i) => [`/p${i}`, { get: {} }]),
  );
  await handlers.ReimportApi({ ApiId, Body: JSON.stringify({ openapi: '3.0.1', info: {}, paths }) }, call);
  expect(await refusal(handlers.CreateRoute({ ApiId, RouteKey: 'GET /more' }, call))).toBe(
    'ConflictException: Maximum number of Routes for this API has been reached. Please contact AWS if you need additional Routes.',
  );
});

test('what a route uses cannot be deleted', async () => {
  const { handlers, ApiId, IntegrationId, Target } = await startApi();
  const { AuthorizerId = '' } = await handlers.CreateAuthorizer(
    {
      ApiId,
      Name: 'tokens',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['orders'] },
    },
    call,
  );
  const authorization = { AuthorizationType: 'JWT', AuthorizerId } as const;
  const input = { ApiId, RouteKey: 'GET /orders', Target, ...authorization };
  const { RouteId = '' } = await handlers.CreateRoute(input, call);
  expect(await refusal(handlers.DeleteIntegration({ ApiId, IntegrationId }, call))).toBe(
    `ConflictException: Cannot delete Integration because it is referenced by the following Routes with Ids: [${RouteId}]`,
  );
  expect(await refusal(handlers.DeleteAuthorizer({ ApiId, AuthorizerId }, call))).toBe(
    "ConflictException: Cannot delete authorizer 'tokens', is referenced in route: GET /orders",
  );
  await handlers.UpdateRoute({ ApiId, RouteId, AuthorizationType: 'NONE' }, call);
  await handlers.DeleteAuthorizer({ ApiId, AuthorizerId }, call);
});
