/**
 * Metrics as rows: a row a series, and its points in chunks of time, at several resolutions, each kept as long as AWS
 * keeps it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */
import { createHash } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import type { MetricSample, Point } from '../../base/metrics.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { added, pack, type PackedPoint, unpack } from './point.ts';

export interface SeriesRow {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly units: readonly string[];
  /** When it last got a point: milliseconds since 1970. */
  readonly lastAt: number;
}

/** Key: a digest of namespace, name and dimensions. */
export const metricSeries = table<SeriesRow>('cloudwatch.series');

interface ChunkRow {
  /** By the point's place in the chunk. */
  readonly points: Readonly<Record<string, PackedPoint>>;
}

/** Key: `{series}/{tier}/{unit}/{start of the chunk}`. */
const chunks = table<ChunkRow>('cloudwatch.points');

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Tier {
  readonly name: string;
  readonly stepMs: number;
  readonly chunkMs: number;
  readonly keptMs: number;
}

/** From the finest to the coarsest. */
const TIERS: readonly Tier[] = [
  { name: 's', stepMs: 1000, chunkMs: 300_000, keptMs: 3 * HOUR_MS },
  { name: 'm', stepMs: 60_000, chunkMs: HOUR_MS, keptMs: 15 * DAY_MS },
  { name: 'f', stepMs: 300_000, chunkMs: 12 * HOUR_MS, keptMs: 63 * DAY_MS },
  { name: 'h', stepMs: HOUR_MS, chunkMs: 10 * DAY_MS, keptMs: 455 * DAY_MS },
];

export type SeriesName = Pick<SeriesRow, 'namespace' | 'metricName' | 'dimensions'>;

const seriesKey = ({ namespace, metricName, dimensions }: SeriesName): string =>
  createHash('sha256')
    .update(JSON.stringify([namespace, metricName, dimensions]))
    .digest('base64url')
    .slice(0, 22);

const startOf = (timestamp: number, spanMs: number): number => timestamp - (timestamp % spanMs);

const chunkPrefix = (key: string, tier: Tier, unit: string): string => `${key}/${tier.name}/${unit}/`;

const chunkKey = (prefix: string, startMs: number): string => prefix + String(startMs).padStart(14, '0');

/** False: the account has as many series as it may have, and this would be one more. */
export async function addSamples(
  rows: Transaction,
  scope: Scope,
  samples: readonly MetricSample[],
  nowMs: number,
): Promise<boolean> {
  const pending = new Map<
    string,
    { readonly prefix: string; readonly tier: Tier; points: Record<string, PackedPoint> }
  >();
  let allTaken = true;
  for (const sample of samples) {
    const key = seriesKey(sample);
    if (!(await noteSeries(rows, scope, key, sample, nowMs))) {
      allTaken = false;
      continue;
    }
    for (const tier of TIERS) {
      if (tier.name === 's' && !sample.highResolution) continue;
      const prefix = chunkPrefix(key, tier, sample.unit);
      const chunk = startOf(sample.timestamp, tier.chunkMs);
      const place = chunkKey(prefix, chunk);
      let row = pending.get(place);
      if (row === undefined) {
        const known = await rows.get(chunks, scope, place);
        if (known === undefined) await forgetOld(rows, scope, prefix, tier, nowMs);
        row = { prefix, tier, points: { ...known?.points } };
        pending.set(place, row);
      }
      const at = String((startOf(sample.timestamp, tier.stepMs) - chunk) / tier.stepMs);
      const before = row.points[at];
      row.points[at] = pack(before === undefined ? sample.point : added(unpack(before), sample.point));
    }
  }
  for (const [place, { points }] of pending) await rows.put(chunks, scope, place, { points });
  return allTaken;
}

async function noteSeries(
  rows: Transaction,
  scope: Scope,
  key: string,
  { namespace, metricName, dimensions, unit, timestamp }: MetricSample,
  nowMs: number,
): Promise<boolean> {
  const known = await rows.get(metricSeries, scope, key);
  const lastAt = Math.max(known?.lastAt ?? 0, timestamp);
  if (known?.lastAt === lastAt && known.units.includes(unit)) return true;
  if (known === undefined && !(await hasRoom(rows, scope, nowMs))) return false;
  const units = [...new Set([...(known?.units ?? []), unit])];
  await rows.put(metricSeries, scope, key, { namespace, metricName, dimensions, units, lastAt });
  return true;
}

/** Series of which nothing is kept any more make room. */
async function hasRoom(rows: Transaction, scope: Scope, nowMs: number): Promise<boolean> {
  const all = await rows.list(metricSeries, scope);
  if (all.length < limits.metricSeries) return true;
  const [longest] = TIERS.toReversed();
  const gone = all.filter(({ row }) => row.lastAt < nowMs - (longest?.keptMs ?? 0));
  for (const { key } of gone) {
    await rows.delete(metricSeries, scope, key);
    await rows.deleteRange(chunks, scope, `${key}/`);
  }
  return gone.length > 0;
}

/** A new chunk is the occasion to drop those that are too old: nothing has to run for it. */
async function forgetOld(
  rows: Transaction,
  scope: Scope,
  prefix: string,
  tier: Tier,
  nowMs: number,
): Promise<void> {
  const oldest = chunkKey(prefix, Math.max(0, nowMs - tier.keptMs - tier.chunkMs));
  for (const { key } of await rows.list(chunks, scope, { prefix, limit: 50 }))
    if (key < oldest) await rows.delete(chunks, scope, key);
}

export interface Span {
  /** Milliseconds since 1970; `endMs` is exclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly periodMs: number;
}

/** Points added up by periods that begin at `startMs`, by the start of each. */
export async function readPoints(
  rows: Pick<Reader, 'list' | 'get'>,
  scope: Scope,
  name: SeriesName,
  span: Span,
  unit?: string,
): Promise<{ readonly points: ReadonlyMap<number, Point>; readonly unit: string | undefined }> {
  const key = seriesKey(name);
  const series = await rows.get(metricSeries, scope, key);
  const units = (series?.units ?? []).filter((known) => unit === undefined || known === unit);
  const tier = tierFor(span);
  const points = new Map<number, Point>();
  for (const known of units) {
    const prefix = chunkPrefix(key, tier, known);
    const after = chunkKey(prefix, Math.max(0, startOf(span.startMs, tier.chunkMs) - 1));
    for (const { key: place, row } of await rows.list(chunks, scope, { prefix, after })) {
      const chunk = Number(place.slice(prefix.length));
      if (chunk >= span.endMs) break;
      for (const [at, packed] of Object.entries(row.points)) {
        const timestamp = chunk + Number(at) * tier.stepMs;
        if (timestamp < span.startMs || timestamp >= span.endMs) continue;
        const period = span.startMs + startOf(timestamp - span.startMs, span.periodMs);
        const before = points.get(period);
        const point = unpack(packed);
        points.set(period, before === undefined ? point : added(before, point));
      }
    }
  }
  return { points, unit: units[0] };
}

/** The coarsest that fits: fewer rows to read. */
function tierFor({ startMs, periodMs }: Span): Tier {
  const fitting = TIERS.filter(({ stepMs }) => periodMs % stepMs === 0 && startMs % stepMs === 0);
  const [finest] = TIERS;
  const found = fitting.at(-1) ?? finest;
  if (found === undefined) throw new Error('there are tiers');
  return found;
}
