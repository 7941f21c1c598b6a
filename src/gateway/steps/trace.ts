/**
 * X-Ray's trace header: a client's Root is kept, and what it decided about sampling. A stage that traces puts its own
 * segment in as the parent, and decides where nobody did.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html
 */
import { arnOf } from '../../base/arn.ts';
import { isTraceId, readTraceHeader } from '../../base/trace-header.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import type { ApiIdentity, Arrived } from '../plan.ts';

/** Without X-Ray: what the client sent is handed on, and a Root where there is none. */
export function passedTrace(engine: Engine, request: ClientRequest, receivedAt: number): string {
  const { root, parent, sampled } = readTraceHeader(request.header('x-amzn-trace-id'));
  if (root === undefined) return `Root=${engine.ids.traceRoot(receivedAt)}`;
  const from = parent === undefined ? '' : `;Parent=${parent}`;
  return `Root=${root}${from}${sampled === undefined ? '' : `;Sampled=${sampled ? 1 : 0}`}`;
}

export function compileTrace(
  engine: Engine,
  { apiId, name, scope }: ApiIdentity,
  stageName: string,
): (call: Arrived) => string {
  const stageArn = arnOf(
    { account: '', region: scope.region },
    'apigateway',
    `/restapis/${apiId}/stages/${stageName}`,
  );
  const serviceName = `${name}/${stageName}`;
  return ({ request, receivedAt, domainName }) => {
    const sent = readTraceHeader(request.header('x-amzn-trace-id'));
    const root =
      sent.root !== undefined && isTraceId(sent.root) ? sent.root : engine.ids.traceRoot(receivedAt);
    const sampled =
      sent.sampled ??
      engine.ports.sample?.({
        scope,
        serviceName,
        stageArn,
        host: domainName,
        method: request.method,
        path: request.rawPath,
      }) ??
      false;
    return `Root=${root};Parent=${engine.ids.segment()};Sampled=${sampled ? 1 : 0}`;
  };
}
