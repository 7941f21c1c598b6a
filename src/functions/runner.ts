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
import { type EnvironmentPlan, ExecutionEnvironment } from './execution-environment.ts';
import { planEnvironment } from './environment-plan.ts';
import { createFleet, environmentsOfThisMachine } from './fleet.ts';
import { type FolderWatch, watchFolder } from './folder-watch.ts';
import { Pool } from './pool.ts';
import { createProcessGuard } from './process-guard.ts';

export interface FunctionRunnerPorts {
  readonly now: Now;
  readonly log: Log;
  readonly writeLogEvents: WriteLogEvents;
  /** For unpacked code and each environment's `/tmp`. */
  readonly dataDir: string;
  /** This server: SDKs inside functions call it. */
  readonly endpointUrl: string | (() => string);
  readonly limits?: Partial<RunnerLimits>;
}

export interface RunnerLimits {
  readonly idleMs: number;
  readonly initMs: number;
  readonly accountConcurrency: number;
  readonly environments: number;
}

interface Member {
  readonly pool: Pool;
  readonly functionArn: string;
  readonly version: string;
  readonly watches: readonly FolderWatch[];
}

const LONGEST_SWEEP_MS = 15_000;

export function createFunctionRunner(ports: FunctionRunnerPorts): FunctionRunner {
  const most: RunnerLimits = {
    idleMs: limits.functionIdleMs,
    initMs: limits.lambdaInitMs,
    accountConcurrency: limits.lambdaConcurrentExecutions,
    environments: environmentsOfThisMachine(),
    ...ports.limits,
  };
  const members = new Map<string, Member>();
  /** Those that take no new call but still have some. */
  const leaving = new Set<Pool>();
  const guard = createProcessGuard();
  const code = createCodeFolders(ports.dataDir);
  const concurrency = createConcurrency(most.accountConcurrency);
  const environmentsDir = join(ports.dataDir, 'environments', randomBytes(6).toString('hex'));
  let closing = false;
  let prepared: Promise<void> | undefined;

  const allPools = function* (): Iterable<Pool> {
    for (const { pool } of members.values()) yield pool;
    yield* leaving;
  };
  const fleet = createFleet(most.environments, () => endLongestIdle(allPools()));

  const makeEnvironment = async (plan: Promise<EnvironmentPlan>): Promise<ExecutionEnvironment> => {
    const itsPlan = await plan;
    const id = randomBytes(16).toString('hex');
    const logStream = `${day(ports.now())}/[${itsPlan.config.version}]${id}`;
    return new ExecutionEnvironment(
      itsPlan,
      { logStream, tmpDir: join(environmentsDir, id) },
      { now: ports.now, writeLogEvents: ports.writeLogEvents, guard, initMs: most.initMs },
    );
  };

  const createMember = (config: FunctionConfig): Member => {
    let plan: Promise<EnvironmentPlan> | undefined;
    const endpointUrl = typeof ports.endpointUrl === 'string' ? ports.endpointUrl : ports.endpointUrl();
    const makePlan = (): Promise<EnvironmentPlan> => {
      prepared ??= prepareFolder(environmentsDir);
      const where = { dataDir: ports.dataDir, scratchDir: environmentsDir, endpointUrl, code };
      const making = prepared.then(() => planEnvironment(config, where));
      making.catch(() => {
        if (plan === making) plan = undefined;
      });
      return making;
    };
    const pool = new Pool({
      now: ports.now,
      fleet,
      idleMs: most.idleMs,
      make: () => makeEnvironment((plan ??= makePlan())),
    });
    const changed = (): void => {
      ports.log('info', 'function code changed', { function: config.functionArn });
      plan = undefined;
      pool.renew();
    };
    const folders = [config.code, ...config.layers].filter(({ kind }) => kind === 'folder');
    const watches = folders.map(({ path }) => watchFolder(path, changed));
    return { pool, functionArn: config.functionArn, version: config.version, watches };
  };

  const leave = (key: string, member: Member): void => {
    members.delete(key);
    for (const watch of member.watches) watch.close();
    member.pool.retire();
    leaving.add(member.pool);
  };

  const memberFor = (config: FunctionConfig): Member => {
    const key = `${config.functionArn}:${config.version}:${config.revision}`;
    const known = members.get(key);
    if (known) return known;
    for (const [otherKey, other] of members)
      if (other.functionArn === config.functionArn && other.version === config.version)
        leave(otherKey, other);
    const member = createMember(config);
    members.set(key, member);
    return member;
  };

  const run = async (config: FunctionConfig, request: RunRequest): Promise<RunAnswer> => {
    request.signal?.throwIfAborted();
    if (closing) throw new Fault('ServiceException', 'The server is going down', { status: 500 });
    const giveBack = concurrency.admit(config);
    try {
      const { pool } = memberFor(config);
      const acquired = pool.acquire(request.signal);
      const environment = acquired instanceof Promise ? await acquired : acquired;
      const startedAt = performance.now();
      try {
        return await environment.run(withClientContext(request));
      } finally {
        pool.release(environment, performance.now() - startedAt);
      }
    } finally {
      giveBack();
    }
  };

  const sweep = setInterval(
    () => {
      for (const pool of allPools()) pool.evict(ports.now() - most.idleMs);
      for (const pool of leaving) if (pool.size === 0) leaving.delete(pool);
    },
    Math.min(LONGEST_SWEEP_MS, Math.max(10, most.idleMs / 4)),
  );
  const sampling = setInterval(() => sampleMemory(allPools(), ports.log), limits.functionMemorySampleMs);
  sweep.unref();
  sampling.unref();

  return {
    run,
    retire: (functionArn) => {
      for (const [key, member] of members) if (member.functionArn === functionArn) leave(key, member);
    },
    async close(graceMs) {
      closing = true;
      await until(() => concurrency.running === 0, graceMs);
      clearInterval(sweep);
      clearInterval(sampling);
      for (const { watches } of members.values()) for (const watch of watches) watch.close();
      for (const pool of allPools()) pool.close();
      guard.close();
      await rm(environmentsDir, { recursive: true, force: true }).catch(() => {});
    },
  };
}

/** `2026/11/23`. */
const day = (now: number): string => new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');

/** The header is base64; the function gets the JSON in it. */
function withClientContext(request: RunRequest): RunRequest {
  if (request.clientContext === undefined) return request;
  return { ...request, clientContext: Buffer.from(request.clientContext, 'base64').toString('utf8') };
}

/** Makes the folder, and clears away those of servers that are gone. */
async function prepareFolder(folder: string): Promise<void> {
  const parent = join(folder, '..');
  const earlier = await readdir(parent).catch(() => []);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await Promise.all(
    earlier.map((name) => rm(join(parent, name), { recursive: true, force: true }).catch(() => {})),
  );
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
      environment.sampleMemory().catch((thrown: unknown) => {
        log('error', 'memory of a function could not be read', { reason: reasonOf(thrown) });
      });
}

const POLL_MS = 5;

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const endAt = performance.now() + limitMs;
  while (!condition() && performance.now() < endAt)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
