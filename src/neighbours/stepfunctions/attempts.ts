/** Trying again and catching, for the states that may fail. */
import type { State } from '../../lang/states/definition.ts';
import type { Environment } from '../../lang/states/environment.ts';
import { errorMatches, StateError } from '../../lang/states/state-error.ts';
import type { Outcome, Visit } from './run-flow.ts';

type FailingState = State & { readonly type: 'Task' | 'Parallel' | 'Map' };

/**
 * `attempt` does the state's work once and gives its result; its keys in the journal begin with `key`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export async function withAttempts(
  state: FailingState,
  visit: Visit,
  attempt: (key: string, environment: Environment) => Promise<unknown>,
): Promise<Outcome> {
  const { environment } = visit;
  const used = new Map<number, number>();
  for (let round = 0; ; round++) {
    const key = `${visit.key}.${round}`;
    try {
      const now = { ...environment, context: withRetryCount(environment.context, round) };
      const result = await attempt(key, now);
      return { ...(await state.io.finish(now, result)), next: state.next };
    } catch (thrown) {
      if (!(thrown instanceof StateError) || thrown.isFinal) throw thrown;
      if (await retried(state, visit, key, thrown, used)) continue;
      return caught(state, environment, thrown);
    }
  }
}

const withRetryCount = (context: unknown, RetryCount: number): unknown => {
  const { State, ...rest } = context as { readonly State: object }; // made by visitState
  return { ...rest, State: { ...State, RetryCount } };
};

/** Each retrier counts its own attempts over the whole visit. Waits before it says yes. */
async function retried(
  { retry }: FailingState,
  { run, line }: Visit,
  key: string,
  { error }: StateError,
  used: Map<number, number>,
): Promise<boolean> {
  const index = retry.findIndex(({ errors }) => errorMatches(errors, error));
  const retrier = retry[index];
  const count = used.get(index) ?? 0;
  if (retrier === undefined || count >= retrier.maxAttempts) return false;
  used.set(index, count + 1);
  const dueAt = await run.journal.step(line, `${key}.again`, () => {
    const grown = retrier.intervalSeconds * retrier.backoffRate ** count;
    const seconds = Math.min(grown, retrier.maxDelaySeconds ?? grown);
    return run.world.now() + seconds * 1000 * (retrier.jitter ? run.world.random() : 1);
  });
  await run.journal.flush();
  await run.world.sleepUntil(dueAt, line.signal);
  return true;
}

async function caught(state: FailingState, environment: Environment, thrown: StateError): Promise<Outcome> {
  const catcher = state.catch.find(({ errors }) => errorMatches(errors, thrown.error));
  if (catcher === undefined) throw thrown;
  const recovered = await catcher.io.recover(environment, { Error: thrown.error, Cause: thrown.cause });
  return { ...recovered, next: catcher.next };
}
