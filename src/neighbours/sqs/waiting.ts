/**
 * Receivers that wait for messages (long polling). One is woken for each message that comes; who was woken and leaves
 * without having taken anything wakes the next, so that no message lies while somebody waits.
 */
export interface Waiting {
  /** Resolves when something came, when `untilMs` from now has passed, or when the signal or the stop ends it. */
  wait(queueId: string, waitMs: number, signal: AbortSignal): Promise<void>;
  wake(queueId: string, count: number): void;
  /** Everyone is answered, and nobody waits any more. */
  stop(): void;
  readonly isStopped: boolean;
}

export function createWaiting(): Waiting {
  const byQueue = new Map<string, Set<() => void>>();
  let stopped = false;
  return {
    get isStopped() {
      return stopped;
    },
    wait(queueId, waitMs, signal) {
      if (stopped || signal.aborted) return Promise.resolve();
      const line = byQueue.get(queueId) ?? new Set();
      byQueue.set(queueId, line);
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          line.delete(end);
          if (line.size === 0 && byQueue.get(queueId) === line) byQueue.delete(queueId);
          resolve();
        };
        const timer = setTimeout(end, waitMs);
        signal.addEventListener('abort', end, { once: true });
        line.add(end);
      });
    },
    wake(queueId, count) {
      let left = count;
      for (const end of byQueue.get(queueId) ?? []) {
        if (left-- <= 0) return;
        end();
      }
    },
    stop() {
      stopped = true;
      for (const line of byQueue.values()) for (const end of line) end();
    },
  };
}
