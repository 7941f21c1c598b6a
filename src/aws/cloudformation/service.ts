/** AWS CloudFormation: records and calls. The engine that reads and carries out templates comes through a port. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type { HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { changeSetOperations } from './change-set.ts';
import { changeSetShowOperations } from './change-set-show.ts';
import { exportOperations } from './export.ts';
import { customResourceType } from './custom-resource.ts';
import { nestedStackType } from './nested-stack.ts';
import { createWaitConditions } from './wait-condition.ts';
import type { ResourceType } from '../../base/resource-type.ts';
import type { CloudFormationPorts, CloudFormationRoom } from './ports.ts';
import { stackCreateOperations } from './stack-create.ts';
import { stackDeleteOperations } from './stack-delete.ts';
import { stackEventOperations } from './stack-event.ts';
import { stackPolicyOperations } from './stack-policy.ts';
import { stackResourceOperations } from './stack-resource.ts';
import { createStackRuns } from './stack-runs.ts';
import { stackShowOperations } from './stack-show.ts';
import { stackUpdateOperations } from './stack-update.ts';
import { templateOperations } from './template.ts';

export function createCloudFormation(ports: CloudFormationPorts): ServiceInstance {
  const room: CloudFormationRoom = { ...ports, runs: createStackRuns(ports) };
  const handlers = {
    ...stackCreateOperations(room),
    ...stackUpdateOperations(room),
    ...stackDeleteOperations(room),
    ...stackShowOperations(room),
    ...stackEventOperations(room),
    ...stackResourceOperations(room),
    ...stackPolicyOperations(room),
    ...templateOperations(room),
    ...changeSetOperations(room),
    ...changeSetShowOperations(room),
    ...exportOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  const waitConditions = createWaitConditions(room);
  return {
    handlers,
    resourceTypes: [nestedStackType(room), customResourceType(room), ...waitConditions.types].map(asPlain),
    // What was under way when the process ended goes on.
    async start() {
      await waitConditions.listenAgain();
      await room.runs.resumeAll();
    },
    stop: () => room.runs.stop(),
  };
}

/** Properties have been checked against the type's schema when they reach it. */
const asPlain = (type: object): ResourceType => type as ResourceType;
