/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataQuery,
  MetricDataResult,
  MetricStat,
} from '@aws-sdk/client-cloudwatch';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { invalidValue, validation } from './faults.ts';
import { evaluate } from './math/evaluate.ts';
import { idsIn, parseExpression } from './math/parse.ts';
import { compileSearch } from './math/search.ts';
import { type Series, seriesOf, seriesValue, type Value } from './math/value.ts';
import type { CloudWatchPorts } from './ports.ts';
import { absorb, dimensionsOf } from './put-metric-data.ts';
import { metricSeries, readPoints, type SeriesName } from './series-rows.ts';
import { statisticOf } from './statistic.ts';

export const getMetricDataOperations = (ports: CloudWatchPorts) => ({
  async GetMetricData(input: GetMetricDataInput, { scope }: Call): Promise<GetMetricDataOutput> {
    const { MetricDataQueries = [], ScanBy = 'TimestampDescending', StartTime, EndTime } = input;
    const [startMs, endMs] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
    if (startMs >= endMs)
      throw validation('The parameter StartTime must be less than the parameter EndTime.');
    checkQueries(MetricDataQueries);
    await absorb(ports, ports.drain());
    const query = createQuery(ports, scope, { startMs, endMs }, MetricDataQueries);
    const results: MetricDataResult[] = [];
    for (const { Id = '', Label, ReturnData = true } of MetricDataQueries)
      if (ReturnData) results.push(...shownAs(Id, Label, await query.valueOf(Id), query));
    return page(results, input, ScanBy);
  },
});

/** Throws ValidationError: also for what would only fail once it is worked out. */
export function checkQueries(queries: readonly MetricDataQuery[]): void {
  if (queries.length === 0 || queries.length > limits.metricDataQueries)
    throw validation(
      `The collection MetricDataQueries must have between 1 and ${limits.metricDataQueries} members.`,
    );
  const ids = new Set<string>();
  for (const { Id = '', MetricStat, Expression, AccountId } of queries) {
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(Id))
      throw validation(
        `The value ${Id} for parameter MetricDataQueries.member.Id is not matching the expected pattern.`,
      );
    if (ids.has(Id)) throw validation(`The values for parameter id in MetricDataQueries are not unique.`);
    ids.add(Id);
    if (AccountId) throw invalidValue('MetricDataQueries.AccountId: not supported by gatehouse');
    if ((MetricStat === undefined) === (Expression === undefined))
      throw validation(`Either MetricStat or Expression must be specified for ${Id}, and not both.`);
    if (Expression !== undefined && /^\s*SELECT\b/i.test(Expression))
      throw validation('Metrics Insights queries (SELECT ...): not supported by gatehouse');
  }
  checkCircles(queries);
}

function checkCircles(queries: readonly MetricDataQuery[]): void {
  const named = new Map(
    queries.map(({ Id = '', Expression }) => [
      Id,
      Expression === undefined ? [] : idsIn(parseExpression(Expression)),
    ]),
  );
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (path.includes(id)) throw validation(`Metrics expressions name one another in a circle: ${id}`);
    if (done.has(id)) return;
    for (const next of named.get(id) ?? []) visit(next, [...path, id]);
    done.add(id);
  };
  for (const id of named.keys()) visit(id, []);
}

export interface Query {
  /** Throws ValidationError. */
  valueOf(id: string): Promise<Value>;
  readonly periodOf: (id: string) => number;
}

interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** Values of queries, each worked out once however often it is named. */
export function createQuery(
  ports: CloudWatchPorts,
  scope: Scope,
  range: TimeRange,
  queries: readonly MetricDataQuery[],
): Query {
  const byId = new Map(queries.map((query) => [query.Id ?? '', query]));
  const known = new Map<string, Promise<Value>>();
  const periods = queries.flatMap(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? []);
  const periodSeconds = Math.max(60, ...periods);
  const valueOf = async (id: string): Promise<Value> => {
    const query = byId.get(id);
    if (query === undefined) {
      // FILL's own words, unless a query took their name.
      if (id === 'REPEAT' || id === 'LINEAR') return { kind: 'text', value: id };
      if (/^(AVG|MIN|MAX|SUM|ASC|DESC)$/i.test(id)) return { kind: 'text', value: id };
      throw validation(`Metrics expression names ${id}, which is no id of this request`);
    }
    const before = known.get(id);
    if (before !== undefined) return before;
    const made = query.MetricStat === undefined ? evaluated(query) : metric(query.MetricStat, query);
    known.set(id, made);
    return made;
  };
  const evaluated = ({ Expression = '', Period }: MetricDataQuery): Promise<Value> =>
    evaluate(Expression, {
      valueOf,
      metricIds: queries.flatMap(({ Id = '', MetricStat }) => (MetricStat === undefined ? [] : [Id])),
      search: (text, statistic, period) => search(text, statistic, period ?? Period ?? periodSeconds),
      startMs: floor(range.startMs, (Period ?? periodSeconds) * 1000),
      endMs: range.endMs,
      periodSeconds: Period ?? periodSeconds,
    });
  const metric = async (
    { Metric, Period = 60, Stat = '', Unit }: MetricStat,
    query: MetricDataQuery,
  ): Promise<Value> => {
    const { Namespace: namespace = '', MetricName: metricName = '', Dimensions } = Metric ?? {};
    const name = { namespace, metricName, dimensions: dimensionsOf(Dimensions) };
    return seriesValue(
      await read({ ports, scope, range }, name, { Period, Stat, Unit, label: query.Label ?? metricName }),
    );
  };
  const search = async (text: string, Stat: string, Period: number): Promise<Value> => {
    const matches = compileSearch(text);
    const found = (await ports.store.list(metricSeries, scope))
      .filter(({ row }) => matches(row))
      .slice(0, 500);
    const items = await Promise.all(
      found.map(({ row }) => read({ ports, scope, range }, row, { Period, Stat, label: searchLabel(row) })),
    );
    return { kind: 'list', items: items.filter(({ points }) => points.size > 0).map(seriesValue) };
  };
  return {
    valueOf,
    periodOf: (id) => byId.get(id)?.MetricStat?.Period ?? byId.get(id)?.Period ?? periodSeconds,
  };
}

const searchLabel = ({ metricName, dimensions }: SeriesName): string =>
  [...dimensions.map(([, value]) => value), metricName].join(' ');

interface Place {
  readonly ports: CloudWatchPorts;
  readonly scope: Scope;
  readonly range: TimeRange;
}

interface Wanted {
  readonly Period: number;
  readonly Stat: string;
  readonly Unit?: string | undefined;
  readonly label: string;
}

async function read(
  { ports, scope, range }: Place,
  name: SeriesName,
  { Period, Stat, Unit, label }: Wanted,
): Promise<Series> {
  const statistic = statisticOf(Stat);
  if (statistic === undefined)
    throw validation(
      `The value ${Stat} for parameter MetricDataQueries.member.MetricStat.Stat is not supported.`,
    );
  if (![1, 5, 10, 20, 30].includes(Period) && Period % 60 !== 0)
    throw validation('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
  const periodMs = Period * 1000;
  const span = { startMs: floor(range.startMs, periodMs), endMs: range.endMs, periodMs };
  const { points } = await readPoints(ports.store, scope, name, span, Unit);
  const values: [number, number][] = [];
  for (const [at, point] of points) {
    const value = statistic(point, Period);
    if (value !== undefined) values.push([at, value]);
  }
  return { label, periodSeconds: Period, points: new Map(values.toSorted(([a], [b]) => a - b)) };
}

const floor = (ms: number, unitMs: number): number => ms - (ms % unitMs);

/** A list of series is as many results of one id. */
function shownAs(id: string, label: string | undefined, value: Value, query: Query): MetricDataResult[] {
  if (value.kind === 'number')
    throw validation(
      `The expression ${id} must return time series: it returns the number ${value.value} (period ${query.periodOf(id)})`,
    );
  if (value.kind === 'text') throw validation(`The expression ${id} must return time series`);
  const isOne = value.kind === 'series';
  return seriesOf(value).map((series) => ({
    Id: id,
    Label: (isOne ? label : undefined) ?? series.label ?? id,
    Timestamps: [...series.points.keys()].map((at) => new Date(at)),
    Values: [...series.points.values()],
    StatusCode: 'Complete',
  }));
}

/** Every page has every result, with its share of the points. */
function page(results: MetricDataResult[], input: GetMetricDataInput, order: string): GetMetricDataOutput {
  const most = Math.min(input.MaxDatapoints ?? limits.metricDatapoints, limits.metricDatapoints);
  const share = Math.max(1, Math.floor(most / Math.max(1, results.length)));
  const start = startOf(input.NextToken);
  const turned = order === 'TimestampDescending' ? results.map(reversed) : results;
  const longest = Math.max(0, ...turned.map(({ Values = [] }) => Values.length));
  const end = start + share;
  return {
    MetricDataResults: turned.map((result) => ({
      ...result,
      Timestamps: result.Timestamps?.slice(start, end),
      Values: result.Values?.slice(start, end),
      StatusCode: (result.Values?.length ?? 0) > end ? 'PartialData' : 'Complete',
    })),
    Messages: [],
    ...(longest > end ? { NextToken: Buffer.from(String(end)).toString('base64') } : {}),
  };
}

const reversed = (result: MetricDataResult): MetricDataResult => ({
  ...result,
  Timestamps: result.Timestamps?.toReversed(),
  Values: result.Values?.toReversed(),
});

function startOf(token: string | undefined): number {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw invalidValue('The service cannot parse the NextToken.');
  return start;
}
