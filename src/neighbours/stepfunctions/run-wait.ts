/** Wait states: the moment is fixed at entry, so that a restart waits for what is left. */
import type { State } from '../../lang/states/definition.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { leave, type Outcome, type Visit } from './run-flow.ts';

export async function runWait(state: State & { type: 'Wait' }, visit: Visit): Promise<Outcome> {
  const { run, line, key } = visit;
  const dueAt = await run.journal.step(line, `${key}.due`, () => dueAtOf(state, visit));
  if (dueAt > run.world.now()) {
    await run.journal.flush();
    await run.world.sleepUntil(dueAt, line.signal);
  }
  return leave(state, visit);
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html: at most 99,999,999 seconds. */
const MOST_SECONDS = 99_999_999;

async function dueAtOf({ io }: State, { run, environment }: Visit): Promise<number> {
  const seconds = await io.field('Seconds', environment);
  if (seconds !== undefined) {
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0 || seconds > MOST_SECONDS)
      throw new StateError(
        'States.Runtime',
        `The value ${JSON.stringify(seconds)} for Seconds must be a whole number between 0 and ${MOST_SECONDS}`,
      );
    return run.world.now() + seconds * 1000;
  }
  const timestamp = await io.field('Timestamp', environment);
  const at = typeof timestamp === 'string' && /T/.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at))
    throw new StateError(
      'States.Runtime',
      `The value ${JSON.stringify(timestamp)} for Timestamp is not a valid ISO-8601 timestamp`,
    );
  return at;
}
