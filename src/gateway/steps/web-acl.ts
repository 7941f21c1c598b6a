/**
 * The web ACL of a stage is asked before anything else judges a request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html
 */
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { WebAclRequest, WebAclVerdict } from '../../base/ports.ts';
import type { Engine } from '../engine.ts';
import type { StagePlan, Staged } from '../plan.ts';
import { readBody } from './body.ts';
import { Refusal } from '../refusal.ts';

/** Null when the stage has none. One that nobody can ask lets nobody in. */
export function compileWebAcl(webAclArn: string | undefined, engine: Engine): StagePlan['inspect'] {
  if (!webAclArn) return null;
  const { inspectWebAcl, now } = engine.ports;
  return async (call) => {
    if (inspectWebAcl === undefined) throw blocked(`web ACL ${webAclArn}: not supported by gatehouse`);
    const body = await readBody(call.request, limits.apiGatewayPayloadBytes);
    const started = now();
    const verdict = await ask(() => inspectWebAcl(webAclArn, requestOf(call, body)));
    call.facts.webAcl = {
      arn: webAclArn,
      responseCode: verdict.action === 'ALLOW' ? 'WAF_ALLOW' : 'WAF_BLOCK',
      latencyMs: now() - started,
    };
    if (verdict.action === 'BLOCK') throw refusalOf(verdict);
    // Like AWS's, the headers go on to the backend; a client's own of that name does not.
    insertHeaders(call.request.message.rawHeaders, verdict.insertedHeaders);
    return body;
  };
}

/** A web ACL that is gone or fails keeps everyone out. */
async function ask(inspect: () => WebAclVerdict | Promise<WebAclVerdict>): Promise<WebAclVerdict> {
  try {
    return await inspect();
  } catch (thrown) {
    throw blocked(`the web ACL could not be asked: ${reasonOf(thrown)}`);
  }
}

const requestOf = ({ request }: Staged, body: Uint8Array): WebAclRequest => ({
  method: request.message.method ?? 'GET',
  rawPath: request.rawPath,
  rawQuery: request.rawQuery,
  rawHeaders: request.rawHeaders,
  sourceIp: request.sourceIp,
  protocol: request.protocol,
  body: async (mostBytes) => body.subarray(0, mostBytes),
});

const blocked = (reason: string): Refusal => new Refusal('WAF_FILTERED', 'Forbidden', { reason });

/** A rule's own answer goes out as it is, whatever the API's gateway responses say. */
function refusalOf({ response }: Extract<WebAclVerdict, { action: 'BLOCK' }>): Refusal {
  if (response === undefined) return blocked('blocked by the web ACL');
  return new Refusal('WAF_FILTERED', 'Forbidden', {
    reason: 'blocked by the web ACL',
    verbatim: {
      status: response.status,
      headers: ['Content-Type', response.contentType ?? 'text/plain', ...response.headers],
      body: response.body,
    },
  });
}

function insertHeaders(rawHeaders: string[], inserted: readonly string[]): void {
  for (let i = 0; i < inserted.length; i += 2) {
    const name = (inserted[i] ?? '').toLowerCase();
    for (let at = rawHeaders.length - 2; at >= 0; at -= 2)
      if (rawHeaders[at]?.toLowerCase() === name) rawHeaders.splice(at, 2);
    rawHeaders.push(inserted[i] ?? '', inserted[i + 1] ?? '');
  }
}
