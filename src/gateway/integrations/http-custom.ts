/** HTTP (not proxy) on a REST API: only what is mapped reaches the backend. */
import { limits } from '../../base/limits.ts';
import type { Engine } from '../engine.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import type { BackendRequest } from '../mapping/request-transform.ts';
import type { Checked, Reply } from '../plan.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { compileCustom, type Backend, type BackendAnswer } from './custom.ts';
import { callBackend } from './http-client.ts';
import { compilePrivateBackend } from './rest-backend.ts';
import {
  asBytes,
  fillTemplate,
  parseTarget,
  safeTarget,
  tlsOf,
  type HttpTarget,
  type Tls,
} from './http-target.ts';

export function compileHttpCustom(
  method: RestMethod,
  engine: Engine,
): (call: Checked) => Reply | Promise<Reply> {
  const { integration, stage } = method;
  const backend = compileHttpBackend(engine, {
    uri: withStageVariables(integration.uri ?? '', stage.variables),
    tls: tlsOf(method),
    timeoutMs: withTimeout(integration.timeoutInMillis, 'rest'),
    httpMethod: integration.httpMethod === 'ANY' ? undefined : integration.httpMethod,
    privately: (target) => compilePrivateBackend(method, target, engine),
  });
  return compileCustom(method, backend, true);
}

export interface HttpBackendTarget {
  /** Stage variables are filled in. */
  readonly uri: string;
  readonly tls: Tls;
  readonly timeoutMs: number;
  /** Undefined: the client's own. */
  readonly httpMethod: string | undefined;
  /** Where to connect instead of to the address itself; absent or null: to it. */
  readonly privately?: (target: HttpTarget) => (() => Promise<HttpTarget['backend']>) | null;
}

export function compileHttpBackend(engine: Engine, of: HttpBackendTarget): Backend {
  const { timeoutMs, httpMethod } = of;
  const target = parseTarget(of.uri, of.tls);
  const privately = of.privately?.(target) ?? null;
  const limitBytes = limits.apiGatewayPayloadBytes;
  return async (call, request): Promise<BackendAnswer> => {
    const sentMethod = httpMethod ?? call.request.method;
    const path = fillTemplate(target.template, (name) => request.path.get(name));
    const started = engine.ports.now();
    const answer = await callBackend(
      engine.connections,
      call,
      {
        backend: privately === null ? target.backend : await privately(),
        method: sentMethod,
        target: safeTarget(asBytes(appendQuery(path, request.query))),
        headers: customHeaders(call, request, target.authority),
        body: BODILESS.has(sentMethod) ? new Uint8Array(0) : bytesOf(request.body),
      },
      { timeoutMs, limitBytes, streamFromBytes: limitBytes },
    ).finally(() => (call.facts.integrationLatencyMs = engine.ports.now() - started));
    call.facts.integrationStatus = answer.status;
    const body = answer.body instanceof Uint8Array ? answer.body : new Uint8Array(0);
    return { status: answer.status, headers: answer.rawHeaders, body, selection: String(answer.status) };
  };
}

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS']);

export const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body) : body;

export function appendQuery(path: string, query: ReadonlyMap<string, readonly string[]>): string {
  if (query.size === 0) return path;
  const pieces = [...query].flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  return `${path}${path.includes('?') ? '&' : '?'}${pieces.join('&')}`;
}

/** Recorded defaults; a mapped header takes a default's place. */
function customHeaders(call: Checked, request: BackendRequest, authority: string): string[] {
  const { apiId } = call.plan.stage.api;
  const defaults: [string, string][] = [
    ['Host', authority],
    ['Accept', 'application/json'],
    ['Content-Type', request.contentType],
    ['User-Agent', `AmazonAPIGateway_${apiId}`],
    ['X-Amzn-Trace-Id', call.traceId],
    ['x-amzn-apigateway-api-id', apiId],
  ];
  return withDefaults(defaults, request.headers);
}

export function withDefaults(
  defaults: readonly (readonly [string, string])[],
  mapped: ReadonlyMap<string, readonly string[]>,
): string[] {
  const headers: string[] = [];
  const given = new Set([...mapped.keys()].map((name) => name.toLowerCase()));
  for (const [name, value] of defaults) if (!given.has(name.toLowerCase())) headers.push(name, value);
  for (const [name, values] of mapped)
    for (const value of values) headers.push(name, asBytes(value.replace(/[\0\r\n]/g, '')));
  return headers;
}
