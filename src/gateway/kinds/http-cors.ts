/**
 * CORS of HTTP APIs: configured once, it answers preflights and replaces whatever the backend says.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
import type { Cors as CorsConfiguration } from '@aws-sdk/client-apigatewayv2';
import type { ClientRequest } from '../client-request.ts';
import type { Reply } from '../plan.ts';

export interface Cors {
  /** The answer to a preflight; null when the request is none. */
  preflight(request: ClientRequest): Reply | null;
  /** The backend's headers without its CORS headers, and with ours. */
  apply(headers: readonly string[], request: ClientRequest): string[];
}

/** Null when nothing is configured: then preflights are requests like others, and backends speak for themselves. */
export function compileCors(configuration: CorsConfiguration | undefined): Cors | null {
  if (configuration === undefined || Object.values(configuration).every((value) => value === undefined))
    return null;
  const allowed = compileOrigins(configuration.AllowOrigins ?? []);
  const onPreflight = preflightHeaders(configuration);
  const always = commonHeaders(configuration);
  return {
    preflight: (request) => {
      if (request.method !== 'OPTIONS') return null;
      if (
        request.header('origin') === undefined ||
        request.header('access-control-request-method') === undefined
      )
        return null;
      const granted = allowed(request.header('origin'));
      // The common headers are put there by `apply`, as on every answer.
      return { status: 204, headers: granted === undefined ? [] : onPreflight, body: null };
    },
    apply: (headers, request) => {
      const kept: string[] = [];
      const ours = headers === onPreflight;
      for (let i = 0; i < headers.length; i += 2)
        if (ours || !isCors(headers[i] ?? '')) kept.push(headers[i] ?? '', headers[i + 1] ?? '');
      const origin = allowed(request.header('origin'));
      if (origin !== undefined) kept.push('access-control-allow-origin', origin, ...always);
      return kept;
    },
  };
}

const isCors = (name: string): boolean => name.toLowerCase().startsWith('access-control-');

function preflightHeaders(configuration: CorsConfiguration): string[] {
  const headers: string[] = [];
  if (configuration.AllowMethods?.length)
    headers.push('access-control-allow-methods', configuration.AllowMethods.join(','));
  if (configuration.AllowHeaders?.length)
    headers.push('access-control-allow-headers', configuration.AllowHeaders.join(','));
  if (configuration.MaxAge !== undefined)
    headers.push('access-control-max-age', String(configuration.MaxAge));
  return headers;
}

function commonHeaders(configuration: CorsConfiguration): string[] {
  const headers: string[] = [];
  if (configuration.AllowCredentials === true) headers.push('access-control-allow-credentials', 'true');
  if (configuration.ExposeHeaders?.length)
    headers.push('access-control-expose-headers', configuration.ExposeHeaders.join(','));
  return headers;
}

/** What goes into access-control-allow-origin, or undefined. `https://*` and `https://*.example.com` name many origins. */
function compileOrigins(origins: readonly string[]): (origin: string | undefined) => string | undefined {
  if (origins.includes('*')) return (origin) => (origin === undefined ? undefined : '*');
  const exact = new Set(origins.map((origin) => origin.toLowerCase()));
  const patterns = origins.filter((origin) => origin.includes('*')).map(patternOf);
  return (origin) => {
    if (origin === undefined) return undefined;
    const known = exact.has(origin.toLowerCase()) || patterns.some((pattern) => pattern.test(origin));
    return known ? origin : undefined;
  };
}

const patternOf = (origin: string): RegExp =>
  new RegExp(`^${origin.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '[^/]+')}$`, 'i');
