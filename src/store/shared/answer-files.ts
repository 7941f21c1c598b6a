/** Cached answers in files, AES-256-GCM with a key that lives only in memory. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachedAnswer } from '../../base/ports.ts';

export interface AnswerFiles {
  /** The file's name at once; until it is written, reading answers from memory. */
  write(answer: CachedAnswer): string;
  /** Undefined when it is gone or not what was written. */
  read(file: string): Promise<CachedAnswer | undefined>;
  remove(file: string): Promise<void>;
  /** When nothing is being written or removed any more. */
  settled(): Promise<void>;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

export function createAnswerFiles(folder: string): AnswerFiles {
  const key = randomBytes(32);
  const writing = new Map<string, CachedAnswer>();
  const pending = new Set<Promise<void>>();
  let made: Promise<unknown> | undefined;
  let count = 0;
  const during = (work: Promise<void>): Promise<void> => {
    pending.add(work);
    return work.finally(() => pending.delete(work));
  };
  const place = (file: string): string => join(folder, file);
  return {
    write(answer) {
      const file = String(++count);
      writing.set(file, answer);
      made ??= mkdir(folder, { recursive: true, mode: 0o700 });
      void during(
        made
          .then(() => writeFile(place(file), sealed(key, answer), { mode: 0o600 }))
          // A full disk makes it a miss.
          .catch(() => undefined)
          .then(() => void writing.delete(file)),
      );
      return file;
    },
    async read(file) {
      const known = writing.get(file);
      if (known !== undefined) return known;
      try {
        return opened(key, await readFile(place(file)));
      } catch {
        return undefined;
      }
    },
    remove: (file) =>
      during(
        (async () => {
          await Promise.allSettled(writing.has(file) ? [...pending] : []);
          await rm(place(file), { force: true });
        })().catch(() => undefined),
      ),
    async settled() {
      while (pending.size > 0) await Promise.allSettled(pending);
    },
  };
}

function sealed(key: Uint8Array, { body, ...head }: CachedAnswer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const text = Buffer.from(JSON.stringify({ ...head, isText: typeof body === 'string' }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const content = [length, text, Buffer.from(body)].map((part) => cipher.update(part));
  return Buffer.concat([iv, ...content, cipher.final(), cipher.getAuthTag()]);
}

function opened(key: Uint8Array, file: Buffer): CachedAnswer {
  const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(0, IV_BYTES));
  decipher.setAuthTag(file.subarray(file.length - TAG_BYTES));
  const content = Buffer.concat([
    decipher.update(file.subarray(IV_BYTES, file.length - TAG_BYTES)),
    decipher.final(),
  ]);
  const end = 4 + content.readUInt32BE(0);
  const { isText, ...head }: Omit<CachedAnswer, 'body'> & { isText: boolean } = JSON.parse(
    content.toString('utf8', 4, end),
  );
  const body = content.subarray(end);
  return { ...head, body: isText ? body.toString('utf8') : body };
}
