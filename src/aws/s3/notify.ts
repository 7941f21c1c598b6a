/** Telling of a change within its transaction: only buckets that have a configuration for it do. */
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import type { BucketRow } from './bucket-row.ts';
import type { BucketChange, S3Ports } from './ports.ts';

export type Told = unknown[];
export type Happened = Pick<BucketChange, 'event' | 'key' | 'sizeBytes' | 'etag' | 'versionId'>;

/** What is to be begun after the commit is put into `told`. */
export async function notify(
  { notifications }: Pick<S3Ports, 'notifications'>,
  rows: Transaction,
  bucket: BucketRow,
  happened: Happened,
  { call, told }: { readonly call: Call; readonly told: Told },
): Promise<void> {
  const configuration = bucket.settings['NotificationConfiguration'];
  if (typeof configuration !== 'object' || configuration === null) return;
  const { name, account, region } = bucket;
  told.push(
    ...(await notifications.put(rows, {
      ...happened,
      bucket: { name, account, region },
      configuration: configuration as NotificationConfiguration, // as it was put
      requestId: call.requestId,
      principalId: `AWS:${call.caller.kind === 'root' ? call.caller.account : call.caller.userId}`,
    })),
  );
}
