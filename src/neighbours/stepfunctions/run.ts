/** What the interpreter knows of one execution, and how it touches the world. */
import type { Scope } from '../../base/scope.ts';
import type { Emit, Journal, Line } from './journal.ts';
import type { TaskKind } from './task-kind.ts';

/** What stands in the context object (`$$`, `$states.context`) for the whole execution. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
    readonly RedriveCount: number;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

export interface Run {
  readonly scope: Scope;
  readonly executionKey: string;
  readonly context: ExecutionContext;
  readonly journal: Journal;
  readonly world: World;
}

/** Everything outside of the interpreter. */
export interface World {
  readonly now: () => number;
  readonly random: () => number;
  /** Waits until a moment; rejects with the signal's reason. */
  sleepUntil(dueAt: number, signal: AbortSignal): Promise<void>;
  /** Makes a task's request; resolves with its JSON answer, throws StateError. */
  perform(run: Run, task: Task): Promise<unknown>;
  /** From now on the task's token is good. */
  expectToken(run: Run, task: Task): Promise<void>;
  /** What was sent with the task's token. Throws StateError. */
  awaitToken(run: Run, task: Task, emit: Emit): Promise<unknown>;
  /** The end of what a `.sync` request began; `begun` is that request's answer. */
  awaitJob(run: Run, task: Task, begun: unknown): Promise<unknown>;
  /** All children of a distributed map. */
  runDistributedMap(run: Run, map: DistributedMap): Promise<unknown>;
}

export interface Task {
  readonly kind: TaskKind;
  /** What the state hands over. */
  readonly given: unknown;
  readonly credentials: unknown;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  /** There when the task waits for somebody's word. */
  readonly token: string | undefined;
  readonly line: Line;
  /** The key of this attempt in the journal. */
  readonly key: string;
  /** What a child execution is called whose name nobody gave; the same when the request is made again. */
  readonly childName: string;
}

export interface DistributedMap {
  /** Names of states from the top of the definition to the Map. */
  readonly place: readonly string[];
  readonly label: string;
  readonly executionType: 'STANDARD' | 'EXPRESS';
  readonly maxConcurrency: number;
  readonly toleratedCount: number | undefined;
  readonly toleratedPercentage: number | undefined;
  /** Undefined: `items` are the items. */
  readonly reader: unknown;
  readonly items: unknown;
  readonly batcher: unknown;
  readonly writer: unknown;
  /** From an item to a child's input. */
  readonly select: (item: unknown, index: number) => Promise<unknown>;
  readonly line: Line;
  readonly key: string;
}
