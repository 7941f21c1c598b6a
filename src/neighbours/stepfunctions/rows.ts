/** The rows of Step Functions, and the ARNs they are known by. */
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import { arnOf, parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';

export type WorkflowType = 'STANDARD' | 'EXPRESS';

export interface StateMachineRow {
  readonly name: string;
  readonly type: WorkflowType;
  readonly roleArn: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** `INITIAL` for the first, as AWS writes it in places; here always an id. */
  readonly revisionId: string;
  readonly logging: LoggingConfiguration;
  readonly tracing: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastVersion: number;
}

/** What executions run: never changed once made. */
export interface RevisionRow {
  readonly definition: string;
  readonly roleArn: string;
  readonly logging: LoggingConfiguration;
  readonly tracing: boolean;
}

export interface VersionRow {
  readonly version: number;
  readonly revisionId: string;
  readonly description?: string;
  readonly createdAt: number;
}

export interface AliasRow {
  readonly machine: string;
  readonly name: string;
  readonly description?: string;
  readonly routes: readonly { readonly version: number; readonly weight: number }[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionRow {
  /** `machine/name`, or `machine/label/name` of a child of a distributed map. */
  readonly key: string;
  readonly machine: string;
  readonly name: string;
  readonly type: WorkflowType;
  readonly revisionId: string;
  readonly version?: number;
  readonly alias?: string;
  readonly input: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly traceHeader?: string;
  readonly redriveCount: number;
  readonly redrivenAt?: number;
  /** Where in the definition a child of a distributed map begins: names of states down to the Map. */
  readonly processorOf?: readonly string[];
  readonly mapRun?: string;
}

export interface MapRunRow {
  readonly id: string;
  readonly machine: string;
  readonly label: string;
  readonly executionKey: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly maxConcurrency: number;
  readonly toleratedCount: number;
  readonly toleratedPercentage: number;
  readonly total: number;
}

export interface ActivityRow {
  readonly name: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A task that waits for somebody's word. Keyed by its token. */
export interface TokenRow {
  readonly executionKey: string;
  /** The activity's name, when a worker has to fetch it. */
  readonly activity?: string;
  readonly input?: string;
  readonly worker?: string;
  readonly startedAt?: number;
  readonly heartbeatAt?: number;
  readonly outcome?: TokenOutcome;
}

export type TokenOutcome =
  | { readonly kind: 'success'; readonly output: string }
  | { readonly kind: 'failure'; readonly error: string; readonly cause: string };

export const stateMachines = table<StateMachineRow>('stepfunctions.state-machines');
/** Keyed `machine/revisionId`. */
export const revisions = table<RevisionRow>('stepfunctions.revisions');
/** Keyed `machine/` and the version in ten digits. */
export const versions = table<VersionRow>('stepfunctions.versions');
/** Keyed `machine/alias`. */
export const aliases = table<AliasRow>('stepfunctions.aliases');
export const executions = table<ExecutionRow>('stepfunctions.executions');
/** Keys of standard executions that have not ended: what a restart takes up. */
export const running = table<{ readonly key: string }>('stepfunctions.running');
export const mapRuns = table<MapRunRow>('stepfunctions.map-runs');
export const activities = table<ActivityRow>('stepfunctions.activities');
export const tokens = table<TokenRow>('stepfunctions.tokens');
/** Tokens of activity tasks nobody fetched yet, keyed `activity/` and a rising number; the row is the token. */
export const activityTasks = table<{ readonly token: string }>('stepfunctions.activity-tasks');

export const versionKey = (machine: string, version: number): string =>
  `${machine}/${String(version).padStart(10, '0')}`;

export const machineArn = (scope: Scope, machine: string): string =>
  arnOf(scope, 'states', `stateMachine:${machine}`);

export function executionArn(
  scope: Scope,
  row: Pick<ExecutionRow, 'key' | 'machine' | 'type' | 'name'>,
): string {
  const [machine, label, child] = row.key.split('/');
  if (child !== undefined) return arnOf(scope, 'states', `execution:${machine}/${label}:${child}`);
  const kind = row.type === 'EXPRESS' ? 'express' : 'execution';
  return arnOf(scope, 'states', `${kind}:${row.machine}:${row.name}`);
}

export const activityArn = (scope: Scope, name: string): string => arnOf(scope, 'states', `activity:${name}`);

export const mapRunArn = (scope: Scope, row: Pick<MapRunRow, 'machine' | 'label' | 'id'>): string =>
  arnOf(scope, 'states', `mapRun:${row.machine}/${row.label}:${row.id}`);

/** The parts behind the kind: `['orders', '3']` of `...:stateMachine:orders:3`. Throws InvalidArn. */
export function partsOf(
  arn: string | undefined,
  kinds: readonly string[],
): { kind: string; parts: string[] } {
  const parsed = parseArn(arn ?? '');
  const [kind = '', ...parts] = parsed?.resource.split(':') ?? [];
  if (parsed?.service !== 'states' || !kinds.includes(kind) || parts.length === 0 || parts.includes(''))
    throw new Fault('InvalidArn', `Invalid Arn: '${arn}'`);
  return { kind, parts };
}

/** The row's key of an execution's ARN, children of distributed maps included. */
export function executionKeyOf(arn: string | undefined): string {
  const { kind, parts } = partsOf(arn, ['execution', 'express']);
  const [machine = '', name = '', ...more] = parts;
  if (kind === 'express' || name === '' || more.length > 0)
    throw new Fault('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${kind}'`);
  return `${machine}/${name}`;
}
