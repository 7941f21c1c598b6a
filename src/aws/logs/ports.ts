/** What CloudWatch Logs is handed, and what its nouns share. */
import type { Invoke } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { EventBuffer } from './event-buffer.ts';

export interface LogsPorts extends ServicePorts {
  /** Delivers to subscribed Lambda functions; without it no subscription can be made. */
  readonly invoke?: Invoke;
}

export interface LogsRoom extends LogsPorts {
  readonly buffer: EventBuffer;
}
