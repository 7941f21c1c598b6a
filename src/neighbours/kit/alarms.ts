/**
 * Moments at which something is to happen, by key. One timer looks at the clock at least once a second while there is
 * any, so that a clock that is set or a machine that slept is noticed; none when there is nothing to wait for.
 */
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';

export interface Alarms {
  /** In place of the key's earlier one. */
  set(key: string, dueMs: number): void;
  clear(key: string): void;
  stop(): void;
}

export function createAlarms(now: Now, ring: (key: string) => void): Alarms {
  const due = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  function look(): void {
    timer = undefined;
    const at = now();
    for (const [key, dueMs] of due) {
      if (dueMs > at) continue;
      due.delete(key);
      ring(key);
    }
    arm();
  }

  function arm(): void {
    if (stopped || timer !== undefined || due.size === 0) return;
    let first = Number.POSITIVE_INFINITY;
    for (const dueMs of due.values()) first = Math.min(first, dueMs);
    timer = setTimeout(look, Math.max(0, Math.min(first - now(), limits.alarmLookMs)));
    timer.unref();
  }

  return {
    set(key, dueMs) {
      due.set(key, dueMs);
      clearTimeout(timer);
      timer = undefined;
      arm();
    },
    clear: (key) => void due.delete(key),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
