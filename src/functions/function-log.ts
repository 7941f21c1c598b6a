/**
 * One environment's log stream: the function's lines and Lambda's own about each invocation, in text or as JSON:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html. Lines are handed on in
 * batches, never while a caller waits.
 */
import type { Now } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { LogEvent, WriteLogEvents } from '../base/ports.ts';
import type { FunctionConfig } from './config.ts';

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

export interface FunctionLog {
  /** One event of the function's own; `text` without its last newline. */
  line(text: string): void;
  initStart(): void;
  /** Only when it failed. */
  initReport(phase: 'init' | 'invoke', durationMs: number, status: EndStatus): void;
  start(requestId: string): void;
  end(report: Report): void;
  /** Keeps the last 4 KB from here on. */
  beginTail(): void;
  takeTail(): string;
  flush(): void;
}

export interface LogPorts {
  readonly now: Now;
  readonly writeLogEvents: WriteLogEvents;
}

const FLUSH_MS = 20;
const FLUSH_BYTES = 256 * 1024;

export function createFunctionLog(config: FunctionConfig, stream: string, ports: LogPorts): FunctionLog {
  const batch = createBatch(config, stream, ports);
  let tail: string[] | undefined;
  const write = (text: string): void => {
    const message = text.endsWith('\n') ? text : `${text}\n`;
    tail?.push(message);
    batch.add(message);
  };
  const system = config.logFormat === 'JSON' ? jsonLines(config, ports.now) : textLines(config);
  const writeSystem = (text: string | undefined): void => {
    if (text !== undefined) write(text);
  };
  return {
    line: (text) => {
      // A tail is short: what can no longer be part of it goes.
      if (tail && tail.length > limits.lambdaLogTailBytes) tail = tail.slice(-limits.lambdaLogTailBytes);
      write(text);
    },
    initStart: () => writeSystem(system.initStart()),
    initReport: (phase, durationMs, status) => writeSystem(system.initReport(phase, durationMs, status)),
    start: (requestId) => writeSystem(system.start(requestId)),
    end: (report) => {
      writeSystem(system.end(report));
      writeSystem(system.report(report));
    },
    beginTail: () => {
      tail = [];
    },
    takeTail: () => {
      const bytes = Buffer.from((tail ?? []).join(''));
      tail = undefined;
      return bytes.subarray(-limits.lambdaLogTailBytes).toString('base64');
    },
    flush: batch.flush,
  };
}

function createBatch(config: FunctionConfig, stream: string, { now, writeLogEvents }: LogPorts) {
  let events: LogEvent[] = [];
  let bytes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (events.length === 0) return;
    const batch = events;
    events = [];
    bytes = 0;
    writeLogEvents(config.scope, config.logGroup, stream, batch);
  };
  const add = (message: string): void => {
    events.push({ timestamp: now(), message });
    bytes += message.length;
    if (bytes >= FLUSH_BYTES) flush();
    else timer ??= setTimeout(flush, FLUSH_MS);
  };
  return { add, flush };
}

interface SystemLines {
  initStart(): string | undefined;
  initReport(phase: string, durationMs: number, status: EndStatus): string | undefined;
  start(requestId: string): string | undefined;
  end(report: Report): string | undefined;
  report(report: Report): string | undefined;
}

const milliseconds = (value: number): string => value.toFixed(2);

const statusFields = (status: EndStatus): string[] => {
  if (status.kind === 'success') return [];
  return status.kind === 'timeout'
    ? ['Status: timeout']
    : ['Status: error', `Error Type: ${status.errorType}`];
};

/** AWS numbers builds of its runtimes here; ours are the machine's own. */
const runtimeVersion = (config: FunctionConfig): string =>
  config.runtime.replace(/^(nodejs|python)/, '$1:').replace(/\.x$/, '');

const textLines = (config: FunctionConfig): SystemLines => ({
  initStart: () =>
    `INIT_START Runtime Version: ${runtimeVersion(config)}\tRuntime Version ARN: ${runtimeVersionArn(config)}`,
  initReport: (phase, durationMs, status) =>
    [
      `INIT_REPORT Init Duration: ${milliseconds(durationMs)} ms`,
      `Phase: ${phase}`,
      ...statusFields(status),
    ].join('\t'),
  start: (requestId) => `START RequestId: ${requestId} Version: ${config.version}`,
  end: ({ requestId }) => `END RequestId: ${requestId}`,
  report: (report) =>
    `${[
      `REPORT RequestId: ${report.requestId}`,
      `Duration: ${milliseconds(report.durationMs)} ms`,
      `Billed Duration: ${report.billedDurationMs} ms`,
      `Memory Size: ${config.memorySizeMb} MB`,
      `Max Memory Used: ${report.maxMemoryMb} MB`,
      ...(report.initDurationMs === undefined
        ? []
        : [`Init Duration: ${milliseconds(report.initDurationMs)} ms`]),
      ...statusFields(report.status),
    ].join('\t')}\t`,
});

const runtimeVersionArn = ({ functionArn, scope }: FunctionConfig): string =>
  `${functionArn.split(':').slice(0, 3).join(':')}:${scope.region}::runtime:local`;

/** Names and members of the events: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function jsonLines(config: FunctionConfig, now: Now): SystemLines {
  const least = SYSTEM_LEVELS.indexOf(config.systemLogLevel ?? 'INFO');
  const event = (level: string, type: string, record: object): string | undefined =>
    SYSTEM_LEVELS.indexOf(level) < least
      ? undefined
      : JSON.stringify({ time: new Date(now()).toISOString(), type, record });
  const failed = (status: EndStatus): object =>
    status.kind === 'error' ? { status: 'error', errorType: status.errorType } : { status: status.kind };
  const levelOf = (status: EndStatus): string => (status.kind === 'success' ? 'INFO' : 'WARN');
  return {
    initStart: () =>
      event('INFO', 'platform.initStart', {
        initializationType: 'on-demand',
        phase: 'init',
        runtimeVersion: runtimeVersion(config),
        runtimeVersionArn: runtimeVersionArn(config),
        functionName: config.functionName,
        functionVersion: config.version,
      }),
    initReport: (phase, durationMs, status) =>
      event(levelOf(status), 'platform.initReport', {
        initializationType: 'on-demand',
        phase,
        ...failed(status),
        metrics: { durationMs: round(durationMs) },
      }),
    start: (requestId) => event('INFO', 'platform.start', { requestId, version: config.version }),
    end: ({ requestId, status, durationMs }) =>
      event(status.kind === 'success' ? 'DEBUG' : 'WARN', 'platform.runtimeDone', {
        requestId,
        ...failed(status),
        metrics: { durationMs: round(durationMs) },
      }),
    report: (report) =>
      event(levelOf(report.status), 'platform.report', {
        requestId: report.requestId,
        metrics: {
          durationMs: round(report.durationMs),
          billedDurationMs: report.billedDurationMs,
          memorySizeMB: config.memorySizeMb,
          maxMemoryUsedMB: report.maxMemoryMb,
          ...(report.initDurationMs === undefined ? {} : { initDurationMs: round(report.initDurationMs) }),
        },
        ...failed(report.status),
      }),
  };
}

const SYSTEM_LEVELS = ['DEBUG', 'INFO', 'WARN'];

const round = (value: number): number => Math.round(value * 1000) / 1000;
