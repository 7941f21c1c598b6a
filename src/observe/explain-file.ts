/**
 * Explanations on disk, when asked for: a line of JSON each, secrets masked before they are written. Requests wait
 * for nothing: what is not yet written is bounded, and more than that is dropped and counted.
 */
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Observation } from '../base/observation.ts';
import type { Explanation } from '../base/explanation.ts';
import { explain } from './explanation.ts';

export interface ExplainFile {
  append(observation: Observation): void;
  /** Looks through the file and the one before it. */
  find(id: string): Promise<Explanation | undefined>;
  close(): Promise<void>;
}

export function createExplainFile(folder: string, log: Log): ExplainFile {
  const current = join(folder, 'explain.jsonl');
  const before = join(folder, 'explain.1.jsonl');
  let waiting: Observation[] = [];
  let dropped = 0;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const lines = batch.map((observation) => `${JSON.stringify(explain(observation))}\n`).join('');
      await mkdir(dirname(current), { recursive: true });
      await rotate(current, before);
      await appendFile(current, lines, { mode: 0o600 });
    }
    if (dropped > 0) log('warn', 'explanations were not written to disk', { dropped });
    dropped = 0;
  };
  const flush = (): Promise<void> => {
    writing ??= write()
      .catch((error: unknown) => log('error', 'explanations were lost', { reason: reasonOf(error) }))
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };

  return {
    append(observation) {
      if (waiting.length >= limits.explainRequests) {
        dropped++;
        return;
      }
      waiting.push(observation);
      if (writing === undefined) setImmediate(() => void flush());
    },
    async find(id) {
      await flush();
      return (await findIn(current, id)) ?? findIn(before, id);
    },
    async close() {
      await flush();
      await flush();
    },
  };
}

async function rotate(current: string, before: string): Promise<void> {
  const size = await stat(current).then(
    (found) => found.size,
    () => 0,
  );
  if (size >= limits.explainFileBytes) await rename(current, before);
}

async function findIn(path: string, id: string): Promise<Explanation | undefined> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  const quoted = JSON.stringify(id);
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (!line.includes(quoted)) continue;
    const explanation = parsed(line);
    if (explanation?.requestId === id || explanation?.extendedRequestId === id) {
      lines.close();
      return explanation;
    }
  }
  return undefined;
}

/** The last line may be half written. */
function parsed(line: string): Explanation | undefined {
  try {
    return JSON.parse(line) as Explanation; // what `append` wrote
  } catch {
    return undefined;
  }
}
