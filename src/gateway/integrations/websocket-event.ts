/**
 * The events of a WebSocket API's Lambda proxy integration, members in AWS's order; what has no value is left out.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html
 */
import { callerVariables } from '../context-variables.ts';
import { ANONYMOUS, type Checked, type ConnectionFacts, type Identity, type Routed } from '../plan.ts';
import { groupQuery } from '../query.ts';
import { requestTime } from '../request-time.ts';
import { methodArn } from '../steps/method-arn.ts';
import { restEventHeaders } from './event-headers.ts';
import { headerMembers, queryMembers } from './rest-event.ts';

export function webSocketEvent(call: Checked): Record<string, unknown> {
  const { connection, identity, stage, body } = call;
  const variables = hasMembers(stage.variables) ? { stageVariables: stage.variables } : {};
  const requestContext = contextOf(call, connection, identity);
  switch (connection?.eventType) {
    case 'CONNECT':
      return { ...requestMembers(call), ...variables, requestContext, isBase64Encoded: false };
    case 'DISCONNECT':
      return { ...lastHeaders(call), ...variables, requestContext, isBase64Encoded: false };
    default:
      return { ...variables, requestContext, body: textOf(body), isBase64Encoded: false };
  }
}

const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');

function requestMembers(call: Routed): Record<string, unknown> {
  const query = groupQuery(call.request.query('&'));
  return { ...headerMembers(restEventHeaders(call)), ...(query === null ? {} : queryMembers(query)) };
}

/** What recorded events of `$disconnect` carry, whatever the connection was opened with. */
function lastHeaders(call: Routed): Record<string, unknown> {
  const headers = { Host: call.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  );
  return { headers, multiValueHeaders };
}

function contextOf(
  call: Routed,
  connection: ConnectionFacts | undefined,
  identity: Identity,
): Record<string, unknown> {
  const closing = connection?.closing;
  return {
    routeKey: call.plan.routeKey,
    ...(closing === undefined ? {} : { disconnectStatusCode: closing.code }),
    ...(connection?.messageId === undefined ? {} : { messageId: connection.messageId }),
    ...(identity.authorizer === null ? {} : { authorizer: identity.authorizer }),
    eventType: connection?.eventType,
    extendedRequestId: call.extendedRequestId,
    requestTime: requestTime(call.receivedAt),
    messageDirection: 'IN',
    ...(closing === undefined ? {} : { disconnectReason: closing.reason }),
    stage: call.stage.stageName,
    connectedAt: connection?.connectedAt,
    requestTimeEpoch: call.receivedAt,
    identity: identityOf(call, identity),
    requestId: call.requestId,
    domainName: call.domainName,
    connectionId: connection?.connectionId,
    apiId: call.stage.api.apiId,
  };
}

function identityOf({ request }: Routed, { caller, apiKey }: Identity): Record<string, unknown> {
  const userAgent = request.header('user-agent');
  return {
    ...callerVariables(caller),
    ...(apiKey === null ? {} : { apiKey: apiKey.value, apiKeyId: apiKey.apiKeyId }),
    ...(userAgent === undefined ? {} : { userAgent }),
    sourceIp: request.sourceIp,
  };
}

function hasMembers(members: Readonly<Record<string, string>>): boolean {
  for (const _name in members) return true;
  return false;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
export function webSocketAuthorizerEvent(call: Routed): Record<string, unknown> {
  const query = groupQuery(call.request.query('&'));
  const none = { queryStringParameters: {}, multiValueQueryStringParameters: {} };
  return {
    type: 'REQUEST',
    methodArn: methodArn(call),
    ...headerMembers(restEventHeaders(call)),
    ...(query === null ? none : queryMembers(query)),
    stageVariables: call.stage.variables,
    requestContext: contextOf(call, call.connection, ANONYMOUS),
  };
}
