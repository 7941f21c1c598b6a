/** Tells when something in a folder of code changed, also when the folder was made anew, as build tools do. */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

export interface FolderWatch {
  close(): void;
}

/** Editors and build tools write in bursts. */
const SETTLE_MS = 15;
const RETRY_MS = 100;
/** In case the system's notifications miss that the folder was replaced. */
const CHECK_MS = 1000;

/** Written by tools while code only runs. */
const IGNORED = new Set(['__pycache__', '.git', '.DS_Store']);

export function watchFolder(folder: string, onChange: () => void): FolderWatch {
  let watcher: FSWatcher | undefined;
  let settling: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;
  let inode: bigint | undefined;
  let closed = false;

  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(async () => {
      await follow();
      if (!closed && inode !== undefined) onChange();
    }, SETTLE_MS);
  };
  /** Watches the folder that has the name now; looks again later when there is none. */
  const follow = async (): Promise<void> => {
    const found = await stat(folder, { bigint: true }).catch(() => undefined);
    if (closed || (found !== undefined && found.ino === inode)) return;
    watcher?.close();
    watcher = undefined;
    inode = found?.ino;
    if (found === undefined) {
      clearTimeout(retrying);
      retrying = setTimeout(changed, RETRY_MS);
      return;
    }
    try {
      watcher = watch(folder, { recursive: true }, (_event, name) => {
        if (!isIgnored(name)) changed();
      });
      watcher.on('error', changed);
    } catch {
      inode = undefined;
      retrying = setTimeout(changed, RETRY_MS);
    }
  };
  const checking = setInterval(async () => {
    const found = await stat(folder, { bigint: true }).catch(() => undefined);
    if (found?.ino !== inode) changed();
  }, CHECK_MS);
  checking.unref();
  void follow();
  return {
    close() {
      closed = true;
      clearTimeout(settling);
      clearTimeout(retrying);
      clearInterval(checking);
      watcher?.close();
    },
  };
}

const isIgnored = (name: string | null): boolean =>
  name !== null &&
  (name.endsWith('.pyc') ||
    name.endsWith('~') ||
    IGNORED.has(basename(name)) ||
    name.split('/').some((part) => IGNORED.has(part)));
