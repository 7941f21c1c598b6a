/**
 * What Lambda itself tells of an environment, as events: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.
 * They go to extensions that subscribed, and into logs in JSON.
 */
import type { Now } from '../base/clock.ts';
import type { FunctionConfig } from './config.ts';

export interface TelemetryEvent {
  readonly time: string;
  /** `platform.start`, `function`, `extension`. */
  readonly type: string;
  readonly record: unknown;
}

export type EndStatus =
  | { readonly kind: 'success' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'error'; readonly errorType: string };

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly maxMemoryMb: number;
  readonly initDurationMs: number | undefined;
  readonly status: EndStatus;
}

export type InitializationType = 'on-demand' | 'provisioned-concurrency';

export interface PlatformEvents {
  initStart(): TelemetryEvent;
  initRuntimeDone(phase: string, status: EndStatus): TelemetryEvent;
  initReport(phase: string, durationMs: number, status: EndStatus): TelemetryEvent;
  start(requestId: string): TelemetryEvent;
  runtimeDone(report: Report): TelemetryEvent;
  report(report: Report): TelemetryEvent;
  /** Of the function or an extension. */
  line(type: 'function' | 'extension', text: string): TelemetryEvent;
  other(type: string, record: object): TelemetryEvent;
}

export function createPlatformEvents(
  config: FunctionConfig,
  initializationType: InitializationType,
  now: Now,
): PlatformEvents {
  const event = (type: string, record: unknown): TelemetryEvent => ({
    time: new Date(now()).toISOString(),
    type,
    record,
  });
  return {
    other: event,
    line: event,
    initStart: () =>
      event('platform.initStart', {
        initializationType,
        phase: 'init',
        runtimeVersion: runtimeVersion(config),
        runtimeVersionArn: runtimeVersionArn(config),
        functionName: config.functionName,
        functionVersion: config.version,
      }),
    initRuntimeDone: (phase, status) =>
      event('platform.initRuntimeDone', { initializationType, phase, ...statusOf(status) }),
    initReport: (phase, durationMs, status) =>
      event('platform.initReport', {
        initializationType,
        phase,
        ...statusOf(status),
        metrics: { durationMs: round(durationMs) },
      }),
    start: (requestId) => event('platform.start', { requestId, version: config.version }),
    runtimeDone: ({ requestId, status, durationMs }) =>
      event('platform.runtimeDone', {
        requestId,
        ...statusOf(status),
        metrics: { durationMs: round(durationMs) },
      }),
    report: (report) =>
      event('platform.report', {
        requestId: report.requestId,
        metrics: {
          durationMs: round(report.durationMs),
          billedDurationMs: report.billedDurationMs,
          memorySizeMB: config.memorySizeMb,
          maxMemoryUsedMB: report.maxMemoryMb,
          ...(report.initDurationMs === undefined ? {} : { initDurationMs: round(report.initDurationMs) }),
        },
        ...statusOf(report.status),
      }),
  };
}

const statusOf = (status: EndStatus): object =>
  status.kind === 'error' ? { status: 'error', errorType: status.errorType } : { status: status.kind };

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** AWS numbers builds of its runtimes here; ours are the machine's own. */
export const runtimeVersion = (config: FunctionConfig): string =>
  config.runtime.replace(/^(nodejs|python)/, '$1:').replace(/\.x$/, '');

export const runtimeVersionArn = ({ functionArn, scope }: FunctionConfig): string =>
  `${functionArn.split(':').slice(0, 3).join(':')}:${scope.region}::runtime:local`;
