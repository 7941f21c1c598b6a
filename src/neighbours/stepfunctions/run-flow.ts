/** Walks through the states of a flow, one after another, until one ends it. Throws StateError. */
import type { HistoryEventType } from '@aws-sdk/client-sfn';
import { limits } from '../../base/limits.ts';
import type { Flow, State } from '../../lang/states/definition.ts';
import type { Environment } from '../../lang/states/environment.ts';
import { StateError } from '../../lang/states/state-error.ts';
import type { Line } from './journal.ts';
import type { Run } from './run.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';
import { runWait } from './run-wait.ts';

/** What a state was entered with, for its own work. */
export interface Visit {
  readonly run: Run;
  readonly line: Line;
  /** Unique on the line. */
  readonly key: string;
  readonly environment: Environment;
  /** Names of states from the top of the definition to this one. */
  readonly place: readonly string[];
}

/** Where a state leads. */
export interface Outcome {
  readonly output: unknown;
  readonly assigned?: Readonly<Record<string, unknown>> | undefined;
  /** Undefined: the flow ends here. */
  readonly next: string | undefined;
}

export interface FlowInput {
  readonly input: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the context object holds beside the execution's own: the item of a map. */
  readonly context: object;
  readonly place: readonly string[];
}

export async function runFlow(run: Run, flow: Flow, line: Line, given: FlowInput): Promise<unknown> {
  let name: string | undefined = flow.startAt;
  let { input, variables } = given;
  for (let visit = 0; name !== undefined; visit++) {
    const state = flow.states.get(name);
    if (state === undefined) throw new StateError('States.Runtime', `There is no state ${name}`, true);
    const outcome: Outcome = await visitState(run, state, line, String(visit), {
      ...given,
      input,
      variables,
    });
    input = outcome.output;
    if (outcome.assigned !== undefined) variables = { ...variables, ...outcome.assigned };
    name = outcome.next;
  }
  return input;
}

/** From its entry to its exit, both in the history. */
export async function visitState(
  run: Run,
  state: State,
  line: Line,
  key: string,
  given: FlowInput,
): Promise<Outcome> {
  const { journal, world } = run;
  const entered = await journal.step(line, `${key}.in`, (emit) => {
    emit(`${state.type}StateEntered` as HistoryEventType, {
      stateEnteredEventDetails: {
        name: state.name,
        input: JSON.stringify(given.input),
        inputDetails: { truncated: false },
      },
    });
    return { at: world.now() };
  });
  const enteredId = line.previous;
  const context = {
    ...run.context,
    ...given.context,
    State: { Name: state.name, EnteredTime: new Date(entered.at).toISOString(), RetryCount: 0 },
  };
  const { input, variables } = given;
  const visit: Visit = {
    run,
    line,
    key,
    environment: { input, context, variables },
    place: [...given.place, state.name],
  };
  return journal.step(line, `${key}.out`, async (emit) => {
    const outcome = await explained(state, enteredId, () => work(state, visit));
    limitSize(state.name, outcome.output);
    if (state.type !== 'Fail')
      emit(`${state.type}StateExited` as HistoryEventType, {
        stateExitedEventDetails: {
          name: state.name,
          output: JSON.stringify(outcome.output),
          outputDetails: { truncated: false },
          ...(outcome.assigned && {
            assignedVariables: shownVariables(outcome.assigned),
            assignedVariablesDetails: { truncated: false },
          }),
        },
      });
    return outcome;
  });
}

const shownVariables = (assigned: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]));

function work(state: State, visit: Visit): Promise<Outcome> {
  switch (state.type) {
    case 'Task':
      return runTask(state, visit);
    case 'Pass':
      return pass(state, visit);
    case 'Choice':
      return choose(state, visit);
    case 'Wait':
      return runWait(state, visit);
    case 'Succeed':
      return leave(state, visit);
    case 'Fail':
      return fail(state, visit);
    case 'Parallel':
      return runParallel(state, visit);
    case 'Map':
      return runMap(state, visit);
  }
}

export async function leave(state: State, { environment }: Visit): Promise<Outcome> {
  return { ...(await state.io.finish(environment, undefined)), next: state.next };
}

async function pass(state: State & { type: 'Pass' }, { environment }: Visit): Promise<Outcome> {
  const isJsonata = state.io.language === 'JSONata';
  const result = isJsonata ? undefined : (state.result ?? (await state.io.given(environment)));
  return { ...(await state.io.finish(environment, result)), next: state.next };
}

async function choose(state: State & { type: 'Choice' }, { environment }: Visit): Promise<Outcome> {
  // Rules read the state's input after InputPath.
  const effective = { ...environment, input: await state.io.given(environment) };
  for (const choice of state.choices) {
    if (!(await choice.test(effective))) continue;
    const { output, assigned } = await choice.io.finish(environment, undefined);
    const own = await state.io.finish(environment, undefined);
    const isJsonata = state.io.language === 'JSONata';
    return { output: isJsonata ? output : own.output, assigned: assigned ?? undefined, next: choice.next };
  }
  if (state.default === undefined)
    throw new StateError(
      'States.NoChoiceMatched',
      'Failed to transition out of the state. The state input matched none of its choices, and it has no Default.',
    );
  return { ...(await state.io.finish(environment, undefined)), next: state.default };
}

async function fail({ io }: State, { environment }: Visit): Promise<never> {
  const text = async (name: string): Promise<string> => {
    const value = await io.field(name, environment);
    return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  };
  throw new StateError(await text('Error'), await text('Cause'));
}

/** What the interpreter itself could not do is told with the state and where it was entered. */
async function explained<T>(state: State, enteredId: number, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof StateError) || thrown.isFinal || !OURS.has(thrown.error)) throw thrown;
    if (thrown.cause.startsWith('An error occurred while executing the state')) throw thrown;
    throw new StateError(
      thrown.error,
      `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredId}). ${thrown.cause}`,
    );
  }
}

const OURS = new Set([
  'States.Runtime',
  'States.ParameterPathFailure',
  'States.ResultPathMatchFailure',
  'States.IntrinsicFailure',
  'States.QueryEvaluationError',
  'States.NoChoiceMatched',
]);

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: 256 KiB of input or output. */
export function limitSize(name: string, value: unknown): void {
  if (Buffer.byteLength(JSON.stringify(value) ?? '') <= limits.stepFunctionsPayloadBytes) return;
  throw new StateError(
    'States.DataLimitExceeded',
    `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
