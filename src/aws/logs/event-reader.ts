/** Reads stored events span by span, oldest or newest first, of one stream or of a whole group. */
import type { Scope } from '../../base/scope.ts';
import type { Entry, Store } from '../../store/store.ts';
import { type ChunkRow, chunks, spanOf, spans } from './rows.ts';

export interface StoredEvent {
  /** Unique, and ordered as events are: timestamp, then arrival. */
  readonly position: bigint;
  readonly stream: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface EventRange {
  readonly scope: Scope;
  readonly group: string;
  /** One stream by name, or those of the group that the function accepts. */
  readonly streams: string | ((stream: string) => boolean);
  /** Inclusive; milliseconds. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly newestFirst: boolean;
}

/** Everything in the range, ordered by position; a span at a time is held in memory. */
export async function* readEvents(store: Store, range: EventRange): AsyncGenerator<StoredEvent> {
  if (range.from >= range.to) return;
  const direction = range.newestFirst ? -1 : 1;
  for await (const entries of typeof range.streams === 'string'
    ? spansOfStream(store, range)
    : spansOfGroup(store, range)) {
    const events = entries
      .flatMap((entry) => eventsOf(entry, range.group))
      .filter(({ timestamp }) => timestamp >= range.from && timestamp < range.to);
    events.sort((one, other) => (one.position < other.position ? -direction : direction));
    yield* events;
  }
}

const CHUNKS_A_READ = 64;
const SPANS_A_READ = 256;

async function* spansOfStream(store: Store, range: EventRange): AsyncGenerator<Entry<ChunkRow>[]> {
  const prefix = `${range.group}:${range.streams}:`;
  let held: Entry<ChunkRow>[] = [];
  for await (const entry of pages(store, chunks, { ...range, prefix, count: CHUNKS_A_READ })) {
    const [first] = held;
    if (first !== undefined && spanIn(first.key) !== spanIn(entry.key)) {
      yield held;
      held = [];
    }
    held.push(entry);
  }
  if (held.length > 0) yield held;
}

/** By the spans' index: streams without events in a span are not looked at. */
async function* spansOfGroup(store: Store, range: EventRange): AsyncGenerator<Entry<ChunkRow>[]> {
  const accepts = typeof range.streams === 'function' ? range.streams : () => true;
  let held: Entry<ChunkRow>[] = [];
  let heldSpan = '';
  for await (const { key } of pages(store, spans, {
    ...range,
    prefix: `${range.group}:`,
    count: SPANS_A_READ,
  })) {
    const [, span = '', stream = ''] = key.split(':');
    if (!accepts(stream)) continue;
    if (span !== heldSpan && held.length > 0) {
      yield held;
      held = [];
    }
    heldSpan = span;
    held.push(...(await store.list(chunks, range.scope, { prefix: `${range.group}:${stream}:${span}:` })));
  }
  if (held.length > 0) yield held;
}

interface Pages extends Pick<EventRange, 'scope' | 'from' | 'to' | 'newestFirst'> {
  readonly prefix: string;
  readonly count: number;
}

/** Rows whose keys go on with a span inside the range, a few at a time. */
async function* pages<Row>(
  store: Store,
  table: Parameters<Store['list']>[0] & { row?: Row },
  range: Pages,
): AsyncGenerator<Entry<Row>> {
  const { scope, prefix, count, newestFirst } = range;
  const first = `${prefix}${spanOf(range.from)}`;
  // A semicolon sorts right behind the colon that follows a span.
  const last = `${prefix}${spanOf(range.to - 1)};`;
  let after = newestFirst ? last : first;
  for (;;) {
    const entries = (await store.list(table, scope, {
      prefix,
      after,
      limit: count,
      reverse: newestFirst,
    })) as Entry<Row>[]; // the table's own rows
    for (const entry of entries) {
      if (newestFirst ? entry.key < first : entry.key > last) return;
      yield entry;
    }
    const end = entries.at(-1);
    if (end === undefined || entries.length < count) return;
    after = end.key;
  }
}

const spanIn = (key: string): string | undefined => key.split(':')[2];

function eventsOf({ key, row }: Entry<ChunkRow>, group: string): StoredEvent[] {
  const [stream = '', , sequence = '0'] = key.slice(group.length + 1).split(':');
  return row.messages.map((message, index) => {
    const timestamp = row.timestamps[index] ?? 0;
    return {
      position: positionOf(timestamp, BigInt(sequence), index),
      stream,
      timestamp,
      ingestionTime: row.ingestionTime,
      message,
    };
  });
}

const SEQUENCE_DIGITS = 10n ** 16n;
const INDEX_DIGITS = 10n ** 6n;

function positionOf(timestamp: number, sequence: bigint, index: number): bigint {
  return (BigInt(timestamp) * SEQUENCE_DIGITS + sequence) * INDEX_DIGITS + BigInt(index);
}

/** The position before every event of that time. */
export const startOf = (timestamp: number): bigint => positionOf(timestamp, 0n, 0) - 1n;

export const timeOf = (position: bigint): number => Number(position / INDEX_DIGITS / SEQUENCE_DIGITS);

/** Event ids and tokens carry positions as AWS writes them: 56 digits. */
export const positionText = (position: bigint): string =>
  String(position < 0n ? 0n : position).padStart(56, '0');
