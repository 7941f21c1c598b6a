/** The request pipeline. Every phase and its error exits: docs/lifecycle.md. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { reasonOf } from '../base/fault.ts';
import { createApis } from './apis.ts';
import { targetBehind } from './domain-target.ts';
import { ClientRequest } from './client-request.ts';
import { ClientGone } from './deadline.ts';
import { createDomains, type Domain } from './domains.ts';
import { createEngine, type Engine } from './engine.ts';
import { compileApi } from './kinds/kinds.ts';
import { UNKNOWN_API } from './kinds/unknown-api.ts';
import {
  ANONYMOUS,
  type Admitted,
  type Checked,
  type CompiledApi,
  type Identity,
  type Plan,
  type Reply,
  type Routed,
  type Staged,
  type StagePlan,
} from './plan.ts';
import { narrateBody, narrateReply } from './narrate.ts';
import type { ConnectionPlace, GatewayPorts } from './ports.ts';
import { isRefusal, Refusal } from './refusal.ts';
import { sendReply } from './steps/answer.ts';
import { arrive, refuseBroken } from './steps/arrive.ts';
import { NO_BODY, readBody } from './steps/body.ts';
import { decompress } from './steps/decompress.ts';
import { refuseDistrusted } from './steps/refuse-distrusted.ts';
import { report } from './steps/report.ts';
import { limits } from '../base/limits.ts';
import type { TestInvoke, TestInvokeAuthorizer } from './config.ts';
import { createTestInvoke } from './kinds/rest-test.ts';
import { createTestInvokeAuthorizer } from './kinds/rest-test-authorizer.ts';
import type { Scope } from '../base/scope.ts';
import { NEVER_LEAVES } from './sockets/message-request.ts';
import { createSockets } from './sockets/sockets.ts';
import type { ApiTarget } from './target.ts';
import { enter, noteAnswer, noteRefusal } from './trail.ts';

export interface Gateway {
  /** Takes a socket that asks for a WebSocket; `head` is what came behind the request. Never rejects. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer, target: ApiTarget): Promise<void>;
  /** The API and stage of an open connection, for a request of the management API that names only that. */
  placeOf(connectionId: string): Promise<ConnectionPlace | undefined>;
  /** Looks for connections that idled or lasted too long; runs by itself, and for who moves the clock. */
  sweep(): void;
  /** Answers one request. Settles when the answer is sent or nobody is there to get it; never rejects. */
  handle(message: IncomingMessage, response: ServerResponse, target: ApiTarget): Promise<void>;
  /** The custom domain name that a Host header or a server name means; null: none of ours. */
  domainOf(host: string): Domain | null | Promise<Domain | null>;
  /** Answers one request to a custom domain name, as `handle` does. */
  handleDomain(message: IncomingMessage, response: ServerResponse, domain: Domain): Promise<void>;
  /** Takes a socket that asks a custom domain name for a WebSocket, as `upgrade` does. */
  upgradeDomain(message: IncomingMessage, socket: Duplex, head: Buffer, domain: Domain): Promise<void>;
  /** A custom domain name, its mappings or its rules changed. */
  forgetDomains(): void;
  /** The API's stages changed: the next request asks the control plane; those under way end on the old plan. */
  forget(apiId: string): void;
  flushCache(scope: Scope, apiId: string, stageName?: string): Promise<void>;
  testInvoke: TestInvoke;
  testInvokeAuthorizer: TestInvokeAuthorizer;
  /** Takes no WebSocket any more and closes those that are open; waits until every `$disconnect` has run, within the grace. */
  closeSockets(graceMs: number): Promise<void>;
  /** Closes what is open to clients and kept open to backends. */
  close(): Promise<void>;
}

export function createGateway(ports: GatewayPorts): Gateway {
  const engine = createEngine(ports);
  const apis = createApis(ports.loadApi, (document) => compileApi(document, engine));
  const sockets = createSockets(engine, apis, followRoute);
  const domains = createDomains(ports.loadDomains ?? (async () => []));
  const gateway: Gateway = {
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
        const facts = { apiId: target.apiId, path: request.rawPath, error: traceOf(thrown) };
        ports.log('error', 'the gateway failed', facts);
        if (response.headersSent) response.destroy();
        else await sendPlain(response, request, OUR_FAULT);
      }
    },
    domainOf: (host) => domains.find(host),
    async handleDomain(message, response, domain) {
      const target = targetBehind(domain, message);
      if (target !== null) return gateway.handle(message, response, target);
      await sendPlain(response, new ClientRequest(message, response, message.url ?? '/'), UNKNOWN_API);
    },
    async upgradeDomain(message, socket, head, domain) {
      const target = targetBehind(domain, message);
      if (target !== null) return gateway.upgrade(message, socket, head, target);
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
    forgetDomains: () => domains.changed(),
    flushCache: async ({ account, region }, apiId, stageName) =>
      ports.cache?.flush([account, region, apiId, ...(stageName === undefined ? [] : [stageName])].join('/')),
    testInvoke: createTestInvoke(engine),
    testInvokeAuthorizer: createTestInvokeAuthorizer(engine),
    upgrade: (message, socket, head, target) =>
      sockets.upgrade(
        {
          request: new ClientRequest(message, NEVER_LEAVES, target.rawTarget),
          message,
          socket,
          head,
          target,
        },
        gateway.handle,
      ),
    placeOf: (connectionId) => sockets.placeOf(connectionId),
    sweep: () => engine.live.sweep(),
    forget(apiId) {
      apis.forget(apiId);
      sockets.forget(apiId);
    },
    closeSockets: (graceMs) => sockets.close(graceMs),
    async close() {
      await sockets.close(0);
      engine.connections.close();
    },
  };
  return gateway;
}

/** How far a call came: what a refusal, a log or a watcher is told. */
export interface Journey {
  reached: Staged | Routed | Admitted;
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
  if (!('match' in stage)) return sendPlain(response, request, stage);
  const traced = stage.trace ? { ...arrived, traceId: stage.trace(arrived) } : arrived;
  const journey: Journey = { reached: { ...traced, stage } };
  let reply: Reply;
  try {
    const followed = follow(journey, stage);
    reply = followed instanceof Promise ? await followed : followed;
  } catch (thrown) {
    if (thrown instanceof ClientGone && request.gone) return report(engine, journey.reached, 0, true);
    const { facts } = journey.reached;
    noteRefusal(facts);
    enter(facts, 'answer');
    reply = stage.refuse(refusalOf(engine, journey.reached, thrown), journey.reached);
  }
  const { reached } = journey;
  reached.facts.status = reply.status;
  narrateReply(reached, reply);
  const headers = stage.dress(reply, reached);
  noteAnswer(reached.facts, headers, reply.body);
  const sending = sendReply(response, request, reply, headers, stage.compressFromBytes);
  const sent = sending instanceof Promise ? await sending : sending;
  report(engine, reached, sent, request.gone);
}

/**
 * AWS's order: the web ACL, match, authorize, throttle, validate, integrate. Each step throws a Refusal or lets the call pass on; a
 * plan's absent step is null. Nothing is awaited that need not be: a promise a step costs as much as the step.
 */
function follow(journey: Journey, stage: StagePlan): Reply | Promise<Reply> {
  refuseDistrusted(journey.reached);
  if (stage.inspect === null) return match(journey, stage, null);
  return stage.inspect(journey.reached).then((body) => match(journey, stage, body));
}

function match(journey: Journey, stage: StagePlan, known: Uint8Array | null): Reply | Promise<Reply> {
  const routed = stage.match(journey.reached);
  if (!('plan' in routed)) return routed;
  return followRoute(journey, routed, known);
}

/** The rest of it, once the plan is known; `known` is the body where it is there already. */
export function followRoute(
  journey: Journey,
  routed: Routed,
  known: Uint8Array | null,
): Reply | Promise<Reply> {
  journey.reached = routed;
  if (routed.plan.authorize === null)
    return admit(journey, routed, 'identity' in routed ? (routed as Admitted).identity : ANONYMOUS, known);
  return authorize(journey, routed, routed.plan.authorize, known);
}

function authorize(
  journey: Journey,
  routed: Routed,
  step: NonNullable<Plan['authorize']>,
  known: Uint8Array | null,
): Reply | Promise<Reply> {
  enter(routed.facts, 'authorize');
  const signedBody = known ?? (routed.plan.signed ? bodyOf(routed) : null);
  return signedBody instanceof Promise
    ? signedBody.then((late) => identify(journey, routed, step, late))
    : identify(journey, routed, step, signedBody);
}

function identify(
  journey: Journey,
  routed: Routed,
  step: NonNullable<Plan['authorize']>,
  signedBody: Uint8Array | null,
): Reply | Promise<Reply> {
  const asked = step(routed, signedBody ?? NO_BODY);
  if (!(asked instanceof Promise)) return admit(journey, routed, asked, signedBody);
  const began = performance.now();
  const done = (): number => (routed.facts.authorizeLatencyMs = Math.round(performance.now() - began));
  return asked.finally(done).then((identity) => admit(journey, routed, identity, signedBody));
}

function admit(
  journey: Journey,
  routed: Routed,
  identity: Identity,
  known: Uint8Array | null,
): Reply | Promise<Reply> {
  const admitted: Admitted = { ...routed, identity };
  journey.reached = admitted;
  admitted.stage.executionLog?.admitted(admitted);
  if (admitted.plan.throttle !== null) {
    enter(admitted.facts, 'throttle');
    const pending = admitted.plan.throttle(admitted);
    if (pending instanceof Promise) return pending.then(() => read(journey, admitted, known));
  }
  return read(journey, admitted, known);
}

function read(journey: Journey, admitted: Admitted, known: Uint8Array | null): Reply | Promise<Reply> {
  if (known === null && admitted.plan.body === 'buffered') enter(admitted.facts, 'read');
  const body = known ?? bodyOf(admitted);
  return body instanceof Promise
    ? body.then((late) => unpack(journey, admitted, late))
    : unpack(journey, admitted, body);
}

/** A signature covers what was sent; everything after it goes by what that says. */
function unpack(journey: Journey, admitted: Admitted, sent: Uint8Array): Reply | Promise<Reply> {
  if (admitted.stage.compressFromBytes === null) return check(journey, admitted, sent);
  const body = decompress(admitted.request, sent);
  return body instanceof Promise
    ? body.then((late) => check(journey, admitted, late))
    : check(journey, admitted, body);
}

function check(journey: Journey, admitted: Admitted, body: Uint8Array): Reply | Promise<Reply> {
  const checked: Checked = { ...admitted, body };
  journey.reached = checked;
  narrateBody(checked, 'Method request body before transformations', body);
  const { plan } = checked;
  if (plan.validate !== null) enter(checked.facts, 'validate');
  const pending = plan.validate === null ? undefined : plan.validate(checked);
  return pending instanceof Promise ? pending.then(() => plan.integrate(checked)) : plan.integrate(checked);
}

const bodyOf = (call: Routed): Uint8Array | Promise<Uint8Array> =>
  call.plan.body === 'streamed' ? NO_BODY : readBody(call.request, limits.apiGatewayPayloadBytes);

/** Anything that is not a refusal is our bug: logged whole, answered as AWS answers its own. */
export function refusalOf(engine: Engine, call: Staged, thrown: unknown): Refusal {
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

async function sendPlain(response: ServerResponse, request: ClientRequest, reply: Reply): Promise<void> {
  await sendReply(response, request, reply, [...reply.headers], null);
}
