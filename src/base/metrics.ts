/** Measurements, as those who measure hand them to CloudWatch. */
import type { Scope } from './scope.ts';

/** Everything that was measured of one series in some span of time. */
export interface Point {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** How often each value was seen, for percentiles; null when that is not known. */
  readonly values: ReadonlyMap<number, number> | null;
}

export interface MetricSample {
  readonly namespace: string;
  readonly metricName: string;
  /** In the order of their names. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  /** AWS's `StandardUnit`. */
  readonly unit: string;
  /** Where its second or minute begins: milliseconds since 1970. */
  readonly timestamp: number;
  /** Kept by the second, too. */
  readonly highResolution: boolean;
  readonly point: Point;
}

export interface MetricBatch {
  readonly scope: Scope;
  readonly samples: readonly MetricSample[];
}
