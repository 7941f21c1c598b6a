/**
 * The connections that are open on this node. One look around every few seconds finds those that idled or lasted too
 * long and those whose clients do not read: no connection has a timer of its own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
 */
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { CLOSE } from '../../websocket/close-codes.ts';
import type { Live } from './client.ts';

export interface LiveConnections {
  add(live: Live): void;
  remove(live: Live): void;
  find(connectionId: string): Live | undefined;
  ofApi(apiId: string): Live[];
  readonly size: number;
  /** Closes what has been open or idle for too long by the clock. Runs by itself; tests that move the clock call it. */
  sweep(): void;
  /** The server stops: everyone is told, and waited for within the grace; without one they are dropped. */
  closeAll(graceMs: number): Promise<void>;
}

export function createLiveConnections(now: Now): LiveConnections {
  const byId = new Map<string, Live>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let emptied = (): void => {};
  const sweep = (): void => {
    const at = now();
    for (const live of byId.values()) inspect(live, at);
  };
  return {
    add(live) {
      byId.set(live.data.connectionId, live);
      timer ??= setInterval(sweep, limits.webSocketSweepMs).unref();
    },
    remove(live) {
      byId.delete(live.data.connectionId);
      if (byId.size > 0) return;
      clearInterval(timer);
      timer = undefined;
      emptied();
    },
    find: (connectionId) => byId.get(connectionId),
    ofApi: (apiId) => [...byId.values()].filter(({ data }) => data.apiId === apiId),
    get size() {
      return byId.size;
    },
    sweep,
    async closeAll(graceMs) {
      for (const live of byId.values()) live.close(CLOSE.goingAway, GOING_AWAY);
      if (graceMs > 0 && byId.size > 0)
        await new Promise<void>((resolve) => {
          const late = setTimeout(resolve, graceMs);
          emptied = () => {
            clearTimeout(late);
            resolve();
          };
        });
      for (const live of byId.values()) live.terminate(CLOSE.goingAway, GOING_AWAY);
    },
  };
}

export const GOING_AWAY = 'Going away';

function inspect(live: Live, at: number): void {
  const { data } = live;
  if (isStalled(live, at)) return live.terminate(CLOSE.abnormal, 'Connection closed abnormally');
  const over =
    at - data.lastActiveAt >= limits.webSocketIdleMs || at - data.connectedAt >= limits.webSocketDurationMs;
  if (over) live.close(CLOSE.goingAway, GOING_AWAY);
}

/** Whether nothing of what waits was taken since the clock was looked at for the first time. */
function isStalled(live: Live, at: number): boolean {
  const { data, unsentBytes } = live;
  const before = data.unsentBytes;
  data.unsentBytes = unsentBytes;
  if (unsentBytes === 0 || unsentBytes < before) {
    data.stalledSince = 0;
    return false;
  }
  if (data.stalledSince === 0) data.stalledSince = at;
  return at - data.stalledSince >= limits.webSocketStalledMs;
}
