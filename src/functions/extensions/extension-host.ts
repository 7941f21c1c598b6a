/**
 * Everything about extensions in one environment: their programs, what they registered for, what they are told.
 * The phases are https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html and runtimes-extensions-api.html.
 */
import { limits } from '../../base/limits.ts';
import type { FunctionConfig } from '../config.ts';
import type { Confinement } from '../confinement.ts';
import type { EnvironmentApi } from '../environment-api.ts';
import type { FunctionLog } from '../function-log.ts';
import type { ProcessGuard } from '../process-guard.ts';
import type { RuntimeProcess } from '../runtime-process.ts';
import { createExtensionRegistry } from './extension.ts';
import { externalExtensions, type ExtensionProcess, startExtension } from './extension-process.ts';
import { createExtensionsApi } from './extensions-api.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

export interface ExtensionFailure {
  /** `Extension.Crash`, `Extension.InitError`, `Extension.ExitError`. */
  readonly errorType: string;
  readonly reason: string;
}

export interface InvokeNotice {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly invokedFunctionArn: string;
  readonly traceId: string;
}

export interface ExtensionHost {
  readonly telemetry: Telemetry;
  /** Whether anybody has registered: an environment without extensions spends nothing on them. */
  readonly hasAny: boolean;
  /** Starts the programs; resolves when all have registered, or one has failed. */
  start(): Promise<ExtensionFailure | undefined>;
  /** Resolves when all wait for an event, or one has failed. Nobody registers from then on. */
  ready(): Promise<ExtensionFailure | undefined>;
  invoke(notice: InvokeNotice): void;
  /** Resolves when all are done with the invocation, or one has failed. */
  done(): Promise<ExtensionFailure | undefined>;
  /** Resolves when an extension fails before `ended` does. */
  failureBefore(ended: Promise<unknown>): Promise<ExtensionFailure | undefined>;
  freeze(): void;
  thaw(): void;
  /** Ends all at once: the environment is set up anew. */
  reset(): void;
  /** The runtime ends first, then the extensions have the rest of two seconds. */
  shutDown(reason: 'spindown' | 'timeout' | 'failure', runtime: RuntimeProcess | undefined): Promise<void>;
}

export interface ExtensionHostPorts {
  readonly config: FunctionConfig;
  readonly api: EnvironmentApi;
  readonly confinement: Confinement;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: FunctionLog;
  readonly guard: ProcessGuard;
  readonly now: () => number;
}

const RUNTIME_GRACE_MS = 300;

export function createExtensionHost(ports: ExtensionHostPorts): ExtensionHost {
  const { config, api, log } = ports;
  const names = new Set(externalExtensions(ports.confinement.optFolder));
  const registry = createExtensionRegistry();
  let processes: ExtensionProcess[] = [];
  let initializing = true;
  let ending = false;
  /** Programs of an environment that was set up anew are none of its failures. */
  let generation = 0;
  let failure: ExtensionFailure | undefined;
  let changed: (() => void)[] = [];
  const onFailure = new Set<() => void>();
  const fail = (next: ExtensionFailure): void => {
    if (ending) return;
    failure ??= next;
    for (const tell of [...changed.splice(0), ...onFailure]) tell();
  };
  const telemetry = createTelemetry(
    registry,
    () => initializing,
    (name, types) => log.tell('platform.telemetrySubscription', { name, state: 'Subscribed', types }),
  );
  api.routes.add(telemetry.route);
  api.routes.add(
    createExtensionsApi({
      registry,
      functionName: config.functionName,
      functionVersion: config.version,
      handler: config.handler,
      accountId: config.scope.account,
      externalNames: names,
      isInitializing: () => initializing,
      registered: (name, events) => {
        log.tell('platform.extension', { name, state: 'Registered', events });
        for (const tell of changed.splice(0)) tell();
      },
      failed: (reason) =>
        fail({ errorType: initializing ? 'Extension.InitError' : 'Extension.ExitError', reason }),
    }),
  );

  const orFailure = async (work: Promise<void>): Promise<ExtensionFailure | undefined> => {
    if (failure !== undefined) return failure;
    await Promise.race([work, new Promise<void>((resolve) => changed.push(resolve))]);
    return failure;
  };
  const allRegistered = async (): Promise<void> => {
    while (failure === undefined && [...names].some((name) => registry.byName(name) === undefined))
      await new Promise<void>((resolve) => changed.push(resolve));
  };
  const settled = async (): Promise<ExtensionFailure | undefined> => {
    // A registration wakes waiters too: only a failure, or everybody waiting, ends this.
    const waiting = registry.allWaiting().then(() => true);
    for (;;) {
      const told = new Promise<false>((resolve) => changed.push(() => resolve(false)));
      if (failure !== undefined || (await Promise.race([waiting, told]))) return failure;
    }
  };
  return {
    telemetry,
    get hasAny() {
      return registry.size > 0 || names.size > 0;
    },
    async start() {
      const { optFolder } = ports.confinement;
      if (optFolder === undefined) return undefined;
      const mine = generation;
      processes = [...names].map((name) =>
        startExtension(optFolder, name, {
          guard: ports.guard,
          confinement: ports.confinement,
          variables: ports.variables,
          maxLineBytes: limits.functionLogLineBytes,
          onLine: log.extensionLine,
          onExit: (_, reason) => {
            if (mine === generation) fail({ errorType: 'Extension.Crash', reason });
          },
        }),
      );
      return orFailure(allRegistered());
    },
    async ready() {
      const outcome = registry.size === 0 ? failure : await settled();
      initializing = false;
      return outcome;
    },
    invoke({ requestId, deadlineMs, invokedFunctionArn, traceId }) {
      registry.send('INVOKE', {
        eventType: 'INVOKE',
        deadlineMs: Math.round(deadlineMs),
        requestId,
        invokedFunctionArn,
        tracing: { type: 'X-Amzn-Trace-Id', value: traceId },
      });
    },
    done: settled,
    failureBefore: (ended) =>
      new Promise((resolve) => {
        const tell = (): void => {
          onFailure.delete(tell);
          resolve(failure);
        };
        if (failure !== undefined) return tell();
        onFailure.add(tell);
        void ended.finally(tell);
      }),
    freeze() {
      telemetry.hold(true);
      for (const one of processes) one.signal('SIGSTOP');
    },
    thaw() {
      for (const one of processes) one.signal('SIGCONT');
      telemetry.hold(false);
    },
    reset() {
      generation += 1;
      for (const one of processes) one.signal('SIGKILL');
      processes = [];
      telemetry.close();
      registry.clear();
      changed = [];
      failure = undefined;
      initializing = true;
    },
    async shutDown(shutdownReason, runtime) {
      ending = true;
      if (names.size === 0) return telemetry.close();
      await telemetry.flush();
      const endAt = ports.now() + limits.lambdaShutdownMs;
      for (const one of processes) one.signal('SIGCONT');
      runtime?.terminate();
      await within(RUNTIME_GRACE_MS, () => runtime?.ended !== false);
      runtime?.end();
      registry.send('SHUTDOWN', { eventType: 'SHUTDOWN', shutdownReason, deadlineMs: endAt });
      await within(endAt - ports.now(), () => processes.every(({ ended }) => ended));
      for (const one of processes) one.signal('SIGKILL');
      telemetry.close();
    },
  };
}

const POLL_MS = 5;

async function within(limitMs: number, condition: () => boolean): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (!condition() && performance.now() < endAt)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
