/**
 * Where log events arrive: thousands of lines a second from functions and gateways, gathered in memory and written
 * together, one row for each stream and span. Readers flush first, so they see what was written a moment ago.
 */
import type { Now } from '../../base/clock.ts';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import type { LogEvent, WriteLogEvents } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { chunks, logGroups, logStreams, sequenceText, spanOf, spans } from './rows.ts';

export interface EventBuffer {
  /** Never throws and never waits; what does not fit in memory is dropped and counted in the server's log. */
  readonly write: WriteLogEvents;
  /** Everything written so far is in the store when it resolves. Rejects when the store refuses. */
  flush(): Promise<void>;
  /** Called with what was committed, after every flush. Returns what ends it. */
  listen(listener: (batches: readonly Batch[]) => void): () => void;
}

/** What one stream got in one flush. */
export interface Batch {
  readonly scope: Scope;
  readonly group: string;
  readonly stream: string;
  readonly ingestionTime: number;
  readonly events: readonly LogEvent[];
}

interface Pending {
  readonly scope: Scope;
  readonly group: string;
  readonly stream: string;
  events: LogEvent[];
}

interface BufferPorts {
  readonly store: Store;
  readonly now: Now;
  readonly log: Log;
}

const FLUSH_AFTER_MS = 100;

export function createEventBuffer(ports: BufferPorts): EventBuffer {
  let pending = new Map<string, Pending>();
  let pendingBytes = 0;
  let dropped = 0;
  let lastSequence = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flushing: Promise<void> = Promise.resolve();
  const listeners = new Set<(batches: readonly Batch[]) => void>();

  const nextSequence = (): number => {
    lastSequence = Math.max(lastSequence + 1, ports.now() * 1000);
    return lastSequence;
  };

  const write: WriteLogEvents = (scope, group, stream, events) => {
    const size = bytesOf(events);
    // A colon parts names in keys; AWS allows it in none.
    const misnamed = group.includes(':') || stream.includes(':');
    if (misnamed || pendingBytes + size > limits.logsBufferBytes) {
      dropped += events.length;
      return;
    }
    pendingBytes += size;
    const key = `${scope.account}/${scope.region}/${group}:${stream}`;
    const waiting = pending.get(key);
    if (waiting) for (const event of events) waiting.events.push(event);
    else pending.set(key, { scope, group, stream, events: [...events] });
    timer ??= setTimeout(() => void flush().catch(() => {}), FLUSH_AFTER_MS);
  };

  /** One flush after the other: a stream's chunks are written in the order of their events. */
  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const done = flushing.then(flushOnce);
    flushing = done.catch(() => {});
    return done;
  }

  async function flushOnce(): Promise<void> {
    if (dropped > 0)
      ports.log(
        'warn',
        'log events were dropped: more came than could be stored, or to a name with a colon',
        { dropped },
      );
    dropped = 0;
    if (pending.size === 0) return;
    const taken = pending;
    const takenBytes = pendingBytes;
    pending = new Map();
    const ingestionTime = ports.now();
    const batches = [...taken.values()].map((one): Batch => ({ ...one, ingestionTime }));
    try {
      await ports.store.transaction((rows) => storeBatches(rows, batches, nextSequence));
    } catch (thrown) {
      ports.log('error', 'log events could not be stored; they are tried again', {
        reason: reasonOf(thrown),
      });
      putBack(taken);
      throw thrown;
    }
    pendingBytes -= takenBytes;
    for (const listener of listeners) listener(batches);
  }

  /** Before what came since. */
  function putBack(taken: ReadonlyMap<string, Pending>): void {
    for (const [key, { events, ...rest }] of taken)
      pending.set(key, { ...rest, events: [...events, ...(pending.get(key)?.events ?? [])] });
    timer ??= setTimeout(() => void flush().catch(() => {}), RETRY_AFTER_MS);
  }

  return {
    write,
    flush,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const RETRY_AFTER_MS = 1_000;

/** As AWS counts them: UTF-8 bytes and 26 for each event. Characters are counted here, near enough for a memory bound. */
function bytesOf(events: readonly LogEvent[]): number {
  let size = 0;
  for (const event of events) size += event.message.length + EVENT_OVERHEAD_BYTES;
  return size;
}

export const EVENT_OVERHEAD_BYTES = 26;

async function storeBatches(
  rows: Transaction,
  batches: readonly Batch[],
  nextSequence: () => number,
): Promise<void> {
  for (const batch of batches) {
    await touchGroup(rows, batch);
    await touchStream(rows, batch);
    for (const [span, events] of bySpan(batch.events)) {
      await rows.put(spans, batch.scope, `${batch.group}:${span}:${batch.stream}`, {});
      const key = `${batch.group}:${batch.stream}:${span}:${sequenceText(nextSequence())}`;
      await rows.put(chunks, batch.scope, key, {
        ingestionTime: batch.ingestionTime,
        timestamps: events.map((event) => event.timestamp),
        messages: events.map((event) => event.message),
      });
    }
  }
}

async function touchGroup(rows: Transaction, { scope, group, ingestionTime, events }: Batch): Promise<void> {
  const row = (await rows.get(logGroups, scope, group)) ?? {
    name: group,
    creationTime: ingestionTime,
    logGroupClass: 'STANDARD' as const,
    deletionProtectionEnabled: false,
    storedBytes: 0,
    tags: {},
  };
  await rows.put(logGroups, scope, group, { ...row, storedBytes: row.storedBytes + bytesOf(events) });
}

async function touchStream(rows: Transaction, batch: Batch): Promise<void> {
  const { scope, group, stream, ingestionTime, events } = batch;
  const key = `${group}:${stream}`;
  const row = (await rows.get(logStreams, scope, key)) ?? { name: stream, creationTime: ingestionTime };
  let first = row.firstEventTimestamp ?? Number.POSITIVE_INFINITY;
  let last = row.lastEventTimestamp ?? 0;
  for (const { timestamp } of events) {
    first = Math.min(first, timestamp);
    last = Math.max(last, timestamp);
  }
  await rows.put(logStreams, scope, key, {
    ...row,
    ...(events.length > 0 && {
      firstEventTimestamp: first,
      lastEventTimestamp: last,
      lastIngestionTime: ingestionTime,
    }),
  });
}

function bySpan(events: readonly LogEvent[]): Map<string, LogEvent[]> {
  const parts = new Map<string, LogEvent[]>();
  for (const event of events) {
    const span = spanOf(event.timestamp);
    const part = parts.get(span);
    if (part) part.push(event);
    else parts.set(span, [event]);
  }
  return parts;
}
