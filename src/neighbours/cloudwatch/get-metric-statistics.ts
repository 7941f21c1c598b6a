/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { invalidCombination, invalidValue, missingParameter } from './faults.ts';
import type { CloudWatchPorts } from './ports.ts';
import { absorb, dimensionsOf } from './put-metric-data.ts';
import { readPoints } from './series-rows.ts';
import { statisticOf } from './statistic.ts';

export const getMetricStatisticsOperations = (ports: CloudWatchPorts) => ({
  async GetMetricStatistics(
    input: GetMetricStatisticsInput,
    { scope }: Call,
  ): Promise<GetMetricStatisticsOutput> {
    const { Namespace = '', MetricName = '', Period = 60, Unit } = input;
    const names = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
    if (names.length === 0) throw missingParameter('Must specify either Statistics or ExtendedStatistics');
    const statistics = names.map((name) => ({ name, of: statisticOf(name) }));
    const unknown = statistics.find(({ of }) => of === undefined);
    if (unknown !== undefined)
      throw invalidValue(
        `The value ${unknown.name} for parameter ExtendedStatistics.member.1 is not supported.`,
      );
    const span = spanOf(input);
    await absorb(ports, ports.drain());
    const name = { namespace: Namespace, metricName: MetricName, dimensions: dimensionsOf(input.Dimensions) };
    const { points, unit } = await readPoints(ports.store, scope, name, span, Unit);
    const Datapoints = [...points].map(([timestamp, point]): Datapoint => {
      const shown: Datapoint = { Timestamp: new Date(timestamp), Unit: unit as StandardUnit }; // as PutMetricData took it
      const extended: Record<string, number> = {};
      for (const { name: statistic, of } of statistics) {
        const value = of?.(point, Period);
        if (value === undefined) continue;
        if (input.Statistics?.some((plain) => plain === statistic))
          Object.assign(shown, { [statistic]: value });
        else extended[statistic] = value;
      }
      return Object.keys(extended).length > 0 ? { ...shown, ExtendedStatistics: extended } : shown;
    });
    return { Label: MetricName, Datapoints };
  },
});

function spanOf({ StartTime, EndTime, Period = 60 }: GetMetricStatisticsInput) {
  const isShort = [1, 5, 10, 20, 30].includes(Period);
  if (!isShort && Period % 60 !== 0)
    throw invalidValue('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
  const unitMs = isShort ? 1000 : 60_000;
  const startMs = floor(StartTime?.getTime() ?? 0, unitMs);
  const endMs = EndTime?.getTime() ?? 0;
  if (startMs >= endMs)
    throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const count = Math.ceil((endMs - startMs) / (Period * 1000));
  if (count > limits.metricStatisticsDatapoints)
    throw invalidCombination(
      `You have requested up to ${count} datapoints, which exceeds the limit of ${limits.metricStatisticsDatapoints}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  return { startMs, endMs, periodMs: Period * 1000 };
}

const floor = (ms: number, unitMs: number): number => ms - (ms % unitMs);
