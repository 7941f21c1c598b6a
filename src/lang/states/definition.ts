/** A state machine's definition, read and compiled: what the interpreter walks through. */
import type { Environment } from './environment.ts';
import type { Io } from './io.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';

export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof STATE_TYPES)[number];

/** States and where they start: a whole machine, a branch, or what a Map runs for each item. */
export interface Flow {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  readonly timeoutSeconds: number | undefined;
}

interface Common {
  readonly name: string;
  /** Input, output and fields in the state's own query language. */
  readonly io: Io;
  /** Undefined where the state ends its flow. */
  readonly next: string | undefined;
}

/** What may fail and be tried again. */
interface Failing extends Common {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface TaskState extends Failing {
  readonly type: 'Task';
  /** An ARN; `Resource` may not be computed. */
  readonly resource: string;
}
export interface PassState extends Common {
  readonly type: 'Pass';
  /** What stands in `Result`; undefined where there is none. */
  readonly result: unknown;
}
export interface ChoiceState extends Common {
  readonly type: 'Choice';
  readonly choices: readonly Choice[];
  readonly default: string | undefined;
}
export interface WaitState extends Common {
  readonly type: 'Wait';
}
export interface SucceedState extends Common {
  readonly type: 'Succeed';
}
export interface FailState extends Common {
  readonly type: 'Fail';
}
export interface ParallelState extends Failing {
  readonly type: 'Parallel';
  readonly branches: readonly Flow[];
}
export interface MapState extends Failing {
  readonly type: 'Map';
  readonly processor: Flow;
  readonly mode: 'INLINE' | 'DISTRIBUTED';
  /** How the child executions of a distributed map run. */
  readonly executionType: 'STANDARD' | 'EXPRESS';
  readonly label: string;
}

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;

export interface Choice {
  readonly next: string;
  /** The rule's own `Assign` and `Output`. */
  readonly io: Io;
  readonly test: (environment: Environment) => Promise<boolean>;
}

export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly jitter: boolean;
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly next: string;
  readonly io: Io;
}

/** What is wrong with a definition, as ValidateStateMachineDefinition tells it. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  /** `/States/Charge/Next`. */
  readonly location: string;
}
