/**
 * Runs Lambda functions as processes on this machine: a pool of environments for each revision of each version,
 * started as calls come, kept warm, ended when nobody calls.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Now } from '../base/clock.ts';
import { Fault, reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { WriteLogEvents } from '../base/ports.ts';
import { createCodeFolders } from './code-folders.ts';
import { createConcurrency } from './concurrency.ts';
import type { FunctionConfig, FunctionRunner, RunAnswer, RunRequest } from './config.ts';
import { createFleet, environmentsOfThisMachine } from './fleet.ts';
import type { IsolationOptions } from './isolation.ts';
import type { Pool } from './pool.ts';
import { createProcessGuard } from './process-guard.ts';
import { createProcessorShare } from './processor-share.ts';
import { type ServedFunction, type ServedFunctionPorts, serveFunction } from './served-function.ts';

export interface FunctionRunnerPorts {
  readonly now: Now;
  readonly log: Log;
  readonly writeLogEvents: WriteLogEvents;
  /** For unpacked code and each environment's `/tmp`. */
  readonly dataDir: string;
  /** This server: SDKs inside functions call it. */
  readonly endpointUrl: string | (() => string);
  /** Where it speaks HTTP/2, when it does. */
  readonly http2Url?: () => string | undefined;
  readonly limits?: Partial<RunnerLimits>;
  readonly isolation?: IsolationOptions;
  /** `share`: in proportion to memory; `free`: as much as there is. */
  readonly processor?: 'share' | 'free';
  /** Whether control groups are used where they can be had. */
  readonly usesCgroups?: boolean;
  /** Where wheels lie that requirements of Python functions are installed from. */
  readonly wheelsFolder?: string;
}

export interface RunnerLimits {
  readonly idleMs: number;
  readonly initMs: number;
  readonly accountConcurrency: number;
  readonly environments: number;
}

const LONGEST_SWEEP_MS = 15_000;
const SHORTEST_SWEEP_MS = 10;

export function createFunctionRunner(ports: FunctionRunnerPorts): FunctionRunner {
  const most: RunnerLimits = {
    idleMs: limits.functionIdleMs,
    initMs: limits.lambdaInitMs,
    accountConcurrency: limits.lambdaConcurrentExecutions,
    environments: environmentsOfThisMachine(),
    ...ports.limits,
  };
  const concurrency = createConcurrency(most.accountConcurrency);
  const guard = createProcessGuard();
  const scratch = createScratchFolder(join(ports.dataDir, 'environments'));
  const served = createServedFunctions((pools) => ({
    now: ports.now,
    log: ports.log,
    writeLogEvents: ports.writeLogEvents,
    dataDir: ports.dataDir,
    endpointUrl: typeof ports.endpointUrl === 'string' ? ports.endpointUrl : ports.endpointUrl(),
    http2Url: ports.http2Url?.(),
    code: createCodeFolders(ports.dataDir),
    fleet: createFleet(most.environments, () => endLongestIdle(pools())),
    guard,
    initMs: most.initMs,
    isolation: ports.isolation ?? { mode: 'auto' },
    usesCgroups: ports.usesCgroups ?? true,
    wheelsFolder: ports.wheelsFolder,
    holdToShare: ports.processor === 'free' ? undefined : createProcessorShare(),
    environmentsDir: scratch.make,
  }));
  const sweep = setInterval(
    () => served.sweep(ports.now() - most.idleMs, ports.now() - limits.functionLifeMs),
    Math.min(LONGEST_SWEEP_MS, Math.max(SHORTEST_SWEEP_MS, most.idleMs / 4)),
  );
  const sampling = setInterval(() => sampleMemory(served.pools(), ports.log), limits.functionMemorySampleMs);
  sweep.unref();
  sampling.unref();
  let closing = false;

  const run = async (config: FunctionConfig, request: RunRequest): Promise<RunAnswer> => {
    request.signal?.throwIfAborted();
    if (closing) throw new Fault('ServiceException', 'The server is going down', { status: 500 });
    const giveBack = concurrency.admit(config, request.asynchronous === true);
    try {
      return await runInPool(served.poolOf(config), withClientContext(request));
    } finally {
      giveBack();
    }
  };
  return {
    run,
    async provision(config, count) {
      if (closing) return 0;
      if (count === 0 && !served.serves(config)) return 0;
      const pool = served.poolOf(config);
      await pool.provision(count);
      return pool.provisionedReady;
    },
    retire: served.retire,
    async close(graceMs) {
      closing = true;
      await until(() => concurrency.running === 0, graceMs);
      clearInterval(sweep);
      clearInterval(sampling);
      await served.close();
      guard.close();
      await scratch.remove();
    },
  };
}

async function runInPool(pool: Pool, request: RunRequest): Promise<RunAnswer> {
  const acquired = pool.acquire(request.signal);
  // A warm call spends no turn of the event loop here.
  const environment = acquired instanceof Promise ? await acquired : acquired;
  const startedAt = performance.now();
  try {
    return await environment.run(request);
  } finally {
    pool.release(environment, performance.now() - startedAt);
  }
}

/** Which functions are served, by version; a new revision takes the place of the one before. */
function createServedFunctions(portsOf: (pools: () => Iterable<Pool>) => ServedFunctionPorts) {
  const current = new Map<string, ServedFunction>();
  /** Those that take no new call but still have some. */
  const leaving = new Set<Pool>();
  let servedPorts: ServedFunctionPorts | undefined;
  const pools = function* (): Iterable<Pool> {
    for (const { pool } of current.values()) yield pool;
    yield* leaving;
  };
  const leave = (key: string, one: ServedFunction): void => {
    current.delete(key);
    one.unwatch();
    one.pool.retire();
    leaving.add(one.pool);
  };
  return {
    pools,
    poolOf(config: FunctionConfig): Pool {
      const key = `${config.functionArn}:${config.version}`;
      const known = current.get(key);
      if (known?.config === config) return known.pool;
      if (known?.config.revision === config.revision) {
        known.refresh(config);
        return known.pool;
      }
      if (known) leave(key, known);
      const fresh = serveFunction(config, (servedPorts ??= portsOf(pools)));
      current.set(key, fresh);
      return fresh.pool;
    },
    /** Whether environments of this very revision are there. */
    serves: (config: FunctionConfig): boolean =>
      current.get(`${config.functionArn}:${config.version}`)?.config.revision === config.revision,
    retire(functionArn: string): void {
      for (const [key, one] of current) if (one.config.functionArn === functionArn) leave(key, one);
    },
    sweep(idleBefore: number, bornBefore: number): void {
      for (const pool of pools()) pool.evict(idleBefore, bornBefore);
      for (const pool of leaving) if (pool.size === 0) leaving.delete(pool);
    },
    async close(): Promise<void> {
      for (const one of current.values()) one.unwatch();
      await Promise.all([...pools()].map((pool) => pool.close()));
    },
  };
}

/** The header is base64; the function gets the JSON in it. */
function withClientContext(request: RunRequest): RunRequest {
  if (request.clientContext === undefined) return request;
  return { ...request, clientContext: Buffer.from(request.clientContext, 'base64').toString('utf8') };
}

/** A folder of this server's own, made at the first call; those of servers that are gone are cleared away then. */
function createScratchFolder(parent: string) {
  const folder = join(parent, randomBytes(6).toString('hex'));
  let made: Promise<string> | undefined;
  const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true }).catch(() => {});
  const make = async (): Promise<string> => {
    const earlier = await readdir(parent).catch(() => []);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    void Promise.all(earlier.map((name) => remove(join(parent, name))));
    return folder;
  };
  return { make: () => (made ??= make()), remove: () => remove(folder) };
}

function endLongestIdle(pools: Iterable<Pool>): boolean {
  let longest: { readonly pool: Pool; readonly since: number } | undefined;
  for (const pool of pools) {
    const since = pool.idleSince;
    if (since !== undefined && (longest === undefined || since < longest.since)) longest = { pool, since };
  }
  longest?.pool.evict(longest.since);
  return longest !== undefined;
}

function sampleMemory(pools: Iterable<Pool>, log: Log): void {
  for (const pool of pools)
    for (const environment of pool.busy)
      environment.sample().catch((thrown: unknown) => {
        log('error', 'what a function has taken could not be read', { reason: reasonOf(thrown) });
      });
}

const POLL_MS = 5;

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (!condition() && performance.now() < endAt)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
