/**
 * An execution environment: a process, a `/tmp` and a log stream of its own, one invocation at a time. The phases
 * are https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: init for ten seconds; when that
 * fails once more inside the invocation; after a crash or a timeout the process is replaced and `/tmp` stays.
 */
import { rm } from 'node:fs/promises';
import type { Now } from '../base/clock.ts';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { FunctionConfig, RunAnswer, RunRequest } from './config.ts';
import type { Confinement } from './confinement.ts';
import {
  createEnvironmentProcesses,
  type EnvironmentProcesses,
  type Started,
} from './environment-processes.ts';
import { usedBytes } from './ephemeral-storage.ts';
import { createFunctionLog, type FunctionLog, type LogPorts } from './function-log.ts';
import {
  extensionFailed,
  type InvocationError,
  outOfMemory,
  outOfStorage,
  responseTooLarge,
  runtimeExited,
  timedOut,
} from './invocation-errors.ts';
import type { EndStatus, InitializationType } from './platform-events.ts';
import type { ProcessGuard } from './process-guard.ts';
import { currentMemory, peakMemory, tellsPeak } from './process-memory.ts';
import { coresOf, type HoldToShare } from './processor-share.ts';
import type { CallOutcome, Exited, RuntimePlan, RuntimeProcess } from './runtime-process.ts';
import { createStreamSink, type StreamSink } from './stream-sink.ts';
import { newTraceHeader } from '../base/trace-header.ts';

export interface EnvironmentPlan {
  readonly config: FunctionConfig;
  readonly runtime: RuntimePlan;
  readonly variables: Readonly<Record<string, string>>;
  readonly confinement: Omit<Confinement, 'tmpFolder'>;
  /** Gives a folder to the user functions run as, where that is another. */
  readonly owner?: ((folder: string) => Promise<void>) | undefined;
  readonly usesCgroups: boolean;
  /** Files outside the code's folder that the code was built from. */
  readonly sources: readonly string[];
  /** What was learned from a first start, for all that follow. */
  nodePathHook: boolean;
}

export interface EnvironmentPorts extends LogPorts {
  readonly now: Now;
  readonly guard: ProcessGuard;
  readonly initMs: number;
  /** Undefined: as much processor time as there is. */
  readonly holdToShare: HoldToShare | undefined;
}

export interface EnvironmentPlace {
  readonly id: string;
  readonly logStream: string;
  /** Gone with the environment. */
  readonly tmpDir: string;
  readonly initializationType: InitializationType;
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
  readonly #processes: EnvironmentProcesses;
  #initMs: number | undefined;
  #peakBytes = 0;
  #sampledAt = 0;
  #storageSampledAt = 0;
  #over: 'memory' | 'storage' | undefined;
  #spent = false;
  #hasRun = false;

  constructor(plan: EnvironmentPlan, place: EnvironmentPlace, ports: EnvironmentPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#place = place;
    this.#log = createFunctionLog(plan.config, place.logStream, place.initializationType, {
      ...ports,
      tap: { listens: () => this.#processes.tap.listens(), take: (event) => this.#processes.tap.take(event) },
    });
    this.#processes = createEnvironmentProcesses({
      plan,
      ports,
      tmpFolder: place.tmpDir,
      name: place.id,
      log: this.#log,
      variables: {
        AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
        AWS_LAMBDA_INITIALIZATION_TYPE: place.initializationType,
        ...homeOf(plan, place),
      },
    });
  }

  /** The init phase. Never throws: what went wrong shows when the first invocation tries again. */
  async initialize(): Promise<void> {
    this.#log.initStart();
    const startedAt = performance.now();
    const outcome = await within(this.#start(), this.#ports.initMs);
    const durationMs = performance.now() - startedAt;
    if (outcome === 'timeout') {
      this.#dropCurrent();
      this.#log.initReport('init', durationMs, { kind: 'timeout' });
    } else if (outcome.kind === 'ready') {
      this.#initMs = durationMs;
      this.#log.initReport('init', durationMs, { kind: 'success' });
    } else {
      this.#log.initReport('init', durationMs, { kind: 'error', errorType: outcome.errorType });
    }
  }

  /** False once its process died under it or was told to: it is still good for a next call, with a new process. */
  get warm(): boolean {
    const { runtime } = this.#processes;
    return runtime !== undefined && !runtime.ended;
  }

  /** It can take no further call: its `/tmp` is full. */
  get spent(): boolean {
    return this.#spent;
  }

  get initializationType(): InitializationType {
    return this.#place.initializationType;
  }

  async run(request: RunRequest): Promise<RunAnswer> {
    const { config } = this.#plan;
    const log = this.#log;
    if (request.wantLogTail) log.beginTail();
    // What was initialised beforehand is not billed with an invocation.
    const initDurationMs = this.#place.initializationType === 'on-demand' ? this.#initMs : undefined;
    this.#initMs = undefined;
    this.#over = undefined;
    this.#processes.thaw();
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
    this.#processes.freeze();
  }

  /** Looks at what a running process has taken; ends it when that is more than the function has. */
  async sample(): Promise<void> {
    const { runtime } = this.#processes;
    if (runtime?.pid === undefined || runtime.ended) return;
    this.#takeSample(tellsPeak() ? peakMemory(runtime.pid) : await currentMemory(runtime.pid));
    if (performance.now() - this.#storageSampledAt < limits.functionStorageSampleMs) return;
    this.#storageSampledAt = performance.now();
    const limit = this.#plan.config.ephemeralStorageMb * BYTES_PER_MB;
    if ((await usedBytes(this.#place.tmpDir, limit)) <= limit) return;
    this.#over = 'storage';
    this.#spent = true;
    this.#processes.runtime?.end();
  }

  /** Ends what runs and forgets `/tmp`. */
  async close(): Promise<void> {
    await this.#processes.close();
    this.#log.flush();
    await rm(this.#place.tmpDir, { recursive: true, force: true }).catch(() => {});
  }

  #start(): Promise<Started> {
    return this.#processes.start().catch(asExited);
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
      this.#dropCurrent();
      return failed(timedOut(request.requestId, timeoutSeconds), { kind: 'timeout' });
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(request: RunRequest, deadlineMs: number): Promise<Ending> {
    if (!this.warm) {
      const startedAt = performance.now();
      const outcome = await this.#start();
      if (outcome.kind !== 'ready')
        return this.#initFailed(request.requestId, outcome, performance.now() - startedAt);
    }
    const { runtime, extensions } = this.#processes;
    if (!runtime) return this.#ended(request.requestId, ENDED);
    const { requestId, invokedFunctionArn } = request;
    const traceId = request.traceId ?? newTraceHeader(this.#ports.now());
    const stream = createStreamSink(request);
    const free = this.#holdToShare(runtime);
    const call = { requestId, invokedFunctionArn, deadlineMs, traceId };
    const running = runtime
      .call({
        ...call,
        clientContext: request.clientContext,
        payload: request.payload,
        onChunk: stream.take,
        onStreamStart: request.onStreamStart,
      })
      .finally(free);
    if (!extensions?.hasAny) return this.#endingOf(requestId, runtime, await running, stream);
    extensions.invoke(call);
    // An extension that fails ends the invocation; one that is not done yet makes it last longer.
    const failure = (await extensions.failureBefore(running)) ?? (await extensions.done());
    if (failure === undefined) return this.#endingOf(requestId, runtime, await running, stream);
    this.#processes.drop(runtime);
    return this.#extensionFailed(requestId, failure);
  }

  #dropCurrent(): void {
    this.#processes.drop(this.#processes.runtime);
  }

  #holdToShare(runtime: RuntimeProcess): () => void {
    const { holdToShare } = this.#ports;
    const { pid } = runtime;
    if (holdToShare === undefined || pid === undefined) return () => {};
    const cores = coresOf(this.#plan.config.memorySizeMb);
    const isFirst = !this.#hasRun;
    this.#hasRun = true;
    return holdToShare({ pid, cores, cgroup: this.#processes.cgroup, isFirst, signal: runtime.signal });
  }

  #endingOf(requestId: string, runtime: RuntimeProcess, outcome: CallOutcome, stream: StreamSink): Ending {
    switch (outcome.kind) {
      case 'response':
        return outcome.payload.length > limits.lambdaResponseBytes ? tooLarge() : answered(outcome.payload);
      case 'streamed':
        return stream.tooLarge ? tooLarge() : answered(stream.collected());
      case 'too-large':
        return tooLarge();
      case 'exited':
        this.#processes.drop(runtime);
        return this.#ended(requestId, outcome);
      case 'error':
        if (!outcome.fatal) return failed(outcome, { kind: 'success' });
        this.#processes.drop(runtime);
        // It has told its error, and then gone down.
        return failed(outcome, { kind: 'error', errorType: 'Runtime.ExitError' });
    }
  }

  #ended(requestId: string, outcome: Exited): Ending {
    const { ephemeralStorageMb } = this.#plan.config;
    const error =
      this.#over === 'memory'
        ? outOfMemory(requestId)
        : this.#over === 'storage'
          ? outOfStorage(requestId, ephemeralStorageMb)
          : runtimeExited(requestId, outcome);
    return failed(error, { kind: 'error', errorType: error.errorType });
  }

  #initFailed(requestId: string, outcome: Exclude<Started, { kind: 'ready' }>, durationMs: number): Ending {
    this.#log.initReport('invoke', durationMs, { kind: 'error', errorType: outcome.errorType });
    if (outcome.kind === 'exited') return this.#ended(requestId, outcome);
    if (outcome.kind === 'extension') return this.#extensionFailed(requestId, outcome);
    return failed(outcome, { kind: 'error', errorType: outcome.errorType });
  }

  #extensionFailed(requestId: string, { errorType, reason }: { errorType: string; reason: string }): Ending {
    return failed(extensionFailed(requestId, errorType, reason), { kind: 'error', errorType });
  }

  /** What the process wrote before its answer may come after it, by another pipe. */
  async #lastLines(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#processes.runtime?.flushOutput();
  }

  #sampleBeforeReport(time: number): void {
    const pid = this.#processes.runtime?.pid;
    if (pid === undefined || time - this.#sampledAt < limits.functionMemorySampleMs) return;
    this.#takeSample(peakMemory(pid));
  }

  #takeSample(bytes: number | undefined): void {
    this.#sampledAt = performance.now();
    if (bytes === undefined) return;
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
    if (bytes <= this.#plan.config.memorySizeMb * BYTES_PER_MB) return;
    this.#over = 'memory';
    this.#processes.runtime?.end();
  }
}

/** A home and a folder for temporary files of the environment's own: never the server's. */
function homeOf({ confinement }: EnvironmentPlan, { tmpDir }: EnvironmentPlace): Record<string, string> {
  const folder = confinement.coversTmp ? '/tmp' : tmpDir;
  return { TMPDIR: folder, HOME: folder };
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
