/** Spans of requests and of functions' runs; told only where somebody listens. */
import { firstOf } from './raw-header.ts';
import type { Observation } from '../base/observation.ts';
import type { Span } from '../base/spans.ts';
import { isTraceId, readTraceHeader } from '../base/trace-header.ts';
import type { InvocationFacts } from './watch.ts';

/** 16 hex digits. */
export type NewId = () => string;

/** Undefined: the client's Root is no trace id, or somebody said that it is not to be sampled. */
export function requestSpan(observation: Observation, newId: NewId): Span | undefined {
  const { root = '', parent, sampled } = readTraceHeader(observation.traceId);
  if (!isTraceId(root) || sampled === false) return undefined;
  const sent = readTraceHeader(firstOf(observation.rawHeaders, 'x-amzn-trace-id'));
  const { scope, apiId, apiName, stageName, status, startedAt, endedAt } = observation;
  // Where the stage traces, its own segment is the parent of what comes after.
  const id = observation.traced ? (parent ?? newId()) : newId();
  return {
    scope,
    traceId: root,
    id,
    parentId: sent.root === root ? sent.parent : undefined,
    name: `${apiName}/${stageName}`,
    origin: 'AWS::ApiGateway::Stage',
    startedAt,
    endedAt,
    sampled: observation.traced && sampled === true,
    failure: failureOf(status),
    http: {
      method: observation.method,
      url: observation.rawPath,
      status,
      clientIp: observation.sourceIp,
      userAgent: firstOf(observation.rawHeaders, 'user-agent'),
      route: observation.routeKey,
    },
    aws: {
      account_id: scope.account,
      api_gateway: {
        account_id: scope.account,
        rest_api_id: apiId,
        stage: stageName,
        request_id: observation.requestId,
      },
    },
    ...backendOf(observation),
  };
}

function failureOf(status: number): Span['failure'] {
  if (status === 429) return 'throttle';
  if (status >= 500) return 'fault';
  return status >= 400 ? 'error' : undefined;
}

function backendOf({ endedAt, integrationLatencyMs, integrationStatus }: Observation): Pick<Span, 'backend'> {
  if (integrationLatencyMs === undefined) return {};
  return { backend: { startedAt: endedAt - integrationLatencyMs, endedAt, status: integrationStatus } };
}

/** Undefined: it belongs to no trace. */
export function invocationSpan(facts: InvocationFacts, nowMs: number, newId: NewId): Span | undefined {
  const { root = '', parent, sampled } = readTraceHeader(facts.traceId);
  if (!isTraceId(root) || sampled === false || facts.result === 'refused') return undefined;
  return {
    scope: facts.scope,
    traceId: root,
    id: newId(),
    parentId: parent,
    name: facts.functionName,
    origin: 'AWS::Lambda::Function',
    startedAt: nowMs - facts.durationMs,
    endedAt: nowMs,
    sampled: sampled === true,
    failure: facts.result === 'error' ? 'fault' : facts.result === 'throttled' ? 'throttle' : undefined,
    aws: { account_id: facts.scope.account, function_arn: facts.functionArn },
  };
}
