/** One operating-system process that runs a function's code, whatever way it is spoken to (`RuntimeLink`). */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { reasonOf } from '../base/fault.ts';
import type { InitFrame } from './frames.ts';
import { createFrameLink } from './frame-link.ts';
import { createOutputLines } from './output-lines.ts';
import { createOutputMeter } from './output-meter.ts';
import type { ProcessGuard } from './process-guard.ts';
import { createRuntimeApiLink } from './runtime-api-link.ts';
import { signalGroup } from './signal-group.ts';
import type { EnvironmentApi } from './environment-api.ts';
import { confineIn, type Confinement } from './confinement.ts';

export interface RuntimePlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** `frames` for our own bootstraps, `api` for the HTTP Runtime API. */
  readonly speaks: 'frames' | 'api';
  readonly init: InitFrame;
}

export interface Call {
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  readonly deadlineMs: number;
  readonly traceId: string;
  /** JSON text. */
  readonly clientContext?: string;
  readonly payload: Uint8Array;
  /** A chunk of a streamed answer; nothing more is read until it resolves. */
  readonly onChunk: (chunk: Uint8Array) => void | Promise<void>;
  readonly onStreamStart?: (contentType: string) => void;
}

export type InitOutcome =
  | { readonly kind: 'ready' }
  /** To be started again with `InitFrame.nodePathHook`. */
  | { readonly kind: 'needs-node-path' }
  | { readonly kind: 'error'; readonly errorType: string; readonly payload: Uint8Array }
  | Exited;

export type CallOutcome =
  | { readonly kind: 'response'; readonly payload: Uint8Array }
  /** Every chunk was handed over. */
  | { readonly kind: 'streamed' }
  | {
      readonly kind: 'error';
      readonly errorType: string;
      readonly payload: Uint8Array;
      /** The process ends with it. */
      readonly fatal: boolean;
    }
  | { readonly kind: 'too-large' }
  | Exited;

/** Ended without an answer; `reason` in AWS's words, `exit status 1` or `signal: killed`, empty for status 0. */
export interface Exited {
  readonly kind: 'exited';
  readonly errorType: 'Runtime.ExitError' | 'Runtime.InvalidEntrypoint';
  readonly reason: string;
}

/** What a link tells its process. */
export interface LinkEvents {
  initialized(outcome: InitOutcome): void;
  /** The process waits for its next call, for links where that is not with the answer. */
  waits(): void;
  answered(outcome: CallOutcome): void;
  /** One log event. */
  line(text: string): void;
  /** Bytes written to standard output or error. */
  output(bytes: Buffer): void;
  /** The process does not keep to the protocol. */
  broken(reason: string): void;
}

export interface RuntimeLink {
  /** Called once the process is there; `channel` is its file descriptor 3. */
  attach(channel: Duplex | undefined): void;
  send(call: Call): void;
  /** False while the process is still at its last call, answered as it may be. */
  readonly waiting: boolean;
  close(): void;
}

export interface ProcessPorts {
  readonly guard: ProcessGuard;
  readonly api: EnvironmentApi;
  readonly confinement: Confinement;
  readonly onLine: (text: string) => void;
  readonly maxOutputLineBytes: number;
  readonly outputBytesPerSecond: number;
}

export interface RuntimeProcess {
  readonly pid: number | undefined;
  readonly initialized: Promise<InitOutcome>;
  call(call: Call): Promise<CallOutcome>;
  /** The process has gone, or is to go: it takes no further call. */
  readonly ended: boolean;
  /** Lines that have no end yet become events. */
  flushOutput(): void;
  /** Nothing of the process runs until `thaw`; while it still is at its last call, from when it has come back. */
  freeze(): void;
  thaw(): void;
  /** Asks the process to end. */
  terminate(): void;
  /** Kills the process and everything it started. */
  end(): void;
  /** To the process and everything it started, while they are there. */
  signal(signal: NodeJS.Signals): void;
}

export function startRuntimeProcess(
  plan: RuntimePlan,
  variables: Readonly<Record<string, string>>,
  ports: ProcessPorts,
): RuntimeProcess {
  const life = createLife(ports);
  const link =
    plan.speaks === 'frames'
      ? createFrameLink(plan.init, life.events, ports.outputBytesPerSecond)
      : createRuntimeApiLink(ports.api, plan.init.maxResponseBytes, life.events);
  try {
    const start = confineIn(ports.confinement, { command: plan.command, args: plan.args, variables });
    const child = spawn(start.command, [...start.args], {
      cwd: plan.cwd,
      env: { ...start.variables },
      // A session of its own: the whole group can be killed, and Ctrl-C in a terminal does not reach it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', plan.speaks === 'frames' ? 'pipe' : 'ignore'],
    });
    life.adopt(child, link, plan.command);
  } catch (thrown) {
    // Some failures are thrown, others come as an event.
    link.close();
    life.over(entrypointFailure(plan.command, thrown));
  }
  return life.process;
}

/** The state between a child process and whoever waits for it. */
function createLife(ports: ProcessPorts) {
  let child: ChildProcess | undefined;
  let link: RuntimeLink | undefined;
  let ended = false;
  let exited: Exited | undefined;
  let gone = false;
  let freezing = false;
  let settleInit: ((outcome: InitOutcome) => void) | undefined;
  let settleCall: ((outcome: CallOutcome) => void) | undefined;
  const initialized = new Promise<InitOutcome>((resolve) => {
    settleInit = resolve;
  });
  const lines = createOutputLines(ports.maxOutputLineBytes, ports.onLine);

  const over = (outcome: Exited): void => {
    exited ??= outcome;
    ended = true;
    lines.end();
    settleInit?.(exited);
    settleCall?.(exited);
    settleCall = undefined;
    link?.close();
  };
  const end = (): void => {
    ended = true;
    // Once it is gone its number may be another's.
    if (!gone) signalGroup(child?.pid, 'SIGKILL');
  };
  const stopWhenFree = (): void => {
    if (freezing && !gone && link?.waiting) signalGroup(child?.pid, 'SIGSTOP');
  };
  const events: LinkEvents = {
    initialized: (outcome) => settleInit?.(outcome),
    waits: stopWhenFree,
    answered: (outcome) => {
      if (outcome.kind === 'error' && outcome.fatal) ended = true;
      const settle = settleCall;
      settleCall = undefined;
      settle?.(outcome);
    },
    line: ports.onLine,
    output: (bytes) => lines.push(bytes),
    broken: end,
  };

  const readOutput = (stream: Readable): void => {
    const spend = createOutputMeter(stream, ports.outputBytesPerSecond);
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      lines.push(bytes);
      spend(bytes.length);
    });
  };
  const adopt = (started: ChildProcess, itsLink: RuntimeLink, command: string): void => {
    child = started;
    link = itsLink;
    const { pid } = started;
    if (pid !== undefined) ports.guard.watch(pid);
    started.on('error', (error) => over(entrypointFailure(command, error)));
    started.on('exit', (status, signal) => {
      gone = true;
      // What the process started itself goes with it.
      signalGroup(pid, 'SIGKILL');
      if (pid !== undefined) ports.guard.release(pid);
      // What it wrote last is still in the pipes.
      setImmediate(() =>
        over({ kind: 'exited', errorType: 'Runtime.ExitError', reason: exitReason(status, signal) }),
      );
    });
    for (const stream of [started.stdout, started.stderr]) if (stream) readOutput(stream);
    // The fourth of `stdio`, a socket both ways; the type says only that there may be more than three.
    itsLink.attach((started.stdio[3] ?? undefined) as Duplex | undefined);
  };

  const process: RuntimeProcess = {
    get pid() {
      return child?.pid;
    },
    get ended() {
      return ended;
    },
    initialized,
    call: (call) => {
      if (exited) return Promise.resolve(exited);
      return new Promise((resolve) => {
        settleCall = resolve;
        link?.send(call);
      });
    },
    flushOutput: () => lines.end(),
    freeze: () => {
      if (freezing || ended) return;
      freezing = true;
      stopWhenFree();
    },
    thaw: () => {
      if (!freezing) return;
      freezing = false;
      if (!gone) signalGroup(child?.pid, 'SIGCONT');
    },
    terminate: () => {
      process.thaw();
      process.signal('SIGTERM');
    },
    end,
    signal: (signal) => {
      if (!gone) signalGroup(child?.pid, signal);
    },
  };
  return { events, adopt, over, process };
}

const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGTERM: 'terminated',
  SIGINT: 'interrupt',
  SIGBUS: 'bus error',
  SIGILL: 'illegal instruction',
  SIGFPE: 'floating point exception',
  SIGTRAP: 'trace/breakpoint trap',
  SIGHUP: 'hangup',
  SIGPIPE: 'broken pipe',
};

function exitReason(status: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  return status === null || status === 0 ? '' : `exit status ${status}`;
}

const SPAWN_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory',
  ENOEXEC: 'exec format error',
};

function entrypointFailure(command: string, error: unknown): Exited {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = `fork/exec ${command}: ${SPAWN_WORDS[code] ?? reasonOf(error)}`;
  return { kind: 'exited', errorType: 'Runtime.InvalidEntrypoint', reason };
}
