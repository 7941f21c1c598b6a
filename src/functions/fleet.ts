/** All environments of this machine together: how many it holds, and what goes when it is full. */
import { cpus, totalmem } from 'node:os';
import { limits } from '../base/limits.ts';

export interface Fleet {
  /** Whether one more may start; makes room by ending one that is idle. */
  hasRoom(): boolean;
  /** Whether hardly any processor time was left of late. */
  coresAreBusy(): boolean;
  joined(): void;
  left(): void;
}

/** The memory left to the system, the server and the functions' own data. */
const SHARE_OF_MEMORY = 0.6;
const LEAST = 8;

export const environmentsOfThisMachine = (): number =>
  Math.min(
    limits.lambdaConcurrentExecutions,
    Math.max(LEAST, Math.floor((totalmem() * SHARE_OF_MEMORY) / limits.functionEnvironmentBytes)),
  );

/** `endLongestIdle` ends one environment of any function; false when all are busy. */
export function createFleet(most: number, endLongestIdle: () => boolean): Fleet {
  let size = 0;
  const coresAreBusy = createCoreWatch();
  return {
    coresAreBusy,
    hasRoom: () => size < most || endLongestIdle(),
    joined: () => {
      size += 1;
    },
    left: () => {
      size -= 1;
    },
  };
}

const WATCH_MS = 100;
const BUSY_SHARE = 0.9;

function createCoreWatch(): () => boolean {
  let sampledAt = 0;
  let before = { idle: 0, all: 0 };
  let busy = false;
  return () => {
    const time = performance.now();
    if (time - sampledAt < WATCH_MS) return busy;
    sampledAt = time;
    const after = processorTimes();
    const all = after.all - before.all;
    busy = all > 0 && (after.idle - before.idle) / all < 1 - BUSY_SHARE;
    before = after;
    return busy;
  };
}

function processorTimes(): { readonly idle: number; readonly all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, all };
}
