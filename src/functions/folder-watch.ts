/**
 * Tells when something in a folder of code changed, also when the folder was made anew, as build tools do. Each
 * folder in it is watched for itself: the recursive kind walks `node_modules` too, which takes longer than a cold start.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface FolderWatch {
  /** From here on nothing is missed. */
  readonly ready: Promise<void>;
  close(): void;
}

export interface FolderWatchOptions {
  /** False: only the files right in it. */
  readonly deep: boolean;
}

/** Editors and build tools write in bursts. */
const SETTLE_MS = 15;
/** In case the system's notifications miss that a folder was replaced. */
const CHECK_MS = 1000;
const RETRY_MS = 100;

/** Written by tools while code only runs. */
const IGNORED = new Set(['__pycache__', '.git', '.DS_Store']);
/** Watched, and not what is in it: a package manager that changes packages changes this folder. */
const SHALLOW = 'node_modules';

export function watchFolder(
  folder: string,
  onChange: () => void,
  { deep }: FolderWatchOptions = { deep: true },
): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let inode: bigint | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const changed = (afterMs = SETTLE_MS): void => {
    clearTimeout(settling);
    if (!closed) settling = setTimeout(() => settle(), afterMs);
  };
  const settle = async (): Promise<void> => {
    await follow();
    if (closed) return;
    if (inode === undefined) changed(RETRY_MS);
    else onChange();
  };
  /** Watches the folders that are there now. */
  const follow = async (): Promise<void> => {
    const found = await inodeOf(folder);
    if (found !== inode) unwatch();
    inode = found;
    const present = found === undefined ? [] : await foldersIn(folder, deep);
    if (closed) return;
    for (const path of present) if (!watchers.has(path)) watchOne(path);
  };
  const watchOne = (path: string): void => {
    try {
      const watcher = watch(path, (_event, name) => {
        if (name === null || !isIgnored(name)) changed();
      });
      watcher.on('error', () => forget(path));
      watchers.set(path, watcher);
    } catch {
      // Gone again: whoever removed it has changed the folder above.
    }
  };
  const forget = (path: string): void => {
    watchers.get(path)?.close();
    watchers.delete(path);
    changed();
  };
  const unwatch = (): void => {
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };

  const checking = setInterval(async () => {
    if ((await inodeOf(folder)) !== inode) changed();
  }, CHECK_MS);
  checking.unref();
  return {
    ready: follow(),
    close() {
      closed = true;
      clearTimeout(settling);
      clearInterval(checking);
      unwatch();
    },
  };
}

const inodeOf = (folder: string): Promise<bigint | undefined> =>
  stat(folder, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );

async function foldersIn(folder: string, deep: boolean): Promise<string[]> {
  if (!deep || basename(folder) === SHALLOW) return [folder];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inside = entries.filter((entry) => entry.isDirectory() && !isIgnored(entry.name));
  const further = await Promise.all(inside.map(({ name }) => foldersIn(join(folder, name), true)));
  return [folder, ...further.flat()];
}

const isIgnored = (name: string): boolean => IGNORED.has(name) || name.endsWith('.pyc') || name.endsWith('~');
