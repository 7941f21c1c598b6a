/** HTTP_PROXY on an HTTP API. The route's path variables fill the URI; nothing else is added to it. */
import { limits } from '../../base/limits.ts';
import type { Engine } from '../engine.ts';
import type { HttpRoute } from '../kinds/http-plan.ts';
import { compileHttpMapping, type RequestParts } from '../mapping/http-mapping.ts';
import { compileHttpResponseMapping } from '../mapping/http-response-mapping.ts';
import type { Checked, Reply } from '../plan.ts';
import { firstHeader } from '../raw-headers.ts';
import { withTimeout } from '../timeouts.ts';
import { dropHopHeaders, isHopHeader } from './hop-headers.ts';
import { callBackend } from './http-client.ts';
import { compileHttpAddress } from './http-address.ts';
import { asBytes, safeTarget } from './http-target.ts';
import { enter, keptAnswer, keptMessage, noteOutput } from '../trail.ts';
import type { OutgoingRequest } from './http-connections.ts';
import { proxiedBody } from './proxied-body.ts';

const STREAM_FROM_BYTES = 256 * 1024;

export function compileHttpApiProxy(http: HttpRoute, engine: Engine): (call: Checked) => Promise<Reply> {
  const { integration } = http;
  const addressOf = compileHttpAddress(http, engine);
  const map = compileHttpMapping(integration.RequestParameters ?? {});
  const mapResponse = compileHttpResponseMapping(integration.ResponseParameters ?? {});
  const options = {
    timeoutMs: withTimeout(integration.TimeoutInMillis, 'http'),
    limitBytes: limits.apiGatewayPayloadBytes,
    streamFromBytes: STREAM_FROM_BYTES,
  };
  const method = integration.IntegrationMethod === 'ANY' ? undefined : integration.IntegrationMethod;
  return async (call) => {
    enter(call.facts, 'transform');
    const address = await addressOf(call);
    const parts: RequestParts = {
      headers: forwardedHeaders(call, address.authority),
      path: address.path,
      query: call.request.rawQuery,
    };
    const sent = map === null ? parts : map(call, parts);
    const started = engine.ports.now();
    try {
      const request: OutgoingRequest = {
        backend: address.backend,
        method: method ?? call.request.method,
        target: safeTarget(asBytes(withQuery(sent))),
        headers: sent.headers,
        body: await proxiedBody(call, options.limitBytes),
      };
      enter(call.facts, 'integrate', keptMessage(call.facts, request));
      const answer = await callBackend(engine.connections, call, request, options);
      call.facts.integrationStatus = answer.status;
      noteOutput(call.facts, keptAnswer(call.facts, answer));
      enter(call.facts, 'transform');
      const reply = { status: answer.status, headers: dropLength(answer.rawHeaders), body: answer.body };
      return mapResponse === null ? reply : mapResponse(call, reply);
    } finally {
      call.facts.integrationLatencyMs = engine.ports.now() - started;
    }
  };
}

function withQuery({ path, query }: RequestParts): string {
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** Our server writes its own Date; Content-Length is made from the body, or kept for one that streams. */
function dropLength(rawHeaders: readonly string[]): string[] {
  const kept = dropHopHeaders(rawHeaders);
  const length = firstHeader(rawHeaders, 'content-length');
  if (length !== undefined) kept.push('Content-Length', length);
  return kept;
}

/**
 * HTTP APIs turn X-Forwarded-* into one Forwarded header and name themselves in Via.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
function forwardedHeaders(call: Checked, authority: string): string[] {
  const { request } = call;
  const headers = ['Host', authority];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    const key = name.toLowerCase();
    if (key === 'host' || isHopHeader(key) || REPLACED.has(key)) continue;
    headers.push(name, request.rawHeaders[i + 1] ?? '');
  }
  const by = request.message.socket.localAddress ?? '127.0.0.1';
  const before = firstHeader(request.rawHeaders, 'forwarded');
  const own = `by=${by};for=${request.sourceIp};host=${call.domainName};proto=${request.secure ? 'https' : 'http'}`;
  headers.push('Forwarded', before === undefined ? own : `${before}, ${own}`);
  headers.push('Via', 'HTTP/1.1 AmazonAPIGateway', 'X-Amzn-Trace-Id', call.traceId);
  return headers;
}

const REPLACED = new Set([
  'expect',
  'forwarded',
  'via',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
]);
