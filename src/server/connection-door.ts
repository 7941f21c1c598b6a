/**
 * `/@connections/{id}` with no API in host or path: what an SDK's management client sends to an endpoint that is the
 * server itself (AWS_ENDPOINT_URL). The connection says which API and stage it belongs to.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gateway } from '../gateway/serve.ts';

export const createConnectionDoor =
  (gateway: Gateway) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '/' } = request;
    const id = decoded(url.split('/')[2]?.split('?')[0] ?? '');
    const place = await gateway.placeOf(id);
    if (place === undefined) return gone(response);
    const rawTarget = `/${place.stageName}${url}`;
    await gateway.handle(request, response, {
      apiId: place.apiId,
      rawTarget,
      addressedBy: 'path',
      host: request.headers.host ?? '',
    });
  };

function gone(response: ServerResponse): void {
  response.writeHead(410, ['x-amzn-ErrorType', 'GoneException', 'Content-Type', 'application/json']);
  response.end('{"message":"Gone"}');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
