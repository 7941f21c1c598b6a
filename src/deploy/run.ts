/**
 * Step 11: carrying a stack from the status it has to one that rests. Each status in progress has one step, which
 * ends by committing the next status; so an operation that was cut off goes on from the status it had.
 */
import { limits } from '../base/limits.ts';
import type {
  JournalEntry,
  StackEnginePorts,
  StackExport,
  StackOperation,
  StackResource,
  StackStatus,
} from '../base/stack-engine.ts';
import { applyTemplate } from './apply.ts';
import { cleanUp } from './clean-up.ts';
import { deleteStack, rollBackCreate } from './remove.ts';
import { rollBackUpdate } from './roll-back-update.ts';
import type { FindResourceType } from './validate.ts';

export interface Run {
  readonly operation: StackOperation;
  readonly ports: StackEnginePorts;
  readonly findType: FindResourceType;
  /** As last committed. */
  readonly status: () => StackStatus;
  readonly resources: ReadonlyMap<string, StackResource>;
  readonly exports: readonly StackExport[];
  readonly atOnce: number;
  commit(entry: JournalEntry): Promise<void>;
}

/** Returns when its next status is committed, or when the server halts. */
type Step = (run: Run) => Promise<void>;

const STEPS: Partial<Record<StackStatus, Step>> = {
  CREATE_IN_PROGRESS: applyTemplate,
  ROLLBACK_IN_PROGRESS: rollBackCreate,
  UPDATE_IN_PROGRESS: applyTemplate,
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: cleanUp,
  UPDATE_ROLLBACK_IN_PROGRESS: rollBackUpdate,
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: cleanUp,
  DELETE_IN_PROGRESS: deleteStack,
};

export async function runStack(
  operation: StackOperation,
  ports: StackEnginePorts,
  findType: FindResourceType,
): Promise<void> {
  const run = await beginRun(operation, ports, findType);
  for (;;) {
    const step = STEPS[run.status()];
    if (step === undefined || operation.halt.aborted) return;
    await step(run);
  }
}

async function beginRun(
  operation: StackOperation,
  ports: StackEnginePorts,
  findType: FindResourceType,
): Promise<Run> {
  let status = operation.status;
  const resources = new Map(operation.resources.map((resource) => [resource.logicalId, resource]));
  return {
    operation,
    ports,
    findType,
    status: () => status,
    resources,
    exports: await operation.journal.exports(),
    atOnce: limits.stackOperationsAtOnce,
    async commit(entry) {
      await operation.journal.commit(entry);
      for (const resource of entry.resources ?? []) resources.set(resource.logicalId, resource);
      for (const id of entry.removed ?? []) resources.delete(id);
      status = entry.stack?.status ?? status;
    },
  };
}
