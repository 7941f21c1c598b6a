/**
 * Control groups (version 2) that this server may make: below its own where that was delegated to it, else below the
 * root for root. https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const NEEDED = ['cpu', 'memory'];
const PERIOD_US = 20_000;
const BYTES_PER_MB = 1024 * 1024;

export interface Cgroup {
  add(pid: number): void;
  /** So many cores; undefined: as many as there are. */
  limitProcessor(cores: number | undefined): void;
  remove(): void;
}

let found: { readonly folder: string | undefined } | undefined;

/** The folder groups can be made in; undefined where there is none. Looked for once. */
export function findCgroups(): string | undefined {
  found ??= { folder: look(ROOT, ownGroup()) };
  return found.folder;
}

/** `root` is where the file system is mounted, `own` the group of this process in it. */
export function look(root: string, own: string): string | undefined {
  // A group with processes cannot share its controllers out, so that ours are made beside our own.
  const candidates = [join(root, dirname(own)), root];
  return candidates.find((folder) => isUsable(folder));
}

function isUsable(folder: string): boolean {
  try {
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK);
    const shared = readFileSync(join(folder, 'cgroup.subtree_control'), 'latin1').trim().split(' ');
    return NEEDED.every((controller) => shared.includes(controller));
  } catch {
    return false;
  }
}

function ownGroup(): string {
  try {
    return /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1] ?? '/';
  } catch {
    return '/';
  }
}

/** A group of this name with this much memory. Throws when the system does not let us. */
export function makeCgroup(parent: string, name: string, memoryMb: number): Cgroup {
  const folder = join(parent, `gatehouse-${process.pid}-${name}`);
  mkdirSync(folder);
  const write = (file: string, value: string): void => writeFileSync(join(folder, file), value);
  write('memory.max', String(memoryMb * BYTES_PER_MB));
  return {
    add: (pid) => write('cgroup.procs', String(pid)),
    limitProcessor: (cores) =>
      write(
        'cpu.max',
        cores === undefined ? 'max' : `${Math.max(1000, Math.round(cores * PERIOD_US))} ${PERIOD_US}`,
      ),
    remove: () => {
      try {
        rmdirSync(folder);
      } catch {
        // Its last process is not quite gone: an empty group costs nothing, and its name is not used again.
      }
    },
  };
}
