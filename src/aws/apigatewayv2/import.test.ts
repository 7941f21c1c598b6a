import { expect, test } from 'bun:test';
import { refusal, startTestService, testCall as call } from './testing/service.ts';

const functionUri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${name}/invocations`;

const integration = (name: string) => ({
  'x-amazon-apigateway-integration': {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri: functionUri(name),
    payloadFormatVersion: '2.0',
  },
});

/** What SAM writes for an HttpApi with authorizers and CORS, and a shared integration. */
const DOCUMENT = {
  openapi: '3.0.1',
  info: { title: 'orders', version: '1.0', description: 'all orders' },
  tags: [{ name: 'httpapi:createdBy', 'x-amazon-apigateway-tag-value': 'SAM' }],
  'x-amazon-apigateway-cors': { allowOrigins: ['https://shop.example'], allowMethods: ['GET'], maxAge: 10 },
  paths: {
    '/orders': {
      get: { ...integration('list'), operationId: 'listOrders', security: [{ tokens: ['orders.read'] }] },
      post: { ...integration('add'), security: [{ gate: [] }] },
    },
    '/signed': { 'x-amazon-apigateway-any-method': { ...integration('signed'), security: [{ sigv4: [] }] } },
    '/one': {
      get: {
        'x-amazon-apigateway-integration': { $ref: '#/components/x-amazon-apigateway-integrations/web' },
      },
    },
    '/two': {
      get: {
        'x-amazon-apigateway-integration': { $ref: '#/components/x-amazon-apigateway-integrations/web' },
      },
    },
    $default: { 'x-amazon-apigateway-any-method': { ...integration('rest'), isDefaultRoute: true } },
  },
  components: {
    'x-amazon-apigateway-integrations': {
      web: { type: 'http_proxy', httpMethod: 'GET', uri: 'https://example.com', payloadFormatVersion: '1.0' },
    },
    securitySchemes: {
      tokens: {
        type: 'oauth2',
        'x-amazon-apigateway-authorizer': {
          type: 'jwt',
          identitySource: '$request.header.Authorization',
          jwtConfiguration: { issuer: 'https://issuer.example', audience: ['orders'] },
        },
      },
      gate: {
        type: 'apiKey',
        name: 'Unused',
        in: 'header',
        'x-amazon-apigateway-authorizer': {
          type: 'request',
          identitySource: '$request.header.A, $request.header.B',
          authorizerUri: functionUri('gate'),
          authorizerPayloadFormatVersion: '2.0',
          enableSimpleResponses: true,
        },
      },
      sigv4: {
        type: 'apiKey',
        name: 'Authorization',
        in: 'header',
        'x-amazon-apigateway-authtype': 'awsSigv4',
      },
    },
  },
};

type Service = ReturnType<typeof startTestService>;

/** The API as one drawing: each route with its authorization and where it goes. */
async function drawing({ handlers }: Service, ApiId: string): Promise<string[]> {
  const { Items: routes = [] } = await handlers.GetRoutes({ ApiId }, call);
  const { Items: integrations = [] } = await handlers.GetIntegrations({ ApiId }, call);
  const { Items: authorizers = [] } = await handlers.GetAuthorizers({ ApiId }, call);
  const lines = routes.map((route) => {
    const target = integrations.find((one) => route.Target === `integrations/${one.IntegrationId}`);
    const authorizer = authorizers.find((one) => one.AuthorizerId === route.AuthorizerId);
    const scopes = route.AuthorizationScopes?.join('+') ?? '';
    const who = [route.AuthorizationType, authorizer?.Name, scopes].filter((part) => part).join(' ');
    const uri = target?.IntegrationUri?.replace(/.*function:|\/invocations$/g, '');
    return `${route.RouteKey} [${who}] -> ${target?.IntegrationType} ${uri}`;
  });
  return lines.toSorted();
}

const ROUTES = [
  '$default [NONE] -> AWS_PROXY rest',
  'ANY /signed [AWS_IAM] -> AWS_PROXY signed',
  'GET /one [NONE] -> HTTP_PROXY https://example.com',
  'GET /orders [JWT tokens orders.read] -> AWS_PROXY list',
  'GET /two [NONE] -> HTTP_PROXY https://example.com',
  'POST /orders [CUSTOM gate] -> AWS_PROXY add',
];

for (const [form, write] of [
  ['JSON', async (document: object) => JSON.stringify(document)],
  ['YAML', async (document: object) => (await import('yaml')).stringify(document)],
] as const)
  test(`an OpenAPI document in ${form} becomes an API`, async () => {
    const service = startTestService();
    const api = await service.handlers.ImportApi({ Body: await write(DOCUMENT) }, call);
    expect(api).toMatchObject({
      Name: 'orders',
      Version: '1.0',
      Description: 'all orders',
      Tags: { 'httpapi:createdBy': 'SAM' },
      CorsConfiguration: { AllowOrigins: ['https://shop.example'], AllowMethods: ['GET'], MaxAge: 10 },
    });
    expect(await drawing(service, api.ApiId ?? '')).toEqual(ROUTES);
    const { Items: integrations } = await service.handlers.GetIntegrations({ ApiId: api.ApiId }, call);
    expect(integrations).toHaveLength(ROUTES.length - 1);
    const { Items: authorizers = [] } = await service.handlers.GetAuthorizers({ ApiId: api.ApiId }, call);
    expect(authorizers.find((one) => one.Name === 'gate')).toMatchObject({
      AuthorizerType: 'REQUEST',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.A', '$request.header.B'],
    });
  });

test('what is exported imports as the same API', async () => {
  const service = startTestService();
  const { ApiId = '' } = await service.handlers.ImportApi({ Body: JSON.stringify(DOCUMENT) }, call);
  for (const OutputType of ['JSON', 'YAML']) {
    const { body } = await service.handlers.ExportApi({ ApiId, Specification: 'OAS30', OutputType }, call);
    const again = await service.handlers.ImportApi({ Body: Buffer.from(body ?? []).toString() }, call);
    expect(await drawing(service, again.ApiId ?? '')).toEqual(ROUTES);
    expect(again.CorsConfiguration).toMatchObject({ AllowMethods: ['GET'], MaxAge: 10 });
  }
});

test('a reimport replaces routes and is deployed at once', async () => {
  const service = startTestService();
  const { handlers } = service;
  const { ApiId = '' } = await handlers.ImportApi({ Body: JSON.stringify(DOCUMENT) }, call);
  await handlers.CreateStage({ ApiId, StageName: '$default', AutoDeploy: true }, call);
  const paths = { '/new': { get: integration('new') } };
  await handlers.ReimportApi({ ApiId, Body: JSON.stringify({ ...DOCUMENT, paths }) }, call);
  expect(await drawing(service, ApiId)).toEqual(['GET /new [NONE] -> AWS_PROXY new']);
  const document = await service.loadApi(ApiId);
  const stage = document?.kind === 'HTTP' ? document.stages.$default : undefined;
  expect(stage?.definition.routes.map((route) => route.RouteKey)).toEqual(['GET /new']);
});

const documentWith = (more: object) =>
  JSON.stringify({ openapi: '3.0.1', info: { title: 'x' }, paths: {}, ...more });

const REFUSED = [
  { name: 'no document', body: 'hello', expected: 'BadRequestException: Invalid OpenAPI input.' },
  {
    name: 'Swagger 2',
    body: JSON.stringify({ swagger: '2.0' }),
    expected: 'BadRequestException: Invalid OpenAPI input.',
  },
  {
    name: 'a security scheme nobody defined',
    body: documentWith({ paths: { '/x': { get: { security: [{ nope: [] }] } } } }),
    expected: 'BadRequestException: Security scheme nope at route GET /x is not defined.',
  },
  {
    name: 'an integration without a type',
    body: documentWith({ paths: { '/x': { get: { 'x-amazon-apigateway-integration': {} } } } }),
    expected:
      'BadRequestException: Unable to parse API definition because of a malformed integration at route GET /x.',
  },
];

for (const { name, body, expected } of REFUSED)
  test(`ImportApi refuses ${name}, and leaves nothing`, async () => {
    const { handlers } = startTestService();
    expect(await refusal(handlers.ImportApi({ Body: body }, call))).toBe(expected);
    expect((await handlers.GetApis({}, call)).Items).toEqual([]);
  });

test('a scheme that is only documentation is a warning, or an error when asked for', async () => {
  const { handlers } = startTestService();
  const Body = documentWith({
    paths: { '/x': { get: { security: [{ bearer: [] }] } } },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  });
  const warning = 'Security scheme bearer has no x-amazon-apigateway-authorizer extension. Ignoring.';
  expect((await handlers.ImportApi({ Body }, call)).Warnings).toEqual([warning]);
  expect(await refusal(handlers.ImportApi({ Body, FailOnWarnings: true }, call))).toBe(
    `BadRequestException: Warnings found during import:\n\t${warning}`,
  );
});

for (const [basepath, expected] of [
  ['ignore', ['GET /x']],
  ['prepend', ['GET /shop/v1/x']],
  ['split', ['GET /v1/x']],
] as const)
  test(`the server's path is handled as basepath ${basepath} says`, async () => {
    const { handlers } = startTestService();
    const servers = [
      { url: 'https://example.com/shop/{version}', variables: { version: { default: 'v1' } } },
    ];
    const Body = documentWith({ servers, paths: { '/x': { get: {} } } });
    const { ApiId } = await handlers.ImportApi({ Body, Basepath: basepath }, call);
    const { Items = [] } = await handlers.GetRoutes({ ApiId }, call);
    expect(Items.map((route) => route.RouteKey)).toEqual([...expected]);
  });

test('an integration that several routes share stays one, through an export and an import', async () => {
  const { handlers } = await startTestService();
  const { ApiId = '' } = await handlers.ImportApi({ Body: JSON.stringify(DOCUMENT) }, call);
  const count = async (id: string): Promise<number> =>
    (await handlers.GetIntegrations({ ApiId: id }, call)).Items?.length ?? 0;
  const { body } = await handlers.ExportApi({ ApiId, OutputType: 'JSON', Specification: 'OAS30' }, call);
  const again = await handlers.ImportApi({ Body: Buffer.from(body ?? []).toString() }, call);
  expect(await count(again.ApiId ?? '')).toBe(await count(ApiId));
});

test('what REST APIs alone know is said, not passed over', async () => {
  const { handlers } = await startTestService();
  const document = {
    ...DOCUMENT,
    servers: [{ url: '/', 'x-amazon-apigateway-endpoint-configuration': { ipAddressType: 'dualstack' } }],
    'x-amazon-apigateway-policy': {},
    paths: { '/a': { get: { ...integration('a'), 'x-amazon-apigateway-request-validator': 'all' } } },
  };
  const { Warnings, IpAddressType } = await handlers.ImportApi({ Body: JSON.stringify(document) }, call);
  expect(IpAddressType).toBe('dualstack');
  expect(Warnings?.filter((text) => text.startsWith('Extension'))).toEqual([
    'Extension x-amazon-apigateway-policy at the document is not supported by HTTP APIs. Ignoring.',
    'Extension x-amazon-apigateway-request-validator at GET /a is not supported by HTTP APIs. Ignoring.',
  ]);
});
