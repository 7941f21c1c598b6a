/** EventBridge, embedded: deliveries are rows before PutEvents answers. */
import type * as sdk from '@aws-sdk/client-eventbridge';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { apiDestinationOperations } from './api-destination.ts';
import { busOperations } from './bus.ts';
import { connectionOperations } from './connection.ts';
import { createDelivering } from './delivering.ts';
import { putEventsOperations } from './put-events.ts';
import {
  apiDestinationResourceType,
  connectionResourceType,
  eventBusPolicyResourceType,
  eventBusResourceType,
  ruleResourceType,
} from './resources.ts';
import { createEventsRoom, type EventsPorts } from './room.ts';
import { ruleOperations } from './rule.ts';
import { createRuleSchedules } from './rule-schedules.ts';
import { tagOperations } from './tags.ts';

export function createEvents(ports: EventsPorts): ServiceInstance {
  const room = createEventsRoom(ports);
  const delivering = createDelivering(room);
  const schedules = createRuleSchedules(room, delivering);
  const handlers = {
    ...busOperations(room),
    ...ruleOperations(room, schedules),
    ...putEventsOperations(room, delivering),
    ...connectionOperations(room),
    ...apiDestinationOperations(room),
    ...tagOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [
      eventBusResourceType,
      eventBusPolicyResourceType,
      ruleResourceType,
      connectionResourceType,
      apiDestinationResourceType,
    ] as unknown as ResourceType[],
    async start() {
      await delivering.start();
      await schedules.start();
    },
    async stop() {
      await schedules.stop();
      await delivering.stop();
    },
  };
}
