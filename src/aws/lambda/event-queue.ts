/**
 * Asynchronous invocations. An event is a row before its caller hears 202; a lane per function runs them, a few at a
 * time, so that one slow function keeps no other waiting. Memory holds keys and due times, never payloads.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { isFault, reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Invocation } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';
import { arnOfReference, type FunctionReference } from './function-reference.ts';
import type { LambdaRoom } from './ports.ts';

export interface EventRow {
  readonly requestId: string;
  readonly name: string;
  readonly qualifier?: string;
  readonly payload: string;
  readonly clientContext?: string;
  readonly traceId?: string;
  readonly acceptedAt: number;
  /** How often the function was run for it. */
  readonly attempts: number;
  /** How often it was turned back by a throttle or a fault of ours. */
  readonly deferrals: number;
  readonly dueAt: number;
}

/** What became of one attempt. */
export type EventOutcome =
  | { readonly kind: 'done' }
  /** Put back, due later. */
  | { readonly kind: 'again'; readonly row: EventRow };

export interface EventQueue {
  /** Stores the event; durable when it resolves. */
  accept(reference: FunctionReference, invocation: Invocation, requestId: string): Promise<void>;
  /** Takes up what an earlier process left. */
  start(): Promise<void>;
  /** Begins nothing more, and waits for what is running. */
  stop(): Promise<void>;
}

export type RunEvent = (row: EventRow, reference: FunctionReference) => Promise<EventOutcome>;

/** Keyed by request id. */
export const events = table<EventRow>('lambda.events');

interface Lane {
  readonly waiting: string[];
  running: number;
}

interface Waiting {
  readonly scope: Scope;
  readonly laneName: string;
}

export function createEventQueue(
  room: Pick<LambdaRoom, 'store' | 'now' | 'log' | 'after'>,
  run: RunEvent,
): EventQueue {
  const lanes = new Map<string, Lane>();
  const places = new Map<string, Waiting>();
  const timers = new Map<string, () => void>();
  const running = new Set<Promise<void>>();
  const after = room.after ?? timer;
  let stopped = false;

  function enqueue(requestId: string): void {
    const place = places.get(requestId);
    if (place === undefined || stopped) return;
    let lane = lanes.get(place.laneName);
    if (lane === undefined) lanes.set(place.laneName, (lane = { waiting: [], running: 0 }));
    lane.waiting.push(requestId);
    pump(place.laneName, lane);
  }

  function pump(laneName: string, lane: Lane): void {
    while (!stopped && lane.running < limits.lambdaAsynchronousLanes) {
      const requestId = lane.waiting.shift();
      if (requestId === undefined) break;
      lane.running++;
      const work = attempt(requestId).finally(() => {
        running.delete(work);
        lane.running--;
        if (lane.running === 0 && lane.waiting.length === 0) lanes.delete(laneName);
        else pump(laneName, lane);
      });
      running.add(work);
    }
  }

  async function attempt(requestId: string): Promise<void> {
    const place = places.get(requestId);
    if (place === undefined) return;
    try {
      const row = await room.store.get(events, place.scope, requestId);
      if (row === undefined) return void places.delete(requestId);
      const outcome = await run(row, referenceOf(row, place.scope));
      await settle(requestId, place.scope, outcome);
    } catch (thrown) {
      const code = isFault(thrown) ? thrown.code : undefined;
      room.log('error', 'an asynchronous invocation could not be settled', {
        requestId,
        code,
        reason: reasonOf(thrown),
      });
      schedule(requestId, room.now() + LOST_WAIT_MS);
    }
  }

  async function settle(requestId: string, scope: Scope, outcome: EventOutcome): Promise<void> {
    if (outcome.kind === 'again') {
      await room.store.transaction((rows) => rows.put(events, scope, requestId, outcome.row));
      return schedule(requestId, outcome.row.dueAt);
    }
    await room.store.transaction((rows) => rows.delete(events, scope, requestId));
    places.delete(requestId);
  }

  function schedule(requestId: string, dueAt: number): void {
    if (stopped) return;
    const wait = dueAt - room.now();
    if (wait <= 0) return enqueue(requestId);
    const cancel = after(wait, () => {
      timers.delete(requestId);
      enqueue(requestId);
    });
    timers.set(requestId, cancel);
  }

  const remember = (row: EventRow, scope: Scope): void => {
    places.set(row.requestId, { scope, laneName: `${scope.account}/${scope.region}/${row.name}` });
  };

  return {
    async accept(reference, invocation, requestId) {
      const row = rowOf(reference, invocation, requestId, room.now());
      await room.store.transaction((rows) => rows.put(events, reference.scope, requestId, row));
      remember(row, reference.scope);
      enqueue(requestId);
    },
    async start() {
      for (const { row, scope } of await room.store.listAll(events)) {
        remember(row, scope);
        schedule(row.requestId, row.dueAt);
      }
    },
    async stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
      await Promise.all(running);
    },
  };
}

/** How long an event waits that could not even be looked at, the disk being full for example. */
const LOST_WAIT_MS = 10_000;

function rowOf(
  reference: FunctionReference,
  invocation: Invocation,
  requestId: string,
  now: number,
): EventRow {
  const { clientContext, traceId } = invocation;
  return {
    requestId,
    name: reference.name,
    ...(reference.qualifier !== undefined && { qualifier: reference.qualifier }),
    payload: Buffer.from(invocation.payload).toString('utf8'),
    ...(clientContext !== undefined && { clientContext }),
    ...(traceId !== undefined && { traceId }),
    acceptedAt: now,
    attempts: 0,
    deferrals: 0,
    dueAt: now,
  };
}

const referenceOf = (row: EventRow, scope: Scope): FunctionReference => ({
  scope,
  name: row.name,
  ...(row.qualifier !== undefined && { qualifier: row.qualifier }),
});

/** The ARN as invoked, with `$LATEST` where no qualifier was given: destination records name it so. */
export const recordedArn = (reference: FunctionReference): string =>
  arnOfReference({ ...reference, qualifier: reference.qualifier ?? '$LATEST' });

function timer(delayMs: number, work: () => void): () => void {
  // Six hours is the longest wait there is, far below what a timer can hold.
  const handle = setTimeout(work, delayMs);
  handle.unref();
  return () => clearTimeout(handle);
}
