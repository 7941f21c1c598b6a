/** Step Functions, embedded: standard and express workflows of the whole Amazon States Language. */
import type * as sdk from '@aws-sdk/client-sfn';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { activityOperations } from './activity.ts';
import { aliasOperations } from './alias.ts';
import { executionOperations } from './execution.ts';
import { createExecutions } from './executions.ts';
import { historyOperations } from './history.ts';
import { mapRunOperations } from './map-run.ts';
import { activityResource, aliasResource, stateMachineResource, versionResource } from './resource-types.ts';
import { openRoom, type StepFunctionsPorts } from './room.ts';
import { stateMachineOperations } from './state-machine.ts';
import { tagOperations } from './tags.ts';
import { testStateOperations } from './test-state.ts';
import { versionOperations } from './version.ts';

export function createStepFunctions(ports: StepFunctionsPorts): ServiceInstance {
  const room = openRoom(ports);
  const executions = createExecutions(room);
  const handlers = {
    ...stateMachineOperations(room),
    ...versionOperations(room),
    ...aliasOperations(room),
    ...executionOperations(room, executions),
    ...historyOperations(room, executions),
    ...mapRunOperations(room),
    ...activityOperations(room, executions.tokens),
    ...testStateOperations(room),
    ...tagOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [
      stateMachineResource,
      versionResource,
      aliasResource,
      activityResource,
    ] as unknown as readonly ResourceType[],
    start: () => executions.open(),
    stop: () => executions.close(),
  };
}
