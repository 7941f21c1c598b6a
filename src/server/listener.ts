/**
 * The ports: who a request is for, from its host and path alone. One is plain HTTP, as fast as `node:http` is; the other
 * takes HTTPS and HTTP. They may be one, at the price in docs/decisions/tls.md.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Duplex } from 'node:stream';
import { answerPlainly, asksForWebSocket } from '../websocket/handshake.ts';
import type { Domain } from '../gateway/domains.ts';
import { type ApiTarget, apiTargetOf } from '../gateway/target.ts';
import { graphqlTargetOf, type GraphqlTarget } from './graphql-door.ts';
import { createSecurePort } from './secure-port.ts';
import type { TlsServerFor } from './tls-servers.ts';

export interface Doors {
  /** `/_gatehouse/...`. */
  readonly internal: Answer;
  /** The control plane: AWS operations. */
  readonly control: Answer;
  /** A call of an API. */
  readonly api: (request: IncomingMessage, response: ServerResponse, target: ApiTarget) => Promise<void>;
  /** A socket that asks for a WebSocket; `head` is what came behind the request. */
  readonly upgrade: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: ApiTarget,
  ) => Promise<void>;
  /** The management API by a connection's id alone. */
  readonly connection: Answer;
  /** The custom domain name a Host header means; null: none. */
  readonly domainOf: (host: string) => Domain | null | Promise<Domain | null>;
  /** The same of a custom domain name. */
  readonly upgradeDomain: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    domain: Domain,
  ) => Promise<void>;
  /** A call of a custom domain name. */
  readonly domain: (request: IncomingMessage, response: ServerResponse, domain: Domain) => Promise<void>;
  /** Hosted pages, OAuth endpoints and keys of user pools. */
  readonly userPools: Answer;
  /** A call of a GraphQL API. */
  readonly graphql: (
    request: IncomingMessage,
    response: ServerResponse,
    target: GraphqlTarget,
  ) => Promise<void>;
  readonly upgradeGraphql: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: GraphqlTarget,
  ) => Promise<void>;
  /** Function packages behind the links that GetFunction gives. */
  readonly functionCode: Answer;
  /** A call of a function URL, by its id. */
  readonly functionUrl: (request: IncomingMessage, response: ServerResponse, urlId: string) => Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const NO_WEBSOCKET = {
  status: 404,
  headers: ['Content-Type', 'application/json'],
  body: '{"message":"no API takes a WebSocket here"}',
};

const CONNECTION_PATH = /^\/(?:@|%40)connections\//i;
const FUNCTION_CODE_PATH = '/_aws/lambda/code/';
const FUNCTION_URL_HOST = /^([^.:]+)\.lambda-url\./i;

export interface Listening {
  readonly url: string;
  /** Undefined when there is no port for HTTPS. */
  readonly secureUrl: string | undefined;
  /** Takes no new connection; resolves when every accepted request is answered, or after the grace. */
  close(graceMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** For HTTPS: the same as `port` makes them one, 0 takes any free one, null none; `beside`: the next one if it is free. */
  readonly securePort: number | 'beside' | null;
  readonly doors: Doors;
  /** What a handshake is answered with; the sockets that come of it go to `onSecure`. */
  readonly createTls: (onSecure: (socket: TLSSocket) => void) => TlsServerFor;
  readonly log: Log;
}

export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, port, securePort } = options;
  const isOne = port !== 0 && port === securePort;
  const underway = new Set<ServerResponse>();
  const plain = createHttp(options, underway);
  if (!isOne) await bind(plain, host, port, '--port');
  const secure = securePort === null ? null : createSecure(options, underway);
  if (secure !== null)
    await bindSecure(secure.port.server, options).catch(async (error: unknown) => {
      if (!isOne) await closed(plain);
      throw error;
    });
  return {
    url: urlOf('http', isOne && secure !== null ? secure.port.server : plain),
    secureUrl: secure === null ? undefined : urlOf('https', secure.port.server),
    async close(graceMs) {
      const ends = [
        ...(isOne ? [] : [closed(plain)]),
        ...(secure === null ? [] : [closed(secure.port.server)]),
      ];
      await answered(underway, graceMs);
      if (!isOne) plain.closeAllConnections();
      secure?.port.closeAll();
      await Promise.all(ends);
    },
  };
}

async function bindSecure(server: NetServer, { host, port, securePort }: ListenOptions): Promise<void> {
  if (securePort !== 'beside')
    return bind(server, host, securePort ?? 0, port === securePort ? '--port' : '--https-port');
  const next = port === 0 || port === 65_535 ? 0 : port + 1;
  await bind(server, host, next, '--https-port').catch(() => bind(server, host, 0, '--https-port'));
}

function createHttp({ doors, log }: ListenOptions, underway: Set<ServerResponse>): Server {
  const options = {
    // Raw names, order and duplicates are kept beside these; the limit is API Gateway's, with room for one's own text.
    maxHeaderSize: limits.listenerHeaderBytes,
    keepAliveTimeout: limits.listenerIdleMs,
    // Any other upgrade (curl offers h2c) is answered like a request without one. Not in the types of Node 20.
    shouldUpgradeCallback: asksForWebSocket,
  };
  const server = createServer(options, (request, response) => {
    underway.add(response);
    response.once('close', () => underway.delete(response));
    dispatch(doors, request, response).catch((error: unknown) => {
      log('error', 'a request failed', { url: request.url, reason: reasonOf(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    dispatchUpgrade(doors, request, socket, head).catch((error: unknown) => {
      log('error', 'an upgrade failed', { url: request.url, reason: reasonOf(error) });
      socket.destroy();
    });
  });
  return server;
}

function createSecure(options: ListenOptions, underway: Set<ServerResponse>) {
  const http = createHttp(options, underway);
  const tlsFor = options.createTls((socket) => {
    // Who opens a WebSocket takes this limit away.
    socket.setTimeout(limits.listenerIdleMs, () => socket.destroy());
    http.emit('connection', socket);
  });
  let http2: Http2Server | undefined;
  const servers = { http, tlsFor, http2: () => (http2 ??= createHttp2(options)) };
  return { port: createSecurePort(servers, options.log) };
}

/** For the clients of AWS that speak nothing else. */
function createHttp2({ doors, log }: ListenOptions): Http2Server {
  return createHttp2Server((request, response) => {
    // The compatibility API of node:http2 has what the doors use of these.
    const [incoming, outgoing] = [
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    ];
    incoming.headers.host ??= request.authority;
    dispatch(doors, incoming, outgoing).catch((error: unknown) => {
      log('error', 'a request failed', { url: request.url, reason: reasonOf(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

function urlOf(scheme: 'http' | 'https', server: NetServer): string {
  // A TCP server's address is never a path.
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${scheme}://${shown}:${address.port}`;
}

async function dispatchUpgrade(
  doors: Doors,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const host = request.headers.host ?? '';
  const graphql = graphqlTargetOf(host, request.url ?? '/');
  if (graphql !== undefined) return doors.upgradeGraphql(request, socket, head, graphql);
  const target = apiTargetOf(host, request.url ?? '/');
  const domain = target?.addressedBy === 'host' ? null : await doors.domainOf(host);
  if (domain !== null) return doors.upgradeDomain(request, socket, head, domain);
  if (target !== undefined) return doors.upgrade(request, socket, head, target);
  answerPlainly(socket, NO_WEBSOCKET);
}

function dispatch(doors: Doors, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '/', headers } = request;
  const [, urlId] = FUNCTION_URL_HOST.exec(headers.host ?? '') ?? [];
  if (urlId !== undefined) return doors.functionUrl(request, response, urlId);
  const target = apiTargetOf(headers.host, url);
  if (target?.addressedBy === 'host') return doors.api(request, response, target);
  const domain = doors.domainOf(headers.host ?? '');
  if (domain instanceof Promise)
    return domain.then((found) =>
      found === null
        ? dispatchByPath(doors, request, response, target)
        : doors.domain(request, response, found),
    );
  if (domain !== null) return doors.domain(request, response, domain);
  return dispatchByPath(doors, request, response, target);
}

function dispatchByPath(
  doors: Doors,
  request: IncomingMessage,
  response: ServerResponse,
  target: ApiTarget | undefined,
): Promise<void> {
  const { url = '/', headers } = request;
  if (target) return doors.api(request, response, target);
  if (url.startsWith('/_gatehouse/')) return doors.internal(request, response);
  if (CONNECTION_PATH.test(url)) return doors.connection(request, response);
  if (url.startsWith(FUNCTION_CODE_PATH)) return doors.functionCode(request, response);
  const graphql = graphqlTargetOf(headers.host, url);
  if (graphql !== undefined) return doors.graphql(request, response, graphql);
  if (isForUserPools(url, headers)) return doors.userPools(request, response);
  if (openToBrowsers(request, response)) return Promise.resolve();
  return doors.control(request, response);
}

const USER_POOL_PATH =
  /^\/(oauth2\/(authorize|token|userInfo|revoke)|login|logout|confirmUser|[\w-]+_[0-9A-Za-z]+\/\.well-known\/(jwks\.json|openid-configuration))$/;

/** A bucket may be called like one of their paths: what is signed is for S3. */
function isForUserPools(url: string, { authorization = '' }: IncomingHttpHeaders): boolean {
  const [path = '', query = ''] = url.split('?');
  return USER_POOL_PATH.test(path) && !authorization.startsWith('AWS') && !query.includes('X-Amz-Signature=');
}

/** Browsers call user pools themselves (Amplify): AWS lets every origin. True when this was only the question. */
function openToBrowsers({ headers, method }: IncomingMessage, response: ServerResponse): boolean {
  const target = headers['x-amz-target'];
  const asks = method === 'OPTIONS' && headers['access-control-request-headers']?.includes('x-amz-target');
  const calls = typeof target === 'string' && target.startsWith('AWSCognitoIdentityProviderService.');
  if (!asks && !calls) return false;
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader(
    'Access-Control-Expose-Headers',
    'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date',
  );
  if (!asks) return false;
  response.writeHead(200, {
    'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Max-Age': '172800',
  });
  response.end();
  return true;
}

function bind(server: NetServer, host: string, port: number, option: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(
              `port ${port} on ${host} is in use: stop what listens there, or choose another with ${option}`,
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** No new connection; resolves when the last one is gone. */
const closed = (server: NetServer): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** What is under way is answered, within the grace. */
async function answered(underway: ReadonlySet<ServerResponse>, graceMs: number): Promise<void> {
  const all = Promise.all(
    [...underway].map((response) => new Promise((resolve) => response.once('close', resolve))),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([all, late]);
  clearTimeout(timer);
}
