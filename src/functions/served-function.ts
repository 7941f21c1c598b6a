/** One revision of one version of a function while it is served: its plan, its pool, and the folders it comes from. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Now } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { WriteLogEvents } from '../base/ports.ts';
import type { CodeFolders } from './code-folders.ts';
import type { FunctionConfig } from './config.ts';
import { planEnvironment } from './environment-plan.ts';
import { type EnvironmentPlan, ExecutionEnvironment } from './execution-environment.ts';
import type { Fleet } from './fleet.ts';
import { type FolderWatch, watchFolder } from './folder-watch.ts';
import type { IsolationOptions } from './isolation.ts';
import type { InitializationType } from './platform-events.ts';
import { Pool } from './pool.ts';
import type { HoldToShare } from './processor-share.ts';
import type { ProcessGuard } from './process-guard.ts';

export interface ServedFunction {
  readonly config: FunctionConfig;
  /** The same revision with fresh credentials: environments that start from now on get them. */
  refresh(config: FunctionConfig): void;
  readonly pool: Pool;
  /** Changes of its folders no longer matter. */
  unwatch(): void;
}

export interface ServedFunctionPorts {
  readonly now: Now;
  readonly log: Log;
  readonly writeLogEvents: WriteLogEvents;
  readonly dataDir: string;
  readonly endpointUrl: string;
  readonly http2Url: string | undefined;
  readonly code: CodeFolders;
  readonly fleet: Fleet;
  readonly guard: ProcessGuard;
  readonly initMs: number;
  readonly isolation: IsolationOptions;
  readonly usesCgroups: boolean;
  readonly wheelsFolder: string | undefined;
  readonly holdToShare: HoldToShare | undefined;
  /** Made when the first environment is: for each one's `/tmp`. */
  readonly environmentsDir: () => Promise<string>;
}

export function serveFunction(first: FunctionConfig, ports: ServedFunctionPorts): ServedFunction {
  let config = first;
  let plan: Promise<EnvironmentPlan> | undefined;
  let pool: Pool | undefined;
  const folders = watchFolders(config, () => {
    ports.log('info', 'function code changed', { function: config.functionArn });
    plan = undefined;
    pool?.renew();
  });
  const makePlan = (): Promise<EnvironmentPlan> => {
    const making = folders.ready().then(() => makeEnvironmentPlan(config, ports));
    making.then(folders.watchSources, () => {
      // The next call tries again.
      if (plan === making) plan = undefined;
    });
    return making;
  };
  pool = new Pool({
    now: ports.now,
    fleet: ports.fleet,
    make: async (type) => makeEnvironment(await (plan ??= makePlan()), type, ports),
  });
  return {
    get config() {
      return config;
    },
    refresh(next) {
      config = next;
      plan = undefined;
    },
    pool,
    unwatch: folders.close,
  };
}

async function makeEnvironmentPlan(
  config: FunctionConfig,
  ports: ServedFunctionPorts,
): Promise<EnvironmentPlan> {
  const { environmentsDir, ...rest } = ports;
  return planEnvironment(config, { ...rest, scratchDir: await environmentsDir() });
}

async function makeEnvironment(
  plan: EnvironmentPlan,
  initializationType: InitializationType,
  { environmentsDir, ...ports }: ServedFunctionPorts,
): Promise<ExecutionEnvironment> {
  const id = randomBytes(16).toString('hex');
  const logStream = `${day(ports.now())}/[${plan.config.version}]${id}`;
  const tmpDir = join(await environmentsDir(), id);
  return new ExecutionEnvironment(plan, { id, logStream, tmpDir, initializationType }, ports);
}

/** `2026/11/23`. */
const day = (now: number): string => new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');

function watchFolders({ code, layers }: FunctionConfig, onChange: () => void) {
  const watches = new Map<string, FolderWatch>();
  let closed = false;
  const add = (folder: string, deep: boolean): void => {
    if (!watches.has(folder)) watches.set(folder, watchFolder(folder, onChange, { deep }));
  };
  for (const { kind, path } of [code, ...layers]) if (kind === 'folder') add(path, true);
  return {
    ready: () => Promise.all([...watches.values()].map((watch) => watch.ready)),
    /** Files beside the function's own folder that its code was built from. */
    watchSources: ({ sources }: EnvironmentPlan): void => {
      if (code.kind !== 'folder' || closed) return;
      for (const source of sources) add(dirname(source), false);
    },
    close: (): void => {
      closed = true;
      for (const watch of watches.values()) watch.close();
    },
  };
}
