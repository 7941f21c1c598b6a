/** HTTP and OpenSearch data sources. https://docs.aws.amazon.com/appsync/latest/devguide/resolver-reference-http-js.html */
import { reasonOf } from '../../base/fault.ts';
import type { DataSourceDocument } from '../config.ts';
import { mappingFailed, ResolverError } from '../errors.ts';
import type { HttpReply } from '../ports.ts';
import type { GraphqlRequest } from '../resolve/request.ts';
import type { Wanted } from './call.ts';

const METHODS = new Set(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH']);

interface Params {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly queryString?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export async function callHttp(
  request: GraphqlRequest,
  source: DataSourceDocument,
  wanted: Wanted,
): Promise<unknown> {
  const {
    method,
    resourcePath,
    params = {},
  } = wanted as { method?: string; resourcePath?: string; params?: Params };
  if (method === undefined || !METHODS.has(method))
    throw mappingFailed("Value for field '$[method]' not found or not a method.");
  if (resourcePath?.startsWith('/') !== true)
    throw mappingFailed("Value for field '$[resourcePath]' must begin with '/'.");
  const signing = source.http?.signing;
  const { status, headers, body } = await send(request, source, {
    method,
    url: urlOf(source.http?.endpoint ?? '', resourcePath, params.query),
    headers: params.headers ?? {},
    body: params.body,
    ...(signing && { signing }),
  });
  return { statusCode: status, headers, body };
}

export async function callOpenSearch(
  request: GraphqlRequest,
  source: DataSourceDocument,
  wanted: Wanted,
): Promise<unknown> {
  const { operation, path, params = {} } = wanted as { operation?: string; path?: string; params?: Params };
  if (operation === undefined || !METHODS.has(operation))
    throw mappingFailed("Value for field '$[operation]' not found or not a method.");
  if (path?.startsWith('/') !== true) throw mappingFailed("Value for field '$[path]' must begin with '/'.");
  const { endpoint = '', region = '' } = source.openSearch ?? {};
  const { status, body } = await send(request, source, {
    method: operation,
    url: urlOf(endpoint, path, params.queryString),
    headers: { 'Content-Type': 'application/json', ...params.headers },
    body: params.body,
    signing: { region, service: 'es' },
  });
  if (status >= 400) throw new ResolverError(body, 'ElasticSearch:HttpRequestException', parsed(body));
  return parsed(body);
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly signing?: { readonly region: string; readonly service: string };
}

async function send(request: GraphqlRequest, source: DataSourceDocument, sent: Sent): Promise<HttpReply> {
  const { body, signing } = sent;
  const text =
    body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  try {
    return await request.ports.http({
      method: sent.method,
      url: sent.url,
      headers: Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name, String(value)])),
      body: text,
      ...(signing && {
        signing: { ...signing, roleArn: source.roleArn ?? '', scope: request.plan.document.scope },
      }),
      signal: request.signal,
    });
  } catch (thrown) {
    throw new ResolverError(`Network error: ${reasonOf(thrown)}`, 'HttpRequestException');
  }
}

function urlOf(endpoint: string, path: string, query: Readonly<Record<string, unknown>> | undefined): string {
  const url = new URL(`${endpoint.replace(/\/$/, '')}${path}`);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.append(name, String(value));
  return url.href;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
