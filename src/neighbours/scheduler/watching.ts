/** When each schedule comes, and what happens then. */
import { randomUUID } from 'node:crypto';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { nextMoment, parseSchedule } from '../../lang/cron/schedule.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { createAlarms } from '../kit/alarms.ts';
import type { Delivering } from './delivering.ts';
import { scheduleKey, type ScheduleRow, schedules } from './schedule-row.ts';

export interface Watching {
  /** After the row was written. */
  watch(scope: Scope, row: ScheduleRow): void;
  forget(scope: Scope, row: ScheduleRow): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The row with when it comes next behind `afterMs`; none when it is disabled or over. */
export function withNext(row: ScheduleRow, afterMs: number): ScheduleRow {
  const { next: _, ...rest } = row;
  const schedule = row.state === 'DISABLED' ? undefined : parseSchedule(row.expression);
  if (schedule === undefined) return rest;
  const from = schedule.kind === 'at' ? afterMs : Math.max(afterMs, (row.startMs ?? 0) - 1);
  const scheduledMs = nextMoment(schedule, {
    afterMs: from,
    startMs: row.startMs ?? row.createdMs,
    zone: row.zone,
  });
  if (scheduledMs === undefined || (row.endMs !== undefined && scheduledMs > row.endMs)) return rest;
  const windowMs = (row.window.MaximumWindowInMinutes ?? 0) * 60_000;
  return { ...rest, next: { scheduledMs, dueMs: scheduledMs + Math.floor(Math.random() * windowMs) } };
}

export function createWatching({ store, now, log }: ServicePorts, delivering: Delivering): Watching {
  const watched = new Map<string, { readonly scope: Scope; readonly key: string }>();
  const running = new Set<Promise<void>>();
  const alarmOf = (scope: Scope, row: ScheduleRow): string =>
    `${scope.account}/${scope.region}/${scheduleKey(row)}`;
  const alarms = createAlarms(now, (alarm) => {
    const place = watched.get(alarm);
    if (place === undefined) return;
    const work = ring(place.scope, place.key)
      .catch((error: unknown) =>
        log('error', 'a schedule could not be run', { schedule: place.key, reason: reasonOf(error) }),
      )
      .finally(() => running.delete(work));
    running.add(work);
  });

  function watch(scope: Scope, row: ScheduleRow): void {
    if (row.next === undefined) return forget(scope, row);
    const alarm = alarmOf(scope, row);
    watched.set(alarm, { scope, key: scheduleKey(row) });
    alarms.set(alarm, row.next.dueMs);
  }

  function forget(scope: Scope, row: ScheduleRow): void {
    watched.delete(alarmOf(scope, row));
    alarms.clear(alarmOf(scope, row));
  }

  /** The delivery and when it comes next are written together, so that each time comes once. */
  async function ring(scope: Scope, key: string): Promise<void> {
    const rung = await store.transaction(async (rows) => {
      const row = await rows.get(schedules, scope, key);
      if (row?.next === undefined) return undefined;
      if (row.next.dueMs > now()) return { row, begun: [] };
      const isStale = now() - row.next.dueMs > limits.scheduleStaleMs;
      const occurrence = { scheduledMs: row.next.scheduledMs, executionId: randomUUID() };
      const begun = isStale ? [] : [await delivering.put(rows, scope, row, occurrence)];
      const after = withNext(row, Math.max(now(), row.next.scheduledMs));
      const isOver = after.next === undefined && row.afterCompletion === 'DELETE';
      if (isOver) await rows.delete(schedules, scope, key);
      else await rows.put(schedules, scope, key, after);
      return { row: after, begun };
    });
    if (rung === undefined) return;
    delivering.begin(rung.begun);
    watch(scope, rung.row);
  }

  return {
    watch,
    forget,
    async start() {
      for (const { row, scope } of await store.listAll(schedules)) if (row.next) watch(scope, row);
    },
    async stop() {
      alarms.stop();
      await Promise.all(running);
    },
  };
}
