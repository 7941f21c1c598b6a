/** The stack operations under way in this process: begun, waited for, cancelled, taken up again after a restart. */
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { PreparedStack, StackIdentity, StackOperation } from '../../base/stack-engine.ts';
import { StorageFault } from '../../store/storage-fault.ts';
import { resourcesOf } from './find-stack.ts';
import type { CloudFormationPorts } from './ports.ts';
import { type StackRow, stacks, stacksUnderWay, templates } from './rows.ts';
import { createJournal } from './stack-journal.ts';

export interface StackRuns {
  /** Carries a stack on from its status. The row must be committed. */
  begin(scope: Scope, stackId: string): Promise<void>;
  /** Resolves when nothing of the stack is under way any more. */
  rest(stackId: string): Promise<void>;
  /** The same, or after a short patience. */
  restSoon(stackId: string): Promise<void>;
  /** What waits ends and the stack rolls back. */
  cancel(stackId: string): void;
  /** Why an operation under way waits, when it does: the disk refuses what it wants to write. */
  troubleOf(stackId: string): string | undefined;
  /** Stops where it is, still in progress: to be deleted, or taken up again. */
  halt(stackId: string): Promise<void>;
  resumeAll(): Promise<void>;
  stop(): Promise<void>;
}

interface StackRun {
  readonly done: Promise<void>;
  readonly cancel: AbortController;
  readonly halt: AbortController;
}

export function createStackRuns(ports: CloudFormationPorts): StackRuns {
  const running = new Map<string, StackRun>();
  const troubles = new Map<string, string>();

  async function begin(scope: Scope, stackId: string): Promise<void> {
    if (running.has(stackId)) return;
    const cancel = new AbortController();
    const halt = new AbortController();
    const done = persist({ scope, stackId, cancel, halt })
      .catch((thrown: unknown) =>
        ports.log('error', 'a stack operation broke off', { stackId, reason: reasonOf(thrown) }),
      )
      .finally(() => {
        running.delete(stackId);
        troubles.delete(stackId);
      });
    running.set(stackId, { done, cancel, halt });
  }

  /** What the disk refuses is tried again from the rows, as after a restart, until there is room. */
  async function persist(what: CarryOn): Promise<void> {
    const { stackId, halt } = what;
    for (
      let waitMs: number = limits.stackRetryMs;
      ;
      waitMs = Math.min(2 * waitMs, limits.stackRetryLongestMs)
    ) {
      try {
        return await carryOn(ports, what);
      } catch (thrown) {
        if (!(thrown instanceof StorageFault)) throw thrown;
        if (!troubles.has(stackId))
          ports.log('error', 'a stack operation waits', { stackId, reason: thrown.message });
        troubles.set(stackId, thrown.message);
        await pause(waitMs, halt.signal);
        if (halt.signal.aborted) return;
      }
    }
  }

  const rest = async (stackId: string): Promise<void> => running.get(stackId)?.done;

  async function halt(stackId: string): Promise<void> {
    running.get(stackId)?.halt.abort();
    await rest(stackId);
  }

  return {
    begin,
    rest,
    halt,
    restSoon: (stackId) => Promise.race([rest(stackId), patience()]),
    troubleOf: (stackId) => troubles.get(stackId),
    cancel: (stackId) => running.get(stackId)?.cancel.abort(),
    async resumeAll() {
      for (const { key: stackId, scope } of await ports.store.listAll(stacksUnderWay)) {
        ports.log('info', 'taking up a stack operation again', { stackId });
        await begin(scope, stackId);
      }
    },
    async stop() {
      await Promise.all([...running.keys()].map(halt));
    },
  };
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, limits.stackAnswerPatienceMs).unref());
}

function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

interface CarryOn {
  readonly scope: Scope;
  readonly stackId: string;
  readonly cancel: AbortController;
  readonly halt: AbortController;
}

async function carryOn(ports: CloudFormationPorts, { scope, stackId, cancel, halt }: CarryOn): Promise<void> {
  const { stack, resources, current, next } = await ports.store.read(async (rows) => {
    const stack = await rows.get(stacks, scope, stackId);
    if (stack === undefined) throw new Error(`no stack ${stackId}`);
    const read = async (key: string | undefined): Promise<PreparedStack | undefined> =>
      key === undefined ? undefined : rows.get(templates, scope, key);
    return {
      stack,
      resources: await resourcesOf(rows, scope, stackId),
      current: await read(stack.currentTemplate),
      next: await read(stack.nextTemplate),
    };
  });
  // Once settled, what the stack was becoming is what it is.
  const becoming = stack.status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' ? current : next;
  const timer = deadlineTimer(stack, ports.now(), cancel);
  const operation: StackOperation = {
    stack: identityOf(stack, scope),
    operationId: stack.operationId,
    status: stack.status,
    ...(becoming && { next: becoming }),
    ...(current && { previous: current }),
    ...(stack.previousTags && { previousTags: stack.previousTags }),
    onFailure: stack.onFailure,
    ...(stack.retainExceptOnCreate !== undefined && { retainExceptOnCreate: stack.retainExceptOnCreate }),
    skip: stack.skip,
    resources,
    journal: createJournal(ports, scope, stackId),
    cancel: cancel.signal,
    halt: halt.signal,
  };
  await ports.engine.run(operation).finally(() => clearTimeout(timer));
}

export const identityOf = (stack: StackRow, scope: Scope): StackIdentity => ({
  stackId: stack.stackId,
  stackName: stack.stackName,
  scope,
  caller: stack.caller,
  tags: stack.tags,
  notificationArns: stack.notificationArns,
});

function deadlineTimer(stack: StackRow, nowMs: number, cancel: AbortController): NodeJS.Timeout | undefined {
  if (stack.deadlineMs === undefined) return undefined;
  return setTimeout(() => cancel.abort('timeout'), Math.max(0, stack.deadlineMs - nowMs)).unref();
}
