/** Amazon CloudWatch Logs. */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import type { WriteLogEvents } from '../../base/ports.ts';
import type { ResourceType } from '../../base/resource-type.ts';
import type { HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { createEventBuffer } from './event-buffer.ts';
import { filterLogEventsOperations } from './filter-log-events.ts';
import { getLogEventsOperations } from './get-log-events.ts';
import { metricFilterResource, subscriptionFilterResource } from './filter-resource.ts';
import { liveTailOperations } from './live-tail.ts';
import { logGroupOperations } from './log-group.ts';
import { logGroupResource } from './log-group-resource.ts';
import { logStreamOperations } from './log-stream.ts';
import { logStreamResource } from './log-stream-resource.ts';
import { startMetrics } from './metric-delivery.ts';
import { metricFilterOperations } from './metric-filter.ts';
import type { LogsPorts, LogsRoom } from './ports.ts';
import { putLogEventsOperations } from './put-log-events.ts';
import { resourcePolicyOperations } from './resource-policy.ts';
import { resourcePolicyResource } from './resource-policy-resource.ts';
import { startRetention } from './retention.ts';
import { startDelivery } from './subscription-delivery.ts';
import { subscriptionFilterOperations } from './subscription-filter.ts';
import { tagOperations } from './tags.ts';

const resourceTypes = [
  logGroupResource,
  logStreamResource,
  metricFilterResource,
  subscriptionFilterResource,
  resourcePolicyResource,
] as readonly ResourceType[]; // each knows its own properties, which the deploy engine checks by AWS's schema

export interface LogsService extends ServiceInstance {
  /** Where functions and gateways write. */
  readonly writeLogEvents: WriteLogEvents;
}

export function createLogs(ports: LogsPorts): LogsService {
  const room: LogsRoom = { ...ports, buffer: createEventBuffer(ports) };
  const handlers = {
    ...logGroupOperations(room),
    ...logStreamOperations(room),
    ...putLogEventsOperations(room),
    ...getLogEventsOperations(room),
    ...filterLogEventsOperations(room),
    ...subscriptionFilterOperations(room),
    ...metricFilterOperations(room),
    ...resourcePolicyOperations(room),
    ...liveTailOperations(room),
    ...tagOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  const stopDelivery = startDelivery(room);
  const stopMetrics = startMetrics(room);
  let stopRetention = () => {};
  return {
    handlers,
    resourceTypes,
    writeLogEvents: room.buffer.write,
    async start() {
      stopRetention = startRetention(room);
    },
    async stop() {
      stopRetention();
      await room.buffer.flush();
      await stopDelivery();
      await stopMetrics();
    },
  };
}
