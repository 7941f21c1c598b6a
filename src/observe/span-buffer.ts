/** Where spans go: to X-Ray those that are sampled, to a collector all of them, and nowhere when neither listens. */
import { limits } from '../base/limits.ts';
import type { Observation } from '../base/observation.ts';
import type { Span } from '../base/spans.ts';
import type { SpanExporter } from './otlp.ts';
import { invocationSpan, requestSpan } from './spans.ts';
import type { InvocationFacts, WatchOptions } from './watch.ts';

export interface SpanBuffer {
  request(observation: Observation): void;
  invocation(facts: InvocationFacts): void;
  drain(): Span[];
  close(): Promise<void>;
}

type Options = Pick<WatchOptions, 'otlp' | 'onTraced' | 'newSpanId' | 'now'>;

export function createSpanBuffer({ otlp, onTraced, newSpanId, now }: Options): SpanBuffer {
  let waiting: Span[] = [];
  let exporter: Promise<SpanExporter> | undefined;
  const isHeard = (traceId: string | undefined): boolean =>
    otlp !== undefined || traceId?.includes('Sampled=1') === true;
  const tell = (span: Span | undefined): void => {
    if (span === undefined) return;
    if (otlp !== undefined) {
      exporter ??= import('./otlp.ts').then(({ createOtlpExporter }) => createOtlpExporter(otlp));
      void exporter.then((one) => one.export(span));
    }
    if (!span.sampled || waiting.length >= limits.xraySpansWaiting) return;
    if (waiting.length === 0) onTraced();
    waiting.push(span);
  };
  return {
    request(observation) {
      if (isHeard(observation.traceId)) tell(requestSpan(observation, newSpanId));
    },
    invocation(facts) {
      if (isHeard(facts.traceId)) tell(invocationSpan(facts, now(), newSpanId));
    },
    drain() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    async close() {
      await (await exporter)?.close();
    },
  };
}
