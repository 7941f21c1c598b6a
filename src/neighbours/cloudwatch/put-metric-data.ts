/** Measurements come in: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
import type { Dimension, MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { limits } from '../../base/limits.ts';
import type { MetricBatch, MetricSample, Point } from '../../base/metrics.ts';
import type { Call } from '../../wire/service.ts';
import { invalidCombination, invalidValue, limitExceeded, missingParameter } from './faults.ts';
import { added, bounded, pointOf } from './point.ts';
import type { CloudWatchPorts } from './ports.ts';
import { addSamples } from './series-rows.ts';

export const putMetricDataOperations = (ports: CloudWatchPorts) => ({
  async PutMetricData(input: PutMetricDataInput, { scope }: Call) {
    if (input.EntityMetricData?.length) throw invalidValue('EntityMetricData: not supported by gatehouse');
    const { Namespace: namespace = '', MetricData = [] } = input;
    if (namespace.startsWith('AWS/'))
      throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
    if (MetricData.length > limits.metricsAPut)
      throw invalidValue(
        `The collection MetricData must not have a size greater than ${limits.metricsAPut}.`,
      );
    const nowMs = ports.now();
    const samples = MetricData.map((datum, at) =>
      sampleOf(namespace, datum, `MetricData.member.${at + 1}`, nowMs),
    );
    const taken = await ports.store.transaction((rows) => addSamples(rows, scope, samples, nowMs));
    if (!taken) throw limitExceeded(`More than ${limits.metricSeries} metrics: not supported by gatehouse`);
    return {};
  },
});

/** What this server measured of itself; series beyond the limit are left out and said. */
export async function absorb(ports: CloudWatchPorts, batches: readonly MetricBatch[]): Promise<void> {
  if (batches.length === 0) return;
  let allTaken = true;
  await ports.store.transaction(async (rows) => {
    for (const { scope, samples } of batches)
      if (!(await addSamples(rows, scope, samples, ports.now()))) allTaken = false;
  });
  if (!allTaken)
    ports.log('warn', 'metrics were not kept: there are too many', { most: limits.metricSeries });
}

const PAST_MS = 14 * 86_400_000;
const AHEAD_MS = 2 * 3_600_000;

function sampleOf(namespace: string, datum: MetricDatum, path: string, nowMs: number): MetricSample {
  const { MetricName: metricName = '', Timestamp, Unit = 'None', StorageResolution = 60 } = datum;
  const time = Timestamp?.getTime() ?? nowMs;
  if (time < nowMs - PAST_MS || time > nowMs + AHEAD_MS)
    throw invalidValue(
      `The parameter ${path}.Timestamp must specify a time within the past two weeks and not more than two hours in the future.`,
    );
  if (StorageResolution !== 1 && StorageResolution !== 60)
    throw invalidValue(`The parameter ${path}.StorageResolution must be 1 or 60.`);
  return {
    namespace,
    metricName,
    dimensions: dimensionsOf(datum.Dimensions),
    unit: Unit,
    timestamp: time - (time % (StorageResolution * 1000)),
    highResolution: StorageResolution === 1,
    point: measured(datum, path),
  };
}

export function dimensionsOf(dimensions: readonly Dimension[] = []): [string, string][] {
  if (dimensions.length > limits.metricDimensions)
    throw invalidValue(
      `The collection Dimensions must not have a size greater than ${limits.metricDimensions}.`,
    );
  return dimensions
    .map(({ Name = '', Value = '' }): [string, string] => [Name, Value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function measured({ Value, Values, Counts, StatisticValues }: MetricDatum, path: string): Point {
  const forms = [Value, Values, StatisticValues].filter((form) => form !== undefined).length;
  if (forms === 0)
    throw missingParameter(
      `At least one of the parameters ${path}.Value, ${path}.Values or ${path}.StatisticValues must be specified.`,
    );
  if (forms > 1)
    throw invalidCombination(
      `The parameters ${path}.Value, ${path}.Values and ${path}.StatisticValues are mutually exclusive and you have specified more than one.`,
    );
  if (Value !== undefined) return pointOf(checked(Value, `${path}.Value`));
  if (StatisticValues !== undefined) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: min = 0, Maximum: max = 0 } = StatisticValues;
    for (const each of [count, sum, min, max]) checked(each, `${path}.StatisticValues`);
    if (min > max)
      throw invalidValue(`The parameter ${path}.StatisticValues.Minimum must not be greater than Maximum.`);
    if (count <= 0)
      throw invalidValue(`The parameter ${path}.StatisticValues.SampleCount must be greater than 0.`);
    return { count, sum, min, max, values: min === max ? new Map([[min, count]]) : null };
  }
  return counted(Values ?? [], Counts, path);
}

function counted(values: readonly number[], counts: readonly number[] | undefined, path: string): Point {
  if (values.length === 0 || values.length > limits.metricValuesAPut)
    throw invalidValue(
      `The collection ${path}.Values must have between 1 and ${limits.metricValuesAPut} members.`,
    );
  if (counts !== undefined && counts.length !== values.length)
    throw invalidValue(`The collections ${path}.Values and ${path}.Counts must be of the same size.`);
  const points = values.map((value, at) => pointOf(checked(value, `${path}.Values`), counts?.[at] ?? 1));
  const [first, ...rest] = points;
  if (first === undefined) throw invalidValue(`The collection ${path}.Values must not be empty.`);
  const all = rest.reduce(added, first);
  return { ...all, values: all.values === null ? null : bounded(new Map(all.values)) };
}

const LARGEST = 2 ** 360;

function checked(value: number, path: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= LARGEST) return value;
  throw invalidValue(`The value ${value} for parameter ${path} is invalid.`);
}
