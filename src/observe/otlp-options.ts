/** Where spans are sent, by OpenTelemetry's variables: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
import type { Log } from '../base/log.ts';

export interface OtlpOptions {
  /** Where traces go: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly timeoutMs: number;
  readonly log: Log;
}

/** Undefined: no collector is named, or it wants what we do not speak, which is said. */
export function otlpOptions(
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
): OtlpOptions | undefined {
  const own = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const base = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!own && !base) return undefined;
  const protocol =
    environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? environment['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol !== undefined && protocol !== 'http/json') {
    log(
      'error',
      `OTEL_EXPORTER_OTLP_PROTOCOL ${protocol}: not supported by gatehouse, no spans are sent: use http/json`,
      {},
    );
    return undefined;
  }
  const headers =
    environment['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? environment['OTEL_EXPORTER_OTLP_HEADERS'] ?? '';
  return {
    url: own || `${base?.replace(/\/+$/, '')}/v1/traces`,
    headers: Object.fromEntries(headers.split(',').flatMap(pairOf)),
    serviceName: environment['OTEL_SERVICE_NAME'] ?? 'gatehouse',
    timeoutMs: Number(environment['OTEL_EXPORTER_OTLP_TIMEOUT'] ?? 10_000) || 10_000,
    log,
  };
}

function pairOf(text: string): [string, string][] {
  const at = text.indexOf('=');
  return at === -1 ? [] : [[text.slice(0, at).trim(), decodeURIComponent(text.slice(at + 1).trim())]];
}
