import type { MetricBatch } from '../../base/metrics.ts';
import type { Invoke } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface CloudWatchPorts extends ServicePorts {
  readonly invoke: Invoke;
  /** What this server measured of itself since it was last asked. */
  readonly drain: () => readonly MetricBatch[];
}
