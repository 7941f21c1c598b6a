/** `apigateway:invoke`: calls an API of this server. https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html */
import type { Scope } from '../../base/scope.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import { StateError } from '../../lang/states/state-error.ts';
import type { Task } from './run.ts';

export async function callApi(endpoint: string, scope: Scope, { given, line }: Task): Promise<unknown> {
  const parameters = isObject(given) ? given : {};
  const {
    ApiEndpoint,
    Method,
    Path = '',
    Stage,
    AuthType = 'NO_AUTH',
    RequestBody,
    AllowNullValues,
  } = parameters;
  if (AuthType !== 'NO_AUTH')
    throw new StateError(
      'ApiGateway.400',
      `AuthType ${String(AuthType)} of apigateway:invoke: not supported by gatehouse`,
    );
  const apiId = /^([a-z0-9]+)\.execute-api\./.exec(String(ApiEndpoint))?.[1];
  if (apiId === undefined || typeof Method !== 'string')
    throw new StateError(
      'ApiGateway.400',
      'ApiEndpoint must be {apiId}.execute-api.{region}.amazonaws.com, and Method is required',
    );
  const url = new URL(`${endpoint}/_aws/execute-api/${apiId}${pathOf(Stage)}${pathOf(Path)}`);
  appendQuery(url, parameters['QueryParameters']);
  const headers = headersOf(parameters['Headers']);
  headers.set('User-Agent', `Amazon|StepFunctions|HttpInvoke|${scope.region}`);
  const hasBody = RequestBody !== undefined && (RequestBody !== null || AllowNullValues === true);
  if (hasBody && !headers.has('content-type')) headers.set('Content-Type', 'application/json');
  const response = await fetch(url, {
    method: Method,
    headers,
    redirect: 'manual',
    signal: line.signal,
    ...(hasBody && { body: typeof RequestBody === 'string' ? RequestBody : JSON.stringify(RequestBody) }),
  });
  const body = await bodyOf(response);
  if (response.status >= 400)
    throw new StateError(
      `ApiGateway.${response.status}`,
      typeof body === 'string' ? body : JSON.stringify(body),
    );
  return {
    Headers: Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]])),
    ResponseBody: body,
    StatusCode: response.status,
    StatusText: response.statusText,
  };
}

const pathOf = (part: unknown): string =>
  typeof part === 'string' && part !== '' ? `/${part.replace(/^\//, '')}` : '';

function appendQuery(url: URL, query: unknown): void {
  if (!isObject(query)) return;
  for (const [name, value] of Object.entries(query))
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(each));
}

function headersOf(given: unknown): Headers {
  const headers = new Headers();
  if (!isObject(given)) return headers;
  for (const [name, value] of Object.entries(given))
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, String(each));
  return headers;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
