/** `https://{api}.execute-api.{region}.amazonaws.com/prod` is, at this server, `http://{api}.execute-api.localhost:4566/prod`. */
export function localUrl(value: string, endpoint: string): string | undefined {
  const match = /^(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(\/.*)?$/.exec(
    value,
  );
  if (!match) return undefined;
  const [, scheme, apiId, path = ''] = match;
  return apiUrl(apiId ?? '', path, endpoint, scheme === 'wss');
}

/** Where an API answers. A server on another machine is reached by path, since its name cannot carry the API's id. */
export function apiUrl(apiId: string, path: string, endpoint: string, webSocket = false): string {
  const server = new URL(endpoint);
  const protocol = webSocket ? server.protocol.replace('http', 'ws') : server.protocol;
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(server.hostname);
  const port = server.port ? `:${server.port}` : '';
  if (isLocal) return `${protocol}//${apiId}.execute-api.localhost${port}${path}`;
  return `${protocol}//${server.host}/_aws/execute-api/${apiId}${path}`;
}
