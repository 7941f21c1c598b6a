/** A request to an API by its host name, as a browser would send it. */
import { request } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly cookies: readonly string[];
  readonly text: string;
}

/** `node:http`, since `fetch` does not let a Host header be chosen everywhere. */
export function callApi(
  url: string,
  apiId: string,
  path: string,
  init: RequestInit = {},
): Promise<ApiAnswer> {
  const { hostname, port } = new URL(url);
  const headers = {
    ...Object.fromEntries(new Headers(init.headers)),
    host: `${apiId}.execute-api.localhost:${port}`,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method: init.method ?? 'GET', headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: new Headers(
            Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
          ),
          cookies: incoming.headers['set-cookie'] ?? [],
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    outgoing.once('error', reject);
    outgoing.end(typeof init.body === 'string' ? init.body : undefined);
  });
}
