/** Traces as rows: ids begin with their second, so that they lie in the order of time. */
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { readSegment, type Segment } from './segment.ts';

interface SegmentRow {
  /** The document as it was sent. */
  readonly document: string;
}

/** Key: `{trace id}/{segment id}`. */
const segments = table<SegmentRow>('xray.segments');

interface TraceRow {
  readonly segments: number;
}
/** Key: the trace id. */
const traces = table<TraceRow>('xray.traces');

/** A segment sent again, finished, takes the place of the one in progress. */
export async function addSegments(
  rows: Transaction,
  scope: Scope,
  documents: readonly { readonly segment: Segment; readonly document: string }[],
): Promise<void> {
  for (const { segment, document } of documents) {
    const trace = await rows.get(traces, scope, segment.trace_id);
    if (trace === undefined) await makeRoom(rows, scope);
    const key = `${segment.trace_id}/${segment.id}`;
    const isNew = (await rows.get(segments, scope, key)) === undefined;
    const count = (trace?.segments ?? 0) + (isNew ? 1 : 0);
    if (count > limits.xraySegmentsATrace) continue;
    await rows.put(traces, scope, segment.trace_id, { segments: count });
    await rows.put(segments, scope, key, { document });
  }
}

/** The oldest go, a hundred at once: counting every time would be dear. */
const AT_ONCE = 100;

async function makeRoom(rows: Transaction, scope: Scope): Promise<void> {
  // Rows lie in order: one behind the last place says that all are taken.
  const counted = await rows.list(traces, scope, { limit: limits.xrayTraces });
  if (counted.length < limits.xrayTraces) return;
  for (const { key } of counted.slice(0, AT_ONCE)) {
    await rows.delete(traces, scope, key);
    await rows.deleteRange(segments, scope, `${key}/`);
  }
}

export async function segmentsOf(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  traceId: string,
): Promise<{ readonly segment: Segment; readonly document: string }[]> {
  const entries = await rows.list(segments, scope, { prefix: `${traceId}/` });
  return entries.flatMap(({ row: { document } }) => {
    const read = readSegment(document);
    return 'segment' in read ? [{ segment: read.segment, document }] : [];
  });
}

const hex = (seconds: number): string => Math.max(0, Math.floor(seconds)).toString(16).padStart(8, '0');

/** Ids of traces that began in these seconds, in order. */
export async function traceIdsBetween(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  fromSeconds: number,
  toSeconds: number,
): Promise<string[]> {
  const entries = await rows.list(traces, scope, { after: `1-${hex(fromSeconds)}` });
  const end = `1-${hex(toSeconds + 1)}`;
  return entries.map(({ key }) => key).filter((key) => key < end);
}
