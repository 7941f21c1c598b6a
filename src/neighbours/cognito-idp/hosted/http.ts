/** Requests and answers of the hosted endpoints. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../../../base/limits.ts';
import type { WebAclRequest } from '../../../base/ports.ts';

export interface HostedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** `http://localhost:4566`, as the client reached us. */
  readonly base: string;
  /** As web ACLs see it: without what the form holds. */
  readonly seen: WebAclRequest;
}

export interface HostedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

export async function readRequest(message: IncomingMessage): Promise<HostedRequest> {
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const header = (name: string): string | undefined => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const isForm = header('content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  const secure = Reflect.get(message.socket, 'encrypted') === true;
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    form: new URLSearchParams(isForm ? await readText(message) : ''),
    header,
    base: `${secure ? 'https' : 'http'}://${header('host') ?? 'localhost'}`,
    seen: {
      method: message.method ?? 'GET',
      rawPath: mark === -1 ? target : target.slice(0, mark),
      rawQuery: mark === -1 ? '' : target.slice(mark + 1),
      rawHeaders: message.rawHeaders,
      sourceIp: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      protocol: `HTTP/${message.httpVersion}`,
      body: async () => new Uint8Array(),
    },
  };
}

export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > limits.cognitoFormBytes) throw new TooLarge('the form is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function sendReply(response: ServerResponse, reply: HostedReply): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

export const json = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HostedReply => ({
  status,
  headers: {
    'Content-Type': 'application/json;charset=UTF-8',
    'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
    Pragma: 'no-cache',
    'Access-Control-Allow-Origin': '*',
    ...headers,
  },
  body: JSON.stringify(body),
});

export const redirect = (
  location: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): HostedReply => ({
  status: 302,
  headers: { Location: location, 'Cache-Control': 'no-store', ...headers },
  body: '',
});

/** An error of OAuth: RFC 6749, section 5.2, as Cognito answers it. */
export const oauthError = (error: string, status = 400, description?: string): HostedReply =>
  json(status, { error, ...(description !== undefined && { error_description: description }) });
