/** `PUT /_gatehouse/callback/{token}`: where custom resources and wait condition handles answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limits } from '../base/limits.ts';
import type { CallbackUrls } from '../base/stack-engine.ts';

const PATH = '/_gatehouse/callback/';

export interface Callbacks extends CallbackUrls {
  /** False when the request is none of these. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

export function createCallbacks(url: () => string): Callbacks {
  const listeners = new Map<string, Set<Parameters<CallbackUrls['listen']>[1]>>();
  return {
    url: (token) => url() + PATH + encodeURIComponent(token),
    listen(token, onBody) {
      const known = listeners.get(token) ?? new Set();
      listeners.set(token, known.add(onBody));
      return () => {
        known.delete(onBody);
        if (known.size === 0) listeners.delete(token);
      };
    },
    async handle(request, response) {
      if (!request.url?.startsWith(PATH)) return false;
      const token = decodeURIComponent(request.url.slice(PATH.length).split('?')[0] ?? '');
      const known = listeners.get(token);
      const body = known ? await readAtMost(request, limits.callbackBytes) : undefined;
      const accepted = body !== undefined && request.method === 'PUT';
      // What is answered with 200 is kept: whoever listens writes it down first.
      if (accepted) await Promise.all([...(known ?? [])].map((onBody) => onBody(body)));
      // Else a stranger's token, an old one, or more than a callback may say.
      response.writeHead(accepted ? 200 : 403);
      response.end();
      return true;
    },
  };
}

async function readAtMost(request: IncomingMessage, mostBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
