/**
 * Metrics that logs feed: what metric filters count, and what programs write in the embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { LogEvent } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { type Datum, embeddedMetrics } from './embedded-metrics.ts';
import type { Batch } from './event-buffer.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import type { LogsRoom } from './ports.ts';
import { metricFilters, type MetricFilterRow } from './rows.ts';

/** Begins counting. Returns what ends it once what was begun is counted. */
export function startMetrics(room: LogsRoom): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let waiting = 0;
  const end = room.buffer.listen((batches) => {
    if (waiting >= limits.logsDeliveriesAtOnce) {
      room.log('warn', 'log events were not counted by metric filters: too many wait');
      return;
    }
    waiting++;
    // One after another: the sums of a minute are one row.
    running = running.then(async () => {
      for (const batch of batches) await count(room, batch);
      waiting--;
    });
  });
  return async () => {
    end();
    await running;
  };
}

async function count(room: LogsRoom, { scope, group, events }: Batch): Promise<void> {
  try {
    const filters = (await room.store.list(metricFilters, scope, { prefix: `${group}:` })).map(
      ({ row }) => row,
    );
    const data = [
      ...filters.flatMap((filter) => filtered(filter, events)),
      ...events.flatMap(embeddedMetrics),
    ];
    for (const [namespace, own] of byNamespace(data)) await put(room, scope, namespace, own);
  } catch (error) {
    room.log('error', 'metrics of log events were lost', { group, reason: reasonOf(error) });
  }
}

function byNamespace(data: readonly Datum[]): Map<string, Datum[]> {
  const found = new Map<string, Datum[]>();
  for (const datum of data) found.set(datum.namespace, [...(found.get(datum.namespace) ?? []), datum]);
  return found;
}

async function put(room: LogsRoom, scope: Scope, Namespace: string, data: readonly Datum[]): Promise<void> {
  const caller = {
    kind: 'service',
    account: scope.account,
    arn: 'logs.amazonaws.com',
    userId: 'logs.amazonaws.com',
    accessKeyId: '',
  } as const;
  for (let at = 0; at < data.length; at += limits.metricsAPut) {
    const MetricData = data
      .slice(at, at + limits.metricsAPut)
      .map(({ namespace: _namespace, ...datum }) => datum);
    await room.call({
      service: 'cloudwatch',
      operation: 'PutMetricData',
      input: { Namespace, MetricData },
      scope,
      caller,
    });
  }
}

/** `$.bytes`, `$size`: what the pattern found under that name. A value that is no number counts nothing. */
function filtered(filter: MetricFilterRow, events: readonly LogEvent[]): Datum[] {
  const pattern = compileFilterPattern(filter.filterPattern);
  return events.flatMap(({ message, timestamp }) => {
    const matches = pattern.matches(message);
    const values = matches ? pattern.extract(message) : {};
    const read = (selector: string): string | undefined =>
      values[selector] ?? (matches ? member(message, selector) : undefined);
    return filter.metricTransformations.flatMap((transformation): Datum[] => {
      const {
        metricName = '',
        metricNamespace = '',
        metricValue = '',
        defaultValue,
        unit,
        dimensions,
      } = transformation;
      const text = metricValue.startsWith('$') ? read(metricValue) : metricValue;
      const value = matches ? Number(text) : defaultValue;
      if (value === undefined || text === '' || !Number.isFinite(value)) return [];
      // With dimensions, what does not match has none to be counted under.
      if (!matches && dimensions !== undefined && Object.keys(dimensions).length > 0) return [];
      const Dimensions = Object.entries(dimensions ?? {}).flatMap(([Name, selector]) => {
        const Value = read(selector);
        return Value === undefined ? [] : [{ Name, Value }];
      });
      return [
        {
          namespace: metricNamespace,
          MetricName: metricName,
          Value: value,
          Timestamp: new Date(timestamp),
          Unit: unit ?? 'None',
          Dimensions,
        },
      ];
    });
  });
}

/** `$.user.id`, `$.items[0].price`: of an event that is JSON, also where the pattern does not name it. */
function member(message: string, selector: string): string | undefined {
  if (!selector.startsWith('$.')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return undefined;
  }
  for (const step of selector.slice(2).match(/[^.[\]]+/g) ?? []) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step]; // an object or a list, as just seen
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
