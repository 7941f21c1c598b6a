/** Amazon CloudWatch Logs. */
import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import type { WriteLogEvents } from '../../base/ports.ts';
import type { HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { createEventBuffer } from './event-buffer.ts';
import { filterLogEventsOperations } from './filter-log-events.ts';
import { getLogEventsOperations } from './get-log-events.ts';
import { logGroupOperations } from './log-group.ts';
import { logStreamOperations } from './log-stream.ts';
import type { LogsPorts, LogsRoom } from './ports.ts';
import { putLogEventsOperations } from './put-log-events.ts';
import { startRetention } from './retention.ts';
import { tagOperations } from './tags.ts';

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
    ...tagOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  let stopRetention = () => {};
  return {
    handlers,
    writeLogEvents: room.buffer.write,
    async start() {
      stopRetention = startRetention(room);
    },
    async stop() {
      stopRetention();
      await room.buffer.flush();
    },
  };
}
