/** HTTP_PROXY on a REST API: the client's request goes on as it is, the backend's answer comes back as it is. */
import { limits } from '../../base/limits.ts';
import type { Engine } from '../engine.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { compileProxyMapping } from '../mapping/proxy-mapping.ts';
import type { MappedRequest } from '../mapping/request-mapping.ts';
import type { Checked, Reply } from '../plan.ts';
import { firstHeader } from '../raw-headers.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { callBackend } from './http-client.ts';
import { compilePrivateBackend } from './rest-backend.ts';
import type { OutgoingRequest } from './http-connections.ts';
import { asBytes, fillTemplate, parseTarget, safeTarget, tlsOf } from './http-target.ts';
import { enter, keptAnswer, keptMessage, noteOutput } from '../trail.ts';
import { proxiedBody } from './proxied-body.ts';
import { remapResponseHeaders } from './response-headers.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html, column HTTP proxy. */
const NOT_PASSED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-md5',
  'expect',
  'host',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-connection',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'www-authenticate',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

/** Answers of at most so many announced bytes are awaited whole, so that a backend that breaks off is a 504. */
const STREAM_FROM_BYTES = 256 * 1024;

export function compileRestHttpProxy(method: RestMethod, engine: Engine): (call: Checked) => Promise<Reply> {
  const { integration, stage } = method;
  const uri = withStageVariables(integration.uri ?? '', stage.variables);
  const target = parseTarget(uri, tlsOf(method));
  const privately = compilePrivateBackend(method, target, engine);
  const map = compileProxyMapping(integration.requestParameters ?? {}, false);
  const streamed = integration.responseTransferMode === 'STREAM';
  const options = {
    timeoutMs: withTimeout(integration.timeoutInMillis, 'rest'),
    limitBytes: limits.apiGatewayPayloadBytes,
    streamFromBytes: streamed ? 0 : STREAM_FROM_BYTES,
  };
  const httpMethod = integration.httpMethod === 'ANY' ? undefined : integration.httpMethod;
  return async (call) => {
    enter(call.facts, 'transform');
    const mapped = map === null ? null : map(call);
    const started = engine.ports.now();
    const path = fillTemplate(target.template, (name) => mapped?.path.get(name));
    const request: OutgoingRequest = {
      backend: privately === null ? target.backend : await privately(),
      method: httpMethod ?? call.request.method,
      target: safeTarget(asBytes(withQuery(path, call, mapped))),
      headers: proxiedHeaders(call, mapped, target.authority, method.method.authorizationType === 'AWS_IAM'),
      body: await proxiedBody(call, limits.apiGatewayPayloadBytes),
    };
    enter(call.facts, 'integrate', keptMessage(call.facts, request));
    try {
      const answer = await callBackend(engine.connections, call, request, options);
      call.facts.integrationStatus = answer.status;
      noteOutput(call.facts, keptAnswer(call.facts, answer));
      enter(call.facts, 'transform');
      return {
        status: answer.status,
        headers: remapResponseHeaders(answer.rawHeaders, 'http'),
        body: answer.body,
      };
    } finally {
      call.facts.integrationLatencyMs = engine.ports.now() - started;
    }
  };
}

/** The client's own query, byte for byte, but for parameters that are mapped. */
function withQuery(path: string, call: Checked, mapped: MappedRequest | null): string {
  let query = call.request.rawQuery;
  if (mapped !== null && mapped.query.size > 0) {
    const kept = call.request.query('&;').filter(({ name }) => !mapped.query.has(name));
    const added = [...mapped.query].flatMap(([name, values]) =>
      values.map((value) => `${encode(name)}=${encode(value)}`),
    );
    query = [...kept.map(({ rawName, rawValue }) => `${rawName}=${rawValue}`), ...added].join('&');
  }
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

const encode = encodeURIComponent;

function proxiedHeaders(
  call: Checked,
  mapped: MappedRequest | null,
  authority: string,
  signed: boolean,
): string[] {
  const { request } = call;
  const headers = ['Host', authority];
  const set = new Set([...(mapped?.headers.keys() ?? [])].map((name) => name.toLowerCase()));
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    const key = name.toLowerCase();
    if (NOT_PASSED.has(key) || set.has(key)) continue;
    if (key === 'authorization' && (signed || isSigV4(request.rawHeaders[i + 1] ?? ''))) continue;
    headers.push(name, request.rawHeaders[i + 1] ?? '');
  }
  for (const [name, values] of mapped?.headers ?? [])
    for (const value of values)
      if (name.toLowerCase() !== 'host') headers.push(name, asBytes(value.replace(/[\0\r\n]/g, '')));
  const host = mapped?.headers.get('Host') ?? mapped?.headers.get('host');
  if (host?.[0] !== undefined) headers[1] = host[0].replace(/[\0\r\n]/g, '');
  pushForwarded(headers, call);
  return headers;
}

/** A signature for this API is nobody else's business. */
const isSigV4 = (authorization: string): boolean => authorization.startsWith('AWS4-HMAC-SHA256');

function pushForwarded(headers: string[], call: Checked): void {
  const { request } = call;
  const before = firstHeader(request.rawHeaders, 'x-forwarded-for');
  headers.push(
    'X-Forwarded-For',
    before === undefined ? request.sourceIp : `${before}, ${request.sourceIp}`,
    'X-Forwarded-Port',
    String(request.localPort ?? 80),
    'X-Forwarded-Proto',
    request.secure ? 'https' : 'http',
    'X-Amzn-Trace-Id',
    call.traceId,
    'x-amzn-apigateway-api-id',
    call.plan.stage.api.apiId,
  );
}
