/**
 * `$context`, as templates, mappings and logs see it: a plain object of its own for every call, because templates may
 * write to it (`requestOverride`, `responseOverride`).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
import type { Caller } from '../base/ports.ts';
import {
  ANONYMOUS,
  type Arrived,
  type Admitted,
  type ConnectionFacts,
  type Identity,
  type Routed,
  type StagePlan,
} from './plan.ts';
import { requestTime } from './request-time.ts';

export type ContextVariables = Record<string, unknown>;

/** As far as the call came: what is not known yet is absent. */
export function contextVariables(
  call: Arrived | Routed | Admitted,
  stage: StagePlan | null,
): ContextVariables {
  const { request } = call;
  const plan = 'plan' in call ? call.plan : null;
  const identity = 'identity' in call ? call.identity : ANONYMOUS;
  return {
    ...(call.connection === undefined ? {} : connectionVariables(call.connection)),
    accountId: stage?.api.scope.account,
    apiId: stage?.api.apiId,
    ...(identity.authorizer === null ? {} : { authorizer: identity.authorizer }),
    awsEndpointRequestId: undefined,
    deploymentId: stage?.deploymentId,
    domainName: call.domainName,
    domainPrefix: call.domainPrefix,
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    identity: identityVariables(call, identity),
    isCanaryRequest: stage?.canary,
    path: call.shownPath,
    protocol: request.protocol,
    requestId: call.requestId,
    requestTime: requestTime(call.receivedAt),
    requestTimeEpoch: call.receivedAt,
    resourceId: plan?.resourceId,
    resourcePath: plan?.resourcePath,
    routeKey: plan?.routeKey,
    stage: stage?.stageName,
    ...(call.facts.webAcl === undefined
      ? {}
      : { wafResponseCode: call.facts.webAcl.responseCode, webaclArn: call.facts.webAcl.arn }),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html */
function connectionVariables(connection: ConnectionFacts): ContextVariables {
  const { connectionId, connectedAt, eventType, messageId, closing } = connection;
  return {
    connectedAt,
    connectionId,
    eventType,
    messageDirection: 'IN',
    messageId,
    ...(closing === undefined
      ? {}
      : { disconnectStatusCode: closing.code, disconnectReason: closing.reason }),
  };
}

function identityVariables(call: Arrived, identity: Identity): Record<string, unknown> {
  return {
    ...callerVariables(identity.caller),
    ...(identity.apiKey === null
      ? {}
      : { apiKey: identity.apiKey.value, apiKeyId: identity.apiKey.apiKeyId }),
    ...(typeof call.target.mapped?.client === 'object' ? { clientCert: call.target.mapped.client } : {}),
    sourceIp: call.request.sourceIp,
    userAgent: call.request.header('user-agent'),
  };
}

/** What AWS_IAM tells of its caller; the same members in events and in `$context.identity`. */
export function callerVariables(caller: Caller | null): Record<string, string> {
  if (caller === null) return {};
  const id = caller.kind === 'root' ? caller.account : caller.userId;
  return {
    accessKey: caller.accessKeyId,
    accountId: caller.account,
    caller: id,
    user: id,
    userArn: caller.arn,
  };
}

/** `identity.sourceIp` in `$context`; undefined where a step is missing. */
export function readPath(variables: unknown, path: readonly string[]): unknown {
  let value = variables;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step]; // an object with that member, as just seen
  }
  return value;
}
