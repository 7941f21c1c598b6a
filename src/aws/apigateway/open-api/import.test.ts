import { expect, test } from 'bun:test';
import type { PutRestApiRequest } from '@aws-sdk/client-api-gateway';
import { CALL, openControlPlane, refusal } from '../testing/control-plane.ts';

const bytes = (document: object | string): Uint8Array =>
  new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));

const ok = { '200': { description: 'ok' } };
const mock = { type: 'mock', responses: { default: { statusCode: 200 } } };

const PETS = {
  swagger: '2.0',
  info: { title: 'Pets', version: '1.0', description: 'All of them' },
  basePath: '/base/part',
  securityDefinitions: {
    lambda: {
      type: 'apiKey',
      name: 'Auth',
      in: 'header',
      'x-amazon-apigateway-authtype': 'oauth2',
      'x-amazon-apigateway-authorizer': {
        type: 'token',
        authorizerUri:
          'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:auth/invocations',
        authorizerResultTtlInSeconds: 60,
      },
    },
    sigv4: {
      type: 'apiKey',
      name: 'Authorization',
      in: 'header',
      'x-amazon-apigateway-authtype': 'awsSigv4',
    },
    api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
  },
  security: [{ lambda: [] }],
  'x-amazon-apigateway-request-validators': {
    basic: { validateRequestBody: true, validateRequestParameters: true },
  },
  'x-amazon-apigateway-binary-media-types': ['image/png'],
  'x-amazon-apigateway-gateway-responses': {
    DEFAULT_4XX: { statusCode: 444, responseParameters: { 'gatewayresponse.header.x': "'y'" } },
  },
  'x-amazon-apigateway-policy': { Version: '2012-10-17', Statement: [] },
  paths: {
    '/pets/{petId}': {
      parameters: [{ name: 'petId', in: 'path', required: true, type: 'string' }],
      post: {
        operationId: 'SavePet',
        'x-amazon-apigateway-request-validator': 'basic',
        parameters: [
          { in: 'body', name: 'Pet', schema: { $ref: '#/definitions/Pet' } },
          { in: 'query', name: 'page', type: 'string' },
        ],
        responses: {
          '200': {
            description: 'ok',
            schema: { $ref: '#/definitions/Pet' },
            headers: { 'Access-Control-Allow-Origin': { type: 'string' } },
          },
          default: { description: 'no status' },
        },
        'x-amazon-apigateway-integration': {
          type: 'http',
          httpMethod: 'POST',
          uri: 'http://pets.example/{id}',
          requestParameters: {
            'integration.request.path.id': 'method.request.path.petId',
            'integration.request.header.n': true,
          },
          responses: {
            default: {
              statusCode: 200,
              responseParameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" },
            },
            '4\\d\\d': { statusCode: '400', responseTemplates: { 'application/json': '{}' } },
          },
        },
      },
      'x-amazon-apigateway-any-method': {
        security: [{ sigv4: [] }, { api_key: [] }],
        responses: ok,
        'x-amazon-apigateway-integration': mock,
      },
    },
    '/open': { get: { security: [], responses: ok, 'x-amazon-apigateway-integration': mock } },
  },
  definitions: {
    Pet: { type: 'object', description: 'A pet', properties: { toy: { $ref: '#/definitions/Toy' } } },
    Toy: { type: 'string' },
  },
};

async function imported(document: object | string = PETS, parameters: Record<string, string> = {}) {
  const plane = openControlPlane();
  const api = await plane.run.ImportRestApi({ body: bytes(document), parameters }, CALL);
  const resources = (await plane.run.GetResources({ restApiId: api.id }, CALL)).items ?? [];
  const idOf = (path: string) => resources.find((one) => one.path === path)?.id ?? '';
  return { ...plane, api, restApiId: api.id ?? '', resources, idOf };
}

test('the API itself', async () => {
  const { api } = await imported();
  expect(api).toMatchObject({
    name: 'Pets',
    version: '1.0',
    description: 'All of them',
    binaryMediaTypes: ['image/png'],
    policy: '{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[]}',
    warnings: [
      "Invalid format for 'requestParameters'. Expected type string for property 'integration.request.header.n' of resource '/pets/{petId}' and method 'POST' but got 'true'",
    ],
  });
});

test('a method with everything', async () => {
  const { run, restApiId, idOf } = await imported();
  const resourceId = idOf('/pets/{petId}');
  const authorizer = (await run.GetAuthorizers({ restApiId }, CALL)).items?.[0];
  const validator = (await run.GetRequestValidators({ restApiId }, CALL)).items?.[0];
  expect(await run.GetMethod({ restApiId, resourceId, httpMethod: 'POST' }, CALL)).toEqual({
    httpMethod: 'POST',
    operationName: 'SavePet',
    apiKeyRequired: false,
    authorizationType: 'CUSTOM',
    authorizerId: authorizer?.id,
    requestValidatorId: validator?.id,
    requestParameters: { 'method.request.path.petId': true, 'method.request.querystring.page': false },
    requestModels: { 'application/json': 'Pet' },
    methodResponses: {
      '200': {
        statusCode: '200',
        responseModels: { 'application/json': 'Pet' },
        responseParameters: { 'method.response.header.Access-Control-Allow-Origin': false },
      },
    },
    methodIntegration: {
      type: 'HTTP',
      httpMethod: 'POST',
      connectionType: 'INTERNET',
      uri: 'http://pets.example/{id}',
      passthroughBehavior: 'WHEN_NO_MATCH',
      timeoutInMillis: 29_000,
      cacheNamespace: resourceId,
      cacheKeyParameters: [],
      requestParameters: { 'integration.request.path.id': 'method.request.path.petId' },
      integrationResponses: {
        '200': {
          statusCode: '200',
          responseParameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" },
        },
        '400': {
          statusCode: '400',
          selectionPattern: '4\\d\\d',
          responseTemplates: { 'application/json': '{}' },
        },
      },
    },
  });
  expect(authorizer).toEqual({
    id: expect.any(String),
    name: 'lambda',
    type: 'TOKEN',
    authType: 'oauth2',
    authorizerResultTtlInSeconds: 60,
    authorizerUri: expect.any(String),
    identitySource: 'method.request.header.Auth',
  });
});

test('security by operation', async () => {
  const { run, restApiId, idOf } = await imported();
  const any = { restApiId, resourceId: idOf('/pets/{petId}'), httpMethod: 'ANY' };
  expect(await run.GetMethod(any, CALL)).toMatchObject({
    authorizationType: 'AWS_IAM',
    apiKeyRequired: true,
  });
  const open = { restApiId, resourceId: idOf('/open'), httpMethod: 'GET' };
  expect((await run.GetMethod(open, CALL)).authorizationType).toBe('NONE');
});

test('models refer to one another by URL; none is there that the document lacks', async () => {
  const { run, restApiId } = await imported();
  const models = (await run.GetModels({ restApiId }, CALL)).items ?? [];
  expect(models.map((model) => [model.name, model.description])).toEqual([
    ['Pet', 'A pet'],
    ['Toy', undefined],
  ]);
  expect(JSON.parse(models[0]?.schema ?? '')).toMatchObject({
    properties: { toy: { $ref: `https://apigateway.amazonaws.com/restapis/${restApiId}/models/Toy` } },
  });
});

test.each([
  ['ignore', ['/', '/open', '/pets', '/pets/{petId}']],
  ['prepend', ['/', '/base', '/base/part', '/base/part/open', '/base/part/pets', '/base/part/pets/{petId}']],
  ['split', ['/', '/part', '/part/open', '/part/pets', '/part/pets/{petId}']],
])('basepath=%s', async (basepath, paths) => {
  const { resources } = await imported(PETS, { basepath });
  expect(resources.map((one) => one.path ?? '')).toEqual(paths);
});

test('version 3 in YAML: content types, server variable, inline schema', async () => {
  const yaml = `
openapi: 3.0.1
info: { title: Three, version: 1.0 }
servers:
  - url: https://x.org/{basePath}
    variables: { basePath: { default: /v1 } }
paths:
  /things:
    post:
      requestBody:
        content:
          application/xml: { schema: { type: object, description: Inline } }
      responses:
        200:
          description: ok
          content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } }
      x-amazon-apigateway-integration: { type: MOCK, passthroughBehavior: when_no_templates }
components:
  schemas: { Thing: { type: object } }
`;
  const { run, restApiId, idOf, api } = await imported(yaml, { basepath: 'prepend' });
  expect(api.version).toBe('1.0');
  const method = { restApiId, resourceId: idOf('/v1/things'), httpMethod: 'POST' };
  expect(await run.GetMethod(method, CALL)).toMatchObject({
    requestModels: { 'application/xml': expect.stringMatching(/^MODEL[0-9a-f]{6}$/) },
    methodResponses: { '200': { responseModels: { 'application/json': 'Thing' } } },
    methodIntegration: { type: 'MOCK', passthroughBehavior: 'WHEN_NO_TEMPLATES' },
  });
});

test('overwrite replaces, merge adds; ids of what stays stay', async () => {
  const { run, restApiId, idOf, api } = await imported();
  const before = idOf('/open');
  const next = {
    swagger: '2.0',
    info: { title: 'Next' },
    paths: {
      '/open': { put: { responses: ok, 'x-amazon-apigateway-integration': mock } },
      '/new': {},
    },
  };
  const put = async (mode: PutRestApiRequest['mode']) => {
    const answer = await run.PutRestApi({ restApiId, mode, body: bytes(next) }, CALL);
    const { items = [] } = await run.GetResources({ restApiId }, CALL);
    const drawn = items.map((one) => `${one.path} ${Object.keys(one.resourceMethods ?? {}).join(',')}`);
    return { answer, drawn, open: items.find((one) => one.path === '/open')?.id };
  };
  const merged = await put('merge');
  expect(merged.drawn).toEqual(['/ ', '/new ', '/open GET,PUT', '/pets ', '/pets/{petId} ANY,POST']);
  expect(merged.answer).toMatchObject({ name: 'Next', binaryMediaTypes: ['image/png'], tags: {} });
  const overwritten = await put('overwrite');
  expect(overwritten.drawn).toEqual(['/ ', '/new ', '/open PUT']);
  expect(overwritten.answer.binaryMediaTypes).toBeUndefined();
  expect(overwritten.answer.rootResourceId).toBe(api.rootResourceId ?? '');
  expect([merged.open, overwritten.open]).toEqual([before, before]);
});

test('errors are listed together and nothing is written', async () => {
  const plane = openControlPlane();
  const body = bytes({
    openapi: '3.0.0',
    info: { title: 'Broken' },
    paths: {
      '/a': {
        get: {
          responses: {
            '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/No' } } } },
          },
          'x-amazon-apigateway-integration': { type: 'aws_proxy', httpMethod: 'POST', uri: 'nonsense' },
        },
      },
    },
  });
  expect(await refusal(plane.run.ImportRestApi({ body }, CALL))).toBe(
    "BadRequestException: Errors found during import:\n\tUnable to put method 'GET' on resource at path '/a': Invalid model identifier specified: No\n\tUnable to put integration on 'GET' for resource at path '/a': Invalid ARN specified in the request",
  );
  expect((await plane.run.GetRestApis({}, CALL)).items).toEqual([]);
});

test('failOnWarnings makes warnings errors', async () => {
  const { run } = openControlPlane();
  expect(await refusal(run.ImportRestApi({ body: bytes(PETS), failOnWarnings: true }, CALL))).toStartWith(
    "BadRequestException: Warnings found during import:\n\tInvalid format for 'requestParameters'.",
  );
});

test.each(['', 'no: [yaml', '{"info": {}}', '[]'])('no document: %p', async (text) => {
  const { run } = openControlPlane();
  expect(await refusal(run.ImportRestApi({ body: bytes(text) }, CALL))).toBe(
    'BadRequestException: Invalid OpenAPI input.',
  );
});
