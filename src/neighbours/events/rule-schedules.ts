/** Rules with a schedule: each time one comes round, its targets get an event. */
import { randomUUID } from 'node:crypto';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { nextMoment, parseSchedule } from '../../lang/cron/schedule.ts';
import { createAlarms } from '../kit/alarms.ts';
import { ruleArn, ruleKey, type RuleRow, rules } from './bus-row.ts';
import type { Delivering } from './delivering.ts';
import { type BusEvent, timeText } from './event.ts';
import type { EventsRoom } from './room.ts';

export interface RuleSchedules {
  /** The row with when its schedule comes next. */
  withDue(row: RuleRow): RuleRow;
  /** After the row was written. */
  watch(scope: Scope, row: RuleRow): void;
  forget(scope: Scope, row: RuleRow): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createRuleSchedules(room: EventsRoom, delivering: Delivering): RuleSchedules {
  const watched = new Map<string, { readonly scope: Scope; readonly key: string }>();
  const running = new Set<Promise<void>>();
  const alarms = createAlarms(room.now, (alarm) => {
    const place = watched.get(alarm);
    if (place === undefined) return;
    const work = ring(place.scope, place.key)
      .catch((error: unknown) =>
        room.log('error', 'a scheduled rule could not be run', { rule: place.key, reason: reasonOf(error) }),
      )
      .finally(() => running.delete(work));
    running.add(work);
  });
  const alarmOf = (scope: Scope, { bus, name }: RuleRow): string =>
    `${scope.account}/${scope.region}/${ruleKey(bus, name)}`;

  const dueOf = (row: RuleRow): number | undefined => {
    const schedule =
      row.schedule === undefined || row.state === 'DISABLED' ? undefined : parseSchedule(row.schedule);
    return schedule && nextMoment(schedule, { afterMs: room.now(), startMs: row.createdMs, zone: 'UTC' });
  };

  function withDue(row: RuleRow): RuleRow {
    const { dueMs: _, ...rest } = row;
    const dueMs = dueOf(rest);
    return dueMs === undefined ? rest : { ...rest, dueMs };
  }

  function watch(scope: Scope, row: RuleRow): void {
    const alarm = alarmOf(scope, row);
    if (row.dueMs === undefined) return forget(scope, row);
    watched.set(alarm, { scope, key: ruleKey(row.bus, row.name) });
    alarms.set(alarm, row.dueMs);
  }

  function forget(scope: Scope, row: RuleRow): void {
    watched.delete(alarmOf(scope, row));
    alarms.clear(alarmOf(scope, row));
  }

  /** The event and when it comes next are written together, so that each time comes once. */
  async function ring(scope: Scope, key: string): Promise<void> {
    const rung = await room.store.transaction(async (rows) => {
      const row = await rows.get(rules, scope, key);
      if (row?.dueMs === undefined) return undefined;
      if (row.dueMs > room.now()) return { row, begun: [] };
      const isStale = room.now() - row.dueMs > limits.scheduleStaleMs;
      const begun = isStale ? [] : await delivering.put(rows, scope, row, eventOf(scope, row, row.dueMs));
      const after = withDue(row);
      await rows.put(rules, scope, key, after);
      return { row: after, begun };
    });
    if (rung === undefined) return;
    delivering.begin(rung.begun);
    watch(scope, rung.row);
  }

  return {
    withDue,
    watch,
    forget,
    async start() {
      for (const { row, scope } of await room.store.listAll(rules))
        if (row.dueMs !== undefined) watch(scope, row);
    },
    async stop() {
      alarms.stop();
      await Promise.all(running);
    },
  };
}

const eventOf = (scope: Scope, row: RuleRow, dueMs: number): BusEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: scope.account,
  time: timeText(dueMs),
  region: scope.region,
  resources: [ruleArn(scope, row)],
  detail: {},
});
