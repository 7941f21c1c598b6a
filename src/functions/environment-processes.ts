/**
 * What runs in one environment: its HTTP listener, its extensions and its runtime's process, set up together and, after
 * a crash or a timeout, set up anew. The listener's address stays.
 */
import { mkdir } from 'node:fs/promises';
import { limits } from '../base/limits.ts';
import type { Confinement } from './confinement.ts';
import { createEnvironmentApi, type EnvironmentApi } from './environment-api.ts';
import type { EnvironmentPlan, EnvironmentPorts } from './execution-environment.ts';
import {
  createExtensionHost,
  type ExtensionFailure,
  type ExtensionHost,
} from './extensions/extension-host.ts';
import type { FunctionLog, Tap } from './function-log.ts';
import type { TelemetryEvent } from './platform-events.ts';
import { type Cgroup, findCgroups, makeCgroup } from './cgroup.ts';
import {
  type InitOutcome,
  type RuntimePlan,
  type RuntimeProcess,
  startRuntimeProcess,
} from './runtime-process.ts';

/** `ready`, or why not. */
export type Started =
  | Exclude<InitOutcome, { kind: 'needs-node-path' }>
  | ({ readonly kind: 'extension' } & ExtensionFailure);

export interface EnvironmentProcesses {
  readonly runtime: RuntimeProcess | undefined;
  /** Undefined until the first start. */
  readonly extensions: ExtensionHost | undefined;
  readonly cgroup: Cgroup | undefined;
  readonly tap: Tap;
  /** Ends what runs, and starts everything. A start that was overtaken by `drop` ends as if killed. */
  start(): Promise<Started>;
  /** Ends the runtime, unless it is another by now: the next call sets up anew. */
  drop(ofRuntime: RuntimeProcess | undefined): void;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export interface ProcessesInput {
  readonly plan: EnvironmentPlan;
  readonly ports: EnvironmentPorts;
  readonly tmpFolder: string;
  /** Beside the plan's. */
  readonly variables: Readonly<Record<string, string>>;
  readonly log: FunctionLog;
  readonly name: string;
}

const ENDED = { kind: 'exited', errorType: 'Runtime.ExitError', reason: 'signal: killed' } as const;

export function createEnvironmentProcesses(input: ProcessesInput): EnvironmentProcesses {
  const { plan, ports, log } = input;
  const confinement: Confinement = { ...plan.confinement, tmpFolder: input.tmpFolder };
  let api: EnvironmentApi | undefined;
  let extensions: ExtensionHost | undefined;
  let runtime: RuntimeProcess | undefined;
  let cgroup: Cgroup | undefined;
  /** What happened before the host was there. */
  const early: TelemetryEvent[] = [];
  let closed = false;
  /** Counts starts: one that was overtaken is not taken. */
  let starts = 0;

  const prepare = async (): Promise<{
    api: EnvironmentApi;
    host: ExtensionHost;
    variables: Record<string, string>;
  }> => {
    if (api === undefined) {
      await mkdir(input.tmpFolder, { recursive: true });
      if (plan.owner !== undefined) await plan.owner(input.tmpFolder);
      api = await createEnvironmentApi();
      cgroup = cgroupOf(plan, input.name);
    }
    const variables = {
      ...plan.variables,
      ...input.variables,
      AWS_LAMBDA_RUNTIME_API: api.address,
    };
    extensions ??= createExtensionHost({
      config: plan.config,
      api,
      confinement,
      variables,
      log,
      guard: ports.guard,
      now: ports.now,
    });
    for (const event of early.splice(0)) extensions.telemetry.emit(event);
    return { api, host: extensions, variables };
  };

  const begin = async (mine: number): Promise<Started> => {
    const { api: listener, host, variables } = await prepare();
    const failure = host.hasAny ? await host.start() : undefined;
    if (failure !== undefined) return { kind: 'extension', ...failure };
    if (closed || mine !== starts) return ENDED;
    const hooked = plan.nodePathHook;
    const process = startRuntimeProcess(runtimePlan(plan), variables, {
      guard: ports.guard,
      api: listener,
      confinement,
      onLine: log.line,
      maxOutputLineBytes: limits.functionLogLineBytes,
      outputBytesPerSecond: limits.functionOutputBytesPerSecond,
    });
    runtime = process;
    if (process.pid !== undefined) cgroup?.add(process.pid);
    const outcome = await process.initialized;
    if (mine !== starts) return ENDED;
    if (outcome.kind === 'needs-node-path') {
      end(process);
      if (hooked) return ENDED;
      plan.nodePathHook = true;
      host.reset();
      return begin(mine);
    }
    const late = outcome.kind === 'ready' ? await host.ready() : undefined;
    if (outcome.kind === 'ready' && late === undefined) return outcome;
    end(process);
    return late === undefined ? outcome : { kind: 'extension', ...late };
  };
  const end = (process: RuntimeProcess | undefined): void => {
    process?.end();
    if (runtime === process) runtime = undefined;
  };
  return {
    get runtime() {
      return runtime;
    },
    get extensions() {
      return extensions;
    },
    get cgroup() {
      return cgroup;
    },
    tap: {
      listens: () => extensions === undefined || extensions.telemetry.listens,
      take(event) {
        if (extensions === undefined) early.push(event);
        else extensions.telemetry.emit(event);
      },
    },
    start() {
      const mine = ++starts;
      end(runtime);
      extensions?.reset();
      return begin(mine);
    },
    drop(ofRuntime) {
      if (ofRuntime !== runtime) return;
      starts += 1;
      end(runtime);
    },
    freeze() {
      runtime?.freeze();
      extensions?.freeze();
    },
    thaw() {
      runtime?.thaw();
      extensions?.thaw();
    },
    async close() {
      closed = true;
      starts += 1;
      const last = runtime;
      runtime = undefined;
      if (extensions?.hasAny) await extensions.shutDown('spindown', last);
      last?.end();
      extensions?.reset();
      api?.close();
      cgroup?.remove();
    },
  };
}

function runtimePlan({ runtime, nodePathHook }: EnvironmentPlan): RuntimePlan {
  return { ...runtime, init: { ...runtime.init, nodePathHook } };
}

/** Undefined where none can be had: then the server's own counting takes its place. */
function cgroupOf({ config, usesCgroups }: EnvironmentPlan, name: string): Cgroup | undefined {
  const parent = usesCgroups ? findCgroups() : undefined;
  if (parent === undefined) return undefined;
  try {
    return makeCgroup(parent, name, config.memorySizeMb);
  } catch {
    return undefined;
  }
}
