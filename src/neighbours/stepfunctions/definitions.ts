/** Compiled definitions by revision; a revision never changes. */
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { compileDefinition } from '../../lang/states/compile.ts';
import type { Flow } from '../../lang/states/definition.ts';
import type { Store } from '../../store/store.ts';
import { type ExecutionRow, type RevisionRow, revisions } from './rows.ts';

const KEPT = 200;

export function createDefinitions(store: Store) {
  const compiled = new Map<string, { readonly flow: Flow; readonly revision: RevisionRow }>();
  return {
    /** The flow an execution walks: the whole machine's, or that of the Map it is a child of. */
    async find(scope: Scope, row: ExecutionRow): Promise<{ flow: Flow; revision: RevisionRow }> {
      const key = `${scope.account}/${scope.region}/${row.machine}/${row.revisionId}`;
      let found = compiled.get(key);
      if (found === undefined) {
        const revision = await store.get(revisions, scope, `${row.machine}/${row.revisionId}`);
        if (revision === undefined)
          throw new Fault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${row.machine}'`);
        const { flow } = compileDefinition(revision.definition);
        if (flow === undefined) throw new Error(`the stored definition of ${row.machine} does not compile`);
        if (compiled.size >= KEPT) compiled.clear();
        compiled.set(key, (found = { flow, revision }));
      }
      const flow = row.processorOf === undefined ? found.flow : processorAt(found.flow, row.processorOf);
      return { flow, revision: found.revision };
    },
  };
}

/** Down the names of states; behind a Parallel stands a branch's number. */
function processorAt(whole: Flow, place: readonly string[]): Flow {
  let flow = whole;
  for (let at = 0; at < place.length; at++) {
    const state = flow.states.get(place[at] ?? '');
    const inner =
      state?.type === 'Map'
        ? state.processor
        : state?.type === 'Parallel'
          ? state.branches[Number(place[++at])]
          : undefined;
    if (inner === undefined) throw new Error(`no Map at ${place.join('/')}`);
    flow = inner;
  }
  return flow;
}
