/**
 * What the kinds of API do, side by side: one row a behaviour, the expectation of each kind in it. A kind that lacks it
 * says why.
 */
import { afterAll, describe, expect, test } from 'bun:test';
import type { ApiDocument } from '../config.ts';
import { closeFrame, frame } from '../../websocket/testing/raw-client.ts';
import {
  FUNCTION_ARN,
  FUNCTION_URI,
  httpApi,
  lambdaProxy,
  listen,
  mock,
  portOf,
  RawAnswer,
  restApi,
  startWorld,
  webSocketApi,
  type World,
  type WorldOptions,
} from '../testing/world.ts';

const KINDS = ['REST', 'HTTP', 'WEBSOCKET'] as const;
type Kind = (typeof KINDS)[number];

interface NotOffered {
  readonly notOffered: string;
}
const notOffered = (reason: string): NotOffered => ({ notOffered: reason });

interface Cell {
  readonly api: ApiDocument;
  readonly invoke?: NonNullable<WorldOptions['invoke']>;
  readonly ports?: NonNullable<WorldOptions['ports']>;
  /** What is seen: `status body`, or what a client of a WebSocket is told. */
  readonly seen: (world: World) => Promise<unknown>;
  readonly expected: unknown;
}

interface Behaviour extends Readonly<Record<Kind, Cell | NotOffered>> {
  readonly name: string;
}

const backend = await listen((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Backend': 'yes' });
  response.end(`${request.method} ${request.url}`);
});
const backendUrl = `http://127.0.0.1:${portOf(backend)}`;
const worlds: World[] = [];
afterAll(async () => {
  await Promise.all(worlds.map((world) => world.close()));
  backend.closeAllConnections();
  backend.close();
});

// ---- what is asked

const get =
  (path: string, headers: Readonly<Record<string, string>> = {}) =>
  async (world: World): Promise<string> => {
    const { status, body } = await world.get(path, headers);
    return `${status} ${body}`.trim();
  };
const send =
  (request: (host: string) => string, apiId: string) =>
  async (world: World): Promise<string> => {
    const { status, body } = await world.send(request(`Host: ${apiId}.execute-api.localhost`));
    return `${status} ${body}`.trim();
  };
const upgrade =
  (path = '/prod', headers: readonly string[] = []) =>
  async (world: World): Promise<string> => {
    const client = await world.open(path, headers);
    const status = client.head.slice(9, 12);
    if (status !== '101') await client.end();
    client.socket.destroy();
    return `${status} ${wordOf(client.body)}`.trim();
  };
/** Sends a message and answers what comes back, of errors the message alone. */
const message =
  (text: string) =>
  async (world: World): Promise<string> => {
    const client = await world.open();
    client.send(frame(1, text));
    await client.until(() => client.frames.length > 0);
    const answer = client.frames[0]?.payload.toString() ?? '';
    client.send(closeFrame(1000));
    return wordOf(answer);
  };
const wordOf = (text: string): string => /^\{"message": "([^"]*)", "connectionId"/.exec(text)?.[1] ?? text;

// ---- what is there

const httpLambda = {
  IntegrationType: 'AWS_PROXY' as const,
  IntegrationUri: FUNCTION_ARN,
  PayloadFormatVersion: '2.0',
};
const socketLambda = { IntegrationType: 'AWS_PROXY' as const, IntegrationUri: FUNCTION_URI };
const socketMock = { IntegrationType: 'MOCK' as const, RequestTemplates: { $default: '{"statusCode":200}' } };
const proxyRest = {
  methodIntegration: { type: 'HTTP_PROXY' as const, httpMethod: 'GET', uri: `${backendUrl}/b` },
};
const proxyHttp = {
  IntegrationType: 'HTTP_PROXY' as const,
  IntegrationMethod: 'GET',
  IntegrationUri: `${backendUrl}/b`,
};
const proxySocket = {
  IntegrationType: 'HTTP_PROXY' as const,
  IntegrationMethod: 'POST',
  IntegrationUri: `${backendUrl}/b`,
};
const fails = () =>
  new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{"errorMessage":"no"}') });
const said = () => ({ statusCode: 200, body: 'said' });
const never = (): Promise<never> => new Promise(() => {});
const tight = { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 };
const twice = (ask: (world: World) => Promise<string>) => async (world: World) => {
  await ask(world);
  return ask(world);
};
const noKey = { findApiKey: () => undefined };

const rows: readonly Behaviour[] = [
  {
    name: 'a function answers',
    REST: {
      api: restApi({ 'GET /a': lambdaProxy }),
      invoke: said,
      seen: get('/prod/a'),
      expected: '200 said',
    },
    HTTP: { api: httpApi({ 'GET /a': httpLambda }), invoke: said, seen: get('/a'), expected: '200 said' },
    WEBSOCKET: {
      api: webSocketApi({ $default: socketLambda }, { twoWay: ['$default'] }),
      invoke: said,
      seen: message('x'),
      expected: 'said',
    },
  },
  {
    name: 'a function answers with something of its own',
    REST: {
      api: restApi({ 'GET /a': lambdaProxy }),
      invoke: () => ({ hello: 1 }),
      seen: get('/prod/a'),
      expected: '502 {"message": "Internal server error"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': httpLambda }),
      invoke: () => ({ hello: 1 }),
      seen: get('/a'),
      expected: '200 {"hello":1}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $default: socketLambda }),
      invoke: () => ({ hello: 1 }),
      seen: message('x'),
      expected: 'Internal server error',
    },
  },
  {
    name: 'a function fails',
    REST: {
      api: restApi({ 'GET /a': lambdaProxy }),
      invoke: fails,
      seen: get('/prod/a'),
      expected: '502 {"message": "Internal server error"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': httpLambda }),
      invoke: fails,
      seen: get('/a'),
      expected: '500 {"message":"Internal Server Error"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $connect: socketLambda }),
      invoke: fails,
      seen: upgrade(),
      expected: '502 Internal server error',
    },
  },
  {
    name: 'an integration takes too long',
    REST: {
      api: restApi({
        'GET /a': { methodIntegration: { ...lambdaProxy.methodIntegration, timeoutInMillis: 50 } },
      }),
      invoke: never,
      seen: get('/prod/a'),
      expected: '504 {"message":"Endpoint request timed out"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': { ...httpLambda, TimeoutInMillis: 50 } }),
      invoke: never,
      seen: get('/a'),
      expected: '503 {"message":"Service Unavailable"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $default: { ...socketLambda, TimeoutInMillis: 50 } }),
      invoke: never,
      seen: message('x'),
      expected: 'Endpoint request timed out',
    },
  },
  {
    name: 'nothing matches',
    REST: {
      api: restApi({ 'GET /a': mock() }),
      seen: get('/prod/b'),
      expected: '403 {"message":"Missing Authentication Token"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': httpLambda }),
      seen: get('/b'),
      expected: '404 {"message":"Not Found"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ join: socketMock }),
      seen: message('{"action":"b"}'),
      expected: 'Forbidden',
    },
  },
  {
    name: 'a route for what nothing else matches',
    REST: notOffered('REST APIs have no $default: a greedy resource with ANY is the nearest'),
    HTTP: {
      api: httpApi({ 'GET /a': httpLambda, $default: httpLambda }),
      invoke: (event) => ({ statusCode: 200, body: String(event['routeKey']) }),
      seen: get('/b'),
      expected: '200 $default',
    },
    WEBSOCKET: {
      api: webSocketApi({ $default: socketLambda }, { twoWay: ['$default'] }),
      invoke: said,
      seen: message('no JSON'),
      expected: 'said',
    },
  },
  {
    name: 'a stage that is not there',
    REST: {
      api: restApi({ 'GET /a': mock() }),
      seen: get('/nope/a'),
      expected: '403 {"message":"Forbidden"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': httpLambda }, { stage: { stageName: 'prod' } }),
      seen: get('/nope/a'),
      expected: '404 {"message":"Not Found"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $default: socketMock }),
      seen: upgrade('/nope'),
      expected: '403 {"message":"Forbidden"}',
    },
  },
  {
    name: 'a stage without its name in the address',
    REST: notOffered('every stage of a REST API is named'),
    HTTP: { api: httpApi({ 'GET /a': httpLambda }), invoke: said, seen: get('/a'), expected: '200 said' },
    WEBSOCKET: notOffered('every stage of a WebSocket API is named'),
  },
  {
    name: 'the execute-api endpoint is disabled',
    REST: {
      api: { ...restApi({ 'GET /a': mock() }), disableExecuteApiEndpoint: true },
      seen: get('/prod/a'),
      expected: '403 {"message":"Forbidden"}',
    },
    HTTP: {
      api: { ...httpApi({ 'GET /a': httpLambda }), disableExecuteApiEndpoint: true },
      seen: get('/a'),
      expected: '404 {"message":"Not Found"}',
    },
    WEBSOCKET: {
      api: { ...webSocketApi({ $default: socketMock }), disableExecuteApiEndpoint: true },
      seen: upgrade(),
      expected: '403 {"message":"Forbidden"}',
    },
  },
  {
    name: 'a mock',
    REST: { api: restApi({ 'GET /a': mock('mocked') }), seen: get('/prod/a'), expected: '200 mocked' },
    HTTP: notOffered('HTTP APIs have no mock integrations: http-api-vs-rest.html'),
    WEBSOCKET: {
      api: webSocketApi(
        { $default: socketMock },
        {
          twoWay: ['$default'],
          responses: {
            $default: [{ IntegrationResponseKey: '$default', ResponseTemplates: { $default: 'mocked' } }],
          },
        },
      ),
      seen: message('x'),
      expected: 'mocked',
    },
  },
  {
    name: 'an HTTP backend',
    REST: { api: restApi({ 'GET /a': proxyRest }), seen: get('/prod/a?q=1'), expected: '200 GET /b?q=1' },
    HTTP: { api: httpApi({ 'GET /a': proxyHttp }), seen: get('/a?q=1'), expected: '200 GET /b?q=1' },
    WEBSOCKET: {
      api: webSocketApi({ $default: proxySocket }, { twoWay: ['$default'] }),
      seen: message('x'),
      expected: 'POST /b',
    },
  },
  {
    name: 'an HTTP backend nobody listens for',
    REST: {
      api: restApi({
        'GET /a': {
          methodIntegration: { type: 'HTTP_PROXY', httpMethod: 'GET', uri: 'http://127.0.0.1:1/' },
        },
      }),
      seen: get('/prod/a'),
      expected: '504 {"message":"Network error communicating with endpoint"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': { ...proxyHttp, IntegrationUri: 'http://127.0.0.1:1/' } }),
      seen: get('/a'),
      expected: '503 {"message":"Service Unavailable"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $connect: { ...proxySocket, IntegrationUri: 'http://127.0.0.1:1/' } }),
      seen: upgrade(),
      expected: '504 Network error communicating with endpoint',
    },
  },
  {
    name: 'a private backend by its address',
    REST: {
      api: restApi({
        'GET /a': {
          methodIntegration: {
            ...proxyRest.methodIntegration,
            connectionType: 'VPC_LINK',
            connectionId: 'v1',
          },
        },
      }),
      seen: get('/prod/a'),
      expected: '200 GET /b',
    },
    HTTP: {
      api: httpApi({
        'GET /a/{id}': {
          ...proxyHttp,
          IntegrationUri: backendUrl,
          ConnectionType: 'VPC_LINK',
          ConnectionId: 'v1',
        },
      }),
      seen: get('/a/7?q=1'),
      expected: '200 GET /a/7?q=1',
    },
    WEBSOCKET: {
      api: webSocketApi(
        { $default: { ...proxySocket, ConnectionType: 'VPC_LINK', ConnectionId: 'v1' } },
        { twoWay: ['$default'] },
      ),
      seen: message('x'),
      expected: 'POST /b',
    },
  },
  {
    name: 'a private backend by the ARN of its listener or service',
    REST: notOffered('a REST API names the address beside the VPC link'),
    HTTP: {
      api: httpApi(
        {
          'GET /a': {
            ...proxyHttp,
            IntegrationUri: 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1',
            ConnectionType: 'VPC_LINK',
          },
        },
        { stage: { stageName: 'prod' } },
      ),
      ports: { findPrivateTarget: async () => ({ host: '127.0.0.1', port: portOf(backend) }) },
      seen: get('/prod/a'),
      expected: '200 GET /prod/a',
    },
    WEBSOCKET: notOffered('a WebSocket API names the address beside the VPC link'),
  },
  {
    name: 'a private backend whose address nobody knows',
    REST: notOffered('as above'),
    HTTP: {
      api: httpApi({
        'GET /a': {
          ...proxyHttp,
          IntegrationUri: 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1',
          ConnectionType: 'VPC_LINK',
        },
      }),
      seen: get('/a'),
      expected: '500 {"message":"Internal Server Error"}',
    },
    WEBSOCKET: notOffered('as above'),
  },
  {
    name: 'faster than the stage allows',
    REST: {
      api: restApi(
        { 'GET /a': mock() },
        { stage: { methodSettings: { '*/*': { throttlingRateLimit: 1, throttlingBurstLimit: 1 } } } },
      ),
      seen: twice(get('/prod/a')),
      expected: '429 {"message":"Too Many Requests"}',
    },
    HTTP: {
      api: httpApi({ 'GET /a': proxyHttp }, { stage: { defaultRouteSettings: tight } }),
      seen: twice(get('/a')),
      expected: '429 {"message":"Too Many Requests"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $connect: socketMock }, { stage: { defaultRouteSettings: tight } }),
      seen: twice(upgrade()),
      expected: '429 Too Many Requests',
    },
  },
  {
    name: 'no API key',
    REST: {
      api: restApi({ 'GET /a': { ...mock(), apiKeyRequired: true } }),
      ports: noKey,
      seen: get('/prod/a'),
      expected: '403 {"message":"Forbidden"}',
    },
    HTTP: notOffered('HTTP APIs have no API keys: http-api-vs-rest.html'),
    WEBSOCKET: {
      api: webSocketApi({ $connect: socketMock }, { routes: { $connect: { ApiKeyRequired: true } } }),
      ports: noKey,
      seen: upgrade(),
      expected: '403 Forbidden',
    },
  },
  {
    name: 'no signature',
    REST: {
      api: restApi({ 'GET /a': { ...mock(), authorizationType: 'AWS_IAM' } }),
      seen: get('/prod/a'),
      expected: '403 {"message":"Missing Authentication Token"}',
    },
    HTTP: {
      api: httpApi(
        { 'GET /a': proxyHttp },
        {
          definition: {
            routes: [{ RouteKey: 'GET /a', Target: 'integrations/i0', AuthorizationType: 'AWS_IAM' }],
          },
        },
      ),
      seen: get('/a'),
      expected: '403 {"message":"Forbidden"}',
    },
    WEBSOCKET: {
      api: webSocketApi({ $connect: socketMock }, { routes: { $connect: { AuthorizationType: 'AWS_IAM' } } }),
      seen: upgrade(),
      expected: '403 Missing Authentication Token',
    },
  },
  {
    name: 'no token for a JWT authorizer',
    REST: notOffered('REST APIs have user pool authorizers in place of JWT ones'),
    HTTP: {
      api: httpApi(
        { 'GET /a': proxyHttp },
        {
          definition: {
            routes: [
              { RouteKey: 'GET /a', Target: 'integrations/i0', AuthorizationType: 'JWT', AuthorizerId: 'j' },
            ],
            authorizers: {
              j: {
                Name: 'j',
                AuthorizerType: 'JWT',
                IdentitySource: ['$request.header.Authorization'],
                JwtConfiguration: { Issuer: 'https://issuer.invalid', Audience: ['a'] },
              },
            },
          },
        },
      ),
      seen: get('/a'),
      expected: '401 {"message":"Unauthorized"}',
    },
    WEBSOCKET: notOffered('WebSocket APIs take Lambda authorizers and IAM only'),
  },
  {
    name: 'a body against its model',
    REST: {
      api: restApi(
        { 'POST /a': { ...mock(), requestValidatorId: 'v', requestModels: { 'application/json': 'M' } } },
        {
          definition: {
            models: [{ name: 'M', schema: '{"required":["x"]}' }],
            requestValidators: [{ id: 'v', validateRequestBody: true }],
          },
        },
      ),
      seen: send(
        (host) => `POST /prod/a HTTP/1.1\n${host}\nContent-Type: application/json\nContent-Length: 2\n\n{}`,
        'rest123456',
      ),
      expected: '400 {"message":"Invalid request body"}',
    },
    HTTP: notOffered('HTTP APIs validate no requests: http-api-vs-rest.html'),
    WEBSOCKET: {
      api: webSocketApi(
        { $default: socketMock },
        {
          routes: { $default: { ModelSelectionExpression: 'm', RequestModels: { m: 'M' } } },
          definition: { models: [{ Name: 'M', Schema: '{"required":["x"]}' }] },
        },
      ),
      seen: message('{}'),
      expected: 'Invalid request body',
    },
  },
  {
    name: 'a preflight that the API itself answers',
    REST: notOffered('REST APIs answer preflights by an OPTIONS method'),
    HTTP: {
      api: httpApi(
        { 'GET /a': proxyHttp },
        { definition: { corsConfiguration: { AllowOrigins: ['https://a.example'], AllowMethods: ['GET'] } } },
      ),
      seen: async (world) => {
        const { status, headers } = await world.send(
          'OPTIONS /a HTTP/1.1\nHost: http123456.execute-api.localhost\nOrigin: https://a.example\nAccess-Control-Request-Method: GET\n\n',
        );
        return [status, headers['access-control-allow-origin'], headers['access-control-allow-methods']];
      },
      expected: [204, 'https://a.example', 'GET'],
    },
    WEBSOCKET: notOffered('browsers ask for no preflight before a WebSocket'),
  },
  {
    name: 'one operation of another service, by name',
    REST: notOffered('REST APIs reach services by integrations of type AWS'),
    HTTP: {
      api: httpApi({
        'POST /a': {
          IntegrationType: 'AWS_PROXY',
          IntegrationSubtype: 'SQS-PurgeQueue',
          RequestParameters: { QueueUrl: 'q' },
        },
      }),
      ports: {
        callAwsService: async ({ service, body }) => ({
          status: 200,
          rawHeaders: [],
          body: Buffer.from(`${service} ${Buffer.from(body).toString()}`),
        }),
      },
      seen: send((host) => `POST /a HTTP/1.1\n${host}\nContent-Length: 0\n\n`, 'http123456'),
      expected: '200 sqs Action=PurgeQueue&Version=2012-11-05&QueueUrl=q',
    },
    WEBSOCKET: notOffered('WebSocket APIs reach services by integrations of type AWS'),
  },
  {
    name: 'an upgrade to a WebSocket',
    REST: { api: restApi({ 'GET /a': mock('plain') }), seen: upgrade('/prod/a'), expected: '200 plain' },
    HTTP: {
      api: httpApi({ 'GET /prod': httpLambda }),
      invoke: said,
      seen: upgrade('/prod'),
      expected: '200 said',
    },
    WEBSOCKET: { api: webSocketApi({ $connect: socketMock }), seen: upgrade(), expected: '101' },
  },
  {
    name: 'a request that is no upgrade',
    REST: { api: restApi({ 'GET /a': mock() }), seen: get('/prod/a'), expected: '200 {"ok":true}' },
    HTTP: { api: httpApi({ 'GET /a': httpLambda }), invoke: said, seen: get('/a'), expected: '200 said' },
    WEBSOCKET: {
      api: webSocketApi({ $default: socketMock }),
      seen: get('/prod'),
      expected: '403 {"message":"Forbidden"}',
    },
  },
  {
    name: 'the load balancer’s own check',
    REST: { api: restApi({ 'GET /a': mock() }), seen: get('/ping'), expected: '200 healthy' },
    HTTP: { api: httpApi({ 'GET /a': httpLambda }), seen: get('/ping'), expected: '200 healthy' },
    WEBSOCKET: { api: webSocketApi({ $default: socketMock }), seen: get('/ping'), expected: '200 healthy' },
  },
];

for (const { name, ...cells } of rows)
  describe(name, () => {
    for (const kind of KINDS) {
      const cell = cells[kind];
      test(kind, async () => {
        if ('notOffered' in cell) return expect(cell.notOffered).not.toBe('');
        const { api, invoke, ports, seen, expected } = cell;
        const world = await startWorld({ api, ...(invoke && { invoke }), ...(ports && { ports }) });
        worlds.push(world);
        expect(await seen(world)).toEqual(expected);
      });
    }
  });
