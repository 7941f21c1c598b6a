/** What expressions are made of: numbers, texts, time series and lists of these. */

export interface Series {
  readonly label: string;
  readonly periodSeconds: number;
  /** By timestamp (milliseconds), in order. */
  readonly points: ReadonlyMap<number, number>;
}

export type Value =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'series'; readonly series: Series }
  | { readonly kind: 'list'; readonly items: readonly Value[] };

export const numberValue = (value: number): Value => ({ kind: 'number', value });
export const seriesValue = (series: Series): Value => ({ kind: 'series', series });

/** What `evaluate` knows beside the expression. */
export interface Surroundings {
  /** Every query's value by its id, made when it is asked for. */
  readonly valueOf: (id: string) => Promise<Value>;
  /** The metrics of the request that are no expressions, in order: what METRICS() means. */
  readonly metricIds: readonly string[];
  readonly search: (
    expression: string,
    statistic: string,
    periodSeconds: number | undefined,
  ) => Promise<Value>;
  readonly startMs: number;
  readonly endMs: number;
  /** For series that come of nothing but numbers. */
  readonly periodSeconds: number;
}

/** Every series in a value, in order. */
export function seriesOf(value: Value): Series[] {
  if (value.kind === 'series') return [value.series];
  return value.kind === 'list' ? value.items.flatMap(seriesOf) : [];
}

export const mapPoints = (series: Series, change: (value: number, at: number) => number): Series => ({
  ...series,
  points: new Map([...series.points].map(([at, value]) => [at, change(value, at)])),
});
