/** SNS, embedded: deliveries are rows before Publish answers. */
import type * as sdk from '@aws-sdk/client-sns';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { createDeliveryQueue } from './delivery-queue.ts';
import { publishOperations } from './publish.ts';
import {
  subscriptionResourceType,
  topicInlinePolicyResourceType,
  topicPolicyResourceType,
  topicResourceType,
} from './resources.ts';
import { createSnsRoom, type SnsPorts } from './room.ts';
import { subscriptionOperations } from './subscription.ts';
import { topicOperations } from './topic.ts';

export interface Sns extends ServiceInstance {
  /** What signatures are checked with. */
  certificatePem(): Promise<string>;
}

export function createSns(ports: SnsPorts): Sns {
  const room = createSnsRoom(ports);
  const queue = createDeliveryQueue(room);
  const handlers = {
    ...topicOperations(room),
    ...subscriptionOperations(room, queue),
    ...publishOperations(room, queue),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [
      topicResourceType,
      subscriptionResourceType,
      topicPolicyResourceType,
      topicInlinePolicyResourceType,
    ] as unknown as ResourceType[],
    certificatePem: room.signer.certificatePem,
    start: queue.start,
    stop: queue.stop,
  };
}
