/** The request pipeline. Every phase and its error exits: docs/lifecycle.md. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonOf } from '../base/fault.ts';
import { createApis } from './apis.ts';
import { ClientRequest } from './client-request.ts';
import { ClientGone } from './deadline.ts';
import { createEngine, type Engine } from './engine.ts';
import { compileApi } from './kinds/kinds.ts';
import { UNKNOWN_API } from './kinds/unknown-api.ts';
import {
  ANONYMOUS,
  type Admitted,
  type CompiledApi,
  type Plan,
  type Reply,
  type Routed,
  type Staged,
  type StagePlan,
} from './plan.ts';
import type { GatewayPorts } from './ports.ts';
import { isRefusal, Refusal } from './refusal.ts';
import { sendReply } from './steps/answer.ts';
import { arrive, refuseBroken } from './steps/arrive.ts';
import { NO_BODY, readBody } from './steps/body.ts';
import { report } from './steps/report.ts';
import { limits } from '../base/limits.ts';
import type { ApiTarget } from './target.ts';

export interface Gateway {
  /** Answers one request. Settles when the answer is sent or nobody is there to get it; never rejects. */
  handle(message: IncomingMessage, response: ServerResponse, target: ApiTarget): Promise<void>;
  /** The API's stages changed: the next request asks the control plane; those under way end on the old plan. */
  forget(apiId: string): void;
  /** Closes what is kept open to backends. */
  close(): Promise<void>;
}

export function createGateway(ports: GatewayPorts): Gateway {
  const engine = createEngine(ports);
  const apis = createApis(ports.loadApi, (document) => compileApi(document, engine));
  return {
    async handle(message, response, target) {
      const request = new ClientRequest(message, response, target.rawTarget);
      try {
        const broken = refuseBroken(request);
        if (broken !== null) return await sendPlain(response, request, broken);
        const found = apis.find(target.apiId);
        const api = found instanceof Promise ? await found : found;
        if (api === null) return await sendPlain(response, request, UNKNOWN_API);
        await serve(engine, api, request, response, target);
      } catch (thrown) {
        ports.log('error', 'the gateway failed', {
          apiId: target.apiId,
          path: request.rawPath,
          error: traceOf(thrown),
        });
        if (response.headersSent) response.destroy();
        else await sendPlain(response, request, OUR_FAULT);
      }
    },
    forget: (apiId) => apis.forget(apiId),
    close: async () => engine.connections.close(),
  };
}

async function serve(
  engine: Engine,
  api: CompiledApi,
  request: ClientRequest,
  response: ServerResponse,
  target: ApiTarget,
): Promise<void> {
  const arrived = arrive(engine, api, request, target);
  const stage = api.stageOf(arrived);
  if (!('match' in stage))
    return void (await sendReply(response, request, stage, plainHeaders(stage, arrived.requestId), null));
  const call: { reached: Staged | Routed | Admitted } = { reached: { ...arrived, stage } };
  let reply: Reply;
  try {
    reply = await follow(call, stage);
  } catch (thrown) {
    if (thrown instanceof ClientGone) return report(engine, call.reached, 0, true);
    reply = stage.refuse(refusalOf(engine, call.reached, thrown), call.reached);
  }
  call.reached.facts.status = reply.status;
  const sent = await sendReply(
    response,
    request,
    reply,
    stage.dress(reply, call.reached),
    stage.compressFromBytes,
  );
  report(engine, call.reached, sent, request.gone);
}

/** AWS's order. Each step throws a Refusal or lets the call pass on; a plan's absent step is null. */
async function follow(call: { reached: Staged | Routed | Admitted }, stage: StagePlan): Promise<Reply> {
  const matched = stage.match(call.reached);
  if (!('plan' in matched)) return matched;
  call.reached = matched;
  const { plan } = matched;
  const early = plan.signed ? await bodyOf(plan, matched) : NO_BODY;
  const identity = plan.authorize === null ? ANONYMOUS : await plan.authorize(matched, early);
  const admitted: Admitted = { ...matched, identity };
  call.reached = admitted;
  if (plan.throttle !== null) plan.throttle(admitted);
  const body = plan.signed ? early : await bodyOf(plan, admitted);
  const checked = { ...admitted, body };
  call.reached = checked;
  if (plan.validate !== null) await plan.validate(checked);
  return plan.integrate(checked);
}

const bodyOf = (plan: Plan, call: Routed): Uint8Array | Promise<Uint8Array> =>
  plan.body === 'streamed' ? NO_BODY : readBody(call.request, limits.apiGatewayPayloadBytes);

/** Anything that is not a refusal is our bug: logged whole, answered as AWS answers its own. */
function refusalOf(engine: Engine, call: Staged, thrown: unknown): Refusal {
  if (isRefusal(thrown)) return thrown;
  engine.ports.log('error', 'a request failed', { requestId: call.requestId, error: traceOf(thrown) });
  return new Refusal('DEFAULT_5XX', 'Internal server error', { reason: reasonOf(thrown) });
}

const traceOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);

const OUR_FAULT: Reply = {
  status: 500,
  headers: ['Content-Type', 'application/json'],
  body: '{"message":"Internal server error"}',
};

const plainHeaders = (reply: Reply, requestId: string): string[] => [
  'x-amzn-RequestId',
  requestId,
  ...reply.headers,
];

async function sendPlain(response: ServerResponse, request: ClientRequest, reply: Reply): Promise<void> {
  await sendReply(response, request, reply, [...reply.headers], null);
}
