/** The functions of metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list */
import { validation } from '../faults.ts';
import {
  mapPoints,
  numberValue,
  type Series,
  seriesOf,
  seriesValue,
  type Surroundings,
  type Value,
} from './value.ts';

type MathFunction = (given: readonly Value[], around: Surroundings) => Value | Promise<Value>;

const wrong = (name: string, what: string): Error => validation(`${name}() in a metrics expression: ${what}`);

/** Series in, series out; lists go item by item. */
const onSeries =
  (
    name: string,
    change: (series: Series, given: readonly Value[], around: Surroundings) => Series,
  ): MathFunction =>
  (given, around) => {
    const each = (value: Value | undefined): Value => {
      if (value?.kind === 'series') return seriesValue(change(value.series, given.slice(1), around));
      if (value?.kind === 'list') return { kind: 'list', items: value.items.map(each) };
      throw wrong(name, 'it takes a time series');
    };
    return each(given[0]);
  };

/** The same of a number, of every point, of every item. */
const onValues =
  (name: string, change: (value: number) => number): MathFunction =>
  ([given]) => {
    const each = (value: Value | undefined): Value => {
      if (value?.kind === 'number') return numberValue(change(value.value));
      if (value?.kind === 'series') return seriesValue(mapPoints(value.series, change));
      if (value?.kind === 'list') return { kind: 'list', items: value.items.map(each) };
      throw wrong(name, 'it takes a number or a time series');
    };
    return each(given);
  };

/** Of one series a number, of several a series of what they have at each time. */
const aggregate =
  (name: string, of: (values: readonly number[]) => number): MathFunction =>
  ([given]) => {
    if (given?.kind === 'series') return numberValue(of([...given.series.points.values()]));
    if (given?.kind !== 'list') throw wrong(name, 'it takes a time series or several');
    if (given.items.every((item) => item.kind === 'number'))
      return numberValue(of(given.items.flatMap((item) => (item.kind === 'number' ? [item.value] : []))));
    const all = seriesOf(given);
    const times = [...new Set(all.flatMap(({ points }) => [...points.keys()]))].toSorted((a, b) => a - b);
    const points = new Map(
      times.map((at) => [at, of(all.flatMap((series) => series.points.get(at) ?? []))] as const),
    );
    return seriesValue({
      label: name,
      periodSeconds: Math.max(0, ...all.map((one) => one.periodSeconds)),
      points,
    });
  };

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** Each point and the one before it; the first has none. */
const between = (
  name: string,
  of: (step: { value: number; before: number; seconds: number }) => number,
): MathFunction =>
  onSeries(name, (series) => {
    const points = new Map<number, number>();
    let last: readonly [number, number] | undefined;
    for (const [at, value] of series.points) {
      if (last !== undefined) points.set(at, of({ value, before: last[1], seconds: (at - last[0]) / 1000 }));
      last = [at, value];
    }
    return { ...series, points };
  });

const atTimes = (name: string, of: (date: Date) => number): MathFunction =>
  onSeries(name, (series) => mapPoints(series, (_value, at) => of(new Date(at))));

/** Every time of the request at which the series could have a point. */
function timesOf({ periodSeconds, points }: Series, { startMs, endMs }: Surroundings): number[] {
  const stepMs = periodSeconds * 1000;
  const first = points.keys().next().value ?? startMs;
  const start = startMs + ((((first - startMs) % stepMs) + stepMs) % stepMs);
  const times: number[] = [];
  for (let at = start; at < endMs; at += stepMs) times.push(at);
  return times;
}

function fill(series: Series, by: Value | undefined, around: Surroundings): Series {
  const known = [...series.points];
  const points = new Map<number, number>();
  for (const at of timesOf(series, around)) {
    const value = series.points.get(at) ?? filler(known, at, by);
    if (value !== undefined) points.set(at, value);
  }
  return { ...series, points };
}

function filler(
  known: readonly (readonly [number, number])[],
  at: number,
  by: Value | undefined,
): number | undefined {
  if (by?.kind === 'number') return by.value;
  const before = known.findLast(([time]) => time < at);
  // `REPEAT` and `LINEAR` come as ids that nothing else has: see `valueOf` in get-metric-data.ts.
  if (by?.kind === 'text' && by.value === 'REPEAT') return before?.[1];
  const after = known.find(([time]) => time > at);
  if (by?.kind !== 'text' || by.value !== 'LINEAR')
    throw wrong('FILL', 'it fills with a number, REPEAT or LINEAR');
  if (before === undefined || after === undefined) return undefined;
  return before[1] + ((after[1] - before[1]) * (at - before[0])) / (after[0] - before[0]);
}

/** Point by point where the condition is a series. */
function choose([condition, yes, no]: readonly Value[]): Value {
  if (condition?.kind === 'number') return (condition.value !== 0 ? yes : no) ?? emptyLike(yes);
  if (condition?.kind !== 'series' || yes === undefined)
    throw wrong('IF', 'its condition is a number or one time series');
  const at = (value: Value | undefined, time: number): number | undefined => {
    if (value?.kind === 'number') return value.value;
    return value?.kind === 'series' ? value.series.points.get(time) : undefined;
  };
  const points = new Map<number, number>();
  for (const [time, holds] of condition.series.points) {
    const value = at(holds !== 0 ? yes : no, time);
    if (value !== undefined) points.set(time, value);
  }
  return seriesValue({ ...condition.series, points });
}

const emptyLike = (value: Value | undefined): Value => {
  if (value?.kind === 'series') return seriesValue({ ...value.series, points: new Map() });
  throw wrong('IF', 'it needs a third value here');
};

const textOf = (value: Value | undefined, name: string): string => {
  if (value?.kind === 'text') return value.value;
  throw wrong(name, 'it takes a text');
};
const numberOf = (value: Value | undefined, name: string): number => {
  if (value?.kind === 'number') return value.value;
  throw wrong(name, 'it takes a number');
};

const RANKS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: mean,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  SUM: sum,
};

function sorted([given, by, order, most]: readonly Value[]): Value {
  const rank = RANKS[textOf(by, 'SORT').toUpperCase()];
  if (rank === undefined) throw wrong('SORT', 'it sorts by AVG, MIN, MAX or SUM');
  const sign = textOf(order, 'SORT').toUpperCase() === 'DESC' ? -1 : 1;
  const ranked = (given === undefined ? [] : seriesOf(given)).toSorted(
    (a, b) => sign * (rank([...a.points.values()]) - rank([...b.points.values()])),
  );
  const count = most === undefined ? ranked.length : numberOf(most, 'SORT');
  return { kind: 'list', items: ranked.slice(0, count).map(seriesValue) };
}

export const functions: Readonly<Record<string, MathFunction>> = {
  ABS: onValues('ABS', Math.abs),
  AVG: aggregate('AVG', mean),
  CEIL: onValues('CEIL', Math.ceil),
  DATAPOINT_COUNT: aggregate('DATAPOINT_COUNT', (values) => values.length),
  DATE: atTimes('DATE', (date) => date.getUTCDate()),
  DAY: atTimes('DAY', (date) => date.getUTCDay() || 7),
  DIFF: between('DIFF', ({ value, before }) => value - before),
  DIFF_TIME: between('DIFF_TIME', ({ seconds }) => seconds),
  EPOCH: atTimes('EPOCH', (date) => date.getTime() / 1000),
  FILL: onSeries('FILL', (series, [by], around) => fill(series, by, around)),
  FIRST: ([given]) => (given?.kind === 'list' ? (given.items[0] ?? given) : nth(given, 0)),
  FLOOR: onValues('FLOOR', Math.floor),
  HOUR: atTimes('HOUR', (date) => date.getUTCHours()),
  IF: choose,
  LAST: ([given]) => (given?.kind === 'list' ? (given.items.at(-1) ?? given) : nth(given, -1)),
  LOG: onValues('LOG', Math.log),
  LOG10: onValues('LOG10', Math.log10),
  MAX: aggregate('MAX', (values) => Math.max(...values)),
  METRICS: async ([filter], around) => {
    const wanted = filter === undefined ? '' : textOf(filter, 'METRICS');
    const ids = around.metricIds.filter((id) => id.includes(wanted));
    return { kind: 'list', items: await Promise.all(ids.map(around.valueOf)) };
  },
  METRIC_COUNT: ([given]) => numberValue(given === undefined ? 0 : seriesOf(given).length),
  MIN: aggregate('MIN', (values) => Math.min(...values)),
  MINUTE: atTimes('MINUTE', (date) => date.getUTCMinutes()),
  MONTH: atTimes('MONTH', (date) => date.getUTCMonth() + 1),
  PERIOD: ([given]) => {
    if (given?.kind === 'series') return numberValue(given.series.periodSeconds);
    throw wrong('PERIOD', 'it takes one time series');
  },
  RATE: between('RATE', ({ value, before, seconds }) => (value - before) / seconds),
  REMOVE_EMPTY: ([given]) => ({
    kind: 'list',
    items: (given === undefined ? [] : seriesOf(given))
      .filter(({ points }) => points.size > 0)
      .map(seriesValue),
  }),
  RUNNING_SUM: onSeries('RUNNING_SUM', (series) => {
    let total = 0;
    return mapPoints(series, (value) => (total += value));
  }),
  SEARCH: async ([expression, statistic, period], around) =>
    around.search(
      textOf(expression, 'SEARCH'),
      textOf(statistic, 'SEARCH'),
      period === undefined ? undefined : numberOf(period, 'SEARCH'),
    ),
  SLICE: ([given, start, end]) => ({
    kind: 'list',
    items: (given === undefined ? [] : seriesOf(given))
      .slice(numberOf(start, 'SLICE'), end === undefined ? undefined : numberOf(end, 'SLICE'))
      .map(seriesValue),
  }),
  SORT: sorted,
  STDDEV: aggregate('STDDEV', deviation),
  SUM: aggregate('SUM', sum),
  TIME_SERIES: ([given], around) => {
    const value = numberOf(given, 'TIME_SERIES');
    const { periodSeconds, startMs } = around;
    const empty: Series = { label: String(value), periodSeconds, points: new Map([[startMs, value]]) };
    return seriesValue({ ...empty, points: new Map(timesOf(empty, around).map((at) => [at, value])) });
  },
  YEAR: atTimes('YEAR', (date) => date.getUTCFullYear()),
};

function nth(given: Value | undefined, at: 0 | -1): Value {
  if (given?.kind !== 'series') throw wrong(at === 0 ? 'FIRST' : 'LAST', 'it takes time series');
  const value = [...given.series.points.values()].at(at);
  return value === undefined ? seriesValue({ ...given.series, points: new Map() }) : numberValue(value);
}
