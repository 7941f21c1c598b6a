/** SQS, embedded: messages as rows of the store, so that what is acknowledged is kept. */
import type * as sdk from '@aws-sdk/client-sqs';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { createMoveTasks } from './message-move-task.ts';
import { permissionOperations } from './permission.ts';
import { queueOperations } from './queue.ts';
import { inlinePolicyResourceType, queuePolicyResourceType } from './queue-policy-resource.ts';
import { queueResourceType } from './queue-resource.ts';
import { receiveOperations } from './receive.ts';
import { createSqsRoom } from './room.ts';
import { sendOperations } from './send.ts';
import { settleOperations } from './settle.ts';

export function createSqs(ports: ServicePorts): ServiceInstance {
  const room = createSqsRoom(ports);
  const moveTasks = createMoveTasks(room);
  const handlers = {
    ...queueOperations(room),
    ...permissionOperations(room),
    ...sendOperations(room),
    ...receiveOperations(room),
    ...settleOperations(room),
    ...moveTasks.operations,
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [
      queueResourceType,
      queuePolicyResourceType,
      inlinePolicyResourceType,
    ] as unknown as ResourceType[],
    start: () => moveTasks.start(),
    async release() {
      room.waiting.stop();
    },
    async stop() {
      room.waiting.stop();
      await moveTasks.stop();
    },
  };
}
