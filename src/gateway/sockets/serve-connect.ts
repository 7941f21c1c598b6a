/**
 * The upgrade: held until `$connect` answers, then accepted, or refused with the status it gave.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html
 */
import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { CLOSE } from '../../websocket/close-codes.ts';
import { type Closing, WebSocketConnection, type WebSocketOwner } from '../../websocket/connection.ts';
import { acceptUpgrade, answerPlainly, refuseUpgrade } from '../../websocket/handshake.ts';
import { FORBIDDEN, statusText } from '../kinds/websocket-refusals.ts';
import { UNKNOWN_API } from '../kinds/unknown-api.ts';
import {
  ANONYMOUS,
  type Admitted,
  type CompiledApi,
  type Reply,
  type Routed,
  type SocketStage,
  type Staged,
} from '../plan.ts';
import { firstHeader } from '../raw-headers.ts';
import { Refusal } from '../refusal.ts';
import { refusalOf, type Gateway, type Journey } from '../serve.ts';
import { arrive, refuseBroken } from '../steps/arrive.ts';
import { NO_BODY } from '../steps/body.ts';
import { refuseDistrusted } from '../steps/refuse-distrusted.ts';
import { report } from '../steps/report.ts';
import { enter, noteAnswer, noteRefusal } from '../trail.ts';
import type { Client } from './client.ts';
import { holdSocket, type Held } from './held-socket.ts';
import type { Disconnecting } from './serve-disconnect.ts';
import type { Arriving, SocketParts } from './sockets.ts';

export interface Connecting {
  upgrade(arriving: Arriving, plainly: Gateway['handle']): Promise<void>;
  /** Those that wait for `$connect` are given up, and nobody else is let in. */
  stop(): void;
}

/** Who takes over what was let in: the connection, or the news that its client did not wait for it. */
export interface Heirs {
  readonly owner: WebSocketOwner<Client>;
  readonly disconnecting: Disconnecting;
}

export function createConnecting(parts: SocketParts, heirs: Heirs): Connecting {
  const { apis, engine } = parts;
  const waiting = new Set<Duplex>();
  let stopped = false;
  return {
    async upgrade(arriving, plainly) {
      const { request, socket, target } = arriving;
      try {
        // Who waits for a WebSocket waits as long as `$connect` may take, and who has one as long as it likes.
        if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true);
        socket.on('error', dropSocket);
        if (stopped) return refuse(socket, STOPPING);
        const broken = refuseBroken(request);
        if (broken !== null) return refuse(socket, broken);
        const found = apis.find(target.apiId);
        const api = found instanceof Promise ? await found : found;
        if (api === null) return refuse(socket, UNKNOWN_API);
        if (api.socketStage === undefined) return await answerAsRequest(arriving, plainly);
        waiting.add(socket);
        await connect(parts, heirs, api, api.socketStage, arriving);
      } catch (thrown) {
        engine.ports.log('error', 'an upgrade failed', { apiId: target.apiId, reason: reasonOf(thrown) });
        socket.destroy();
      } finally {
        waiting.delete(socket);
      }
    },
    stop() {
      stopped = true;
      for (const socket of waiting) socket.destroy();
    },
  };
}

const STOPPING: Reply = {
  status: 503,
  headers: ['Content-Type', 'application/json'],
  body: '{"message":"Service Unavailable"}',
};

function dropSocket(this: Duplex): void {
  this.destroy();
}

/** REST and HTTP APIs know no WebSockets: what asks for one gets the answer of any other request. */
async function answerAsRequest(
  { message, socket, target }: Arriving,
  plainly: Gateway['handle'],
): Promise<void> {
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  // An upgrade's socket is a TCP or TLS one, which is what a response wants.
  response.assignSocket(socket as Socket);
  response.once('finish', () => socket.end());
  await plainly(message, response, target);
}

type StageOf = NonNullable<CompiledApi['socketStage']>;

async function connect(
  parts: SocketParts,
  heirs: Heirs,
  api: CompiledApi,
  stageOf: StageOf,
  arriving: Arriving,
): Promise<void> {
  const { engine } = parts;
  const { request, socket, target, message } = arriving;
  const bad = refuseUpgrade(message);
  if (bad !== null) return refuse(socket, badUpgrade(bad.status, bad.headers, bad.reason));
  const [, stageName = '', ...more] = request.rawPath.split('/');
  const stage = more.join('') === '' ? stageOf(stageName, target.addressedBy) : null;
  if (stage === null) return refuse(socket, FORBIDDEN);
  const held = holdSocket(socket, arriving.head);
  const arrived = arrive(engine, api, request, target);
  const connectionId = engine.ids.extended();
  const connection = { connectionId, connectedAt: arrived.receivedAt, eventType: 'CONNECT' as const };
  const journey: Journey = { reached: { ...arrived, connection, stage: stage.plan } };
  let reply: Reply;
  try {
    reply = await ask(parts, journey, stage);
  } catch (thrown) {
    if (held.gone) return report(engine, journey.reached, 0, true);
    noteRefusal(journey.reached.facts);
    enter(journey.reached.facts, 'answer');
    reply = stage.plan.refuse(refusalOf(engine, journey.reached, thrown), journey.reached);
  }
  finish(parts, heirs, journey.reached, held, reply);
}

/** New connections of the whole account in the region first, then the route's own plan. */
async function ask(parts: SocketParts, journey: Journey, stage: SocketStage): Promise<Reply> {
  const { engine } = parts;
  const staged = journey.reached;
  refuseDistrusted(staged);
  const { account, region } = stage.plan.api.scope;
  const perSecond = limits.webSocketNewConnectionsPerSecond;
  const bucket = `connections/${account}/${region}`;
  if (!(await engine.counters.take(bucket, { perSecond, burst: perSecond })))
    throw new Refusal('THROTTLED', 'Too Many Requests');
  if (stage.connect === null) return ACCEPTED;
  const routed: Routed = { ...staged, plan: stage.connect, path: '/', pathParameters: null };
  stage.plan.executionLog?.begin(routed);
  return parts.follow(journey, routed, NO_BODY);
}

const ACCEPTED: Reply = { status: 200, headers: [], body: null };

function finish(
  { engine }: SocketParts,
  { owner, disconnecting }: Heirs,
  reached: Staged | Routed | Admitted,
  held: Held,
  reply: Reply,
): void {
  const { facts, request } = reached;
  facts.status = reply.status;
  noteAnswer(facts, reply.headers, reply.body);
  const isLetIn = reply.status >= 200 && reply.status <= 299;
  if (held.gone) {
    report(engine, reached, 0, true);
    // The backend took it in: it has to hear that there is nobody.
    if (isLetIn) disconnecting.tell(clientOf(reached), LEFT_EARLY);
    return;
  }
  if (!isLetIn) {
    const body = reply.body ?? JSON.stringify({ message: statusText(reply.status) });
    refuse(held.socket, { ...reply, headers: plainHeaders(reply), body });
    return report(engine, reached, 0, false);
  }
  const subprotocol = firstHeader(reply.headers, 'sec-websocket-protocol');
  acceptUpgrade(held.socket, request.header('sec-websocket-key') ?? '', subprotocol);
  const early = held.release();
  const live = new WebSocketConnection(held.socket, RULES, owner, clientOf(reached));
  engine.live.add(live);
  engine.ports.presence?.opened(live.data.connectionId, live.data);
  report(engine, reached, 0, false);
  live.open(early);
}

const LEFT_EARLY: Closing = {
  code: CLOSE.abnormal,
  reason: 'Connection closed abnormally',
  by: 'client',
};

const RULES = {
  frameBytes: limits.webSocketFrameBytes,
  messageBytes: limits.webSocketMessageBytes,
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html
  acceptsBinary: false,
};

function clientOf(reached: Staged | Routed | Admitted): Client {
  const { request, connection, receivedAt, stage } = reached;
  return {
    connectionId: connection?.connectionId ?? '',
    apiId: stage.api.apiId,
    stageName: stage.stageName,
    connectedAt: receivedAt,
    domainName: reached.domainName,
    domainPrefix: reached.domainPrefix,
    sourceIp: request.sourceIp,
    userAgent: request.header('user-agent'),
    secure: request.secure,
    localPort: request.localPort,
    identity: 'identity' in reached ? reached.identity : ANONYMOUS,
    apiKey: request.header('x-api-key'),
    lastActiveAt: receivedAt,
    atOnce: 0,
    stalledSince: 0,
    unsentBytes: 0,
  };
}

/** Of an integration's headers only what describes its body: the others would describe a connection there is none of. */
function plainHeaders({ headers }: Reply): string[] {
  const kept: string[] = [];
  for (const name of ['x-amzn-ErrorType', 'Content-Type', 'www-authenticate']) {
    const value = firstHeader(headers, name.toLowerCase());
    if (value !== undefined) kept.push(name, value);
  }
  return kept.includes('Content-Type') ? kept : [...kept, 'Content-Type', 'application/json'];
}

const badUpgrade = (status: number, headers: readonly string[], message: string): Reply => ({
  status,
  headers: ['Content-Type', 'application/json', ...headers],
  body: JSON.stringify({ message }),
});

function refuse(socket: Duplex, { status, headers, body }: Reply): void {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : '';
  const kept = headers.filter((_, at) => headers[at - (at % 2)]?.toLowerCase() !== 'connection');
  answerPlainly(socket, { status, headers: kept, body: text });
}
