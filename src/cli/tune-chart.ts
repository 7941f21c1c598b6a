/** What power tuning found, as a table and a chart for people. */
import type { Measurement } from './tune-measure.ts';

export interface Recommendation {
  readonly cheapest: Measurement;
  readonly fastest: Measurement;
  /** The best of both: each counted as a share of the worst, half and half. */
  readonly balanced: Measurement;
}

/** `measured` is never empty. */
export function recommend(measured: readonly [Measurement, ...Measurement[]]): Recommendation {
  const least = (of: (one: Measurement) => number): Measurement =>
    measured.reduce((best, one) => (of(one) < of(best) ? one : best));
  const most = (of: (one: Measurement) => number): number => Math.max(...measured.map(of));
  const slowest = most(({ durationMs }) => durationMs);
  const dearest = most(({ cost }) => cost);
  return {
    cheapest: least(({ cost }) => cost),
    fastest: least(({ durationMs }) => durationMs),
    balanced: least(({ cost, durationMs }) => cost / dearest / 2 + durationMs / slowest / 2),
  };
}

export const HEADER = ['MEMORY', 'DURATION', 'BILLED', 'INIT', 'COST OF A MILLION', ''];

export function tableRows(
  measured: readonly Measurement[],
  { cheapest, fastest, balanced }: Recommendation,
): string[][] {
  return measured.map((one) => [
    `${one.memoryMb} MB`,
    `${one.durationMs.toFixed(1)} ms`,
    `${one.billedMs.toFixed(0)} ms`,
    one.initMs === undefined ? '-' : `${one.initMs.toFixed(0)} ms`,
    `$${(one.cost * 1e6).toFixed(2)}`,
    [one === cheapest && 'cheapest', one === fastest && 'fastest', one === balanced && 'balanced']
      .filter((word) => word !== false)
      .join(', '),
  ]);
}

const WIDTH = 40;

/** Two bars a size: how long it takes and what it costs, each as a share of the most. */
export function chartLines(measured: readonly Measurement[]): string[] {
  const slowest = Math.max(...measured.map(({ durationMs }) => durationMs));
  const dearest = Math.max(...measured.map(({ cost }) => cost));
  const label = Math.max(...measured.map(({ memoryMb }) => String(memoryMb).length));
  const bar = (value: number, of: number, mark: string): string =>
    mark.repeat(Math.max(1, Math.round((value / of) * WIDTH)));
  return measured.flatMap(({ memoryMb, durationMs, cost }) => [
    `${String(memoryMb).padStart(label)} MB  time ${bar(durationMs, slowest, '#')} ${durationMs.toFixed(1)} ms`,
    `${' '.repeat(label)}     cost ${bar(cost, dearest, '=')} $${(cost * 1e6).toFixed(2)}`,
  ]);
}
