/** CPU time and memory of a process and everything it started, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly residentMb: number;
}

export function treeOf(root: number): { cpuSeconds: number; residentMb: number } {
  const stats = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), statOf(name)]),
  );
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(stats.get(pid)?.parent ?? 0));
  const members = [...stats].filter(([pid, stat]) => stat && isBelow(pid)).map(([, stat]) => stat);
  return {
    cpuSeconds: members.reduce((sum, stat) => sum + (stat?.cpuSeconds ?? 0), 0),
    residentMb: members.reduce((sum, stat) => sum + (stat?.residentMb ?? 0), 0),
  };
}

function statOf(pid: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (field: number): number => Number(fields[field - 3]);
    // Fields of proc(5): 4 parent, 14 to 17 user and system time with that of children that ended, 24 resident pages.
    return {
      parent: at(4),
      cpuSeconds: (at(14) + at(15) + at(16) + at(17)) / TICKS_PER_SECOND,
      residentMb: (at(24) * 4096) / 1e6,
    };
  } catch {
    return undefined;
  }
}
