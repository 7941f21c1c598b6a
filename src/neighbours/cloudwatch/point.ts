/** Points: made, added up, kept as short JSON. */
import { limits } from '../../base/limits.ts';
import type { Point } from '../../base/metrics.ts';

export const pointOf = (value: number, count = 1): Point => ({
  count,
  sum: value * count,
  min: value,
  max: value,
  values: new Map([[value, count]]),
});

export function added(a: Point, b: Point): Point {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    values: a.values === null || b.values === null ? null : bounded(mergedValues(a.values, b.values)),
  };
}

type Values = ReadonlyMap<number, number>;

function mergedValues(a: Values, b: Values): Map<number, number> {
  const all = new Map(a);
  for (const [value, count] of b) all.set(value, (all.get(value) ?? 0) + count);
  return all;
}

/** Many values are told apart less finely: to three digits, then to two. */
export function bounded(values: Map<number, number>): Map<number, number> {
  for (const digits of [3, 2, 1]) {
    if (values.size <= limits.metricValuesAPoint) return values;
    const coarse = new Map<number, number>();
    for (const [value, count] of values) {
      const near = Number(value.toPrecision(digits));
      coarse.set(near, (coarse.get(near) ?? 0) + count);
    }
    values = coarse;
  }
  return values;
}

/** As rows keep it. */
export type PackedPoint = readonly [
  count: number,
  sum: number,
  min: number,
  max: number,
  values: readonly (readonly [number, number])[] | null,
];

export const pack = ({ count, sum, min, max, values }: Point): PackedPoint => [
  count,
  sum,
  min,
  max,
  values === null ? null : [...values],
];

export const unpack = ([count, sum, min, max, values]: PackedPoint): Point => ({
  count,
  sum,
  min,
  max,
  values: values === null ? null : new Map(values),
});
