/**
 * One message: its route, the route's plan, and what goes back. A connection's messages are handed on in the order they
 * came and run side by side, so many at most; more wait in the network until one is done.
 */
import { limits } from '../../base/limits.ts';
import { CLOSE } from '../../websocket/close-codes.ts';
import type { Facts, Reply, Routed, SocketStage, Staged } from '../plan.ts';
import { refusalOf, type Journey } from '../serve.ts';
import { report } from '../steps/report.ts';
import { beginTrail, enter, noteAnswer, noteRefusal } from '../trail.ts';
import type { Client, Live } from './client.ts';
import { GOING_AWAY } from './live-connections.ts';
import { MessageRequest } from './message-request.ts';
import type { SocketParts } from './sockets.ts';

export interface Messages {
  take(live: Live, payload: string | Uint8Array): void;
}

export function createMessages(parts: SocketParts): Messages {
  const { apis, engine } = parts;
  const begin = (live: Live): void => {
    live.data.atOnce++;
    if (live.data.atOnce === limits.webSocketMessagesAtOnce) live.pause();
  };
  const end = (live: Live): void => {
    live.data.atOnce--;
    if (live.data.atOnce === limits.webSocketMessagesAtOnce - 1) live.resume();
  };
  const run = (live: Live, stage: SocketStage | null | undefined, text: string): void | Promise<void> => {
    if (!stage) return live.close(CLOSE.goingAway, GOING_AWAY);
    return serveMessage(parts, live, stage, text);
  };
  return {
    take(live, payload) {
      const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8');
      const found = apis.find(live.data.apiId);
      // Only what waits is counted: a message that is done at once leaves nothing behind.
      const pending =
        found instanceof Promise
          ? found.then((api) => run(live, api?.socketStage?.(live.data.stageName), text))
          : run(live, found?.socketStage?.(live.data.stageName), text);
      if (!(pending instanceof Promise)) return;
      begin(live);
      pending
        .catch((thrown: unknown) =>
          engine.ports.log('error', 'a message was lost', { reason: String(thrown) }),
        )
        .finally(() => end(live));
    },
  };
}

function serveMessage(
  parts: SocketParts,
  live: Live,
  stage: SocketStage,
  text: string,
): void | Promise<void> {
  const { engine } = parts;
  const journey: Journey = { reached: arriveBySocket(parts, live.data, stage, { eventType: 'MESSAGE' }) };
  const done = (reply: Reply): void => answer(parts, journey, live, reply);
  const failed = (thrown: unknown): void => {
    const { reached } = journey;
    noteRefusal(reached.facts);
    enter(reached.facts, 'answer');
    done(stage.plan.refuse(refusalOf(engine, reached, thrown), reached));
  };
  try {
    const staged = journey.reached;
    const plan = stage.routeOf(staged, text);
    const routed: Routed & { identity: Client['identity'] } = {
      ...staged,
      plan,
      path: '/',
      pathParameters: null,
      identity: live.data.identity,
    };
    stage.plan.executionLog?.begin(routed);
    const reply = parts.follow(journey, routed, Buffer.from(text));
    return reply instanceof Promise ? reply.then(done).catch(failed) : done(reply);
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Sends what the route answers, or the refusal, and reports. */
function answer({ engine }: SocketParts, { reached }: Journey, live: Live, reply: Reply): void {
  const { facts } = reached;
  facts.status = reply.status;
  const body = typeof reply.body === 'string' || reply.body instanceof Uint8Array ? reply.body : '';
  noteAnswer(facts, reply.headers, body);
  if (body.length > 0) live.send(body);
  report(engine, reached, Buffer.byteLength(body), !live.isOpen && body.length > 0);
  // A client that asks and never reads is not asked for more: https://www.rfc-editor.org/rfc/rfc6455#section-10.4
  if (live.unsentBytes > limits.webSocketUnsentBytes)
    live.terminate(CLOSE.policyViolation, 'Connection closed abnormally');
}

interface What {
  readonly eventType: 'MESSAGE' | 'DISCONNECT';
  readonly closing?: { readonly code: number; readonly reason: string };
}

/** What happens on an open connection, as far as steps are concerned. */
export function arriveBySocket(
  { engine }: SocketParts,
  client: Client,
  stage: SocketStage,
  { eventType, closing }: What,
): Staged {
  const { connectionId, connectedAt, domainName, domainPrefix, apiId } = client;
  const receivedAt = engine.ports.now();
  const requestId = engine.ids.extended();
  const facts: Facts = engine.ports.explain === true ? { trail: beginTrail() } : {};
  return {
    request: new MessageRequest(client, eventType),
    target: { apiId, rawTarget: `/${client.stageName}`, addressedBy: 'host', host: domainName },
    requestId,
    extendedRequestId: requestId,
    traceId: `Root=${engine.ids.traceRoot(receivedAt)}`,
    receivedAt,
    domainName,
    domainPrefix,
    shownPath: `/${client.stageName}`,
    facts,
    connection: {
      connectionId,
      connectedAt,
      eventType,
      ...(eventType === 'MESSAGE' ? { messageId: engine.ids.extended() } : {}),
      ...(closing === undefined ? {} : { closing }),
    },
    stage: stage.plan,
  };
}
