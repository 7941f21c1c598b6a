/** The one port: who a request is for, from its host and path alone. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Duplex } from 'node:stream';
import { answerPlainly, asksForWebSocket } from '../websocket/handshake.ts';
import { type ApiTarget, apiTargetOf } from '../gateway/target.ts';

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
const APPSYNC_HOST = /^[^.:]+\.appsync-(realtime-)?api\./i;

export interface Listening {
  readonly url: string;
  /** Takes no new connection; resolves when every accepted request is answered, or after the grace. */
  close(graceMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly doors: Doors;
  readonly log: Log;
}

export async function listen({ host, port, doors, log }: ListenOptions): Promise<Listening> {
  const underway = new Set<ServerResponse>();
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
    const target = apiTargetOf(request.headers.host, request.url ?? '/');
    if (target) void doors.upgrade(request, socket, head, target);
    else answerPlainly(socket, NO_WEBSOCKET);
  });
  await bind(server, host, port);
  // A TCP server's address is never a path.
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${shown}:${address.port}`, close: (graceMs) => drain(server, underway, graceMs) };
}

function dispatch(doors: Doors, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '/', headers } = request;
  const [, urlId] = FUNCTION_URL_HOST.exec(headers.host ?? '') ?? [];
  if (urlId !== undefined) return doors.functionUrl(request, response, urlId);
  const target = apiTargetOf(headers.host, url);
  if (target) return doors.api(request, response, target);
  if (url.startsWith('/_gatehouse/')) return doors.internal(request, response);
  if (CONNECTION_PATH.test(url)) return doors.connection(request, response);
  if (url.startsWith(FUNCTION_CODE_PATH)) return doors.functionCode(request, response);
  if (APPSYNC_HOST.test(headers.host ?? '') || url.startsWith('/graphql/'))
    return refuse(response, 'AppSync');
  return doors.control(request, response);
}

/** A door of the contract behind which nothing is built: said, so that nobody takes silence for an answer. */
async function refuse(response: ServerResponse, part: string): Promise<void> {
  response.writeHead(501, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ message: `${part}: not supported by gatehouse` }));
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(
              `port ${port} on ${host} is in use: stop what listens there, or choose another with --port`,
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

/** No new connection; what is under way is answered, within the grace; connections that only wait are closed. */
async function drain(server: Server, underway: ReadonlySet<ServerResponse>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const answered = Promise.all(
    [...underway].map((response) => new Promise((resolve) => response.once('close', resolve))),
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([answered, late]);
  clearTimeout(timer);
  server.closeAllConnections();
  await closed;
}
