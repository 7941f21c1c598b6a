/**
 * How WebSocket APIs word a refusal: one body, with the ids by which it is found in the logs, as the answer to an
 * upgrade or as a frame. The space after the first colon, and none later, is AWS's.
 */
import { STATUS_CODES } from 'node:http';
import type { Reply, Staged } from '../plan.ts';
import type { Refusal, RefusalType } from '../refusal.ts';
import { note } from './rest-refusals.ts';

/** An answer without a text is worded by its type. */
const MESSAGES: Partial<Readonly<Record<RefusalType, string>>> = {
  ACCESS_DENIED: 'Forbidden',
  EXPIRED_TOKEN: 'Forbidden',
  INVALID_API_KEY: 'Forbidden',
  INVALID_SIGNATURE: 'Forbidden',
  MISSING_AUTHENTICATION_TOKEN: 'Missing Authentication Token',
  RESOURCE_NOT_FOUND: 'Forbidden',
  WAF_FILTERED: 'Forbidden',
};

/**
 * Uncustomised: WebSocket APIs have no gateway responses to set. 401 and 403 for who may not connect, 502 for a
 * function that fails, 500 for an authorizer that does:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
 */
const STATUSES: Readonly<Record<RefusalType, number>> = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  DEFAULT_4XX: 400,
  DEFAULT_5XX: 500,
  EXPIRED_TOKEN: 403,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_API_KEY: 403,
  INVALID_SIGNATURE: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  QUOTA_EXCEEDED: 429,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_NOT_FOUND: 403,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  WAF_FILTERED: 403,
};

export function refuseWebSocket(refusal: Refusal, call: Staged): Reply {
  note(refusal, call);
  const status = refusal.details.status ?? STATUSES[refusal.type];
  const message = MESSAGES[refusal.type] ?? refusal.text ?? 'Internal server error';
  if (refusal.type.startsWith('INTEGRATION')) call.facts.integrationError = refusal.details.reason;
  return {
    status,
    headers: ['Content-Type', 'application/json', ...(refusal.details.headers ?? [])],
    body: worded(message, call),
  };
}

const worded = (message: string, { connection, requestId }: Staged): string =>
  connection === undefined
    ? JSON.stringify({ message })
    : `{"message": ${JSON.stringify(message)}, "connectionId":${JSON.stringify(connection.connectionId)}, "requestId":${JSON.stringify(requestId)}}`;

/** Where there is no stage, and so nothing that could be found in a log. */
export const FORBIDDEN: Reply = {
  status: 403,
  headers: ['x-amzn-ErrorType', 'ForbiddenException', 'Content-Type', 'application/json'],
  body: '{"message":"Forbidden"}',
};

/** The words for a status that an integration chose and gave no body for. */
export const statusText = (status: number): string => STATUS_CODES[status] ?? 'Forbidden';
