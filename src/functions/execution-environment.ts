/**
 * An execution environment: a process, a `/tmp` and a log stream of its own, one invocation at a time. The phases
 * are https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: init for ten seconds; when that
 * fails once more inside the invocation; after a crash or a timeout the process is replaced and `/tmp` stays.
 */
import { mkdir, rm } from 'node:fs/promises';
import type { Now } from '../base/clock.ts';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { FunctionConfig, RunAnswer, RunRequest } from './config.ts';
import { createFunctionLog, type EndStatus, type FunctionLog, type LogPorts } from './function-log.ts';
import {
  type InvocationError,
  outOfMemory,
  responseTooLarge,
  runtimeExited,
  timedOut,
} from './invocation-errors.ts';
import { currentMemory, peakMemory, tellsPeak } from './process-memory.ts';
import {
  type CallOutcome,
  type Exited,
  type InitOutcome,
  type RuntimePlan,
  type RuntimeProcess,
  startRuntimeProcess,
} from './runtime-process.ts';
import type { ProcessGuard } from './process-guard.ts';

export interface EnvironmentPlan {
  readonly config: FunctionConfig;
  readonly runtime: RuntimePlan;
  readonly variables: Readonly<Record<string, string>>;
  /** Files outside the code's folder that the code was built from. */
  readonly sources: readonly string[];
  /** What was learned from a first start, for all that follow. */
  nodePathHook: boolean;
}

/** `ready`, or why not. */
type Started = Exclude<InitOutcome, { kind: 'needs-node-path' }>;

export interface EnvironmentPorts extends LogPorts {
  readonly now: Now;
  readonly guard: ProcessGuard;
  readonly initMs: number;
}

export interface EnvironmentPlace {
  readonly logStream: string;
  /** Gone with the environment. */
  readonly tmpDir: string;
}

const BYTES_PER_MB = 1024 * 1024;

/** What an invocation came to. */
type Ending =
  | { readonly kind: 'answered'; readonly payload: Uint8Array }
  | { readonly kind: 'failed'; readonly error: InvocationError; readonly status: EndStatus };

export class ExecutionEnvironment {
  readonly #plan: EnvironmentPlan;
  readonly #ports: EnvironmentPorts;
  readonly #place: EnvironmentPlace;
  readonly #log: FunctionLog;
  #process: RuntimeProcess | undefined;
  #initMs: number | undefined;
  #peakBytes = 0;
  #sampledAt = 0;
  #overMemory = false;
  #closed = false;
  /** Counts processes: one whose start was overtaken by a timeout is not taken. */
  #starts = 0;

  constructor(plan: EnvironmentPlan, place: EnvironmentPlace, ports: EnvironmentPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#place = place;
    this.#log = createFunctionLog(plan.config, place.logStream, ports);
  }

  /** The init phase. Never throws: what went wrong shows when the first invocation tries again. */
  async initialize(): Promise<void> {
    this.#log.initStart();
    const startedAt = performance.now();
    const outcome = await this.#startProcess(this.#ports.initMs).catch(asExited);
    const durationMs = performance.now() - startedAt;
    if (outcome === 'timeout') this.#log.initReport('init', durationMs, { kind: 'timeout' });
    else if (outcome.kind === 'ready') this.#initMs = durationMs;
    else this.#log.initReport('init', durationMs, { kind: 'error', errorType: outcome.errorType });
  }

  /** False once its process died under it or was told to: it is still good for a next call, with a new process. */
  get warm(): boolean {
    return this.#process !== undefined && !this.#process.ended;
  }

  async run(request: RunRequest): Promise<RunAnswer> {
    const { config } = this.#plan;
    const log = this.#log;
    if (request.wantLogTail) log.beginTail();
    const initDurationMs = this.#initMs;
    this.#initMs = undefined;
    this.#overMemory = false;
    this.#process?.thaw();
    log.start(request.requestId);
    const startedAt = performance.now();
    const ending = await this.#invoke(request, this.#ports.now() + config.timeoutSeconds * 1000);
    const durationMs = performance.now() - startedAt;
    const billedDurationMs = Math.max(1, Math.ceil(durationMs + (initDurationMs ?? 0)));
    if (this.#plan.runtime.speaks === 'api' || request.wantLogTail) await this.#lastLines();
    this.#sampleBeforeReport(startedAt + durationMs);
    log.end({
      requestId: request.requestId,
      durationMs,
      billedDurationMs,
      maxMemoryMb: Math.ceil(this.#peakBytes / BYTES_PER_MB),
      initDurationMs,
      status: ending.kind === 'failed' ? ending.status : { kind: 'success' },
    });
    const times = { durationMs, billedDurationMs, initDurationMs };
    const logTail = request.wantLogTail ? log.takeTail() : undefined;
    return ending.kind === 'failed'
      ? { payload: ending.error.payload, functionError: 'Unhandled', logTail, ...times }
      : { payload: ending.payload, logTail, ...times };
  }

  /** Between calls nothing of the function runs: threads, child processes and timers stop where they are. */
  freeze(): void {
    this.#process?.freeze();
  }

  /** Looks at the memory of a running process; ends it when it has taken more than the function has. */
  async sampleMemory(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined || this.#process?.ended) return;
    this.#takeSample(tellsPeak() ? peakMemory(pid) : await currentMemory(pid));
  }

  /** Ends the process and forgets `/tmp`. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#process?.end();
    this.#process = undefined;
    this.#log.flush();
    await rm(this.#place.tmpDir, { recursive: true, force: true }).catch(() => {});
  }

  async #invoke(request: RunRequest, deadlineMs: number): Promise<Ending> {
    const { timeoutSeconds } = this.#plan.config;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), timeoutSeconds * 1000);
    });
    try {
      const outcome = await Promise.race([this.#answer(request, deadlineMs), timeout]);
      if (outcome !== 'timeout') return outcome;
      this.#starts += 1;
      this.#drop(this.#process);
      return failed(timedOut(request.requestId, timeoutSeconds), { kind: 'timeout' });
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(request: RunRequest, deadlineMs: number): Promise<Ending> {
    if (!this.warm) {
      const startedAt = performance.now();
      const outcome = await this.#startProcess(undefined);
      if (outcome !== 'timeout' && outcome.kind !== 'ready')
        return this.#initFailed(request.requestId, outcome, performance.now() - startedAt);
    }
    const process = this.#process;
    if (!process) return this.#ended(request.requestId, ENDED);
    const stream = createStreamSink(request);
    const outcome = await process.call({
      requestId: request.requestId,
      invokedFunctionArn: request.invokedFunctionArn,
      deadlineMs,
      traceId: request.traceId ?? newTraceId(this.#ports.now()),
      clientContext: request.clientContext,
      payload: request.payload,
      onChunk: stream.take,
      onStreamStart: request.onStreamStart,
    });
    return this.#endingOf(request.requestId, process, outcome, stream);
  }

  #endingOf(requestId: string, process: RuntimeProcess, outcome: CallOutcome, stream: StreamSink): Ending {
    switch (outcome.kind) {
      case 'response':
        return outcome.payload.length > limits.lambdaResponseBytes ? tooLarge() : answered(outcome.payload);
      case 'streamed':
        return stream.tooLarge ? tooLarge() : answered(stream.collected());
      case 'too-large':
        return tooLarge();
      case 'exited':
        this.#drop(process);
        return this.#ended(requestId, outcome);
      case 'error':
        if (!outcome.fatal) return failed(outcome, { kind: 'success' });
        this.#drop(process);
        // It has told its error, and then gone down.
        return failed(outcome, { kind: 'error', errorType: 'Runtime.ExitError' });
    }
  }

  #ended(requestId: string, outcome: Exited): Ending {
    const error = this.#overMemory ? outOfMemory(requestId) : runtimeExited(requestId, outcome);
    return failed(error, { kind: 'error', errorType: error.errorType });
  }

  #initFailed(requestId: string, outcome: Exclude<Started, { kind: 'ready' }>, durationMs: number): Ending {
    this.#log.initReport('invoke', durationMs, { kind: 'error', errorType: outcome.errorType });
    if (outcome.kind === 'exited') return this.#ended(requestId, outcome);
    return failed(outcome, { kind: 'error', errorType: outcome.errorType });
  }

  async #startProcess(limitMs: number | undefined): Promise<Started | 'timeout'> {
    const { variables } = this.#plan;
    const hooked = this.#plan.nodePathHook;
    const start = ++this.#starts;
    await mkdir(this.#place.tmpDir, { recursive: true });
    const own = { AWS_LAMBDA_LOG_STREAM_NAME: this.#place.logStream, TMPDIR: this.#place.tmpDir };
    const process = await startRuntimeProcess(
      this.#runtimePlan(),
      { ...variables, ...own },
      {
        guard: this.#ports.guard,
        onLine: (text) => this.#log.line(text),
        maxOutputLineBytes: limits.functionLogLineBytes,
        outputBytesPerSecond: limits.functionOutputBytesPerSecond,
      },
    );
    if (this.#closed || start !== this.#starts) {
      process.end();
      return ENDED;
    }
    this.#process = process;
    const outcome =
      limitMs === undefined ? await process.initialized : await within(process.initialized, limitMs);
    if (outcome === 'timeout' || outcome.kind !== 'ready') this.#drop(process);
    if (outcome === 'timeout' || outcome.kind !== 'needs-node-path') return outcome;
    if (hooked) return ENDED;
    this.#plan.nodePathHook = true;
    return this.#startProcess(limitMs);
  }

  #runtimePlan(): RuntimePlan {
    const { runtime, nodePathHook } = this.#plan;
    return { ...runtime, init: { ...runtime.init, nodePathHook } };
  }

  /** Kills a process, which may have been replaced already. */
  #drop(process: RuntimeProcess | undefined): void {
    process?.end();
    if (this.#process === process) this.#process = undefined;
  }

  /** What the process wrote before its answer may come after it, by another pipe. */
  async #lastLines(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#process?.flushOutput();
  }

  #sampleBeforeReport(time: number): void {
    const pid = this.#process?.pid;
    if (pid === undefined || time - this.#sampledAt < limits.functionMemorySampleMs) return;
    this.#takeSample(peakMemory(pid));
  }

  #takeSample(bytes: number | undefined): void {
    this.#sampledAt = performance.now();
    if (bytes === undefined) return;
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
    if (bytes <= this.#plan.config.memorySizeMb * BYTES_PER_MB) return;
    this.#overMemory = true;
    this.#process?.end();
  }
}

const ENDED = { kind: 'exited', errorType: 'Runtime.ExitError', reason: 'signal: killed' } as const;

const asExited = (thrown: unknown): Started => ({
  kind: 'exited',
  errorType: 'Runtime.InvalidEntrypoint',
  reason: reasonOf(thrown),
});

const answered = (payload: Uint8Array): Ending => ({ kind: 'answered', payload });
const failed = (error: InvocationError, status: EndStatus): Ending => ({ kind: 'failed', error, status });
const tooLarge = (): Ending => failed(responseTooLarge(), { kind: 'success' });

async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | 'timeout'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), limitMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

interface StreamSink {
  readonly take: (chunk: Uint8Array) => void | Promise<void>;
  readonly tooLarge: boolean;
  collected(): Uint8Array;
}

const NOTHING = new Uint8Array();

/** Chunks go to who asked for a stream, and are collected for who did not. */
function createStreamSink({ onChunk }: RunRequest): StreamSink {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const most = onChunk ? limits.lambdaStreamedResponseBytes : limits.lambdaResponseBytes;
  return {
    take(chunk) {
      bytes += chunk.length;
      if (bytes > most) return;
      if (onChunk) return onChunk(chunk);
      parts.push(chunk);
    },
    get tooLarge() {
      return bytes > most;
    },
    collected: () => (parts.length === 0 ? NOTHING : Buffer.concat(parts, bytes)),
  };
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
function newTraceId(now: number): string {
  const hex = (digits: number): string =>
    Math.floor(Math.random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const seconds = Math.floor(now / 1000).toString(16);
  return `Root=1-${seconds}-${hex(12)}${hex(12)};Parent=${hex(8)}${hex(8)};Sampled=0`;
}
