/**
 * The event of a function URL: payload format 2.0 with its own stage and route, `$default`.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import type { Caller } from '../../base/ports.ts';
import type { UrlCall } from './request.ts';

export interface EventFacts {
  readonly urlId: string;
  readonly requestId: string;
  readonly traceId: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** Undefined for URLs without authorization. */
  readonly caller: Caller | undefined;
}

export function urlEvent(call: UrlCall, body: Buffer, facts: EventFacts): Record<string, unknown> {
  const cookies = cookiesOf(call.message.rawHeaders);
  const query = queryOf(call.rawQuery);
  const isText = body.length > 0 && isTextual(call.header('content-type'));
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: call.rawPath,
    rawQueryString: call.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers: headersOf(call, facts),
    ...(query && { queryStringParameters: query }),
    requestContext: contextOf(call, facts),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function contextOf(call: UrlCall, { urlId, requestId, receivedAt, caller }: EventFacts): object {
  return {
    // Nobody is known who calls a URL without authorization.
    accountId: caller?.account ?? 'anonymous',
    apiId: urlId,
    ...(caller && { authorizer: { iam: iamOf(caller) } }),
    domainName: call.host,
    domainPrefix: urlId,
    http: {
      method: call.method,
      path: call.rawPath,
      protocol: `HTTP/${call.message.httpVersion}`,
      sourceIp: call.sourceIp,
      userAgent: call.header('user-agent') ?? '',
    },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: requestTime(receivedAt),
    timeEpoch: receivedAt,
  };
}

function iamOf(caller: Caller): object {
  const userId = caller.kind === 'root' ? caller.account : caller.userId;
  return {
    accessKey: caller.accessKeyId,
    accountId: caller.account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: caller.arn,
    userId,
  };
}

/** Names in lower case, values joined; cookies have a list of their own, signatures are not passed on. */
function headersOf(call: UrlCall, { traceId }: EventFacts): Record<string, string> {
  const { rawHeaders, socket } = call.message;
  const headers = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (name === 'cookie' || name === 'connection' || name === 'authorization') continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  const forwarded = headers.get('x-forwarded-for');
  headers.set('x-forwarded-for', forwarded ? `${forwarded}, ${call.sourceIp}` : call.sourceIp);
  headers.set('x-forwarded-port', String(socket.localPort ?? ''));
  headers.set('x-forwarded-proto', 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http');
  headers.set('x-amzn-trace-id', traceId);
  return Object.fromEntries(headers);
}

function cookiesOf(rawHeaders: readonly string[]): string[] {
  const cookies: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === 'cookie')
      cookies.push(...(rawHeaders[at + 1] ?? '').split(/; */).filter((cookie) => cookie !== ''));
  return cookies;
}

/** Decoded; values of the same name are joined. */
function queryOf(rawQuery: string): Record<string, string> | undefined {
  if (rawQuery === '') return undefined;
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** The types whose bodies stay text, as for HTTP APIs; every other body is Base64. */
const TEXT = /^(text\/.+|application\/(.+\+)?(json|xml)|application\/javascript)$/;

const isTextual = (contentType: string | undefined): boolean =>
  TEXT.test((contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '');

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000`. */
function requestTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${date.toISOString().slice(11, 19)} +0000`;
}
