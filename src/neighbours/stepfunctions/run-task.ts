/** Task states: schedule, do, and tell how it ended; each of the three is known before the next begins. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { State } from '../../lang/states/definition.ts';
import type { Environment } from '../../lang/states/environment.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { withAttempts } from './attempts.ts';
import type { Emit } from './journal.ts';
import type { Task } from './run.ts';
import { limitSize, type Outcome, type Visit } from './run-flow.ts';
import { emitScheduled, emitSettled, emitSubmitted, type Settled } from './task-events.ts';
import { kindOf, type TaskKind } from './task-kind.ts';
import { newToken } from './tokens.ts';

type TaskState = State & { readonly type: 'Task' };

export async function runTask(state: TaskState, visit: Visit): Promise<Outcome> {
  const kind = kindOf(state.resource);
  if (kind === undefined)
    throw new StateError('States.Runtime', `${state.resource}: not supported by gatehouse`);
  return withAttempts(state, visit, (key, environment) => attempt(state, kind, visit, key, environment));
}

async function attempt(
  state: TaskState,
  kind: TaskKind,
  { run, line }: Visit,
  key: string,
  environment: Environment,
): Promise<unknown> {
  const { journal, world } = run;
  const prepared = await journal.step(line, `${key}.scheduled`, async (emit) => {
    const token = kind.pattern === 'token' ? newToken(randomBytes) : undefined;
    const made = await prepare(state, withToken(environment, token));
    emitScheduled(kind, run.scope, made, emit);
    return {
      ...made,
      childName: randomUUID(),
      startedAt: world.now(),
      ...(token !== undefined && { token }),
    };
  });
  await journal.flush();
  const task: Task = {
    ...prepared,
    kind,
    timeoutSeconds: left(prepared.timeoutSeconds, prepared.startedAt, world.now()),
    token: 'token' in prepared ? prepared.token : undefined,
    line,
    key,
  };
  const begun = await begin(task, run, visitStep);
  const settled = begun?.ok === false ? begun : await visitStep('done', (emit) => finish(task, begun, emit));
  if (!settled.ok) throw new StateError(settled.error, settled.cause);
  limitSize(state.name, settled.result);
  return settled.result;

  function visitStep(name: string, work: (emit: Emit) => Promise<Settled>): Promise<Settled> {
    return journal.step(line, `${key}.${name}`, work);
  }

  async function finish(todo: Task, first: Settled | undefined, emit: Emit): Promise<Settled> {
    const outcome = await settle(() =>
      kind.pattern === 'request'
        ? world.perform(run, todo)
        : kind.pattern === 'sync'
          ? world.awaitJob(run, todo, first?.ok === true ? first.result : undefined)
          : world.awaitToken(run, todo, emit),
    );
    emitSettled(kind, outcome, emit);
    return outcome;
  }
}

/** Where the answer is not the result: the request is made, and is not made again after a restart. */
async function begin(
  task: Task,
  run: Visit['run'],
  step: (name: string, work: (emit: Emit) => Promise<Settled>) => Promise<Settled>,
): Promise<Settled | undefined> {
  const { kind } = task;
  if (kind.kind !== 'service' || kind.pattern === 'request') return undefined;
  await run.world.expectToken(run, task);
  const begun = await step('submitted', async (emit) => {
    const outcome = await settle(() => run.world.perform(run, task));
    if (outcome.ok) emitSubmitted(kind, outcome.result, emit);
    else emitSettled(kind, outcome, emit);
    return outcome;
  });
  await run.journal.flush();
  return begun;
}

export interface Prepared {
  readonly given: unknown;
  readonly credentials: unknown;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

async function prepare(state: TaskState, environment: Environment): Promise<Prepared> {
  return {
    given: await state.io.given(environment),
    credentials: await state.io.template('Credentials', environment),
    timeoutSeconds: await secondsOf(state, 'TimeoutSeconds', environment),
    heartbeatSeconds: await secondsOf(state, 'HeartbeatSeconds', environment),
  };
}

async function secondsOf(
  state: TaskState,
  name: string,
  environment: Environment,
): Promise<number | undefined> {
  const value = await state.io.field(name, environment);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new StateError(
    'States.Runtime',
    `The value ${JSON.stringify(value)} for ${name} must be a positive whole number`,
  );
}

const left = (seconds: number | undefined, startedAt: number, now: number): number | undefined =>
  seconds === undefined ? undefined : Math.max(0, seconds - (now - startedAt) / 1000);

const withToken = (environment: Environment, Token: string | undefined): Environment =>
  Token === undefined
    ? environment
    : { ...environment, context: { ...(environment.context as object), Task: { Token } } };

/** What ends the execution as a whole is no outcome of a task. */
async function settle(action: () => Promise<unknown>): Promise<Settled> {
  try {
    return { ok: true, result: await action() };
  } catch (thrown) {
    if (!(thrown instanceof StateError) || thrown.isFinal) throw thrown;
    return { ok: false, error: thrown.error, cause: thrown.cause };
  }
}
