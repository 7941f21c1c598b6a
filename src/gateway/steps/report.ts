/** After the answer: logs, and whoever watches. Nothing here may hurt the next request. */
import { reasonOf } from '../../base/fault.ts';
import type { Engine } from '../engine.ts';
import type { Admitted, Routed, Staged } from '../plan.ts';
import type { Observe } from '../ports.ts';

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
    if (!abandoned) executionLog?.(call);
    observe?.(observationOf(call, abandoned));
  } catch (thrown) {
    log('error', 'a finished request could not be reported', {
      requestId: call.requestId,
      error: reasonOf(thrown),
    });
  }
}

function observationOf(call: Staged | Routed | Admitted, abandoned: boolean): Parameters<Observe>[0] {
  const { facts, request, stage } = call;
  return {
    requestId: call.requestId,
    extendedRequestId: call.extendedRequestId,
    apiId: stage.api.apiId,
    apiName: stage.api.name,
    scope: stage.api.scope,
    stageName: stage.stageName,
    routeKey: 'plan' in call ? call.plan.routeKey : undefined,
    method: request.method,
    rawPath: request.rawPath,
    sourceIp: request.sourceIp,
    traceId: call.traceId,
    startedAt: call.receivedAt,
    endedAt: facts.endedAt ?? call.receivedAt,
    status: facts.status ?? 0,
    responseBytes: facts.responseBytes ?? 0,
    integrationStatus: facts.integrationStatus,
    integrationLatencyMs: facts.integrationLatencyMs,
    errorType: facts.errorType,
    errorMessage: facts.errorMessage,
    reason: facts.reason,
    abandoned,
  };
}
