/** What CloudFormation remembers. */
import type { Caller } from '../../base/ports.ts';
import type {
  PreparedStack,
  ResourceEvent,
  StackChange,
  StackOutput,
  StackParameter,
  StackResource,
  StackStatus,
} from '../../base/stack-engine.ts';
import type { Scope } from '../../base/scope.ts';
import { type Transaction, table } from '../../store/store.ts';

export interface StackRow {
  readonly stackId: string;
  readonly stackName: string;
  readonly status: StackStatus;
  readonly statusReason?: string;
  readonly createdMs: number;
  readonly updatedMs?: number;
  readonly deletedMs?: number;
  readonly description?: string;
  /** The operation under way, or the last one. */
  readonly operationId: string;
  readonly clientRequestToken?: string;
  /** Who its operations are made as. */
  readonly caller: Caller;
  readonly roleArn?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Tags before the operation under way. */
  readonly previousTags?: Readonly<Record<string, string>>;
  readonly notificationArns: readonly string[];
  readonly capabilities: readonly string[];
  readonly parameters: readonly StackParameter[];
  readonly outputs: readonly StackOutput[];
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly retainExceptOnCreate?: boolean;
  readonly timeoutInMinutes?: number;
  /** When the operation under way has taken too long. */
  readonly deadlineMs?: number;
  /** RetainResources or ResourcesToSkip of the operation under way. */
  readonly skip: readonly string[];
  readonly terminationProtection: boolean;
  readonly policy?: string;
  readonly changeSetId?: string;
  readonly parentId?: string;
  readonly rootId?: string;
  /** Keys in `templates`: what the stack is, and what it is becoming. */
  readonly currentTemplate?: string;
  readonly nextTemplate?: string;
}

/** By stack id. Deleted stacks stay readable by id. Written by `putStack` alone. */
export const stacks = table<StackRow>('cloudformation.stacks');

/** By stack id: an operation is under way, and goes on after a restart. */
export const stacksUnderWay = table<true>('cloudformation.stacks-under-way');

export const isUnderWay = (status: StackStatus): boolean =>
  status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

export async function putStack(rows: Transaction, scope: Scope, stack: StackRow): Promise<void> {
  await rows.put(stacks, scope, stack.stackId, stack);
  if (isUnderWay(stack.status)) await rows.put(stacksUnderWay, scope, stack.stackId, true);
  else await rows.delete(stacksUnderWay, scope, stack.stackId);
}

/** Name to the id of the stack that has it now. */
export const stackNames = table<{ readonly stackId: string }>('cloudformation.stack-names');

/** `{stackId}/{operation or change set id}`. */
export const templates = table<PreparedStack>('cloudformation.templates');

export type ResourceRow = StackResource & { readonly updatedMs: number };

/** `{stackId}/{logicalId}`. */
export const resources = table<ResourceRow>('cloudformation.resources');

export type EventRow = ResourceEvent & {
  readonly eventId: string;
  readonly atMs: number;
  readonly operationId: string;
  readonly clientRequestToken?: string;
};

/** `{stackId}/{time}-{sequence}`: rising. */
export const events = table<Omit<EventRow, 'status'> & { readonly status: string }>('cloudformation.events');

/** By name. */
export const exportsTable = table<{ readonly value: string; readonly stackId: string }>(
  'cloudformation.exports',
);

/** `{export name}/{stackId}`. */
export const imports = table<{ readonly stackName: string }>('cloudformation.imports');

export interface ChangeSetRow {
  readonly changeSetId: string;
  readonly changeSetName: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly description?: string;
  readonly createdMs: number;
  readonly status: 'CREATE_COMPLETE' | 'FAILED';
  readonly statusReason?: string;
  readonly executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_COMPLETE' | 'OBSOLETE';
  readonly changes: readonly StackChange[];
  readonly parameters: readonly StackParameter[];
  readonly tags: Readonly<Record<string, string>>;
  readonly notificationArns: readonly string[];
  readonly capabilities: readonly string[];
  readonly roleArn?: string;
  readonly onFailure?: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly includeNestedStacks: boolean;
  readonly caller: Caller;
  readonly clientToken?: string;
  /** Key in `templates`. */
  readonly template: string;
}

/** `{stackId}/{changeSetName}`. */
export const changeSets = table<ChangeSetRow>('cloudformation.change-sets');

/** Waits that a signal or a call-back ends: `{stackId}/{logicalId}/{unique id}`. */
export const signals = table<{
  readonly status: 'SUCCESS' | 'FAILURE';
  readonly reason?: string;
  readonly data?: string;
}>('cloudformation.signals');

/** By token: handles that take signals, also after a restart. */
export const waitHandles = table<true>('cloudformation.wait-handles');
