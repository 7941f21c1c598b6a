/**
 * Spans to an OpenTelemetry collector, as JSON over HTTP; loaded only when one is named. Batched, bounded, and never in
 * anybody's way: what cannot be delivered is dropped and said.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp, https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Span } from '../base/spans.ts';
import type { OtlpOptions } from './otlp-options.ts';

export interface SpanExporter {
  export(span: Span): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

export function createOtlpExporter(options: OtlpOptions): SpanExporter {
  let waiting: Span[] = [];
  let dropped = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<void> = Promise.resolve();

  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.otlpBatch);
      waiting = waiting.slice(batch.length);
      await post(options, batch).catch((error: unknown) => {
        options.log('warn', 'spans were not delivered', { spans: batch.length, reason: reasonOf(error) });
      });
    }
    if (dropped > 0) options.log('warn', 'spans were dropped: the collector is too slow', { spans: dropped });
    dropped = 0;
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(send);
  };
  return {
    export(span) {
      if (waiting.length >= limits.otlpWaiting) {
        dropped++;
        return;
      }
      waiting.push(span);
      if (timer !== undefined) return;
      timer = setTimeout(flush, limits.otlpDelayMs);
      timer.unref?.();
    },
    async close() {
      flush();
      await sending;
    },
  };
}

async function post(
  { url, headers, serviceName, timeoutMs }: OtlpOptions,
  spans: readonly Span[],
): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(document(serviceName, spans)),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}

const document = (serviceName: string, spans: readonly Span[]) => ({
  resourceSpans: [
    {
      resource: { attributes: attributes({ 'service.name': serviceName, 'cloud.provider': 'aws' }) },
      scopeSpans: [{ scope: { name: 'gatehouse' }, spans: spans.flatMap(shown) }],
    },
  ],
});

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

/** A backend's part is a span of its own. */
function shown(span: Span): object[] {
  const common = { traceId: span.traceId.slice(2).replace('-', '') };
  const { http, backend, scope } = span;
  const own = {
    ...common,
    spanId: span.id,
    ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name: http === undefined ? span.name : `${http.method} ${http.route?.replace(/^\S+ /, '') ?? http.url}`,
    kind: SERVER,
    ...times(span),
    attributes: attributes({
      'aws.origin': span.origin,
      'aws.name': span.name,
      'cloud.account.id': scope.account,
      'cloud.region': scope.region,
      ...(http === undefined
        ? {}
        : {
            'http.request.method': http.method,
            'url.path': http.url,
            'http.route': http.route,
            'http.response.status_code': http.status,
            'client.address': http.clientIp,
            'user_agent.original': http.userAgent,
          }),
    }),
    status: span.failure === 'fault' ? { code: ERROR } : {},
  };
  if (backend === undefined) return [own];
  return [
    own,
    {
      ...common,
      spanId: childId(span.id),
      parentSpanId: span.id,
      name: 'integration',
      kind: CLIENT,
      ...times(backend),
      attributes: attributes({ 'http.response.status_code': backend.status }),
      status: (backend.status ?? 0) >= 500 ? { code: ERROR } : {},
    },
  ];
}

/** Another id that follows from the first. */
const childId = (id: string): string =>
  (BigInt(`0x${id}`) ^ 0xffffffffffffffffn).toString(16).padStart(16, '0');

/** Nanoseconds as texts: JSON's numbers are too coarse for them. */
const times = ({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number }) => ({
  startTimeUnixNano: nano(startedAt),
  endTimeUnixNano: nano(endedAt),
});

const nano = (ms: number): string => `${BigInt(Math.round(ms * 1000))}000`;

function attributes(values: Readonly<Record<string, string | number | undefined>>): object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
}
