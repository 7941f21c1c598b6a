/** The deploy engine as CloudFormation's records see it. The steps are listed in `prepare.ts` and `run.ts`. */
import type { ResourceType } from '../base/resource-type.ts';
import type { StackEngine, StackEnginePorts } from '../base/stack-engine.ts';
import { changesOf } from './changes.ts';
import { inspectTemplate, prepareStack } from './prepare.ts';
import { runStack } from './run.ts';
import type { FindResourceType } from './validate.ts';

export function createStackEngine(ports: StackEnginePorts): StackEngine {
  const findType: FindResourceType = async (type) =>
    type === CDK_METADATA.type ? CDK_METADATA : ports.resourceTypes(type);
  return {
    inspect: inspectTemplate,
    prepare: (request) => prepareStack(request, ports, findType),
    changes: (request) => changesOf(request, findType),
    run: (operation) => runStack(operation, ports, findType),
  };
}

/** Only counts CDK's users on AWS; it has no effect there either. */
const CDK_METADATA: ResourceType = {
  type: 'AWS::CDK::Metadata',
  create: async (request) => ({ physicalId: request.physicalName() }),
  update: async (_, current) => current,
  delete: async () => {},
};
