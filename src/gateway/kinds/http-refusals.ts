/**
 * How HTTP APIs word what REST calls gateway responses: fixed bodies, no customising.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
 */
import type { Reply, Staged } from '../plan.ts';
import type { Refusal, RefusalType } from '../refusal.ts';
import { note } from './rest-refusals.ts';

type Answer = readonly [status: number, message: string];

const SERVER_ERROR: Answer = [500, 'Internal Server Error'];
const FORBIDDEN: Answer = [403, 'Forbidden'];
const UNAUTHORIZED: Answer = [401, 'Unauthorized'];
const UNAVAILABLE: Answer = [503, 'Service Unavailable'];

const ANSWERS: Readonly<Record<RefusalType, Answer>> = {
  ACCESS_DENIED: FORBIDDEN,
  API_CONFIGURATION_ERROR: SERVER_ERROR,
  AUTHORIZER_CONFIGURATION_ERROR: SERVER_ERROR,
  AUTHORIZER_FAILURE: SERVER_ERROR,
  BAD_REQUEST_BODY: [400, 'Bad Request'],
  BAD_REQUEST_PARAMETERS: [400, 'Bad Request'],
  DEFAULT_4XX: [400, 'Bad Request'],
  DEFAULT_5XX: SERVER_ERROR,
  EXPIRED_TOKEN: FORBIDDEN,
  INTEGRATION_FAILURE: SERVER_ERROR,
  INTEGRATION_TIMEOUT: UNAVAILABLE,
  INVALID_API_KEY: FORBIDDEN,
  INVALID_SIGNATURE: FORBIDDEN,
  MISSING_AUTHENTICATION_TOKEN: FORBIDDEN,
  QUOTA_EXCEEDED: [429, 'Too Many Requests'],
  REQUEST_TOO_LARGE: [413, 'Request Entity Too Large'],
  RESOURCE_NOT_FOUND: [404, 'Not Found'],
  THROTTLED: [429, 'Too Many Requests'],
  UNAUTHORIZED,
  UNSUPPORTED_MEDIA_TYPE: [415, 'Unsupported Media Type'],
  WAF_FILTERED: FORBIDDEN,
};

/** An unreachable HTTP backend reads as 503, a function's failure as 500. */
export function refuseHttp(refusal: Refusal, call: Staged): Reply {
  note(refusal, call);
  const unreachable = refusal.type === 'INTEGRATION_FAILURE' && refusal.details.status === 504;
  const [status, message] = unreachable ? UNAVAILABLE : ANSWERS[refusal.type];
  if (refusal.type.startsWith('INTEGRATION')) call.facts.integrationError = refusal.details.reason;
  return jsonReply(status, message, refusal.details.headers);
}

export const jsonReply = (status: number, message: string, headers: readonly string[] = []): Reply => ({
  status,
  headers: ['Content-Type', 'application/json', ...headers],
  body: JSON.stringify({ message }),
});
