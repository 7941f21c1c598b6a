/**
 * The deploy engine as CloudFormation's records see it. The steps are listed in `prepare.ts` and `run.ts`, which are
 * loaded with the first template: a server without stacks starts without them.
 */
import type { ResourceType } from '../base/resource-type.ts';
import type { StackEngine, StackEnginePorts } from '../base/stack-engine.ts';
import type { FindResourceType } from './validate.ts';

export function createStackEngine(ports: StackEnginePorts): StackEngine {
  const findType: FindResourceType = async (type) =>
    type === CDK_METADATA.type ? CDK_METADATA : ports.resourceTypes(type);
  return {
    inspect: async (template) => (await import('./prepare.ts')).inspectTemplate(template),
    prepare: async (request) => (await import('./prepare.ts')).prepareStack(request, ports, findType),
    changes: async (request) => (await import('./changes.ts')).changesOf(request, findType),
    run: async (operation) => (await import('./run.ts')).runStack(operation, ports, findType),
  };
}

/** Only counts CDK's users on AWS; it has no effect there either. */
const CDK_METADATA: ResourceType = {
  type: 'AWS::CDK::Metadata',
  create: async (request) => ({ physicalId: request.physicalName() }),
  update: async (_, current) => current,
  delete: async () => {},
};
