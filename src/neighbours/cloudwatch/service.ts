/** CloudWatch's metrics, alarms and dashboards, embedded. */
import type * as sdk from '@aws-sdk/client-cloudwatch';
import { reasonOf } from '../../base/fault.ts';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Scope } from '../../base/scope.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { alarmOperations } from './alarm.ts';
import { alarmHistoryOperations } from './alarm-history.ts';
import { alarms, type AlarmRow } from './alarm-row.ts';
import { dashboardOperations } from './dashboard.ts';
import { createAlarmEvaluator } from './evaluate-alarms.ts';
import { getMetricDataOperations } from './get-metric-data.ts';
import { getMetricStatisticsOperations } from './get-metric-statistics.ts';
import { listMetricsOperations } from './list-metrics.ts';
import type { CloudWatchPorts } from './ports.ts';
import { putAlarmOperations } from './put-alarm.ts';
import { absorb, putMetricDataOperations } from './put-metric-data.ts';
import { resourceTypes } from './resource-types.ts';

export interface CloudWatch extends ServiceInstance {
  /** Writes down what this server measured of itself. Never rejects. */
  flush(): Promise<void>;
  /** Looks at every alarm now. Never rejects. */
  evaluateAlarms(): Promise<void>;
}

const MINUTE_MS = 60_000;
const SHORT_MS = 10_000;

export function createCloudWatch(ports: CloudWatchPorts): CloudWatch {
  const evaluator = createAlarmEvaluator(ports);
  const background = createBackground(ports, evaluator.evaluateAll);
  /** Looked at now, and from now on. */
  const changed = (scope: Scope, name: string): void => {
    background.begin();
    void evaluator
      .evaluateOne(scope, name)
      .catch((error: unknown) =>
        ports.log('error', 'an alarm could not be evaluated', { alarm: name, reason: reasonOf(error) }),
      );
  };
  const handlers = {
    ...putMetricDataOperations(ports),
    ...listMetricsOperations(ports),
    ...getMetricStatisticsOperations(ports),
    ...getMetricDataOperations(ports),
    ...putAlarmOperations(ports, changed),
    ...alarmOperations(ports, evaluator),
    ...alarmHistoryOperations(ports),
    ...dashboardOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    resourceTypes: resourceTypes as unknown as ResourceType[],
    evaluateAlarms: evaluator.evaluateAll,
    async flush() {
      await absorb(ports, ports.drain()).catch((error: unknown) =>
        ports.log('error', 'metrics were lost', { reason: reasonOf(error) }),
      );
    },
    async start() {
      await evaluator.resume();
      background.begin();
    },
    async stop() {
      await background.end();
      await evaluator.resume();
      await absorb(ports, ports.drain());
    },
  };
}

/** Runs while there are alarms, at the minute; at every ten seconds when one of them has a period that short. */
function createBackground(ports: CloudWatchPorts, evaluate: () => Promise<void>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let underway: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    await evaluate();
    timer = undefined;
    if (!ended) await schedule();
  };
  const schedule = async (): Promise<void> => {
    const rows = (await ports.store.listAll(alarms)).map(({ row }) => row);
    if (rows.length === 0 || ended || timer !== undefined) return;
    const everyMs = rows.some(isShort) ? SHORT_MS : MINUTE_MS;
    timer = setTimeout(
      () => {
        underway = run();
      },
      everyMs - (Date.now() % everyMs),
    );
    timer.unref?.();
  };
  return {
    begin(): void {
      underway = underway.then(schedule);
    },
    async end(): Promise<void> {
      ended = true;
      clearTimeout(timer);
      await underway;
    },
  };
}

const isShort = (row: AlarmRow): boolean =>
  row.kind === 'metric' && (row.settings.Period ?? MINUTE_MS / 1000) < 60;
