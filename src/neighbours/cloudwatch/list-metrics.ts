/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
import type { ListMetricsInput, ListMetricsOutput, Metric } from '@aws-sdk/client-cloudwatch';
import type { Call } from '../../wire/service.ts';
import { invalidValue } from './faults.ts';
import type { CloudWatchPorts } from './ports.ts';
import { absorb } from './put-metric-data.ts';
import { metricSeries, type SeriesRow } from './series-rows.ts';

const PAGE = 500;
/** Metrics without news for so long are not listed. */
const LISTED_MS = 14 * 86_400_000;
const RECENT_MS = 3 * 3_600_000;

export const listMetricsOperations = (ports: CloudWatchPorts) => ({
  async ListMetrics(input: ListMetricsInput, { scope }: Call): Promise<ListMetricsOutput> {
    if (input.IncludeLinkedAccounts || input.OwningAccount)
      throw invalidValue('IncludeLinkedAccounts: not supported by gatehouse');
    await absorb(ports, ports.drain());
    const span = input.RecentlyActive === 'PT3H' ? RECENT_MS : LISTED_MS;
    const since = ports.now() - span;
    const after =
      input.NextToken === undefined ? undefined : Buffer.from(input.NextToken, 'base64').toString();
    const entries = await ports.store.list(metricSeries, scope, after === undefined ? {} : { after });
    const found = entries.filter(({ row }) => row.lastAt >= since && isAskedFor(row, input));
    const page = found.slice(0, PAGE);
    return {
      Metrics: page.map(({ row }) => showMetric(row)),
      ...(found.length > PAGE ? { NextToken: Buffer.from(page.at(-1)?.key ?? '').toString('base64') } : {}),
    };
  },
});

const showMetric = ({ namespace, metricName, dimensions }: Omit<SeriesRow, 'units' | 'lastAt'>): Metric => ({
  Namespace: namespace,
  MetricName: metricName,
  Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
});

const isAskedFor = (row: SeriesRow, { Namespace, MetricName, Dimensions = [] }: ListMetricsInput): boolean =>
  (Namespace === undefined || row.namespace === Namespace) &&
  (MetricName === undefined || row.metricName === MetricName) &&
  Dimensions.every(({ Name, Value }) =>
    row.dimensions.some(([name, value]) => name === Name && (Value === undefined || value === Value)),
  );
