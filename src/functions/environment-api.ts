/**
 * The HTTP listener of one environment, on the loopback, that AWS_LAMBDA_RUNTIME_API names: the Runtime API for custom
 * runtimes, the Extensions API, and the Telemetry API beside it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Answers the request when it is one of its own; false when it is not. */
export type ApiRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => Promise<boolean> | boolean;

export interface EnvironmentApi {
  /** `127.0.0.1:40123`. */
  readonly address: string;
  /** Asked one after the other. */
  readonly routes: Set<ApiRoute>;
  close(): void;
}

export async function createEnvironmentApi(): Promise<EnvironmentApi> {
  const routes = new Set<ApiRoute>();
  const server = createServer((request, response) => {
    answer(routes, request, response).catch(() => response.destroy());
  });
  // A `next` waits as long as nobody calls.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    routes,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  routes: ReadonlySet<ApiRoute>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  for (const route of routes) if (await route(request, response, path)) return;
  refuse(response, 404, '404 page not found', 'NotFound');
}

export function refuse(
  response: ServerResponse,
  status: number,
  errorMessage: string,
  errorType: string,
): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ errorMessage, errorType }));
}

export function accept(response: ServerResponse): void {
  response.writeHead(202, { 'Content-Type': 'application/json' });
  response.end('{"status":"OK"}\n');
}

/** Undefined when it is larger; the rest is read and dropped. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= maxBytes) parts.push(chunk);
  }
  return bytes > maxBytes ? undefined : Buffer.concat(parts, bytes);
}
