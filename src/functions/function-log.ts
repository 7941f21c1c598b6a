/**
 * One environment's log stream: the function's lines and Lambda's own about each invocation, in text or as JSON:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html. Lines are handed on in
 * batches, never while a caller waits.
 */
import type { Now } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { LogEvent, WriteLogEvents } from '../base/ports.ts';
import type { FunctionConfig } from './config.ts';
import {
  createPlatformEvents,
  type EndStatus,
  type InitializationType,
  type Report,
  runtimeVersion,
  runtimeVersionArn,
  type TelemetryEvent,
} from './platform-events.ts';

export interface FunctionLog {
  /** One event of the function's own; `text` without its last newline. */
  line(text: string): void;
  /** One of an extension's. */
  extensionLine(text: string): void;
  initStart(): void;
  initReport(phase: 'init' | 'invoke', durationMs: number, status: EndStatus): void;
  start(requestId: string): void;
  end(report: Report): void;
  /** Told to extensions only. */
  tell(type: string, record: object): void;
  /** Keeps the last 4 KB from here on. */
  beginTail(): void;
  takeTail(): string;
  flush(): void;
}

export interface LogPorts {
  readonly now: Now;
  readonly writeLogEvents: WriteLogEvents;
  readonly tap?: Tap;
}

/** For extensions: no event is made when nobody may want it. */
export interface Tap {
  listens(): boolean;
  take(event: TelemetryEvent): void;
}

const FLUSH_MS = 20;
const FLUSH_BYTES = 256 * 1024;

export function createFunctionLog(
  config: FunctionConfig,
  stream: string,
  initializationType: InitializationType,
  ports: LogPorts,
): FunctionLog {
  const batch = createBatch(config, stream, ports);
  const events = createPlatformEvents(config, initializationType, ports.now);
  let tail: string[] | undefined;
  const write = (text: string): void => {
    const message = text.endsWith('\n') ? text : `${text}\n`;
    tail?.push(message);
    batch.add(message);
  };
  const system = config.logFormat === 'JSON' ? jsonLines(config) : textLines(config);
  const tell = (make: () => TelemetryEvent): void => {
    if (ports.tap?.listens()) ports.tap.take(make());
  };
  const platform = (
    make: () => TelemetryEvent,
    line: (event: () => TelemetryEvent) => string | undefined,
  ): void => {
    const text = line(make);
    if (text !== undefined) write(text);
    tell(make);
  };
  const ownLine = (type: 'function' | 'extension', text: string): void => {
    // A tail is short: what can no longer be part of it goes.
    if (tail && tail.length > limits.lambdaLogTailBytes) tail = tail.slice(-limits.lambdaLogTailBytes);
    write(text);
    tell(() => events.line(type, text));
  };
  return {
    line: (text) => ownLine('function', text),
    extensionLine: (text) => ownLine('extension', text),
    initStart: () => platform(events.initStart, system.initStart),
    initReport: (phase, durationMs, status) => {
      tell(() => events.initRuntimeDone(phase, status));
      platform(
        () => events.initReport(phase, durationMs, status),
        (make) =>
          // Recorded from AWS: success is told in the log for provisioned environments only.
          status.kind === 'success' && initializationType === 'on-demand'
            ? undefined
            : system.initReport(make, phase, durationMs, status),
      );
    },
    start: (requestId) =>
      platform(
        () => events.start(requestId),
        (make) => system.start(make, requestId),
      ),
    end: (report) => {
      platform(
        () => events.runtimeDone(report),
        (make) => system.end(make, report),
      );
      platform(
        () => events.report(report),
        (make) => system.report(make, report),
      );
    },
    tell: (type, record) => tell(() => events.other(type, record)),
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

type Make = () => TelemetryEvent;

/** Each gives the line, or nothing where its level is not wanted. */
interface SystemLines {
  initStart(make: Make): string | undefined;
  initReport(make: Make, phase: string, durationMs: number, status: EndStatus): string | undefined;
  start(make: Make, requestId: string): string | undefined;
  end(make: Make, report: Report): string | undefined;
  report(make: Make, report: Report): string | undefined;
}

const milliseconds = (value: number): string => value.toFixed(2);

const statusFields = (status: EndStatus): string[] => {
  if (status.kind === 'success') return [];
  return status.kind === 'timeout'
    ? ['Status: timeout']
    : ['Status: error', `Error Type: ${status.errorType}`];
};

const textLines = (config: FunctionConfig): SystemLines => ({
  initStart: () =>
    `INIT_START Runtime Version: ${runtimeVersion(config)}\tRuntime Version ARN: ${runtimeVersionArn(config)}`,
  initReport: (_, phase, durationMs, status) =>
    [
      `INIT_REPORT Init Duration: ${milliseconds(durationMs)} ms`,
      `Phase: ${phase}`,
      ...statusFields(status),
    ].join('\t'),
  start: (_, requestId) => `START RequestId: ${requestId} Version: ${config.version}`,
  end: (_, { requestId }) => `END RequestId: ${requestId}`,
  report: (_, report) =>
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

const SYSTEM_LEVELS = ['DEBUG', 'INFO', 'WARN'];

function jsonLines(config: FunctionConfig): SystemLines {
  const least = SYSTEM_LEVELS.indexOf(config.systemLogLevel ?? 'INFO');
  const line = (level: string, make: Make): string | undefined =>
    SYSTEM_LEVELS.indexOf(level) < least ? undefined : JSON.stringify(make());
  const levelOf = (status: EndStatus): string => (status.kind === 'success' ? 'INFO' : 'WARN');
  return {
    initStart: (make) => line('INFO', make),
    initReport: (make, _, __, status) => line(levelOf(status), make),
    start: (make) => line('INFO', make),
    end: (make, { status }) => line(status.kind === 'success' ? 'DEBUG' : 'WARN', make),
    report: (make, { status }) => line(levelOf(status), make),
  };
}
