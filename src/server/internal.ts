/** `/_gatehouse/...`: health, metrics, explanations, reset. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { version } from '../../package.json' with { type: 'json' };
import type { Explanation } from '../base/explanation.ts';
import type { LocalAuthority } from '../neighbours/acm/local-authority.ts';
import type { ServerMetrics } from '../observe/server-metrics.ts';

export interface InternalPorts {
  readonly isOpen: boolean;
  readonly reset: () => Promise<void>;
  readonly metrics: ServerMetrics;
  readonly authority: () => Promise<LocalAuthority>;
  readonly snsCertificate: () => Promise<string>;
  readonly explain: (requestId: string) => Promise<Explanation | undefined>;
  /** What user pools sent to their users, whose codes are nobody else's affair: open mode only. */
  readonly userPoolMessages: (query: URLSearchParams) => Promise<object>;
}

export function createInternal(ports: InternalPorts) {
  const { isOpen, reset, metrics, authority, snsCertificate, explain, userPoolMessages } = ports;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0];
    const route = `${request.method} ${path}`;
    switch (route) {
      case 'GET /_gatehouse/health':
      case 'HEAD /_gatehouse/health':
        return json(response, 200, { status: 'ready', version });
      case 'GET /_gatehouse/metrics':
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
        response.end(metrics.print());
        return;
      case 'GET /_gatehouse/authority.pem':
        response.writeHead(200, { 'Content-Type': 'application/x-pem-file' });
        response.end((await authority()).certificatePem);
        return;
      case 'POST /_gatehouse/reset':
        if (!isOpen) return json(response, 403, { message: 'reset is only there in open mode' });
        await reset();
        return json(response, 200, { status: 'ready' });
      case 'GET /_gatehouse/cognito/messages':
        return isOpen
          ? json(
              response,
              200,
              await userPoolMessages(new URLSearchParams((request.url ?? '').split('?')[1])),
            )
          : json(response, 403, { message: 'messages are only there in open mode' });
      default:
        if (request.method === 'GET' && path?.startsWith(EXPLAIN))
          return isOpen
            ? explained(response, path.slice(EXPLAIN.length), explain)
            : json(response, 403, { message: 'explain is only there in open mode' });
        if (request.method === 'GET' && path?.startsWith('/_gatehouse/sns/')) {
          response.writeHead(200, { 'Content-Type': 'application/x-pem-file' });
          response.end(await snsCertificate());
          return;
        }
        if (path?.startsWith('/_gatehouse/console'))
          return json(response, 501, { message: 'the console: not supported by gatehouse' });
        return json(response, 404, { message: `gatehouse has no ${route}` });
    }
  };
}

const EXPLAIN = '/_gatehouse/explain/';

async function explained(
  response: ServerResponse,
  encoded: string,
  explain: InternalPorts['explain'],
): Promise<void> {
  const id = decoded(encoded);
  const explanation = await explain(id);
  if (explanation !== undefined) return json(response, 200, explanation);
  return json(response, 404, {
    message: `no request ${id} is known: only the last ones of this server's APIs are`,
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
