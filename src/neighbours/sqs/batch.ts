/** Batches: at most ten entries, each with its own fate. */
import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { Fault, isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';

interface Entry {
  readonly Id?: string | undefined;
}

const ENTRY_ID = /^[\w-]{1,80}$/;

/** Throws what fails a batch as a whole. `kind`: `SendMessageBatchRequestEntry`. */
export function checkBatch<E extends Entry>(kind: string, entries: readonly E[] | undefined): readonly E[] {
  if (entries === undefined || entries.length === 0)
    throw new Fault('EmptyBatchRequest', `There should be at least one ${kind} in the request.`);
  if (entries.length > limits.sqsBatchEntries)
    throw new Fault(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${limits.sqsBatchEntries}. You have sent ${entries.length}.`,
    );
  const seen = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!ENTRY_ID.test(Id))
      throw new Fault(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    if (seen.has(Id)) throw new Fault('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    seen.add(Id);
  }
  return entries;
}

export interface BatchResult<Done> {
  readonly Successful: Done[];
  readonly Failed: BatchResultErrorEntry[];
}

/** Runs one entry after another; what a Fault refuses is told beside the others. */
export async function runBatch<E extends Entry, Done>(
  entries: readonly E[],
  run: (entry: E) => Promise<Done>,
): Promise<BatchResult<Done>> {
  const Successful: Done[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    try {
      Successful.push(await run(entry));
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: thrown.code, Message: thrown.message });
    }
  }
  return { Successful, Failed };
}
