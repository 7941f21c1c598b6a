import { expect, test } from 'bun:test';
import type { CurrentResource, ResourceRequest, ResourceState } from '../../../base/resource-type.ts';
import type { Call } from '../../../wire/service.ts';
import { CALL, openControlPlane, SCOPE } from '../testing/control-plane.ts';
import { resourceTypes } from './all.ts';
import type { Properties } from './request.ts';

/** A stack of one: makes, changes and removes resources through the operations. */
function stack() {
  const { run } = openControlPlane();
  const handlers: Readonly<Record<string, (input: never, call: Call) => Promise<unknown>>> = run;
  const calls: string[] = [];
  const requestFor = (properties: Properties): ResourceRequest<Properties> => ({
    properties,
    logicalId: 'Thing',
    stackName: 'shop',
    stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1',
    scope: SCOPE,
    tags: { 'aws:cloudformation:stack-name': 'shop' },
    physicalName: () => 'shop-Thing-0123456789AB',
    call: async <Output>(_service: string, operation: string, input: object) => {
      calls.push(operation);
      const defined = JSON.parse(JSON.stringify(input)) as never; // what the wire would hand over
      return (await handlers[operation]?.(
        input instanceof Object && 'body' in input ? (input as never) : defined,
        CALL,
      )) as Output; // the handler's own output
    },
    signal: CALL.signal,
  });
  const typeOf = (name: string) => {
    const type = resourceTypes.find((one) => one.type === `AWS::ApiGateway::${name}`);
    if (type === undefined) throw new Error(`no type ${name}`);
    return type;
  };
  return {
    run,
    calls,
    create: async (name: string, properties: Properties): Promise<CurrentResource<Properties>> => {
      const state: ResourceState = await typeOf(name).create(requestFor(properties));
      return { ...state, properties };
    },
    update: async (name: string, current: CurrentResource<Properties>, properties: Properties) => {
      const state = await typeOf(name).update?.(requestFor(properties), current);
      return { ...current, ...state, properties };
    },
    delete: (name: string, current: CurrentResource<Properties>) =>
      typeOf(name).delete(requestFor(current.properties), current),
  };
}

async function mockStack() {
  const one = stack();
  const api = await one.create('RestApi', { Name: 'orders' });
  const RestApiId = api.physicalId;
  const resource = await one.create('Resource', {
    RestApiId,
    ParentId: api.attributes?.['RootResourceId'],
    PathPart: '{id}',
  });
  const method = await one.create('Method', {
    RestApiId,
    ResourceId: resource.physicalId,
    HttpMethod: 'GET',
    RequestParameters: { 'method.request.path.id': 'true' },
    MethodResponses: [{ StatusCode: '200', ResponseParameters: { 'method.response.header.x': true } }],
    Integration: {
      Type: 'HTTP',
      IntegrationHttpMethod: 'GET',
      Uri: 'http://example.com/{id}',
      RequestParameters: { 'integration.request.path.id': 'method.request.path.id' },
      IntegrationResponses: [
        { StatusCode: '200', ResponseParameters: { 'method.response.header.x': "'y'" } },
      ],
    },
  });
  return { ...one, api, RestApiId, resource, method };
}

test('an API from templates, method by method', async () => {
  const { run, RestApiId, resource } = await mockStack();
  const method = { restApiId: RestApiId, resourceId: resource.physicalId, httpMethod: 'GET' };
  expect(await run.GetMethod(method, CALL)).toMatchObject({
    authorizationType: 'NONE',
    requestParameters: { 'method.request.path.id': true },
    methodIntegration: { connectionType: 'INTERNET', integrationResponses: { '200': { statusCode: '200' } } },
  });
});

test('a method is written anew on update', async () => {
  const { run, update, method, RestApiId, resource } = await mockStack();
  await update('Method', method, {
    ...method.properties,
    AuthorizationType: 'AWS_IAM',
    Integration: { Type: 'MOCK' },
  });
  const address = { restApiId: RestApiId, resourceId: resource.physicalId, httpMethod: 'GET' };
  expect(await run.GetMethod(address, CALL)).toMatchObject({
    authorizationType: 'AWS_IAM',
    methodIntegration: { type: 'MOCK' },
  });
});

test('a stage with settings; what a template drops goes', async () => {
  const { run, create, update, RestApiId } = await mockStack();
  const { physicalId: DeploymentId } = await create('Deployment', { RestApiId });
  const stage = await create('Stage', {
    RestApiId,
    DeploymentId,
    StageName: 'prod',
    Variables: { a: '1', b: '2' },
    TracingEnabled: true,
    MethodSettings: [
      { ResourcePath: '/*', HttpMethod: '*', LoggingLevel: 'ERROR', MetricsEnabled: true },
      { ResourcePath: '/{id}', HttpMethod: 'GET', ThrottlingRateLimit: 5 },
    ],
    AccessLogSetting: { DestinationArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:x:*', Format: '{}' },
  });
  const address = { restApiId: RestApiId, stageName: 'prod' };
  expect(await run.GetStage(address, CALL)).toMatchObject({
    variables: { a: '1', b: '2' },
    tracingEnabled: true,
    methodSettings: {
      '*/*': { loggingLevel: 'ERROR', metricsEnabled: true },
      '~1{id}/GET': { throttlingRateLimit: 5 },
    },
    accessLogSettings: { destinationArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:x', format: '{}' },
    tags: { 'aws:cloudformation:stack-name': 'shop' },
  });
  await update('Stage', stage, { RestApiId, DeploymentId, StageName: 'prod', Variables: { b: '3' } });
  const after = await run.GetStage(address, CALL);
  expect(after).toMatchObject({ variables: { b: '3' }, tracingEnabled: false, methodSettings: {} });
  expect(after.accessLogSettings).toBeUndefined();
});

test('a deployment takes its stage along when it goes, unless another serves it', async () => {
  const { run, create, delete: remove, RestApiId } = await mockStack();
  const StageDescription = { ThrottlingBurstLimit: 7, Variables: { a: '1' } };
  const first = await create('Deployment', { RestApiId, StageName: 'prod', StageDescription });
  const second = await create('Deployment', { RestApiId, StageName: 'prod' });
  await remove('Deployment', first);
  const address = { restApiId: RestApiId, stageName: 'prod' };
  expect(await run.GetStage(address, CALL)).toMatchObject({
    deploymentId: second.physicalId,
    methodSettings: { '*/*': { throttlingBurstLimit: 7 } },
  });
  await remove('Deployment', second);
  expect((await run.GetStages({ restApiId: RestApiId }, CALL)).item).toEqual([]);
});

const BODY = {
  swagger: '2.0',
  info: { title: 'From the body' },
  paths: {
    '/pets': {
      get: {
        responses: { '200': { description: 'ok' } },
        'x-amazon-apigateway-integration': { type: 'mock' },
      },
    },
  },
};

test('an API from a body: the template names it, the body defines it', async () => {
  const { run, create, update } = stack();
  const api = await create('RestApi', {
    Body: BODY,
    Description: 'Mine',
    BinaryMediaTypes: ['image/png'],
    Parameters: { endpointConfigurationTypes: 'REGIONAL' },
  });
  const restApiId = api.physicalId;
  expect(await run.GetRestApi({ restApiId }, CALL)).toMatchObject({
    name: 'From the body',
    description: 'Mine',
    binaryMediaTypes: ['image/png'],
    endpointConfiguration: { types: ['REGIONAL'] },
    rootResourceId: api.attributes?.['RootResourceId'],
  });
  const Body = { ...BODY, paths: { '/toys': BODY.paths['/pets'] } };
  await update('RestApi', api, { ...api.properties, Body });
  const { items } = await run.GetResources({ restApiId }, CALL);
  expect(items?.map((one) => one.path)).toEqual(['/', '/toys']);
  expect((await run.GetRestApi({ restApiId }, CALL)).description).toBe('Mine');
});

test('an API whose body is refused is not left behind', async () => {
  const { run, create } = stack();
  await expect(create('RestApi', { Name: 'broken', Body: { nonsense: true } })).rejects.toThrow(
    'Invalid OpenAPI input.',
  );
  expect((await run.GetRestApis({}, CALL)).items).toEqual([]);
});

test('keys, plans and their links come and go', async () => {
  const { run, create, update, delete: remove, RestApiId } = await mockStack();
  await create('Deployment', { RestApiId, StageName: 'prod' });
  const plan = await create('UsagePlan', {
    ApiStages: [
      { ApiId: RestApiId, Stage: 'prod', Throttle: { '/{id}/GET': { RateLimit: 1, BurstLimit: 2 } } },
    ],
    Quota: { Limit: 10, Period: 'DAY' },
  });
  const key = await create('ApiKey', { Enabled: true });
  const link = await create('UsagePlanKey', {
    KeyId: key.physicalId,
    KeyType: 'API_KEY',
    UsagePlanId: plan.physicalId,
  });
  expect(await run.GetUsagePlan({ usagePlanId: plan.physicalId }, CALL)).toMatchObject({
    name: 'shop-Thing-0123456789AB',
    apiStages: [{ stage: 'prod', throttle: { '/{id}/GET': { rateLimit: 1, burstLimit: 2 } } }],
    quota: { limit: 10, offset: 0, period: 'DAY' },
  });
  const changed = await update('UsagePlan', plan, {
    ApiStages: [{ ApiId: RestApiId, Stage: 'prod' }],
    Throttle: { RateLimit: 3 },
  });
  const after = await run.GetUsagePlan({ usagePlanId: plan.physicalId }, CALL);
  expect(after).toMatchObject({ apiStages: [{ stage: 'prod' }], throttle: { rateLimit: 3 } });
  expect([after.quota, after.apiStages?.[0]?.throttle]).toEqual([undefined, undefined]);
  await remove('UsagePlanKey', link);
  await remove('UsagePlan', changed);
  await remove('ApiKey', key);
  await remove('ApiKey', key);
});
