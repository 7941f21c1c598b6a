/** A document with every extension makes an API; its export makes the same API again. */
import { expect, test } from 'bun:test';
import type { DocumentationParts } from '@aws-sdk/client-api-gateway';
import { stringify } from 'yaml';
import type { RestDefinition } from '../../../gateway/config.ts';
import { currentDefinition } from '../definition.ts';
import { needRestApi } from '../rest-api-row.ts';
import { CALL, openControlPlane, SCOPE } from '../testing/control-plane.ts';

const FUNCTION =
  'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations';
const STREAMED =
  'arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/response-streaming-invocations';
const ROLE = 'arn:aws:iam::123456789012:role/r';
const ok = { '200': { description: '200 response' } };

const schemes = {
  token: {
    type: 'apiKey',
    name: 'Auth',
    in: 'header',
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': {
      type: 'token',
      authorizerUri: FUNCTION,
      authorizerCredentials: ROLE,
      authorizerResultTtlInSeconds: 60,
      identityValidationExpression: '^x-[a-z]+',
    },
  },
  asked: {
    type: 'apiKey',
    name: 'Unused',
    in: 'header',
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': {
      type: 'request',
      authorizerUri: FUNCTION,
      authorizerResultTtlInSeconds: 0,
      identitySource: 'method.request.header.A, context.stage',
    },
  },
  pool: {
    type: 'apiKey',
    name: 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': 'cognito_user_pools',
    'x-amazon-apigateway-authorizer': {
      type: 'cognito_user_pools',
      providerARNs: ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x'],
    },
  },
  sigv4: { type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
  api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' },
};

const EXTENSIONS = {
  tags: [{ name: 'Team', 'x-amazon-apigateway-tag-value': 'red' }],
  'x-amazon-apigateway-request-validators': {
    all: { validateRequestBody: true, validateRequestParameters: true },
    parameters: { validateRequestBody: false, validateRequestParameters: true },
  },
  'x-amazon-apigateway-request-validator': 'parameters',
  'x-amazon-apigateway-gateway-responses': {
    DEFAULT_4XX: {
      responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      responseTemplates: { 'application/json': '{"m":$context.error.messageString}' },
    },
    THROTTLED: { statusCode: '503' },
  },
  'x-amazon-apigateway-binary-media-types': ['image/png', 'application/*'],
  'x-amazon-apigateway-minimum-compression-size': 1024,
  'x-amazon-apigateway-api-key-source': 'AUTHORIZER',
  'x-amazon-apigateway-policy': {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' },
    ],
  },
  'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
  'x-amazon-apigateway-security-policy': 'TLS_1_2',
  'x-amazon-apigateway-endpoint-access-mode': 'STRICT',
  'x-amazon-apigateway-documentation': {
    version: '1',
    documentationParts: [
      { location: { type: 'API' }, properties: { description: 'all of it' } },
      { location: { type: 'METHOD', path: '/pets/{id}', method: 'POST' }, properties: { summary: 'saves' } },
    ],
  },
};

const integrations = {
  http: {
    type: 'http',
    httpMethod: 'POST',
    uri: 'https://pets.example/{id}',
    requestParameters: {
      'integration.request.path.id': 'method.request.path.id',
      'integration.request.header.X': "'static'",
      'integration.request.querystring.s': 'stageVariables.s',
    },
    requestTemplates: { 'application/json': '$input.body' },
    passthroughBehavior: 'never',
    contentHandling: 'CONVERT_TO_TEXT',
    cacheNamespace: 'pets',
    cacheKeyParameters: ['method.request.path.id'],
    timeoutInMillis: 5000,
    tlsConfig: { insecureSkipVerification: true },
    responses: {
      default: {
        statusCode: '200',
        responseParameters: { 'method.response.header.X': 'integration.response.header.X' },
        responseTemplates: { 'application/json': '$input.json("$")' },
        contentHandling: 'CONVERT_TO_BINARY',
      },
      '4\\d\\d': { statusCode: '400' },
    },
  },
  proxy: {
    type: 'http_proxy',
    httpMethod: 'ANY',
    uri: 'http://nlb.example/',
    connectionType: 'VPC_LINK',
    connectionId: '${stageVariables.link}',
  },
  target: {
    type: 'http_proxy',
    httpMethod: 'GET',
    uri: 'http://alb.example/',
    connectionType: 'VPC_LINK',
    connectionId: 'abc123',
    integrationTarget: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/1',
  },
  lambda: { type: 'aws_proxy', httpMethod: 'POST', uri: FUNCTION, credentials: ROLE },
  streamed: { type: 'aws_proxy', httpMethod: 'POST', uri: STREAMED, responseTransferMode: 'STREAM' },
  service: {
    type: 'aws',
    httpMethod: 'POST',
    uri: 'arn:aws:apigateway:eu-west-1:sqs:path/123456789012/q',
    credentials: 'arn:aws:iam::*:user/*',
    responses: { default: { statusCode: '200' } },
  },
  mock: {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    responses: { default: { statusCode: '200' } },
  },
};
const integrated = (name: keyof typeof integrations, more: object = {}) => ({
  responses: ok,
  'x-amazon-apigateway-integration': integrations[name],
  ...more,
});

const paths = (version: 2 | 3) => {
  const typed = version === 2 ? { type: 'string' } : { schema: { type: 'string' } };
  const pet = { $ref: version === 2 ? '#/definitions/Pet' : '#/components/schemas/Pet' };
  const parameters = [
    { name: 'id', in: 'path', required: true, ...typed },
    { name: 'kind', in: 'query', required: true, ...typed },
    { name: 'X', in: 'header', ...typed },
  ];
  const body =
    version === 2
      ? {
          consumes: ['application/json'],
          produces: ['application/json'],
          parameters: [...parameters, { in: 'body', name: 'Pet', required: true, schema: pet }],
          responses: {
            '200': { description: '200 response', headers: { X: { type: 'string' } }, schema: pet },
            '400': { description: '400 response' },
          },
        }
      : {
          parameters,
          requestBody: {
            required: true,
            content: { 'application/json': { schema: pet }, 'application/x-pet': { schema: pet } },
          },
          responses: {
            '200': {
              description: '200 response',
              headers: { X: { schema: { type: 'string' } } },
              content: { 'application/json': { schema: pet } },
            },
            '400': { description: '400 response' },
          },
        };
  return {
    '/pets/{id}': {
      post: {
        ...integrated('http'),
        ...body,
        operationId: 'SavePet',
        security: [{ token: [] }, { api_key: [] }],
        'x-amazon-apigateway-request-validator': 'all',
      },
      'x-amazon-apigateway-any-method': integrated('mock'),
    },
    '/pool': { get: integrated('lambda', { security: [{ pool: ['pets/read'] }] }) },
    '/asked': { get: integrated('service', { security: [{ asked: [] }] }) },
    '/signed': { get: integrated('streamed', { security: [{ sigv4: [] }] }) },
    '/files/{proxy+}': {
      'x-amazon-apigateway-any-method': {
        ...integrated('proxy'),
        parameters: [{ name: 'proxy', in: 'path', required: true, ...typed }],
      },
    },
    '/alb': { get: integrated('target') },
  };
};

const models = (prefix: string) => ({
  Pet: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, toys: { type: 'array', items: { $ref: `${prefix}Toy` } } },
  },
  Toy: { type: 'string', enum: ['ball', 'bone'] },
  Alone: { type: 'integer' },
});

const info = { title: 'Everything', description: 'with all', version: '7' };
const { 'x-amazon-apigateway-endpoint-configuration': endpoint, ...others } = EXTENSIONS;
const DOCUMENTS = {
  2: {
    swagger: '2.0',
    info,
    paths: paths(2),
    securityDefinitions: schemes,
    definitions: models('#/definitions/'),
    ...EXTENSIONS,
  },
  3: {
    openapi: '3.0.1',
    info,
    servers: [{ url: '/', 'x-amazon-apigateway-endpoint-configuration': endpoint }],
    paths: paths(3),
    components: { schemas: models('#/components/schemas/'), securitySchemes: schemes },
    ...others,
  },
} as const;

type Plane = ReturnType<typeof openControlPlane>;

async function importedApi({ run, ports }: Plane, text: string) {
  const api = await run.ImportRestApi({ body: new TextEncoder().encode(text), failOnWarnings: true }, CALL);
  const row = await needRestApi(ports.store, SCOPE, api.id);
  const { id: _id, createdDate: _date, rootResourceId: _root, policy, ...own } = row;
  return {
    id: row.id,
    own: { ...own, policy: policy?.replaceAll(row.id, 'API') },
    definition: named(await currentDefinition(ports.store, SCOPE, row), row.id),
    parts: partsOf(await run.GetDocumentationParts({ restApiId: row.id }, CALL)),
  };
}

/** In any order: their ids are drawn. */
const partsOf = ({ items }: DocumentationParts) =>
  (items ?? []).map(({ id: _part, ...part }) => JSON.stringify(part)).toSorted();

/** Ids by what they name, so that two APIs compare. */
function named(definition: RestDefinition, apiId: string): unknown {
  let text = JSON.stringify(definition).replaceAll(apiId, 'API');
  for (const { id = '', name = '' } of [
    ...definition.authorizers,
    ...definition.requestValidators,
    ...definition.models,
  ])
    text = text.replaceAll(`"${id}"`, `"id of ${name}"`);
  for (const { id = '', path = '' } of definition.resources)
    text = text.replaceAll(`"${id}"`, `"id of ${path}"`);
  const read: {
    resources: { path: string }[];
    models: { name: string }[];
    authorizers: { name: string }[];
    requestValidators: { name: string }[];
  } = JSON.parse(text);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  for (const list of [read.models, read.authorizers, read.requestValidators]) list.sort(byName);
  read.resources.sort((a, b) => (a.path < b.path ? -1 : 1));
  return read;
}

async function exported({ run }: Plane, restApiId: string, version: 2 | 3, accepts: string): Promise<string> {
  await run.CreateDocumentationVersion({ restApiId, documentationVersion: '1' }, CALL);
  await run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL);
  const patchOperations = [{ op: 'replace' as const, path: '/documentationVersion', value: '1' }];
  await run.UpdateStage({ restApiId, stageName: 'prod', patchOperations }, CALL);
  const exportType = version === 2 ? 'swagger' : 'oas30';
  const parameters = { extensions: 'apigateway' };
  return new TextDecoder().decode(
    (await run.GetExport({ restApiId, stageName: 'prod', exportType, accepts, parameters }, CALL)).body,
  );
}

const ROWS = ([2, 3] as const).flatMap((from) =>
  (['application/json', 'application/yaml'] as const).map((accepts) => [from, accepts] as const),
);
test.each(ROWS)('version %d, %s: out and in again', async (version, accepts) => {
  const plane = openControlPlane();
  const document = DOCUMENTS[version];
  const text =
    accepts === 'application/json'
      ? JSON.stringify(document)
      : stringify(document, { aliasDuplicateObjects: false });
  const first = await importedApi(plane, text);
  const second = await importedApi(plane, await exported(plane, first.id, version, accepts));
  expect(second.definition).toEqual(first.definition);
  expect(second.own).toEqual(first.own);
  expect(second.parts).toEqual(first.parts);
});

test('nothing of the document was left out on the way in', async () => {
  const plane = openControlPlane();
  const { own, definition, parts } = await importedApi(plane, JSON.stringify(DOCUMENTS[3]));
  expect(own).toMatchObject({
    name: 'Everything',
    version: '7',
    tags: { Team: 'red' },
    minimumCompressionSize: 1024,
    apiKeySource: 'AUTHORIZER',
    disableExecuteApiEndpoint: true,
    securityPolicy: 'TLS_1_2',
    endpointAccessMode: 'STRICT',
    binaryMediaTypes: ['image/png', 'application/*'],
  });
  expect(parts).toHaveLength(2);
  const spelled = JSON.stringify(definition);
  for (const word of [
    'CONVERT_TO_TEXT',
    'insecureSkipVerification',
    '"STREAM"',
    'integrationTarget',
    'pets/read',
    'x-[a-z]+',
    '"timeoutInMillis":5000',
    '"cacheNamespace":"pets"',
    'Alone',
    'THROTTLED',
  ])
    expect(spelled).toContain(word);
});

test('Postman is told how to sign', async () => {
  const { run } = openControlPlane();
  const { id: restApiId = '' } = await run.ImportRestApi(
    { body: new TextEncoder().encode(JSON.stringify(DOCUMENTS[2])) },
    CALL,
  );
  await run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL);
  const parameters = { extensions: 'postman' };
  const { body } = await run.GetExport(
    { restApiId, stageName: 'prod', exportType: 'swagger', parameters },
    CALL,
  );
  const { paths: written }: { paths: Record<string, Record<string, unknown>> } = JSON.parse(
    new TextDecoder().decode(body),
  );
  expect(written['/signed']?.['get']).toMatchObject({
    'x-postman-meta': {
      currentHelper: 'awsSigV4',
      helperAttributes: { region: 'eu-west-1', service: 'execute-api' },
    },
  });
  expect(written['/pool']?.['get']).not.toHaveProperty('x-postman-meta');
});
