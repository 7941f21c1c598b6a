/** A gateway behind a real node:http server, with documents given as data and fake ports, and a client on a bare socket. */
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Observation } from '../../base/observation.ts';
import type { Invocation, InvocationAnswer } from '../../base/ports.ts';
import type {
  ApiDocument,
  HttpApiDocument,
  HttpDefinition,
  HttpStage,
  RestApiDocument,
  RestDefinition,
  RestStage,
  WebSocketApiDocument,
  WebSocketDefinition,
  WebSocketStage,
} from '../config.ts';
import type { GatewayPorts } from '../ports.ts';
import { createGateway, type Gateway } from '../serve.ts';
import { apiTargetOf } from '../target.ts';
import { RawClient } from '../../websocket/testing/raw-client.ts';

export const NOW = Date.UTC(2026, 3, 9, 12, 34, 56);
const scope = { account: '123456789012', region: 'us-east-1' };
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:orders';
export const FUNCTION_URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`;

export interface World {
  readonly port: number;
  readonly gateway: Gateway;
  readonly invocations: Invocation[];
  readonly observations: Observation[];
  readonly logged: { group: string; message: string }[];
  /** Opens a WebSocket to the API; answers once the upgrade is answered. */
  open(path?: string, headers?: readonly string[]): Promise<RawClient>;
  /** Sends raw bytes (line ends may be \n) and reads one response. */
  send(request: string | Uint8Array): Promise<Answer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name; several values joined by newlines. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: string[];
  readonly body: string;
  readonly bytes: Buffer;
}

type InvokeFake = (event: Record<string, unknown>, invocation: Invocation) => unknown;

export interface WorldOptions {
  readonly api: ApiDocument;
  /** What a function returns; throw or return `raw(...)` for more. */
  readonly invoke?: InvokeFake;
  readonly ports?: Partial<GatewayPorts>;
}

export class RawAnswer {
  readonly answer: Partial<InvocationAnswer>;
  constructor(answer: Partial<InvocationAnswer>) {
    this.answer = answer;
  }
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const invocations: Invocation[] = [];
  const observations: Observation[] = [];
  const logged: World['logged'] = [];
  let random = 0;
  const ports: GatewayPorts = {
    loadApi: async (apiId) => (apiId === options.api.apiId ? options.api : undefined),
    invoke: async (invocation) => {
      invocations.push(invocation);
      const event = JSON.parse(Buffer.from(invocation.payload).toString()) as Record<string, unknown>; // our own event
      return answerOf(await options.invoke?.(event, invocation));
    },
    callAwsService: async () => ({ status: 500, rawHeaders: [], body: Buffer.from('no such service') }),
    authenticate: async () => undefined,
    writeLogEvents: (_scope, group, _stream, events) => {
      for (const { message } of events) logged.push({ group, message });
    },
    now: () => NOW,
    random: (count) => Uint8Array.from({ length: count }, () => random++ & 255),
    log: () => {},
    observe: (observation) => void observations.push(observation),
    ...options.ports,
  };
  const gateway = createGateway(ports);
  const server = await listen((message, response) => {
    const target = apiTargetOf(message.headers.host, message.url ?? '/');
    if (target === undefined) response.writeHead(418).end();
    else void gateway.handle(message, response, target);
  });
  server.on('upgrade', (message, socket: Duplex, head: Buffer) => {
    const target = apiTargetOf(message.headers.host, message.url ?? '/');
    if (target === undefined) socket.destroy();
    else void gateway.upgrade(message, socket, head, target);
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const { apiId } = options.api;
  return {
    port,
    gateway,
    invocations,
    observations,
    logged,
    open: async (path = '/prod', headers = []) => {
      const client = new RawClient(port, path, headers, `${apiId}.execute-api.localhost`);
      await client.until(() => client.head !== '');
      return client;
    },
    send: (request) => exchange(port, request),
    get: (path, headers = {}) => exchange(port, getRequest(apiId, path, headers)),
    close: async () => {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answerOf(value: unknown): InvocationAnswer {
  const usual = {
    status: 200,
    requestId: 'invocation-1',
    payload: Buffer.from(''),
    executedVersion: '$LATEST',
  };
  if (value instanceof RawAnswer) return { ...usual, ...value.answer };
  return { ...usual, payload: Buffer.from(JSON.stringify(value ?? null)) };
}

function getRequest(apiId: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return `GET ${path} HTTP/1.1\nHost: ${apiId}.execute-api.localhost\n${lines.join('')}\n`;
}

export function listen(handler: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(handler);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port; // a TCP server's address

export function exchange(port: number, request: string | Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const head = typeof request === 'string' ? Buffer.from(withLineEnds(request), 'latin1') : request;
    const isHead = Buffer.from(head.subarray(0, 5)).toString() === 'HEAD ';
    const settle = (closed: boolean): void => {
      const answer = readAnswer(Buffer.concat(chunks), closed, isHead);
      if (answer === undefined) return;
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      settle(false);
    });
    socket.on('close', () => {
      settle(true);
      reject(new Error(`no whole answer: ${Buffer.concat(chunks).toString().slice(0, 500)}`));
    });
    socket.on('error', reject);
    socket.write(head);
  });
}

/** The head's line ends may be written as \n; the body stays as it is. */
function withLineEnds(request: string): string {
  if (request.includes('\r\n')) return request;
  const end = request.indexOf('\n\n');
  return `${request.slice(0, end).replaceAll('\n', '\r\n')}\r\n\r\n${request.slice(end + 2)}`;
}

function readAnswer(bytes: Buffer, closed: boolean, isHead: boolean): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [start = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  if (start.startsWith('HTTP/1.1 100')) return readAnswer(bytes.subarray(end + 4), closed, isHead);
  const rawHeaders = lines.flatMap((line) => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    headers[name] =
      headers[name] === undefined ? (rawHeaders[i + 1] ?? '') : `${headers[name]}\n${rawHeaders[i + 1]}`;
  }
  const status = Number(start.split(' ')[1]);
  const body = bodyOf(bytes.subarray(end + 4), headers, closed, isHead || status === 204 || status === 304);
  if (body === undefined) return undefined;
  return { status, headers, rawHeaders, body: body.toString(), bytes: body };
}

function bodyOf(
  rest: Buffer,
  headers: Readonly<Record<string, string>>,
  closed: boolean,
  none: boolean,
): Buffer | undefined {
  if (none) return Buffer.alloc(0);
  if (headers['transfer-encoding'] === 'chunked') return unchunk(rest);
  const length = headers['content-length'];
  if (length === undefined) return closed ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

function unchunk(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (size === 0) return bytes.length >= line + 4 ? Buffer.concat(parts) : undefined;
    if (bytes.length < line + 2 + size + 2) return undefined;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

type Methods = NonNullable<RestDefinition['resources'][number]['resourceMethods']>;
export type Method = Methods[string];

export interface RestOptions {
  readonly stage?: Partial<RestStage>;
  readonly definition?: Partial<RestDefinition>;
}

/** `{ 'GET /orders/{id}': { methodIntegration: ... } }` as a deployed REST API with the stage `prod`. */
export function restApi(
  methods: Readonly<Record<string, Method>>,
  options: RestOptions = {},
): RestApiDocument {
  const paths = [...new Set(Object.keys(methods).map((key) => key.split(' ')[1] ?? '/'))];
  const resources = paths.map((path) => ({
    id: `r${path.length}`,
    path,
    resourceMethods: Object.fromEntries(
      Object.entries(methods)
        .filter(([key]) => key.split(' ')[1] === path)
        .map(([key, method]) => [key.split(' ')[0] ?? '', { authorizationType: 'NONE', ...method }]),
    ),
  }));
  const definition: RestDefinition = {
    resources,
    models: [],
    requestValidators: [],
    authorizers: [],
    gatewayResponses: [],
    binaryMediaTypes: [],
    apiKeySource: 'HEADER',
    endpointTypes: ['REGIONAL'],
    vpcEndpointIds: [],
    ...options.definition,
  };
  const prod: RestStage = {
    stageName: 'prod',
    deploymentId: 'dep123',
    variables: {},
    methodSettings: {},
    tracingEnabled: false,
    cacheClusterEnabled: false,
    definition,
    ...options.stage,
  };
  return {
    kind: 'REST',
    apiId: 'rest123456',
    name: 'orders',
    scope,
    disableExecuteApiEndpoint: false,
    stages: { prod },
  };
}

export interface HttpOptions {
  readonly stage?: Partial<HttpStage>;
  readonly definition?: Partial<HttpDefinition>;
}

type HttpIntegration = HttpDefinition['integrations'][string];

/** `{ 'GET /orders/{id}': { IntegrationType: ... } }` as an HTTP API with the stage `$default`. */
export function httpApi(
  routes: Readonly<Record<string, HttpIntegration>>,
  options: HttpOptions = {},
): HttpApiDocument {
  const keys = Object.keys(routes);
  const definition: HttpDefinition = {
    routes: keys.map((RouteKey, at) => ({ RouteKey, Target: `integrations/i${at}` })),
    integrations: Object.fromEntries(keys.map((key, at) => [`i${at}`, routes[key] ?? {}])),
    authorizers: {},
    ...options.definition,
  };
  const stage: HttpStage = {
    stageName: '$default',
    deploymentId: 'dep456',
    stageVariables: {},
    routeSettings: {},
    definition,
    ...options.stage,
  };
  return {
    kind: 'HTTP',
    apiId: 'http123456',
    name: 'orders',
    scope,
    disableExecuteApiEndpoint: false,
    stages: { [stage.stageName]: stage },
  };
}

export interface WebSocketOptions {
  readonly stage?: Partial<WebSocketStage>;
  readonly definition?: Partial<WebSocketDefinition>;
  /** Further members of routes, by route key. */
  readonly routes?: Readonly<Record<string, Partial<WebSocketDefinition['routes'][number]>>>;
  /** Integration responses by route key. */
  readonly responses?: Readonly<Record<string, WebSocketDefinition['integrationResponses'][string]>>;
  /** Route keys that answer their client. */
  readonly twoWay?: readonly string[];
}

/** `{ $connect: { IntegrationType: ... } }` as a WebSocket API with the stage `prod`. */
export function webSocketApi(
  routes: Readonly<Record<string, HttpIntegration>>,
  options: WebSocketOptions = {},
): WebSocketApiDocument {
  const keys = Object.keys(routes);
  const { twoWay = [], responses = {} } = options;
  const byId = <T>(of: (key: string) => T | undefined): Record<string, T> =>
    Object.fromEntries(keys.flatMap((key, at) => (of(key) === undefined ? [] : [[`i${at}`, of(key) as T]])));
  const definition: WebSocketDefinition = {
    routes: keys.map((RouteKey, at) => ({
      RouteKey,
      RouteId: `i${at}`,
      Target: `integrations/i${at}`,
      ...(twoWay.includes(RouteKey) ? { RouteResponseSelectionExpression: '$default' } : {}),
      ...options.routes?.[RouteKey],
    })),
    integrations: byId((key) => routes[key]),
    authorizers: {},
    models: [],
    routeSelectionExpression: '$request.body.action',
    routeResponses: byId((key) => (twoWay.includes(key) ? [{ RouteResponseKey: '$default' }] : undefined)),
    integrationResponses: byId((key) => responses[key]),
    ...options.definition,
  };
  const prod: WebSocketStage = {
    stageName: 'prod',
    deploymentId: 'dep789',
    stageVariables: {},
    routeSettings: {},
    definition,
    ...options.stage,
  };
  return {
    kind: 'WEBSOCKET',
    apiId: 'ws12345678',
    name: 'chat',
    scope,
    disableExecuteApiEndpoint: false,
    stages: { prod },
  };
}

export const lambdaProxy: Method = {
  methodIntegration: { type: 'AWS_PROXY', httpMethod: 'POST', uri: FUNCTION_URI },
};

export const mock = (body = '{"ok":true}', status = '200'): Method => ({
  methodIntegration: {
    type: 'MOCK',
    requestTemplates: { 'application/json': `{"statusCode": ${status}}` },
    integrationResponses: {
      [status]: { statusCode: status, responseTemplates: { 'application/json': body } },
    },
  },
});
