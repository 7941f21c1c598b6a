/**
 * What this server measures of itself, added up in memory by the minute until CloudWatch takes it. Bounded: a series
 * beyond the limit is not begun.
 */
import { limits } from '../base/limits.ts';
import type { MetricBatch, MetricSample, Point } from '../base/metrics.ts';
import type { Scope } from '../base/scope.ts';

export interface SeriesId {
  readonly scope: Scope;
  readonly namespace: string;
  readonly metricName: string;
  /** In the order of their names. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly unit: string;
}

export interface Recorder {
  /** `at`: milliseconds since 1970. */
  add(value: number, at: number): void;
}

export interface MetricBuffer {
  /** Kept by whoever measures: looking it up is dear, adding is not. */
  recorder(id: SeriesId): Recorder;
  /** Everything since it was last asked. */
  drain(): MetricBatch[];
}

const MINUTE_MS = 60_000;

export function createMetricBuffer(onFirst: () => void): MetricBuffer {
  let touched: Gatherer[] = [];
  let finished: { readonly id: SeriesId; readonly minute: number; readonly point: Point }[] = [];
  const began = (gatherer: Gatherer): void => {
    if (touched.length === 0 && finished.length === 0) onFirst();
    touched.push(gatherer);
  };
  return {
    recorder: (id) =>
      new Gatherer(id, began, (done) => {
        // Nobody takes them: the newest are of more use than those that did not fit.
        if (finished.length >= limits.metricSeries) finished.shift();
        finished.push(done);
      }),
    drain() {
      const all = [...finished, ...touched.map((gatherer) => gatherer.take())];
      touched = [];
      finished = [];
      return batchesOf(all);
    },
  };
}

type Finished = { readonly id: SeriesId; readonly minute: number; readonly point: Point };

/** One series, one minute at a time. */
class Gatherer implements Recorder {
  readonly #id: SeriesId;
  readonly #began: (gatherer: Gatherer) => void;
  readonly #finish: (done: Finished) => void;
  #minute = -1;
  #isTouched = false;
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;
  #values = new Map<number, number>();

  constructor(id: SeriesId, began: (gatherer: Gatherer) => void, finish: (done: Finished) => void) {
    this.#id = id;
    this.#began = began;
    this.#finish = finish;
  }

  add(value: number, at: number): void {
    const minute = (at / MINUTE_MS) | 0;
    if (minute !== this.#minute) {
      if (this.#isTouched) this.#finish(this.#done());
      this.#begin(minute, value);
    }
    if (!this.#isTouched) {
      this.#isTouched = true;
      this.#began(this);
    }
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    const near = this.#values.size < limits.metricValuesAPoint ? value : Number(value.toPrecision(2));
    this.#values.set(near, (this.#values.get(near) ?? 0) + 1);
  }

  take(): Finished {
    const done = this.#done();
    this.#isTouched = false;
    this.#minute = -1;
    return done;
  }

  #begin(minute: number, value: number): void {
    this.#minute = minute;
    this.#count = 0;
    this.#sum = 0;
    this.#min = value;
    this.#max = value;
    this.#values = new Map();
  }

  #done(): Finished {
    const point = {
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      values: this.#values,
    };
    return { id: this.#id, minute: this.#minute * MINUTE_MS, point };
  }
}

function batchesOf(all: readonly Finished[]): MetricBatch[] {
  const batches = new Map<string, { readonly scope: Scope; readonly samples: MetricSample[] }>();
  for (const { id, minute, point } of all) {
    const { scope, ...series } = id;
    const place = `${scope.account}/${scope.region}`;
    const batch = batches.get(place) ?? { scope, samples: [] };
    batches.set(place, batch);
    batch.samples.push({ ...series, timestamp: minute, highResolution: false, point });
  }
  return [...batches.values()];
}
