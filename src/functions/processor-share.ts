/**
 * Processor time in proportion to memory, 1,769 MB being one core:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. Initialisation is not held back, as on AWS,
 * and neither is the beginning of an invocation: most are over before anything would have to be counted. After it a
 * process that has used more than its share is held, by its cgroup or by stopping it until its share has caught up.
 */
import { platform } from 'node:os';
import type { Cgroup } from './cgroup.ts';
import { processorMs } from './process-usage.ts';

const MB_PER_CORE = 1769;
const TICK_MS = 10;
/**
 * What an invocation may use before it is held back. Ours is more for the first of an environment: much is loaded and
 * compiled at its first use, which this machine may do slower than AWS's.
 */
const HEAD_START_MS = 20;
const FIRST_HEAD_START_MS = 500;

export const coresOf = (memoryMb: number): number => memoryMb / MB_PER_CORE;

export interface Held {
  readonly pid: number;
  readonly cores: number;
  readonly cgroup: Cgroup | undefined;
  readonly isFirst: boolean;
  /** Stops and continues the process and all it started. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/** Counts from now on. Returns what ends it; the process runs free then. */
export type HoldToShare = (held: Held) => () => void;

interface Watched extends Held {
  readonly startedAt: number;
  usedBefore: number | undefined;
  isHeld: boolean;
}

/** One timer for all, there only while something runs for longer than a moment. */
export function createProcessorShare(usage: (pid: number) => number | undefined = processorMs): HoldToShare {
  const watched = new Set<Watched>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = (): void => {
    const time = performance.now();
    for (const one of watched) hold(one, time, usage);
  };
  return (held) => {
    if (platform() !== 'linux') return () => {};
    const one: Watched = { ...held, startedAt: performance.now(), usedBefore: undefined, isHeld: false };
    watched.add(one);
    timer ??= setInterval(tick, TICK_MS).unref();
    return () => {
      watched.delete(one);
      if (one.isHeld) release(one);
      if (watched.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
}

function hold(one: Watched, time: number, usage: (pid: number) => number | undefined): void {
  const elapsedMs = time - one.startedAt;
  // The first look comes when it comes; until then one thread can have used no more than the time that has passed.
  one.usedBefore ??= Math.max(0, (usage(one.pid) ?? 0) - elapsedMs);
  const headStartMs = one.isFirst ? FIRST_HEAD_START_MS : HEAD_START_MS;
  if (elapsedMs < headStartMs) return;
  if (one.cgroup !== undefined) {
    if (!one.isHeld) one.cgroup.limitProcessor(one.cores);
    one.isHeld = true;
    return;
  }
  const used = (usage(one.pid) ?? 0) - one.usedBefore;
  const allowed = headStartMs + one.cores * elapsedMs;
  if (used > allowed && !one.isHeld) {
    one.isHeld = true;
    one.signal('SIGSTOP');
  } else if (used <= allowed && one.isHeld) release(one);
}

function release(one: Watched): void {
  one.isHeld = false;
  if (one.cgroup !== undefined) one.cgroup.limitProcessor(undefined);
  else one.signal('SIGCONT');
}
