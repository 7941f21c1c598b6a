/** `$disconnect`: told once for each connection that was open, after it closed; nobody is there to be answered. */
import type { Closing } from '../../websocket/connection.ts';
import type { SocketStage } from '../plan.ts';
import { refusalOf, type Journey } from '../serve.ts';
import { NO_BODY } from '../steps/body.ts';
import { report } from '../steps/report.ts';
import type { Client } from './client.ts';
import { arriveBySocket } from './serve-message.ts';
import type { SocketParts } from './sockets.ts';

export interface Disconnecting {
  tell(client: Client, how: Closing): void;
  /** Waits for those under way. */
  finish(graceMs: number): Promise<void>;
}

export function createDisconnecting(parts: SocketParts): Disconnecting {
  const { apis, engine } = parts;
  const underway = new Set<Promise<void>>();
  return {
    tell(client, how) {
      const told = (async () => {
        const api = await apis.find(client.apiId);
        const stage = api?.socketStage?.(client.stageName);
        if (stage) await serveDisconnect(parts, client, stage, how);
      })().catch((thrown: unknown) =>
        engine.ports.log('error', '$disconnect could not be told', {
          apiId: client.apiId,
          reason: String(thrown),
        }),
      );
      underway.add(told);
      void told.finally(() => underway.delete(told));
    },
    async finish(graceMs) {
      if (underway.size === 0 || graceMs <= 0) return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, graceMs)));
      await Promise.race([Promise.all(underway), late]);
      clearTimeout(timer);
    },
  };
}

async function serveDisconnect(
  parts: SocketParts,
  client: Client,
  stage: SocketStage,
  { code, reason }: Closing,
): Promise<void> {
  const closing = { code, reason };
  const staged = arriveBySocket(parts, client, stage, { eventType: 'DISCONNECT', closing });
  const journey: Journey = { reached: staged };
  if (stage.disconnect !== null)
    try {
      const routed = {
        ...staged,
        plan: stage.disconnect,
        path: '/',
        pathParameters: null,
        identity: client.identity,
      };
      stage.plan.executionLog?.begin(routed);
      const reply = await parts.follow(journey, routed, NO_BODY);
      journey.reached.facts.status = reply.status;
    } catch (thrown) {
      const { reached } = journey;
      const reply = stage.plan.refuse(refusalOf(parts.engine, reached, thrown), reached);
      reached.facts.status = reply.status;
    }
  else staged.facts.status = 200;
  report(parts.engine, journey.reached, 0, false);
}
