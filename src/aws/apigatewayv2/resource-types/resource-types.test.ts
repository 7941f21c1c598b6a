import { expect, test } from 'bun:test';
import type { CurrentResource, ResourceRequest } from '../../../base/resource-type.ts';
import type { Handler } from '../../../wire/service.ts';
import { startTestService, testCall } from '../testing/service.ts';
import { resourceTypes } from './all.ts';
import type { Properties } from './request.ts';

/** A stack of one resource after the other, over the real operations. */
function startStack() {
  const service = startTestService();
  const handlers = service.handlers as unknown as Record<string, Handler<object>>; // inputs are what the types write
  const requestOf = (properties: Properties): ResourceRequest<Properties> => ({
    properties,
    logicalId: 'It',
    stackName: 'shop',
    stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1',
    scope: testCall.scope,
    tags: { 'aws:cloudformation:stack-name': 'shop' },
    physicalName: () => 'shop-It-ABC',
    call: async <Output>(_: string, operation: string, input: object) =>
      (await handlers[operation]?.(input, testCall)) as Output,
    signal: testCall.signal,
  });
  const typeOf = (type: string) => {
    const found = resourceTypes.find((one) => one.type === `AWS::ApiGatewayV2::${type}`);
    if (!found) throw new Error(`no type ${type}`);
    return found;
  };
  return {
    ...service,
    create: async (type: string, properties: Properties): Promise<CurrentResource<Properties>> => ({
      ...(await typeOf(type).create(requestOf(properties))),
      properties,
    }),
    update: (type: string, current: CurrentResource<Properties>, properties: Properties) =>
      typeOf(type).update?.(requestOf(properties), current),
    remove: (type: string, current: CurrentResource<Properties>) =>
      typeOf(type).delete(requestOf(current.properties), current),
  };
}

const BODY = {
  openapi: '3.0.1',
  info: { title: 'from the document', version: '1.0' },
  paths: {
    '/orders': {
      get: {
        'x-amazon-apigateway-integration': {
          type: 'http_proxy',
          httpMethod: 'GET',
          uri: 'https://example.com',
        },
      },
    },
  },
};

test('an API with a body, and a stage that serves it', async () => {
  const { create, update, remove, handlers, loadApi } = startStack();
  const api = await create('Api', { Body: BODY, Name: 'from the template', Tags: { team: 'x' } });
  expect(api.attributes).toEqual({
    ApiId: api.physicalId,
    ApiEndpoint: `https://${api.physicalId}.execute-api.us-east-1.amazonaws.com`,
  });
  const shown = await handlers.GetApi({ ApiId: api.physicalId }, testCall);
  expect(shown).toMatchObject({
    Name: 'from the template',
    Tags: { team: 'x', 'aws:cloudformation:stack-name': 'shop' },
  });
  const properties = {
    ApiId: api.physicalId,
    StageName: '$default',
    AutoDeploy: 'true',
    StageVariables: { a: 1 },
  };
  const stage = await create('Stage', properties);
  expect(stage.physicalId).toBe('$default');
  const served = async () => {
    const document = await loadApi(api.physicalId);
    const found = document?.kind === 'HTTP' ? document.stages.$default : undefined;
    return {
      keys: found?.definition.routes.map((route) => route.RouteKey),
      variables: found?.stageVariables,
    };
  };
  expect(await served()).toEqual({ keys: ['GET /orders'], variables: { a: '1' } });
  const paths = { '/items': BODY.paths['/orders'] };
  await update('Api', api, { Body: { ...BODY, paths }, Name: 'from the template' });
  await update('Stage', stage, { ...properties, StageVariables: { b: '2' } });
  expect(await served()).toEqual({ keys: ['GET /items'], variables: { b: '2' } });
  expect((await handlers.GetApi({ ApiId: api.physicalId }, testCall)).Tags).toEqual({
    'aws:cloudformation:stack-name': 'shop',
  });
  await remove('Stage', stage);
  await remove('Api', api);
  await remove('Api', api);
  expect(await loadApi(api.physicalId)).toBeUndefined();
});

test('an API whose document is refused leaves nothing', async () => {
  const { create, handlers } = startStack();
  const wrong = create('Api', { Body: BODY, CorsConfiguration: { AllowMethods: ['NOPE'] } });
  expect(wrong).rejects.toThrow('Invalid AllowMethods value NOPE specified in CORS configuration');
  await wrong.catch(() => {});
  expect((await handlers.GetApis({}, testCall)).Items).toEqual([]);
});

test('routes, integrations and authorizers are made, changed and removed', async () => {
  const { create, update, remove, handlers } = startStack();
  const { physicalId: ApiId } = await create('Api', { Name: 'orders', ProtocolType: 'HTTP' });
  const integrationProperties = {
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'GET',
    IntegrationUri: 'https://example.com',
    PayloadFormatVersion: '1.0',
    TimeoutInMillis: '5000',
    RequestParameters: { 'append:header.a': '1' },
    ResponseParameters: { 200: { ResponseParameters: [{ Destination: 'append:header.b', Source: '2' }] } },
  };
  const integration = await create('Integration', integrationProperties);
  const shownIntegration = () =>
    handlers.GetIntegration({ ApiId, IntegrationId: integration.physicalId }, testCall);
  expect(await shownIntegration()).toMatchObject({
    TimeoutInMillis: 5000,
    ResponseParameters: { '200': { 'append:header.b': '2' } },
  });
  const { RequestParameters: _, ...fewer } = integrationProperties;
  await update('Integration', integration, fewer);
  expect((await shownIntegration()).RequestParameters).toEqual({});
  const authorizer = await create('Authorizer', {
    ApiId,
    AuthorizerType: 'JWT',
    Name: 'tokens',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Audience: ['orders'], Issuer: 'https://issuer.example' },
  });
  const routeProperties = {
    ApiId,
    RouteKey: 'GET /orders',
    Target: `integrations/${integration.physicalId}`,
  };
  const secured = {
    AuthorizationType: 'JWT',
    AuthorizerId: authorizer.physicalId,
    AuthorizationScopes: ['read'],
  };
  const route = await create('Route', { ...routeProperties, ...secured });
  await update('Route', route, { ...routeProperties, AuthorizationType: 'NONE' });
  expect(await handlers.GetRoute({ ApiId, RouteId: route.physicalId }, testCall)).toEqual({
    RouteId: route.physicalId,
    RouteKey: 'GET /orders',
    Target: routeProperties.Target,
    ApiKeyRequired: false,
    AuthorizationType: 'NONE',
  });
  for (const [type, resource] of [
    ['Route', route],
    ['Authorizer', authorizer],
    ['Integration', integration],
  ] as const)
    await remove(type, resource);
  expect((await handlers.GetRoutes({ ApiId }, testCall)).Items).toEqual([]);
});

test('what quick create made can be overridden', async () => {
  const { create, handlers } = startStack();
  const api = await create('Api', { Name: 'quick', ProtocolType: 'HTTP', Target: 'https://example.com' });
  await create('ApiGatewayManagedOverrides', {
    ApiId: api.physicalId,
    Integration: { TimeoutInMillis: 1000 },
    Stage: { Description: 'overridden' },
  });
  const { Items: integrations } = await handlers.GetIntegrations({ ApiId: api.physicalId }, testCall);
  expect(integrations).toMatchObject([{ TimeoutInMillis: 1000 }]);
  const stage = await handlers.GetStage({ ApiId: api.physicalId, StageName: '$default' }, testCall);
  expect(stage.Description).toBe('overridden');
});

test('a domain name and a mapping to a stage', async () => {
  const { create, remove, handlers } = startStack();
  const { physicalId: ApiId } = await create('Api', { Name: 'orders', ProtocolType: 'HTTP' });
  await create('Stage', { ApiId, StageName: 'v1' });
  const DomainNameConfigurations = [{ CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' }];
  const domain = await create('DomainName', { DomainName: 'api.example.com', DomainNameConfigurations });
  expect(domain.attributes?.RegionalDomainName).toMatch(/^d-\w{10}\.execute-api\.us-east-1\.amazonaws\.com$/);
  const mapping = await create('ApiMapping', {
    DomainName: 'api.example.com',
    ApiId,
    Stage: 'v1',
    ApiMappingKey: 'a/b',
  });
  const { Items } = await handlers.GetApiMappings({ DomainName: 'api.example.com' }, testCall);
  expect(Items).toEqual([{ ApiId, ApiMappingId: mapping.physicalId, ApiMappingKey: 'a/b', Stage: 'v1' }]);
  await remove('ApiMapping', mapping);
  await remove('DomainName', domain);
});
