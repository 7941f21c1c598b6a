/**
 * CORS of a function URL. Where it is configured Lambda answers preflights itself, and its headers take the place of
 * the function's own. https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 */
import type { UrlReply } from './answer.ts';
import type { UrlCall } from './request.ts';

export interface UrlCors {
  readonly AllowCredentials?: boolean | undefined;
  readonly AllowHeaders?: readonly string[] | undefined;
  readonly AllowMethods?: readonly string[] | undefined;
  readonly AllowOrigins?: readonly string[] | undefined;
  readonly ExposeHeaders?: readonly string[] | undefined;
  readonly MaxAge?: number | undefined;
}

export const isPreflight = (call: UrlCall): boolean =>
  call.method === 'OPTIONS' &&
  call.header('origin') !== undefined &&
  call.header('access-control-request-method') !== undefined;

export function answerPreflight(cors: UrlCors, call: UrlCall): UrlReply {
  const origin = allowedOrigin(cors, call);
  const headers = origin === undefined ? [] : [...common(cors, origin), ...preflightOnly(cors, call)];
  return { status: 200, headers, body: '' };
}

/** The headers of an answer with CORS as configured in place of what the function said. */
export function withCors(
  headers: readonly string[],
  cors: UrlCors | undefined,
  call: UrlCall,
): readonly string[] {
  if (cors === undefined || !isSet(cors)) return headers;
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2)
    if (!headers[at]?.toLowerCase().startsWith('access-control-'))
      kept.push(headers[at] ?? '', headers[at + 1] ?? '');
  const origin = allowedOrigin(cors, call);
  return origin === undefined ? kept : [...kept, ...common(cors, origin)];
}

export const isSet = (cors: UrlCors | undefined): cors is UrlCors =>
  cors !== undefined && Object.values(cors).some((value) => value !== undefined);

function allowedOrigin({ AllowOrigins = [], AllowCredentials }: UrlCors, call: UrlCall): string | undefined {
  const origin = call.header('origin');
  if (origin === undefined) return undefined;
  // Browsers take no `*` together with credentials.
  if (AllowOrigins.includes('*')) return AllowCredentials ? origin : '*';
  return AllowOrigins.some((allowed) => fits(allowed, origin)) ? origin : undefined;
}

function fits(allowed: string, origin: string): boolean {
  if (allowed.toLowerCase() === origin.toLowerCase()) return true;
  const [before, after] = allowed.toLowerCase().split('*');
  if (before === undefined || after === undefined) return false;
  const given = origin.toLowerCase();
  return given.length > before.length + after.length && given.startsWith(before) && given.endsWith(after);
}

function common({ AllowCredentials, ExposeHeaders = [] }: UrlCors, origin: string): string[] {
  return [
    'Access-Control-Allow-Origin',
    origin,
    ...(origin === '*' ? [] : ['Vary', 'Origin']),
    ...(AllowCredentials ? ['Access-Control-Allow-Credentials', 'true'] : []),
    ...(ExposeHeaders.length > 0 ? ['Access-Control-Expose-Headers', ExposeHeaders.join(',')] : []),
  ];
}

function preflightOnly({ AllowMethods = [], AllowHeaders = [], MaxAge }: UrlCors, call: UrlCall): string[] {
  const wanted = call.header('access-control-request-method') ?? '';
  const methods = AllowMethods.includes('*') ? [wanted] : AllowMethods;
  const asked = call.header('access-control-request-headers');
  const headers = AllowHeaders.includes('*') && asked !== undefined ? [asked] : AllowHeaders;
  return [
    ...(methods.length > 0 ? ['Access-Control-Allow-Methods', methods.join(',')] : []),
    ...(headers.length > 0 ? ['Access-Control-Allow-Headers', headers.join(',')] : []),
    ...(MaxAge === undefined ? [] : ['Access-Control-Max-Age', String(MaxAge)]),
  ];
}
