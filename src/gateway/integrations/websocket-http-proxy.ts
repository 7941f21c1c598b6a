/** HTTP_PROXY on a WebSocket API: the message is the backend's body, its answer what is sent back. */
import { limits } from '../../base/limits.ts';
import type { Engine } from '../engine.ts';
import type { WebSocketRoute } from '../kinds/websocket-route.ts';
import { compileRequestMapping } from '../mapping/request-mapping.ts';
import { MappingScope } from '../mapping/scope.ts';
import type { Checked, Reply } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { enter, keptAnswer, keptMessage, noteOutput } from '../trail.ts';
import { isUtf8 } from '../../websocket/utf8.ts';
import { restEventHeaders } from './event-headers.ts';
import { isHopHeader } from './hop-headers.ts';
import { callBackend } from './http-client.ts';
import type { OutgoingRequest } from './http-connections.ts';
import { appendQuery, withDefaults } from './http-custom.ts';
import { asBytes, fillTemplate, parseTarget, safeTarget } from './http-target.ts';

export function compileWebSocketHttpProxy(
  { integration, stagePlan, twoWay }: WebSocketRoute,
  engine: Engine,
): (call: Checked) => Promise<Reply> {
  const target = parseTarget(withStageVariables(integration.IntegrationUri ?? '', stagePlan.variables), {
    verify: true,
  });
  const map = compileRequestMapping(integration.RequestParameters ?? {}, false);
  const options = {
    timeoutMs: withTimeout(integration.TimeoutInMillis, 'rest'),
    limitBytes: limits.webSocketMessageBytes,
    streamFromBytes: limits.apiGatewayPayloadBytes,
  };
  const { IntegrationMethod: wanted = 'POST' } = integration;
  const method = wanted === 'ANY' ? 'POST' : wanted;
  return async (call) => {
    enter(call.facts, 'transform');
    const mapped = map(new MappingScope(call));
    const path = fillTemplate(target.template, (name) => mapped.path.get(name));
    const request: OutgoingRequest = {
      backend: target.backend,
      method,
      target: safeTarget(asBytes(appendQuery(withClientQuery(path, call), mapped.query))),
      headers: withDefaults(defaultHeaders(call, target.authority), mapped.headers),
      body: method === 'GET' || method === 'HEAD' ? new Uint8Array(0) : call.body,
    };
    enter(call.facts, 'integrate', keptMessage(call.facts, request));
    const started = engine.ports.now();
    const answer = await callBackend(engine.connections, call, request, options).finally(
      () => (call.facts.integrationLatencyMs = engine.ports.now() - started),
    );
    call.facts.integrationStatus = answer.status;
    noteOutput(call.facts, keptAnswer(call.facts, answer));
    const body = answer.body instanceof Uint8Array ? answer.body : null;
    if (body === null) throw new Refusal('INTEGRATION_FAILURE', 'Internal server error', { status: 500 });
    const text = isUtf8(body) ? Buffer.from(body).toString('utf8') : body;
    return { status: answer.status, headers: [...answer.rawHeaders], body: twoWay ? text : null };
  };
}

/** A connection's query goes on to the backend; messages have none. */
function withClientQuery(path: string, { request }: Checked): string {
  if (request.rawQuery === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${request.rawQuery}`;
}

/** `$connect` hands on what the client sent, Sec-WebSocket-* included; a message has headers of the gateway only. */
function defaultHeaders(call: Checked, authority: string): [string, string][] {
  const headers: [string, string][] = [['Host', authority]];
  if (call.connection?.eventType === 'CONNECT')
    for (const { name, values } of restEventHeaders(call).values()) {
      const key = name.toLowerCase();
      if (key === 'host' || isHopHeader(key)) continue;
      for (const value of values) headers.push([name, value]);
    }
  else
    headers.push(
      ['Content-Type', 'application/json'],
      ['User-Agent', `AmazonAPIGateway_${call.stage.api.apiId}`],
      ['X-Amzn-Trace-Id', call.traceId],
    );
  headers.push(['x-amzn-apigateway-api-id', call.stage.api.apiId]);
  return headers;
}
