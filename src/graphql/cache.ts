/** Answers kept for a while, of fields and of whole requests; the least recently used go first. */
import { limits } from '../base/limits.ts';

export interface AnswerCache {
  get(apiId: string, key: string): { readonly value: unknown } | undefined;
  put(apiId: string, key: string, value: unknown, ttlSeconds: number): void;
  /** One key, or everything of an API. */
  evict(apiId: string, key?: string): void;
}

interface Kept {
  readonly text: string;
  readonly expiresAt: number;
}

export function createAnswerCache(now: () => number): AnswerCache {
  // Texts, so that nobody can change what another is given.
  const kept = new Map<string, Kept>();
  let bytes = 0;
  const remove = (key: string): void => {
    bytes -= kept.get(key)?.text.length ?? 0;
    kept.delete(key);
  };
  return {
    get(apiId, key) {
      const full = `${apiId}/${key}`;
      const found = kept.get(full);
      if (found === undefined) return undefined;
      kept.delete(full);
      if (found.expiresAt <= now()) {
        bytes -= found.text.length;
        return undefined;
      }
      kept.set(full, found);
      return { value: JSON.parse(found.text) as unknown };
    },
    put(apiId, key, value, ttlSeconds) {
      const full = `${apiId}/${key}`;
      const text = JSON.stringify(value ?? null);
      remove(full);
      kept.set(full, { text, expiresAt: now() + ttlSeconds * 1000 });
      bytes += text.length;
      for (const oldest of kept.keys()) {
        if (bytes <= limits.appsyncCachedBytes) break;
        remove(oldest);
      }
    },
    evict(apiId, key) {
      if (key !== undefined) return remove(`${apiId}/${key}`);
      for (const each of kept.keys()) if (each.startsWith(`${apiId}/`)) remove(each);
    },
  };
}
