/**
 * What is to be delivered to others. A delivery is a row before its cause is acknowledged, in the transaction of the
 * cause; it is taken out when it was made or given up. Lanes keep slow targets from holding up others, and, one at a
 * time, keep an order. Memory holds keys and due times, never what is delivered. At least once: a delivery that was
 * made when the server was killed is made again.
 */
import type { Now } from '../../base/clock.ts';
import { reasonOf } from '../../base/fault.ts';
import type { Log } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import type { Store, Table, Transaction } from '../../store/store.ts';
import { createRising, risingText } from './rising.ts';

export interface OutboxRow {
  readonly dueMs: number;
}

/** Undefined: the delivery is over. A row: to be tried again when it is due. */
export type Attempt<Row> = (row: Row, scope: Scope) => Promise<Row | undefined>;

export interface Lane {
  readonly name: string;
  /** How many deliveries are under way at the same time; 1 keeps their order, and waits for one that is tried again. */
  readonly atOnce: number;
}

export interface OutboxOptions<Row> {
  readonly table: Table<Row>;
  readonly store: Store;
  readonly now: Now;
  readonly log: Log;
  readonly laneOf: (row: Row, scope: Scope) => Lane;
  readonly attempt: Attempt<Row>;
}

export interface Outbox<Row> {
  /** Within the transaction of the cause; what is returned goes to `begin` after the commit. */
  put(rows: Transaction, scope: Scope, row: Row): Promise<Begun<Row>>;
  begin(entries: readonly Begun<Row>[]): void;
  /** Takes up what an earlier process left. */
  start(): Promise<void>;
  /** Begins nothing more, and waits for what is under way. */
  stop(): Promise<void>;
}

export interface Begun<Row> {
  readonly key: string;
  readonly scope: Scope;
  readonly row: Row;
}

interface Waiting {
  readonly key: string;
  readonly scope: Scope;
  dueMs: number;
}

interface OpenLane extends Lane {
  readonly waiting: Waiting[];
  running: number;
}

/** How long a delivery waits that could not even be looked at, the disk being full for example. */
const LOST_WAIT_MS = 10_000;
/** Timers hold no longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createOutbox<Row extends OutboxRow>(options: OutboxOptions<Row>): Outbox<Row> {
  const { table, store, now, log, laneOf, attempt } = options;
  const next = createRising(now);
  const lanes = new Map<string, OpenLane>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  function enqueue({ key, scope, row }: Begun<Row>): void {
    const wanted = laneOf(row, scope);
    let lane = lanes.get(wanted.name);
    if (lane === undefined) lanes.set(wanted.name, (lane = { ...wanted, waiting: [], running: 0 }));
    place(lane, { key, scope, dueMs: row.dueMs });
  }

  /** An ordered lane waits with its first; in the others, what is not due waits aside. */
  function place(lane: OpenLane, entry: Waiting): void {
    const waitMs = entry.dueMs - now();
    if (lane.atOnce > 1 && waitMs > 0) return later(waitMs, () => place(lane, { ...entry, dueMs: 0 }));
    lane.waiting.push(entry);
    pump(lane);
  }

  function later(waitMs: number, work: () => void): void {
    if (stopped) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        work();
      },
      Math.min(waitMs, LONGEST_TIMER_MS),
    );
    timer.unref();
    timers.add(timer);
  }

  function pump(lane: OpenLane): void {
    while (!stopped && lane.running < lane.atOnce) {
      const entry = lane.waiting[0];
      if (entry === undefined) break;
      const waitMs = entry.dueMs - now();
      if (waitMs > 0) {
        // Only an ordered lane has one that is not due; nobody passes it.
        lane.running++;
        later(waitMs, () => {
          lane.running--;
          pump(lane);
        });
        return;
      }
      lane.waiting.shift();
      lane.running++;
      const work = deliver(lane, entry).finally(() => {
        running.delete(work);
        lane.running--;
        if (lane.running === 0 && lane.waiting.length === 0 && lanes.get(lane.name) === lane)
          lanes.delete(lane.name);
        else pump(lane);
      });
      running.add(work);
    }
  }

  async function deliver(lane: OpenLane, { key, scope }: Waiting): Promise<void> {
    let dueMs = now() + LOST_WAIT_MS;
    try {
      const row = await store.get(table, scope, key);
      if (row === undefined) return;
      const again = await attempt(row, scope);
      await store.transaction(async (rows) => {
        if (again) await rows.put(table, scope, key, again);
        else await rows.delete(table, scope, key);
      });
      if (again === undefined) return;
      dueMs = again.dueMs;
    } catch (thrown) {
      log('error', 'a delivery could not be settled', { table: table.name, reason: reasonOf(thrown) });
    }
    const entry: Waiting = { key, scope, dueMs };
    if (lane.atOnce === 1) lane.waiting.unshift(entry);
    else place(reopened(lane), entry);
  }

  /** A lane that emptied meanwhile counts again. */
  function reopened(lane: OpenLane): OpenLane {
    const current = lanes.get(lane.name);
    if (current) return current;
    lanes.set(lane.name, lane);
    return lane;
  }

  return {
    async put(rows, scope, row) {
      const key = risingText(next());
      await rows.put(table, scope, key, row);
      return { key, scope, row };
    },
    begin(entries) {
      for (const entry of entries) enqueue(entry);
    },
    async start() {
      for (const entry of await store.listAll(table)) enqueue(entry);
    },
    async stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
