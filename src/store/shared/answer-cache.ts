/**
 * Cached answers of this node: in memory up to a bound, beyond it encrypted in files. Files outlive nothing: their key
 * is made at the start and never written, and the folder is emptied then.
 */
import { rmSync } from 'node:fs';
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { AnswerCache, CacheCluster, CachedAnswer, CacheItem } from '../../base/ports.ts';
import { createAnswerFiles, type AnswerFiles } from './answer-files.ts';

export interface AnswerCacheOptions {
  readonly now: Now;
  /** Null: what does not fit into memory is forgotten. */
  readonly folder: string | null;
  readonly memoryBytes?: number;
}

/** Small next to any body, but not nothing: keys, headers and the entry itself. */
const OVERHEAD_BYTES = 256;

interface Entry {
  readonly bytes: number;
  readonly expiresAt: number;
  /** In memory, or the name of a file. */
  place: CachedAnswer | string;
}

/** In the order of their use, the longest ago first. */
interface Shelf {
  readonly entries: Map<string, Entry>;
  bytes: number;
}

export function createAnswerCache({ now, folder, memoryBytes }: AnswerCacheOptions): AnswerCache {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
  const most = memoryBytes ?? limits.cacheMemoryBytes;
  const files: AnswerFiles | null = folder === null ? null : createAnswerFiles(folder);
  const shelves = new Map<string, Shelf>();
  let inMemory = 0;

  const drop = (shelf: Shelf, key: string, entry: Entry): void => {
    if (!shelf.entries.delete(key)) return;
    shelf.bytes -= entry.bytes;
    if (typeof entry.place === 'string') void files?.remove(entry.place);
    else inMemory -= entry.bytes;
  };
  const use = (shelf: Shelf, key: string, entry: Entry): void => {
    shelf.entries.delete(key);
    shelf.entries.set(key, entry);
  };
  /** The least recently used of this stage goes to disk, or for good. */
  const makeRoom = (shelf: Shelf, capacityBytes: number): void => {
    for (const [key, entry] of shelf.entries) {
      if (shelf.bytes <= capacityBytes) break;
      drop(shelf, key, entry);
    }
    for (const [key, entry] of shelf.entries) {
      if (inMemory <= most) return;
      if (typeof entry.place === 'string') continue;
      if (files === null) drop(shelf, key, entry);
      else {
        inMemory -= entry.bytes;
        entry.place = files.write(entry.place);
      }
    }
  };
  const read = async (shelf: Shelf, key: string, entry: Entry, file: string) => {
    const answer = await files?.read(file);
    if (answer === undefined) drop(shelf, key, entry);
    return answer;
  };

  return {
    find({ name }: CacheCluster, key: string) {
      const shelf = shelves.get(name);
      const entry = shelf?.entries.get(key);
      if (shelf === undefined || entry === undefined) return undefined;
      if (entry.expiresAt <= now()) return void drop(shelf, key, entry);
      use(shelf, key, entry);
      return typeof entry.place === 'string' ? read(shelf, key, entry, entry.place) : entry.place;
    },
    keep({ name, capacityBytes }: CacheCluster, key: string, { answer, ttlSeconds }: CacheItem) {
      const shelf = shelves.get(name) ?? { entries: new Map<string, Entry>(), bytes: 0 };
      shelves.set(name, shelf);
      const before = shelf.entries.get(key);
      if (before !== undefined) drop(shelf, key, before);
      const bytes = sizeOf(key, answer);
      shelf.entries.set(key, { bytes, expiresAt: now() + ttlSeconds * 1000, place: answer });
      shelf.bytes += bytes;
      inMemory += bytes;
      makeRoom(shelf, capacityBytes);
    },
    async flush(name) {
      for (const [other, shelf] of shelves) {
        if (other !== name && !other.startsWith(`${name}/`)) continue;
        shelves.delete(other);
        for (const [key, entry] of shelf.entries) drop(shelf, key, entry);
      }
      await files?.settled();
    },
  };
}

function sizeOf(key: string, { headers, body }: CachedAnswer): number {
  let bytes = OVERHEAD_BYTES + key.length + Buffer.byteLength(body);
  for (const text of headers) bytes += text.length;
  return bytes;
}
