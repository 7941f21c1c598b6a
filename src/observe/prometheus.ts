/** Counters, gauges and histograms in Prometheus's text form: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export type Labels = Readonly<Record<string, string>>;

/** `{api="a1",stage="prod"}`, made once for a series that is kept. */
export function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`));

export type Sample = readonly [labels: string, value: number];

export function metricLines(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly Sample[],
): string[] {
  return [...head(name, type, help), ...samples.map(([labels, value]) => `${name}${labels} ${value}`)];
}

const head = (name: string, type: string, help: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

/** Seconds; the places where an API's answers differ. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export class Histogram {
  readonly #labels: Labels;
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #sum = 0;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  observe(seconds: number): void {
    let at = 0;
    while (at < BOUNDS.length && seconds > (BOUNDS[at] ?? 0)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += seconds;
  }

  lines(name: string): string[] {
    let total = 0;
    const buckets = [...this.#counts].map((count, at) => {
      total += count;
      const le = at < BOUNDS.length ? String(BOUNDS[at]) : '+Inf';
      return `${name}_bucket${labelsOf({ ...this.#labels, le })} ${total}`;
    });
    const own = labelsOf(this.#labels);
    return [...buckets, `${name}_sum${own} ${this.#sum}`, `${name}_count${own} ${total}`];
  }
}

export function histogramLines(name: string, help: string, histograms: Iterable<Histogram>): string[] {
  return [...head(name, 'histogram', help), ...[...histograms].flatMap((one) => one.lines(name))];
}
