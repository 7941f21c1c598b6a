/** What `explain` answers: one request of an API, every decision in order, secrets masked. */
import type { StepName } from './observation.ts';

export interface Explanation {
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly account: string;
  readonly region: string;
  readonly api: { readonly id: string; readonly name: string };
  readonly stage: string;
  readonly deploymentId: string;
  readonly route: string | null;
  readonly method: string;
  readonly path: string;
  readonly sourceIp: string;
  readonly startedAt: string;
  readonly durationMs: number;
  /** 0: the client left before there was an answer. */
  readonly status: number;
  readonly abandoned: boolean;
  readonly error: {
    readonly type: string;
    readonly message: string | null;
    readonly reason: string | null;
  } | null;
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainedStep {
  readonly step: StepName;
  /** `absent`: the plan has no such step. `not reached`: the request had ended before it. */
  readonly result: 'passed' | 'refused' | 'absent' | 'not reached';
  /** What decided. */
  readonly rule: string | null;
  /** Null where nothing was done. */
  readonly ms: number | null;
  readonly in?: unknown;
  readonly out?: unknown;
}
