/** Integrations that are not there are refused when the state machine is made, by name and place. */
import type { Diagnostic, Flow } from '../../lang/states/definition.ts';
import { kindOf } from './task-kind.ts';

export function unsupportedResources(flow: Flow, at = ''): Diagnostic[] {
  return [...flow.states.values()].flatMap((state): Diagnostic[] => {
    const place = `${at}/States/${state.name}`;
    switch (state.type) {
      case 'Task':
        return kindOf(state.resource) === undefined
          ? [
              {
                code: 'SCHEMA_VALIDATION_FAILED',
                message: `The resource provided ${state.resource} is not recognized: not supported by gatehouse`,
                location: `${place}/Resource`,
              },
            ]
          : [];
      case 'Parallel':
        return state.branches.flatMap((branch, index) =>
          unsupportedResources(branch, `${place}/Branches[${index}]`),
        );
      case 'Map':
        return unsupportedResources(state.processor, `${place}/ItemProcessor`);
      default:
        return [];
    }
  });
}
