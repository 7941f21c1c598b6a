/** A wire on a port of its own, with handlers a test brings, and a client that sends exactly what it is told. */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../../src/base/fault.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Handler } from '../../src/wire/service.ts';
import { createWire, type Wire, type WirePorts } from '../../src/wire/server.ts';

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly wire: Wire;
  readonly stop: () => void;
}

export type ServiceHandlers = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

export async function serve(handlers: ServiceHandlers, ports: Partial<WirePorts> = {}): Promise<Served> {
  const wire = createWire({
    services: async (id) => ({ handlers: handlers[id] ?? {} }),
    auth: 'open',
    now: () => Date.now(),
    log: silentLog,
    ...ports,
  });
  const server = createServer((request, response) => void wire.handle(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // a TCP server has one
  return { url: `http://127.0.0.1:${port}`, port, wire, stop: () => server.closeAllConnections() };
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
}

export function send(
  served: Served,
  { method = 'GET', path, headers = {}, body }: RawRequest,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: '127.0.0.1', port: served.port, method, path, headers },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: bytes.toString('utf8'),
            bytes,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** An Authorization header that names key, region and service, as open mode wants it. */
export const scoped = (service: string, region = 'us-east-1', key = 'test'): string =>
  `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`;

export const json = (target: string, body: string): RawRequest => ({
  method: 'POST',
  path: '/',
  headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
  body,
});
export const put = (body: string): RawRequest => ({
  ...json('DynamoDB_20120810.PutItem', body),
  headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem', 'content-type': 'application/x-amz-json-1.0' },
});
export const form = (service: string, body: string): RawRequest => ({
  method: 'POST',
  path: '/',
  headers: { authorization: scoped(service), 'content-type': 'application/x-www-form-urlencoded' },
  body,
});
export const rest = (service: string, method: string, path: string, body?: string): RawRequest => ({
  method,
  path,
  headers: { authorization: scoped(service), 'content-type': 'application/json' },
  ...(body !== undefined && { body }),
});

export const fails =
  (code: string, message: string, more = {}): Handler =>
  async () => {
    throw new Fault(code, message, more);
  };
