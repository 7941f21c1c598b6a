/** Receipt handles: which message, and which receive of it. Opaque to their holders. */
import { invalidHandle, missingParameter } from './fault.ts';
import { Fault } from '../../base/fault.ts';
import type { FoundQueue } from './queue-row.ts';

export interface Receipt {
  readonly place: string;
  /** Of one receive. */
  readonly mark: string;
}

export const writeReceipt = ({ row }: FoundQueue, { place, mark }: Receipt): string =>
  Buffer.from(`${row.queueId} ${place} ${mark}`).toString('base64');

/** Throws ReceiptHandleIsInvalid for what we never gave, or gave for another queue. */
export function readReceipt({ row }: FoundQueue, handle: string | undefined): Receipt {
  if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle');
  const [queueId, place, mark] = Buffer.from(handle, 'base64').toString().split(' ');
  if (queueId === undefined || place === undefined || mark === undefined) throw malformed(handle);
  if (queueId !== row.queueId) throw malformed(handle);
  return { place, mark };
}

const malformed = (handle: string): Fault =>
  new Fault(invalidHandle().code, `The input receipt handle "${handle}" is not a valid receipt handle.`);
