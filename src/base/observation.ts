/** What one finished request of an API leaves behind for those who watch: metrics, traces and `explain`. */
import type { Scope } from './scope.ts';

export interface Observation {
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly apiId: string;
  readonly apiName: string;
  /** Which of AWS's metrics and dimensions count it. */
  readonly metrics: 'REST' | 'HTTP' | 'WEBSOCKET';
  readonly scope: Scope;
  readonly stageName: string;
  /** `GET /orders/{id}`, or undefined when nothing matched. */
  readonly routeKey: string | undefined;
  /** The method or route also has metrics of its own. */
  readonly detailedMetrics: boolean;
  readonly method: string;
  readonly rawPath: string;
  readonly sourceIp: string;
  /** As the client sent them: [name, value, name, value, ...]. */
  readonly rawHeaders: readonly string[];
  /** `Root=1-...`, as the backend got it. */
  readonly traceId: string;
  /** X-Ray is switched on for the stage: Parent is its own segment. */
  readonly traced: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Where the method has a cache: whether it had the answer. */
  readonly cache: 'hit' | 'miss' | undefined;
  /** A canary release answered. */
  readonly canary: boolean;
  readonly status: number;
  readonly responseBytes: number;
  /** What the client said that its body has. */
  readonly requestBytes: number;
  readonly integrationStatus: number | undefined;
  readonly integrationLatencyMs: number | undefined;
  readonly errorType: string | undefined;
  readonly errorMessage: string | undefined;
  /** Why, for the operator: the line an execution log would carry. */
  readonly reason: string | undefined;
  /** The client left before the answer was whole. */
  readonly abandoned: boolean;
  /** Undefined unless steps are recorded. */
  readonly trail: Trail | undefined;
}

export type Observe = (observation: Observation) => void;

export type StepName =
  | 'match'
  | 'authorize'
  | 'throttle'
  | 'read'
  | 'validate'
  | 'transform'
  | 'integrate'
  | 'answer';

/**
 * One step as it was taken: raw references, made readable only when someone asks. `performance.now()` milliseconds.
 * Members called `headers` are `[name, value, name, value, ...]`, bodies are kept up to `limits.explainBodyBytes`.
 */
export interface StepNote {
  readonly step: StepName;
  readonly startedAt: number;
  endedAt: number;
  input: unknown;
  output: unknown;
  /** What decided, where the plan's own rules do not say it. */
  rule: string | undefined;
  /** The request ended here. */
  refused: boolean;
}

/** A body too long to keep: its beginning, and how long it was. */
export interface CutBody {
  readonly head: string | Uint8Array;
  readonly bytes: number;
}

/** `streamed`: it was handed on while it came. */
export type KeptBody = string | Uint8Array | CutBody | 'streamed' | null;

/** The way of one request through its plan. */
export interface Trail {
  readonly steps: StepNote[];
  host: string;
  rawQuery: string;
  deploymentId: string;
  stageVariables: Readonly<Record<string, string>>;
  pathParameters: Readonly<Record<string, string>> | null;
  /** Caller, authorizer context and API key, once admitted. */
  identity: unknown;
  authorizer: AuthorizerNotes;
  body: KeptBody;
  validationError: string | undefined;
  integrationRequestId: string | undefined;
  answerHeaders: readonly string[];
  answerBody: KeptBody;
  /** What the plan's steps go by; undefined when no plan was found. */
  rules: (() => PlanRules) | undefined;
}

export interface AuthorizerNotes {
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** Undefined: it was not asked, because what it said before still holds. */
  readonly latencyMs: number | undefined;
  readonly error: string | undefined;
}

/** One sentence a step; null where the plan has no such step. */
export interface PlanRules {
  readonly authorize: string | null;
  readonly throttle: string | null;
  readonly validate: string | null;
  readonly integrate: string;
}
