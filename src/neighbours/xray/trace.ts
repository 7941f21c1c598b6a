/** Traces, taken in and given back: https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html */
import type {
  BatchGetTracesRequest,
  BatchGetTracesResult,
  GetTraceSummariesRequest,
  GetTraceSummariesResult,
  PutTraceSegmentsRequest,
  PutTraceSegmentsResult,
  Trace,
} from '@aws-sdk/client-xray';
import type { Span } from '../../base/spans.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { invalidRequest } from './faults.ts';
import { compileFilter } from './filter-expression.ts';
import type { XRayPorts } from './ports.ts';
import { readSegment, segmentOf } from './segment.ts';
import { summaryOf } from './summary.ts';
import { addSegments, segmentsOf, traceIdsBetween } from './trace-rows.ts';

const PAGE = 500;
/** https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html */
const LONGEST_MS = 24 * 3_600_000;

export const traceOperations = (ports: XRayPorts) => ({
  /** Those that are no segments come back; the others are kept. */
  async PutTraceSegments(
    { TraceSegmentDocuments = [] }: PutTraceSegmentsRequest,
    { scope }: Call,
  ): Promise<PutTraceSegmentsResult> {
    const read = TraceSegmentDocuments.map((document) => ({ document, ...readSegment(document) }));
    const good = read.flatMap((one) => ('segment' in one ? [one] : []));
    if (good.length > 0) await ports.store.transaction((rows) => addSegments(rows, scope, good));
    return { UnprocessedTraceSegments: read.flatMap((one) => ('error' in one ? [one.error] : [])) };
  },

  async BatchGetTraces(
    { TraceIds = [] }: BatchGetTracesRequest,
    { scope }: Call,
  ): Promise<BatchGetTracesResult> {
    await absorb(ports);
    const found: Trace[] = [];
    const missing: string[] = [];
    for (const Id of TraceIds) {
      const all = await segmentsOf(ports.store, scope, Id);
      if (all.length === 0) missing.push(Id);
      else
        found.push({
          Id,
          Duration: summaryOf(
            Id,
            all.map(({ segment }) => segment),
          ).Duration,
          LimitExceeded: false,
          Segments: all.map(({ segment, document }) => ({ Id: segment.id, Document: document })),
        });
    }
    return { Traces: found, UnprocessedTraceIds: missing };
  },

  async GetTraceSummaries(
    input: GetTraceSummariesRequest,
    { scope }: Call,
  ): Promise<GetTraceSummariesResult> {
    const [fromMs, toMs] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? 0];
    if (toMs <= fromMs || toMs - fromMs > LONGEST_MS)
      throw invalidRequest('Time range must be positive and cannot be larger than 24 hours.');
    const filter = compileFilter(input.FilterExpression ?? '');
    await absorb(ports);
    const ids = await traceIdsBetween(ports.store, scope, fromMs / 1000, toMs / 1000);
    const start =
      input.NextToken === undefined ? 0 : ids.indexOf(Buffer.from(input.NextToken, 'base64').toString()) + 1;
    const page = ids.slice(start, start + PAGE);
    const summaries = [];
    for (const id of page)
      summaries.push(
        summaryOf(
          id,
          (await segmentsOf(ports.store, scope, id)).map(({ segment }) => segment),
        ),
      );
    return {
      TraceSummaries: summaries.filter(filter),
      TracesProcessedCount: page.length,
      ApproximateTime: new Date(ports.now()),
      ...(ids.length > start + PAGE ? { NextToken: Buffer.from(page.at(-1) ?? '').toString('base64') } : {}),
    };
  },

  /** Counts of what daemons did: taken, and of no use to anybody here. */
  async PutTelemetryRecords() {
    return {};
  },
});

/** What this server traced of itself. */
export async function absorb(ports: XRayPorts): Promise<void> {
  const spans = ports.drain();
  if (spans.length === 0) return;
  await ports.store.transaction(async (rows) => {
    for (const [scope, own] of byScope(spans))
      await addSegments(
        rows,
        scope,
        own.map(segmentOf).map((segment) => ({ segment, document: JSON.stringify(segment) })),
      );
  });
}

function byScope(spans: readonly Span[]): [Scope, Span[]][] {
  const found = new Map<string, [Scope, Span[]]>();
  for (const span of spans) {
    const key = `${span.scope.account}/${span.scope.region}`;
    const own = found.get(key) ?? [span.scope, []];
    own[1].push(span);
    found.set(key, own);
  }
  return [...found.values()];
}
