/** How much a function's `/tmp` holds, in bytes: looked at now and then, and no more than so many entries. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const MOST_ENTRIES = 20_000;

/** Stops counting beyond `limit`. What goes away meanwhile counts nothing. */
export async function usedBytes(folder: string, limit: number): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      // Blocks, not length: a file with holes takes what it takes.
      else bytes += ((await lstat(path).catch(() => undefined))?.blocks ?? 0) * 512;
      entries += 1;
      if (bytes > limit || entries > MOST_ENTRIES) return bytes;
    }
  }
  return bytes;
}
