/** CORS of HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
import type { Cors } from '@aws-sdk/client-apigatewayv2';
import { badRequest } from './faults.ts';

const METHODS = ['*', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const ORIGIN = /^(\*|https?:\/\/\*|(https?|[a-z][a-z0-9+.-]*):\/\/[^\s/]+|null)$/i;
/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html, `maxAge`. */
const MAX_AGE_SECONDS = { min: -1, max: 86_400 };

/** Throws BadRequestException. */
export function checkCors(cors: Cors | undefined): void {
  if (!cors) return;
  for (const method of cors.AllowMethods ?? [])
    if (!METHODS.includes(method.toUpperCase()))
      throw badRequest(`Invalid AllowMethods value ${method} specified in CORS configuration`);
  for (const origin of cors.AllowOrigins ?? [])
    if (!ORIGIN.test(origin))
      throw badRequest(`Invalid AllowOrigins value ${origin} specified in CORS configuration`);
  if (cors.AllowCredentials && cors.AllowOrigins?.includes('*'))
    throw badRequest('AllowCredentials cannot be true when AllowOrigins is *');
  const { MaxAge: age } = cors;
  if (age !== undefined && (age < MAX_AGE_SECONDS.min || age > MAX_AGE_SECONDS.max))
    throw badRequest(`MaxAge must be between ${MAX_AGE_SECONDS.min} and ${MAX_AGE_SECONDS.max}`);
}
