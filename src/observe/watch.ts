/** Everyone who watches finished requests, behind one hook. */
import type { Now } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { limits } from '../base/limits.ts';
import type { Observe } from '../base/observation.ts';
import type { Scope } from '../base/scope.ts';
import type { MetricBatch } from '../base/metrics.ts';
import { createApiMetrics } from './api-metrics.ts';
import { createExplainFile, type ExplainFile } from './explain-file.ts';
import type { Explanation } from '../base/explanation.ts';
import { explain } from './explanation.ts';
import { createFunctionMetrics } from './function-metrics.ts';
import { createIteratorAges, type ObserveIteratorAge } from './iterator-age.ts';
import { createMetricBuffer } from './metric-buffer.ts';
import { createSpanBuffer } from './span-buffer.ts';
import type { OtlpOptions } from './otlp-options.ts';
import type { Span } from '../base/spans.ts';
import { createRequestRing } from './request-ring.ts';
import type { InvocationResult, ServerMetrics } from './server-metrics.ts';

/** `memory`: the last requests. `disk`: also in a file, longer. */
export type ExplainMode = 'off' | 'memory' | 'disk';

export interface WatchOptions {
  readonly explain: ExplainMode;
  /** For `disk`: where `explain.jsonl` lies; null keeps nothing on disk. */
  readonly folder: string | null;
  readonly metrics: ServerMetrics;
  readonly now: Now;
  /** Something was measured that CloudWatch has not taken yet. */
  readonly onMeasured: () => void;
  /** Something was traced that X-Ray has not taken yet. */
  readonly onTraced: () => void;
  /** 16 hex digits. */
  readonly newSpanId: () => string;
  /** Where spans go besides, when a collector is named. */
  readonly otlp: OtlpOptions | undefined;
  readonly log: Log;
}

/** A function's run, or its refusal. */
export interface InvocationFacts {
  readonly scope: Scope;
  readonly functionName: string;
  readonly functionArn: string;
  /** The trace header that it ran with. */
  readonly traceId: string | undefined;
  readonly result: InvocationResult;
  readonly durationMs: number;
  /** Calls of this function that ran when it began, itself included. */
  readonly concurrency: number;
  /** The same of every function of its account. */
  readonly accountConcurrency: number;
}

export type ObserveInvocation = (facts: InvocationFacts) => void;

export interface Watch {
  readonly observe: Observe;
  readonly invocation: ObserveInvocation;
  readonly iteratorAge: ObserveIteratorAge;
  /** Sampled spans since it was last asked, for X-Ray. */
  drainSpans(): Span[];
  /** What was measured since it was last asked, for CloudWatch. */
  drain(): MetricBatch[];
  /** The steps of a request by one of its ids; undefined when it is unknown, or too long ago. */
  explain(id: string): Promise<Explanation | undefined>;
  close(): Promise<void>;
}

export function createWatch(options: WatchOptions): Watch {
  const { explain: mode, folder, metrics, now, onMeasured, log } = options;
  const spans = createSpanBuffer(options);
  const buffer = createMetricBuffer(onMeasured);
  const measureRequest = createApiMetrics(buffer);
  const measureInvocation = createFunctionMetrics(buffer, now);
  const ring = mode === 'off' ? null : createRequestRing(limits.explainRequests);
  const file: ExplainFile | null = mode === 'disk' && folder !== null ? createExplainFile(folder, log) : null;
  return {
    observe(observation) {
      metrics.request(observation);
      measureRequest(observation);
      spans.request(observation);
      ring?.keep(observation);
      file?.append(observation);
    },
    invocation(facts) {
      const { functionName, result, durationMs } = facts;
      metrics.invocation(functionName, result, durationMs);
      measureInvocation(facts);
      spans.invocation(facts);
    },
    iteratorAge: createIteratorAges(buffer, now),
    drain: buffer.drain,
    drainSpans: spans.drain,
    async explain(id) {
      const found = ring?.find(id);
      return found === undefined ? file?.find(id) : explain(found);
    },
    async close() {
      await file?.close();
      await spans.close();
    },
  };
}
