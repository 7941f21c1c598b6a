/** Everyone who watches finished requests, behind one hook. */
import type { Log } from '../base/log.ts';
import { limits } from '../base/limits.ts';
import type { Observe } from '../base/observation.ts';
import type { Scope } from '../base/scope.ts';
import { createExplainFile, type ExplainFile } from './explain-file.ts';
import type { Explanation } from '../base/explanation.ts';
import { explain } from './explanation.ts';
import { createRequestRing } from './request-ring.ts';
import type { InvocationResult, ServerMetrics } from './server-metrics.ts';

/** `memory`: the last requests. `disk`: also in a file, longer. */
export type ExplainMode = 'off' | 'memory' | 'disk';

export interface WatchOptions {
  readonly explain: ExplainMode;
  /** For `disk`: where `explain.jsonl` lies; null keeps nothing on disk. */
  readonly folder: string | null;
  readonly metrics: ServerMetrics;
  readonly log: Log;
}

/** A function's run, or its refusal. */
export interface InvocationFacts {
  readonly scope: Scope;
  readonly functionName: string;
  readonly result: InvocationResult;
  readonly durationMs: number;
  /** Calls of this function that ran when it began, itself included. */
  readonly concurrency: number;
}

export type ObserveInvocation = (facts: InvocationFacts) => void;

export interface Watch {
  readonly observe: Observe;
  readonly invocation: ObserveInvocation;
  /** The steps of a request by one of its ids; undefined when it is unknown, or too long ago. */
  explain(id: string): Promise<Explanation | undefined>;
  close(): Promise<void>;
}

export function createWatch({ explain: mode, folder, metrics, log }: WatchOptions): Watch {
  const ring = mode === 'off' ? null : createRequestRing(limits.explainRequests);
  const file: ExplainFile | null = mode === 'disk' && folder !== null ? createExplainFile(folder, log) : null;
  return {
    observe(observation) {
      metrics.request(observation);
      ring?.keep(observation);
      file?.append(observation);
    },
    invocation({ functionName, result, durationMs }) {
      metrics.invocation(functionName, result, durationMs);
    },
    async explain(id) {
      const found = ring?.find(id);
      return found === undefined ? file?.find(id) : explain(found);
    },
    async close() {
      await file?.close();
    },
  };
}
