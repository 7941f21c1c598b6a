/** After the answer: logs, and whoever watches. Nothing here may hurt the next request. */
import { reasonOf } from '../../base/fault.ts';
import type { Observation, Trail } from '../../base/observation.ts';
import type { Engine } from '../engine.ts';
import type { Admitted, Checked, Routed, Staged } from '../plan.ts';
import { endLast, keptBody } from '../trail.ts';

export function report(
  engine: Engine,
  call: Staged | Routed | Admitted,
  responseBytes: number,
  abandoned: boolean,
): void {
  const { accessLog, executionLog } = call.stage;
  const { observe, now, log } = engine.ports;
  if (accessLog === null && executionLog === null && observe === null) return;
  call.facts.responseBytes = responseBytes;
  call.facts.endedAt = now();
  try {
    if (!abandoned) accessLog?.(call);
    if (!abandoned) executionLog?.write(call);
    observe?.(observationOf(call, abandoned));
  } catch (thrown) {
    log('error', 'a finished request could not be reported', {
      requestId: call.requestId,
      error: reasonOf(thrown),
    });
  }
}

function observationOf(call: Staged | Routed | Admitted, abandoned: boolean): Observation {
  const { facts, request, stage } = call;
  const plan = 'plan' in call ? call.plan : null;
  return {
    requestId: call.requestId,
    extendedRequestId: call.extendedRequestId,
    apiId: stage.api.apiId,
    apiName: stage.api.name,
    metrics: stage.metrics,
    scope: stage.api.scope,
    stageName: stage.stageName,
    routeKey: plan?.routeKey,
    detailedMetrics: plan?.detailedMetrics === true,
    method: request.method,
    rawPath: request.rawPath,
    sourceIp: request.sourceIp,
    rawHeaders: request.rawHeaders,
    traceId: call.traceId,
    traced: stage.trace !== undefined && stage.trace !== null,
    startedAt: call.receivedAt,
    endedAt: facts.endedAt ?? call.receivedAt,
    cache: facts.cache,
    canary: stage.canary === true,
    status: facts.status ?? 0,
    responseBytes: facts.responseBytes ?? 0,
    requestBytes: Number(request.header('content-length') ?? 0) || 0,
    integrationStatus: facts.integrationStatus,
    integrationLatencyMs: facts.integrationLatencyMs,
    errorType: facts.errorType,
    errorMessage: facts.errorMessage,
    reason: facts.reason,
    abandoned,
    trail: facts.trail === undefined ? undefined : endTrail(facts.trail, call),
  };
}

/** References and no more: who asks for the request has it made readable then. */
function endTrail(trail: Trail, call: Staged | Routed | Admitted | Checked): Trail {
  const { facts, stage } = call;
  endLast(trail, performance.now());
  trail.host = call.target.host;
  trail.rawQuery = call.request.rawQuery;
  trail.deploymentId = stage.deploymentId;
  trail.stageVariables = stage.variables;
  trail.validationError = facts.validationError;
  trail.integrationRequestId = facts.integrationRequestId;
  if (!('plan' in call)) return trail;
  trail.rules = call.plan.rules;
  trail.pathParameters = call.pathParameters;
  if (call.plan.authorize !== null)
    trail.authorizer = {
      status: facts.authorizerStatus,
      requestId: facts.authorizerRequestId,
      latencyMs: facts.authorizerLatencyMs,
      error: facts.authorizerError,
    };
  if ('identity' in call) trail.identity = call.identity;
  if ('body' in call) trail.body = call.plan.body === 'streamed' ? 'streamed' : keptBody(call.body);
  return trail;
}
