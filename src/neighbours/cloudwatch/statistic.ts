/**
 * Statistics by their names: `Sum`, `p99.9`, `TM(10%:90%)`, `PR(:100)`, ...
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
import type { Point } from '../../base/metrics.ts';

/** Undefined: the point does not say (values are not known, or none lie within the bounds). */
export type Statistic = (point: Point, periodSeconds: number) => number | undefined;

/** Undefined when there is no such statistic. */
export function statisticOf(name: string): Statistic | undefined {
  switch (name) {
    case 'SampleCount':
      return ({ count }) => count;
    case 'Sum':
      return ({ sum }) => sum;
    case 'Average':
      return ({ sum, count }) => sum / count;
    case 'Minimum':
      return ({ min }) => min;
    case 'Maximum':
      return ({ max }) => max;
    case 'IQM':
      return overRange('TM', { low: 25, high: 75, isPercent: true });
    default:
      return shortForm(name) ?? longForm(name);
  }
}

/** `p90`, and `tm90` for the trimmed mean up to the 90th percentile. */
function shortForm(name: string): Statistic | undefined {
  const [, kind = '', text = ''] = /^(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name) ?? [];
  if (kind === '') return undefined;
  const high = Number(text);
  return kind === 'p'
    ? (point) => percentile(point, high)
    : overRange(kind.toUpperCase(), { low: 0, high, isPercent: true });
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly isPercent: boolean;
}

function longForm(name: string): Statistic | undefined {
  const [, kind = '', low = '', high = ''] =
    /^(TM|WM|TC|TS|PR)\((-?[\d.]*%?):(-?[\d.]*%?)\)$/.exec(name) ?? [];
  if (kind === '' || (low === '' && high === '')) return undefined;
  const isPercent = low.endsWith('%') || high.endsWith('%');
  // A percentage and a value do not go together, and ranks are asked by value.
  if (isPercent && [low, high].some((bound) => bound !== '' && !bound.endsWith('%'))) return undefined;
  if (kind === 'PR' && isPercent) return undefined;
  const [least, most] = isPercent ? [0, 100] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const numberOf = (bound: string, open: number): number =>
    bound === '' ? open : Number(bound.replace('%', ''));
  const bounds = { low: numberOf(low, least), high: numberOf(high, most), isPercent };
  return Number.isNaN(bounds.low) || Number.isNaN(bounds.high) ? undefined : overRange(kind, bounds);
}

type Counted = readonly (readonly [value: number, count: number])[];

/** Null: only sums were given, of more than one value. */
function sortedValues({ values, count, min, max }: Point): Counted | null {
  if (values !== null) return [...values].toSorted(([a], [b]) => a - b);
  return min === max ? [[min, count]] : null;
}

function percentile(point: Point, percent: number): number | undefined {
  const values = sortedValues(point);
  if (values === null) return undefined;
  let left = (percent / 100) * point.count;
  for (const [value, count] of values) {
    left -= count;
    if (left <= 0) return value;
  }
  return values.at(-1)?.[0];
}

function overRange(kind: string, bounds: Bounds): Statistic {
  return (point) => {
    const values = sortedValues(point);
    if (values === null) return undefined;
    const within = bounds.isPercent
      ? betweenPercents(values, point.count, bounds)
      : values.filter(([value]) => value > bounds.low && value <= bounds.high);
    const count = within.reduce((total, [, each]) => total + each, 0);
    const sum = within.reduce((total, [value, each]) => total + value * each, 0);
    switch (kind) {
      case 'TM':
        return count === 0 ? undefined : sum / count;
      case 'TC':
        return count;
      case 'TS':
        return sum;
      case 'PR':
        return (count / point.count) * 100;
      default:
        return winsorized(values, point, bounds);
    }
  };
}

/** Those outside count as the nearest inside. */
function winsorized(values: Counted, point: Point, bounds: Bounds): number | undefined {
  const [low, high] = bounds.isPercent
    ? [percentile(point, bounds.low) ?? point.min, percentile(point, bounds.high) ?? point.max]
    : [bounds.low, bounds.high];
  const sum = values.reduce(
    (total, [value, count]) => total + Math.min(high, Math.max(low, value)) * count,
    0,
  );
  return sum / point.count;
}

/** A value's share that lies between the percentages. */
function betweenPercents(values: Counted, total: number, { low, high }: Bounds): Counted {
  const [from, to] = [(low / 100) * total, (high / 100) * total];
  const within: [number, number][] = [];
  let seen = 0;
  for (const [value, count] of values) {
    const share = Math.min(to, seen + count) - Math.max(from, seen);
    if (share > 0) within.push([value, share]);
    seen += count;
  }
  return within;
}
