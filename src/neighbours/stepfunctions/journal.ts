/**
 * What an execution has done, step by step. A step that was recorded is not done again when the execution is taken up
 * after a crash: its result is read back and the interpreter goes on as if nothing had happened. Steps and the events
 * of the history they make are written in chunks, before anything is done that the world can see.
 */
import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { type Store, table } from '../../store/store.ts';

/** An event with its time in milliseconds, as rows keep it. */
export type StoredEvent = Omit<HistoryEvent, 'timestamp'> & { readonly at: number };

interface Recorded {
  readonly value: unknown;
  /** The line's last event after the step. */
  readonly previous: number;
}

interface Chunk {
  readonly events: readonly StoredEvent[];
  readonly steps: Readonly<Record<string, Recorded>>;
}

/** Keyed by execution and a rising number. */
const chunks = table<Chunk>('stepfunctions.journal');
const chunkKey = (executionKey: string, at: number): string =>
  `${executionKey}#${String(at).padStart(8, '0')}`;

/** One sequence of steps: the execution itself, a branch, or an item of a map. */
export interface Line {
  /** Unique in the execution: `` for the whole, `3/1` for the second branch of the fourth state. */
  readonly path: string;
  /** The id of the event before. */
  previous: number;
  readonly signal: AbortSignal;
}

export type Emit = (type: HistoryEventType, details?: Partial<StoredEvent>) => void;

export interface Journal {
  /** Does the work, or gives back what it gave when it was done before. Values are JSON. */
  step<T>(line: Line, key: string, work: (emit: Emit) => T | Promise<T>): Promise<T>;
  /** True when the step was recorded by an earlier process or attempt. */
  has(line: Line, key: string): boolean;
  /** Resolves when all recorded steps are durable. */
  flush(): Promise<void>;
}

export interface JournalPorts {
  readonly store: Store;
  readonly now: () => number;
  readonly scope: Scope;
  readonly executionKey: string;
  /** Express executions keep nothing: what they did is in their log. */
  readonly keeps: boolean;
  readonly onEvent: (event: StoredEvent) => void;
}

export async function openJournal(ports: JournalPorts): Promise<Journal> {
  const { store, scope, executionKey, keeps } = ports;
  const earlier = keeps ? await store.list(chunks, scope, { prefix: `${executionKey}#` }) : [];
  const known = new Map<string, Recorded>();
  let lastId = 0;
  for (const { row } of earlier) {
    for (const [key, recorded] of Object.entries(row.steps)) known.set(key, recorded);
    for (const event of row.events) lastId = Math.max(lastId, event.id ?? 0);
  }
  let nextChunk = earlier.length;
  let events: StoredEvent[] = [];
  let steps: Record<string, Recorded> = {};
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    if (!keeps || (events.length === 0 && Object.keys(steps).length === 0)) return;
    const chunk: Chunk = { events, steps };
    const key = chunkKey(executionKey, nextChunk++);
    events = [];
    steps = {};
    await store.transaction((rows) => rows.put(chunks, scope, key, chunk));
  }
  const fullKey = (line: Line, key: string): string => `${line.path}:${key}`;

  return {
    has: (line, key) => known.has(fullKey(line, key)),
    async step<T>(line: Line, key: string, work: (emit: Emit) => T | Promise<T>): Promise<T> {
      const full = fullKey(line, key);
      const before = known.get(full);
      if (before !== undefined) {
        line.previous = before.previous;
        return before.value as T; // recorded by this very step
      }
      line.signal.throwIfAborted();
      const own: { type: HistoryEventType; details: Partial<StoredEvent> }[] = [];
      let value: T;
      try {
        value = await work((type, details = {}) => own.push({ type, details }));
      } finally {
        for (const { type, details } of line.signal.aborted ? [] : own) emit(line, type, details);
      }
      line.signal.throwIfAborted();
      const recorded = { value, previous: line.previous };
      // What an express execution did is never asked again: only its loops would grow.
      if (keeps) {
        known.set(full, recorded);
        steps[full] = recorded;
      }
      return value;
    },
    flush() {
      writing = writing.then(write);
      return writing;
    },
  };

  function emit(line: Line, type: HistoryEventType, details: Partial<StoredEvent>): void {
    if (keeps && lastId >= limits.stepFunctionsHistoryEvents)
      throw new StateError(
        'States.Runtime',
        `The execution reached the maximum number of history events (${limits.stepFunctionsHistoryEvents}).`,
        true,
      );
    const event: StoredEvent = {
      ...details,
      id: ++lastId,
      previousEventId: line.previous,
      type,
      at: ports.now(),
    };
    line.previous = event.id ?? lastId;
    if (keeps) events.push(event);
    ports.onEvent(event);
  }
}

/** Every event of an execution that was written, in order. */
export async function readEvents(store: Store, scope: Scope, executionKey: string): Promise<StoredEvent[]> {
  const found = await store.list(chunks, scope, { prefix: `${executionKey}#` });
  return found.flatMap(({ row }) => row.events).toSorted((one, other) => (one.id ?? 0) - (other.id ?? 0));
}

/** Forgets steps, so that a redriven execution does them again; the history stays. */
export async function forgetSteps(
  store: Store,
  scope: Scope,
  executionKey: string,
  forget: (key: string, value: unknown) => boolean,
): Promise<void> {
  await store.transaction(async (rows) => {
    for (const { key, row } of await rows.list(chunks, scope, { prefix: `${executionKey}#` })) {
      const kept = Object.entries(row.steps).filter(([step, { value }]) => !forget(step, value));
      await rows.put(chunks, scope, key, { events: row.events, steps: Object.fromEntries(kept) });
    }
  });
}

export async function deleteJournal(store: Store, scope: Scope, executionKey: string): Promise<void> {
  await store.transaction((rows) => rows.deleteRange(chunks, scope, `${executionKey}#`));
}

/** The keys of every step that was recorded. */
export async function stepKeys(store: Store, scope: Scope, executionKey: string): Promise<string[]> {
  const found = await store.list(chunks, scope, { prefix: `${executionKey}#` });
  return found.flatMap(({ row }) => Object.keys(row.steps));
}
