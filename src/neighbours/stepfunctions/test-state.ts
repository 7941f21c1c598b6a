/** TestState: one state, run at once and alone. https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html */
import { randomUUID } from 'node:crypto';
import type { TestStateInput, TestStateOutput } from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { compileDefinition, compileStateAlone } from '../../lang/states/compile.ts';
import type { Flow, State } from '../../lang/states/definition.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import { errorMatches, StateError } from '../../lang/states/state-error.ts';
import type { Call } from '../../wire/service.ts';
import type { Line } from './journal.ts';
import { openJournal } from './journal.ts';
import { perform } from './perform.ts';
import type { StatesRoom } from './room.ts';
import type { Run, World } from './run.ts';
import { visitState } from './run-flow.ts';

export const testStateOperations = (room: StatesRoom) => ({
  async TestState(input: TestStateInput, { scope, signal }: Call): Promise<TestStateOutput> {
    if (input.mock !== undefined)
      throw new Fault('ValidationException', 'TestState with a mock: not supported by gatehouse');
    const { flow, state } = stateOf(input.definition ?? '', input.stateName);
    const given = parsedInput(input.input);
    const arn = `arn:aws:states:${scope.region}:${scope.account}:execution:test:${randomUUID()}`;
    const journal = await openJournal({
      store: room.store,
      now: room.now,
      scope,
      executionKey: arn,
      keeps: false,
      onEvent: () => {},
    });
    const run: Run = {
      scope,
      executionKey: arn,
      journal,
      world: worldOf(room),
      context: {
        Execution: {
          Id: arn,
          Input: given,
          Name: 'test',
          RoleArn: input.roleArn ?? '',
          StartTime: new Date(room.now()).toISOString(),
          RedriveCount: 0,
        },
        StateMachine: { Id: '', Name: flow.startAt },
      },
    };
    const line: Line = {
      path: '',
      previous: 0,
      signal: AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]),
    };
    const variables = isObject(parsedInput(input.variables)) ? (parsedInput(input.variables) as object) : {};
    try {
      const outcome = await visitState(run, withoutAttempts(state), line, '0', {
        input: given,
        variables: { ...variables },
        context: {},
        place: [],
      });
      return {
        status: 'SUCCEEDED',
        output: JSON.stringify(outcome.output),
        ...(outcome.next !== undefined && { nextState: outcome.next }),
      };
    } catch (thrown) {
      if (!(thrown instanceof StateError)) throw thrown;
      return failed(state, thrown);
    }
  },
});

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html: five minutes. */
const MOST_MS = 5 * 60_000;

function stateOf(definition: string, name: string | undefined): { flow: Flow; state: State } {
  const { flow, diagnostics } =
    name === undefined ? compileStateAlone(definition, ALONE) : compileDefinition(definition);
  if (flow === undefined)
    throw new Fault(
      'InvalidDefinition',
      `Invalid State Machine Definition: '${diagnostics.map(({ code, message, location }) => `${code}: ${message} at ${location}`).join(', ')}'`,
    );
  const state = flow.states.get(name ?? ALONE);
  if (state === undefined) throw new Fault('ValidationException', `There is no state ${name}`);
  return { flow, state };
}

const ALONE = 'State';

/** Neither tries again nor catches: that it would is the answer. */
const withoutAttempts = (state: State): State =>
  'retry' in state ? { ...state, retry: [], catch: [] } : state;

function failed(state: State, { error, cause }: StateError): TestStateOutput {
  const told = { error, cause };
  if (!('retry' in state)) return { status: 'FAILED', ...told };
  if (state.retry.some(({ errors, maxAttempts }) => maxAttempts > 0 && errorMatches(errors, error)))
    return { status: 'RETRIABLE', ...told };
  const catcher = state.catch.find(({ errors }) => errorMatches(errors, error));
  return catcher === undefined
    ? { status: 'FAILED', ...told }
    : { status: 'CAUGHT_ERROR', nextState: catcher.next, ...told };
}

function parsedInput(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}') as unknown;
  } catch (thrown) {
    throw new Fault('InvalidExecutionInput', thrown instanceof Error ? thrown.message : 'no JSON');
  }
}

/** What would wait for somebody's word or another execution cannot be tried alone. */
function worldOf(room: StatesRoom): World {
  const refuse = async (): Promise<never> => {
    throw new Fault(
      'ValidationException',
      'TestState of a state that waits for a callback or a job, or of a distributed Map: not supported by gatehouse',
    );
  };
  return {
    now: room.now,
    random: Math.random,
    sleepUntil: room.sleepUntil,
    perform: (run, task) => perform(room, run, task),
    expectToken: refuse,
    awaitToken: refuse,
    awaitJob: refuse,
    runDistributedMap: refuse,
  };
}
