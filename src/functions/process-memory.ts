/** How much memory a process has used at most, in bytes; undefined when it is gone or the system does not say. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

const KIB = 1024;

/** Linux keeps the high-water mark itself, so that looking now and then misses no peak. Costs some 20 µs. */
export function peakMemory(pid: number): number | undefined {
  if (platform() !== 'linux') return undefined;
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kib === undefined ? undefined : Number(kib) * KIB;
  } catch {
    return undefined;
  }
}

/** For systems without /proc: what it uses now. */
export const currentMemory = (pid: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      const kib = Number.parseInt(stdout, 10);
      resolve(error || Number.isNaN(kib) ? undefined : kib * KIB);
    });
  });

/** Whether `peakMemory` answers on this system. */
export const tellsPeak = (): boolean => platform() === 'linux';
