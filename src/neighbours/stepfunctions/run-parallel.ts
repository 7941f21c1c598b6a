/** Parallel states: every branch with the same input; the first failure ends the others. */
import type { State } from '../../lang/states/definition.ts';
import { withAttempts } from './attempts.ts';
import { abortable } from './lines.ts';
import { type Outcome, runFlow, type Visit } from './run-flow.ts';

export function runParallel(state: State & { type: 'Parallel' }, visit: Visit): Promise<Outcome> {
  const { run, line, place } = visit;
  return withAttempts(state, visit, async (key, environment) => {
    const input = await state.io.given(environment);
    await run.journal.step(line, `${key}.start`, (emit) => {
      emit('ParallelStateStarted');
      return null;
    });
    const branches = abortable(line, key, state.branches.length);
    const results = await branches.all(
      async (branchLine, index) => {
        const flow = state.branches[index];
        if (flow === undefined) throw new Error(`no branch ${index}`);
        const { variables } = environment;
        return runFlow(run, flow, branchLine, {
          input,
          variables,
          context: contextBeside(environment.context),
          place: [...place, String(index)],
        });
      },
      async () => {
        await run.journal.step(line, `${key}.failed`, (emit) => {
          emit('ParallelStateFailed');
          return null;
        });
      },
    );
    await run.journal.step(line, `${key}.ok`, (emit) => {
      emit('ParallelStateSucceeded');
      return null;
    });
    return results;
  });
}

/** What an inner flow inherits of the context object: the item of a map around it. */
function contextBeside(context: unknown): object {
  const { Map: item } = context as { readonly Map?: unknown }; // made by visitState
  return item === undefined ? {} : { Map: item };
}
