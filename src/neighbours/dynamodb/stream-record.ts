/** Each change of an item becomes a record of its table's stream, in the transaction that makes the change. */
import { randomUUID } from 'node:crypto';
import type { Now } from '../../base/clock.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import { createRising } from '../kit/rising.ts';
import { equal, type Item, itemSizeBytes, toStored } from './attribute-value.ts';
import { pickKeys } from './key.ts';
import {
  recordPrefix,
  risingOf,
  sequenceOf,
  sequenceOfRecord,
  type StreamRecordRow,
  streamRecords,
  type TableStream,
  trimHorizon,
} from './stream-row.ts';
import type { TableRow } from './table-row.ts';

export interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly expired?: true;
}

/** Does nothing for tables without a stream, and for writes that change nothing, as DynamoDB. */
export type RecordChange = (rows: Transaction, scope: Scope, of: TableRow, change: Change) => Promise<void>;

const TRIMMED_AT_ONCE = 4;

export function createRecordChange(now: Now): RecordChange {
  const next = createRising(now);
  return async (rows, scope, of, change) => {
    const { stream } = of;
    if (stream === undefined || isNothing(change)) return;
    const prefix = recordPrefix(stream);
    const [last] = await rows.list(streamRecords, scope, { prefix, limit: 1, reverse: true });
    const sequence = sequenceOf(next(last && risingOf(sequenceOfRecord(last.key))));
    await rows.put(streamRecords, scope, prefix + sequence, recordOf(of, stream, change, now()));
    await trim(rows, scope, stream, now());
  };
}

function isNothing({ before, after }: Change): boolean {
  if (before === undefined || after === undefined) return before === after;
  return equal({ M: { ...before } }, { M: { ...after } });
}

function recordOf(of: TableRow, { viewType }: TableStream, change: Change, now: number): StreamRecordRow {
  const { before, after, expired } = change;
  const keys = pickKeys(after ?? before ?? {}, of.keySchema);
  const newImage = viewType.includes('NEW') ? after : undefined;
  const oldImage = viewType.includes('OLD') ? before : undefined;
  const sizeBytes = [keys, newImage, oldImage].reduce(
    (sum, item) => sum + (item ? itemSizeBytes(item) : 0),
    0,
  );
  return {
    eventId: randomUUID().replaceAll('-', ''),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    keys: toStored(keys),
    ...(newImage ? { newImage: toStored(newImage) } : {}),
    ...(oldImage ? { oldImage: toStored(oldImage) } : {}),
    // AWS tells the time to the second.
    atMs: now - (now % 1000),
    sizeBytes,
    ...(expired ? { expired } : {}),
  };
}

/** Each record takes a few out that are older than a day, so that nothing has to sweep. */
async function trim(rows: Transaction, scope: Scope, stream: TableStream, now: number): Promise<void> {
  const horizon = trimHorizon(now);
  const prefix = recordPrefix(stream);
  for (const { key } of await rows.list(streamRecords, scope, { prefix, limit: TRIMMED_AT_ONCE })) {
    if (sequenceOfRecord(key) >= horizon) return;
    await rows.delete(streamRecords, scope, key);
  }
}
