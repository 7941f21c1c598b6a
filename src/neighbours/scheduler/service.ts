/** EventBridge Scheduler, embedded. */
import type * as sdk from '@aws-sdk/client-scheduler';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { createDelivering, type SchedulerPorts } from './delivering.ts';
import { groupOperations } from './group.ts';
import { scheduleGroupResourceType, scheduleResourceType } from './resources.ts';
import { scheduleOperations } from './schedule.ts';
import { createWatching } from './watching.ts';

export function createScheduler(ports: SchedulerPorts): ServiceInstance {
  const delivering = createDelivering(ports);
  const watching = createWatching(ports, delivering);
  const handlers = {
    ...groupOperations(ports, watching),
    ...scheduleOperations(ports, watching),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [scheduleResourceType, scheduleGroupResourceType] as unknown as ResourceType[],
    async start() {
      await delivering.start();
      await watching.start();
    },
    async stop() {
      await watching.stop();
      await delivering.stop();
    },
  };
}
