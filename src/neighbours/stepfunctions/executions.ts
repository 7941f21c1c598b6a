/**
 * Executions: begun, carried on after a restart, stopped, awaited. A standard execution is a row before its caller
 * hears of it, and its journal says how far it came. An express execution that was started and not awaited is a row
 * until it ends, so that a crash runs it again; one that is awaited dies with its caller's connection, as on AWS.
 */
import { randomUUID } from 'node:crypto';
import { Fault, reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { table } from '../../store/store.ts';
import { createDefinitions } from './definitions.ts';
import { runDistributedMap } from './distributed-map.ts';
import { createExecutionLog } from './execution-log.ts';
import { Halted } from './halted.ts';
import { deleteJournal, type Journal, type Line, openJournal } from './journal.ts';
import { perform } from './perform.ts';
import { awaitJob } from './await-job.ts';
import type { StatesRoom } from './room.ts';
import {
  executionArn,
  executions,
  type ExecutionRow,
  machineArn,
  type RevisionRow,
  running,
} from './rows.ts';
import type { Run, World } from './run.ts';
import { runFlow } from './run-flow.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** Express executions that were acknowledged and have not ended. */
const accepted = table<ExecutionRow>('stepfunctions.express');

export type Ending = Pick<ExecutionRow, 'status' | 'output' | 'error' | 'cause' | 'stoppedAt'>;

export interface Executions {
  readonly tokens: Tokens;
  /** Throws ExecutionAlreadyExists. A running one of the same name and input is given back. */
  start(scope: Scope, row: ExecutionRow): Promise<ExecutionRow>;
  /** Runs an express execution to its end. */
  runToEnd(scope: Scope, row: ExecutionRow, signal: AbortSignal): Promise<ExecutionRow>;
  /** Ends a running one; false when there is none. */
  stop(scope: Scope, key: string, error: string, cause: string): boolean;
  /** Writes a row that is RUNNING again, and takes it up. */
  resume(scope: Scope, row: ExecutionRow): Promise<void>;
  /** The row once it is no longer RUNNING. */
  ended(scope: Scope, key: string, signal: AbortSignal): Promise<ExecutionRow>;
  /** All that a running one did so far is in its journal. */
  flush(scope: Scope, key: string): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

interface Live {
  readonly controller: AbortController;
  readonly done: Promise<ExecutionRow | undefined>;
  journal?: Journal;
}

export function createExecutions(room: StatesRoom): Executions {
  const { store, now, log } = room;
  const live = new Map<string, Live>();
  const definitions = createDefinitions(store);
  const tokens = createTokens(room);
  let closed = false;

  const world: World = {
    now,
    random: () => Number(Buffer.from(room.random(4)).readUInt32BE(0)) / 2 ** 32,
    sleepUntil: room.sleepUntil,
    perform: (run, task) => perform(room, run, task),
    async expectToken(run, { token, heartbeatSeconds }) {
      if (token === undefined) return;
      await tokens.expect(run.scope, token, {
        executionKey: run.executionKey,
        ...(heartbeatSeconds !== undefined && { heartbeatAt: now() }),
      });
    },
    async awaitToken(run, task, emit) {
      const { token = '', kind, given, line } = task;
      if (kind.kind === 'activity') {
        const input = JSON.stringify(given);
        await tokens.expect(run.scope, token, { executionKey: run.executionKey, activity: kind.name, input });
      }
      return tokens.wait(run.scope, token, {
        timeoutSeconds: task.timeoutSeconds,
        heartbeatSeconds: task.heartbeatSeconds,
        signal: line.signal,
        onStarted: (workerName) => {
          if (kind.kind === 'activity')
            emit('ActivityStarted', { activityStartedEventDetails: { ...(workerName && { workerName }) } });
        },
      });
    },
    awaitJob: (run, task, begun) => awaitJob(run, task, begun, self),
    runDistributedMap: (run, map) => runDistributedMap(room, run, map, self),
  };

  const idOf = (scope: Scope, key: string): string => `${scope.account}/${scope.region}/${key}`;

  function begin(scope: Scope, row: ExecutionRow, parent?: AbortSignal): Live {
    const id = idOf(scope, row.key);
    const known = live.get(id);
    if (known !== undefined) return known;
    const controller = new AbortController();
    const stop = (): void => controller.abort(new StateError('', 'The caller went away', true));
    parent?.addEventListener('abort', stop, { once: true });
    const entry: Live = {
      controller,
      done: carryOut(scope, row, controller, (journal) => {
        entry.journal = journal;
      }).finally(() => {
        parent?.removeEventListener('abort', stop);
        live.delete(id);
      }),
    };
    live.set(id, entry);
    return entry;
  }

  /** Undefined: halted before its end. */
  async function carryOut(
    scope: Scope,
    row: ExecutionRow,
    controller: AbortController,
    onJournal: (journal: Journal) => void,
  ): Promise<ExecutionRow | undefined> {
    // The row that was just written is answered before anything runs.
    await Promise.resolve();
    try {
      const { flow, revision } = await definitions.find(scope, row);
      const arn = executionArn(scope, row);
      const journal = await openJournal({
        store,
        now,
        scope,
        executionKey: row.key,
        keeps: row.type === 'STANDARD',
        onEvent: createExecutionLog(room.writeLogEvents, {
          scope,
          arn,
          machine: row.machine,
          redriveCount: row.redriveCount,
          logging: revision.logging,
        }),
      });
      onJournal(journal);
      const line: Line = { path: '', previous: 0, signal: controller.signal };
      const mostSeconds =
        row.type === 'EXPRESS' ? limits.stepFunctionsExpressMs / 1000 : Number.POSITIVE_INFINITY;
      const seconds = Math.min(flow.timeoutSeconds ?? Number.POSITIVE_INFINITY, mostSeconds);
      const alarm = limitTime(controller, (row.redrivenAt ?? row.startedAt) + seconds * 1000);
      const ending = await endOf(async () => {
        await told(journal, line, row, scope, revision);
        const input = JSON.parse(row.input) as unknown;
        const run: Run = {
          scope,
          executionKey: row.key,
          context: contextOf(scope, row, revision),
          journal,
          world,
        };
        return runFlow(run, flow, line, { input, variables: {}, context: {}, place: row.processorOf ?? [] });
      }, controller.signal).finally(() => alarm.abort());
      if (ending === undefined) {
        await journal.flush();
        return undefined;
      }
      await tellEnd(journal, line, row, ending);
      return await settle(scope, row, { ...ending, stoppedAt: now() });
    } catch (thrown) {
      log('error', 'an execution could not be carried on', {
        execution: executionArn(scope, row),
        reason: reasonOf(thrown),
      });
      return undefined;
    }
  }

  function limitTime(controller: AbortController, dueAt: number): AbortController {
    const alarm = new AbortController();
    if (Number.isFinite(dueAt))
      room.sleepUntil(dueAt, alarm.signal).then(
        () => controller.abort(new StateError('States.Timeout', '', true)),
        () => {}, // ended before its time
      );
    return alarm;
  }

  async function endOf(work: () => Promise<unknown>, signal: AbortSignal): Promise<Ending | undefined> {
    try {
      return { status: 'SUCCEEDED', output: JSON.stringify(await work()) };
    } catch (thrown) {
      if (signal.reason instanceof Halted) return undefined;
      const cause = signal.aborted ? (signal.reason as unknown) : thrown;
      if (!(cause instanceof StateError)) {
        log('error', 'the interpreter of a state machine failed', { reason: reasonOf(thrown) });
        return { status: 'FAILED', error: 'States.Runtime', cause: 'We encountered an internal error.' };
      }
      const status = !signal.aborted ? 'FAILED' : cause.error === 'States.Timeout' ? 'TIMED_OUT' : 'ABORTED';
      return status === 'TIMED_OUT'
        ? { status }
        : { status, ...(cause.error && { error: cause.error }), ...(cause.cause && { cause: cause.cause }) };
    }
  }

  async function settle(scope: Scope, row: ExecutionRow, ending: Ending): Promise<ExecutionRow> {
    const ended: ExecutionRow = { ...row, ...ending };
    await store.transaction(async (rows) => {
      if (row.type === 'EXPRESS') return void (await rows.delete(accepted, scope, row.key));
      await rows.put(executions, scope, row.key, ended);
      await rows.delete(running, scope, row.key);
    });
    return ended;
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: closed executions are kept 90 days. */
  async function forgetOld(): Promise<void> {
    const oldest = now() - limits.stepFunctionsKeptMs;
    for (const { row, scope, key } of await store.listAll(executions)) {
      if (row.status === 'RUNNING' || (row.stoppedAt ?? 0) >= oldest) continue;
      await deleteJournal(store, scope, key);
      await store.transaction((rows) => rows.delete(executions, scope, key));
    }
  }

  const self: Executions = {
    tokens,
    async start(scope, row) {
      const kept = row.type === 'EXPRESS' ? accepted : executions;
      const known = await store.transaction(async (rows) => {
        const before = await rows.get(kept, scope, row.key);
        if (before !== undefined) return before;
        await rows.put(kept, scope, row.key, row);
        if (row.type === 'STANDARD') await rows.put(running, scope, row.key, { key: row.key });
        return undefined;
      });
      if (known !== undefined) {
        if (known.status === 'RUNNING' && known.input === row.input) return known;
        throw new Fault('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn(scope, row)}'`);
      }
      if (!closed) begin(scope, row);
      return row;
    },
    async runToEnd(scope, row, signal) {
      const ended = await begin(scope, row, signal).done;
      if (ended === undefined)
        throw new Fault('InternalServerException', 'The server stops', { status: 500 });
      return ended;
    },
    stop(scope, key, error, cause) {
      const found = live.get(idOf(scope, key));
      found?.controller.abort(new StateError(error, cause, true));
      return found !== undefined;
    },
    async resume(scope, row) {
      await store.transaction(async (rows) => {
        await rows.put(executions, scope, row.key, row);
        await rows.put(running, scope, row.key, { key: row.key });
      });
      if (!closed) begin(scope, row);
    },
    async ended(scope, key, signal) {
      for (;;) {
        const found = live.get(idOf(scope, key));
        if (found === undefined) {
          const row = await store.get(executions, scope, key);
          if (row === undefined || row.status !== 'RUNNING') return row ?? gone(key);
          throw new Halted();
        }
        await Promise.race([found.done, aborted(signal)]);
      }
    },
    async flush(scope, key) {
      await live.get(idOf(scope, key))?.journal?.flush();
    },
    async open() {
      for (const { row, scope } of await store.listAll(accepted)) begin(scope, row);
      for (const { key, scope } of await store.listAll(running)) {
        const row = await store.get(executions, scope, key);
        if (row?.status === 'RUNNING') begin(scope, row);
      }
      await forgetOld();
    },
    async close() {
      closed = true;
      const all = [...live.values()];
      for (const { controller } of all) controller.abort(new Halted());
      await Promise.all(all.map(({ done }) => done));
    },
  };
  return self;
}

function gone(key: string): never {
  throw new StateError('States.TaskFailed', `The execution ${key} does not exist any more`);
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });

function contextOf(scope: Scope, row: ExecutionRow, { roleArn }: RevisionRow): Run['context'] {
  return {
    Execution: {
      Id: executionArn(scope, row),
      Input: JSON.parse(row.input) as unknown,
      Name: row.name,
      RoleArn: roleArn,
      StartTime: new Date(row.startedAt).toISOString(),
      RedriveCount: row.redriveCount,
    },
    StateMachine: { Id: machineArn(scope, row.machine), Name: row.machine },
  };
}

/** The first event, or that it goes on after a redrive. */
async function told(
  journal: Journal,
  line: Line,
  row: ExecutionRow,
  scope: Scope,
  revision: RevisionRow,
): Promise<void> {
  await journal.step(line, 'started', (emit) => {
    emit('ExecutionStarted', {
      executionStartedEventDetails: {
        input: row.input,
        inputDetails: { truncated: false },
        roleArn: revision.roleArn,
        ...(row.version !== undefined && {
          stateMachineVersionArn: `${machineArn(scope, row.machine)}:${row.version}`,
        }),
        ...(row.alias !== undefined && {
          stateMachineAliasArn: `${machineArn(scope, row.machine)}:${row.alias}`,
        }),
      },
    });
    return null;
  });
  if (row.redriveCount > 0)
    await journal.step(line, `redriven.${row.redriveCount}`, (emit) => {
      emit('ExecutionRedriven', { executionRedrivenEventDetails: { redriveCount: row.redriveCount } });
      return null;
    });
}

async function tellEnd(journal: Journal, line: Line, row: ExecutionRow, ending: Ending): Promise<void> {
  // An end is told also where everything else was ended.
  const last: Line = { ...line, signal: new AbortController().signal };
  const { error, cause, output } = ending;
  const why = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  await journal.step(last, `end.${row.redriveCount}`, (emit) => {
    switch (ending.status) {
      case 'SUCCEEDED':
        emit('ExecutionSucceeded', {
          executionSucceededEventDetails: { output, outputDetails: { truncated: false } },
        });
        break;
      case 'FAILED':
        emit('ExecutionFailed', { executionFailedEventDetails: why });
        break;
      case 'TIMED_OUT':
        emit('ExecutionTimedOut', { executionTimedOutEventDetails: why });
        break;
      default:
        emit('ExecutionAborted', { executionAbortedEventDetails: why });
    }
    return null;
  });
  await journal.flush();
}

/** A name for an execution nobody named. */
export const newExecutionName = (): string => randomUUID();
