/** A folder, or one file, as a zip: the same bytes for the same content. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT: made on Unix, so that modes count. */
const UNIX = 3;
/** Zip has no earlier date. */
const NO_TIME = new Date('1980-01-01T00:00:00');

export async function zipPath(path: string): Promise<Uint8Array> {
  const entries: Zippable = {};
  const found = await stat(path);
  if (found.isDirectory()) await addFolder(entries, path, '');
  else await addFile(entries, path, basename(path), found.mode);
  return zipSync(entries, { mtime: NO_TIME, level: 6 });
}

async function addFolder(entries: Zippable, folder: string, prefix: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const found = await stat(path);
    if (found.isDirectory()) await addFolder(entries, path, `${prefix}${name}/`);
    else if (found.isFile()) await addFile(entries, path, prefix + name, found.mode);
  }
}

async function addFile(entries: Zippable, path: string, name: string, mode: number): Promise<void> {
  entries[name] = [await readFile(path), { os: UNIX, attrs: (mode & 0xffff) << 16, mtime: NO_TIME }];
}
