/** `/_gatehouse/...`: health, metrics, reset. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { version } from '../../package.json' with { type: 'json' };
import type { RequestCounts } from './request-counts.ts';

export interface InternalPorts {
  readonly isOpen: boolean;
  readonly reset: () => Promise<void>;
  readonly counts: RequestCounts;
}

export function createInternal({ isOpen, reset, counts }: InternalPorts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0];
    const route = `${request.method} ${path}`;
    switch (route) {
      case 'GET /_gatehouse/health':
      case 'HEAD /_gatehouse/health':
        return json(response, 200, { status: 'ready', version });
      case 'GET /_gatehouse/metrics':
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
        response.end(counts.print());
        return;
      case 'POST /_gatehouse/reset':
        if (!isOpen) return json(response, 403, { message: 'reset is only there in open mode' });
        await reset();
        return json(response, 200, { status: 'ready' });
      default:
        if (path?.startsWith('/_gatehouse/console'))
          return json(response, 501, { message: 'the console: not supported by gatehouse' });
        return json(response, 404, { message: `gatehouse has no ${route}` });
    }
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
