/** Large values as files of a folder: written aside, flushed, then named, so that a file that is there is whole. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { StorageFault } from './storage-fault.ts';
import type { BlobRef, Blobs } from './store.ts';

const SWEEP_AGE_MS = 3_600_000;

export interface BlobFolderOptions {
  readonly folder: string;
  /** Flush to the disk before a blob counts as written. Off when nothing is to be kept. */
  readonly durable: boolean;
}

/** Ids are UUIDs; anything else names no blob and never reaches the file system. */
const ID = /^[0-9a-f-]{36}$/;

export function createBlobFolder({ folder, durable }: BlobFolderOptions): Blobs & { clear(): Promise<void> } {
  const pathOf = (id: string): string => {
    if (!ID.test(id)) throw new Error(`not a blob id: ${id}`);
    return join(folder, id.slice(0, 2), id);
  };
  return {
    async put(body) {
      const id = randomUUID();
      const path = pathOf(id);
      const aside = `${path}.part`;
      try {
        const isNew = (await mkdir(join(folder, id.slice(0, 2)), { recursive: true })) !== undefined;
        if (isNew && durable) await flushFolder(folder);
        const ref = await writeFlushed(aside, body, durable);
        await rename(aside, path);
        if (durable) await flushFolder(join(folder, id.slice(0, 2)));
        return { id, ...ref };
      } catch (error) {
        await rm(aside, { force: true });
        throw StorageFault.from(error, folder);
      }
    },
    get: async (id) => await readFile(pathOf(id)),
    open: (id, start = 0, end) => {
      if (end !== undefined && end <= start) return Readable.from([]);
      return createReadStream(pathOf(id), { start, ...(end === undefined ? {} : { end: end - 1 }) });
    },
    path: async (id) => pathOf(id),
    delete: (id) => rm(pathOf(id), { force: true }),
    sweep: (inUse) => sweepFolder(folder, inUse),
    async clear() {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
    },
  };
}

async function writeFlushed(
  path: string,
  body: Uint8Array | Readable,
  durable: boolean,
): Promise<Omit<BlobRef, 'id'>> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      md5.update(bytes);
      sha256.update(bytes);
      sizeBytes += bytes.byteLength;
      await writeWhole(file, bytes);
    }
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
  return { sizeBytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.byteLength - offset);
    offset += bytesWritten;
  }
}

/** The name itself must survive a crash of the machine, not only the bytes. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sweepFolder(folder: string, inUse: ReadonlySet<string>): Promise<number> {
  let swept = 0;
  for (const part of await readdir(folder)) {
    for (const name of await readdir(join(folder, part))) {
      const path = join(folder, part, name);
      if (inUse.has(name) || Date.now() - (await stat(path)).mtimeMs < SWEEP_AGE_MS) continue;
      await rm(path, { force: true });
      swept++;
    }
  }
  return swept;
}
