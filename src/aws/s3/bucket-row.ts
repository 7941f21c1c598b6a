/** Buckets as rows. A bucket's name is unique over all accounts, so the rows lie in one scope of their own. */
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { accessDenied, noSuchBucket } from './faults.ts';

export const EVERYONE: Scope = { account: 'all', region: GLOBAL_REGION };

export interface BucketRow {
  readonly name: string;
  /** Names the objects' rows: a bucket made again under the same name never sees the old ones. */
  readonly bucketId: string;
  readonly account: string;
  readonly region: string;
  readonly createdMs: number;
  readonly versioning?: 'Enabled' | 'Suspended';
  readonly mfaDelete?: 'Enabled' | 'Disabled';
  readonly objectLock: boolean;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  /** Configurations by the name in `bucket-settings.ts`, as they were put. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export const buckets = table<BucketRow>('s3.buckets');

/** Throws NoSuchBucket, or AccessDenied for another account's bucket. */
export async function findBucket(rows: Reader, name: string | undefined, scope: Scope): Promise<BucketRow> {
  const row = await rows.get(buckets, EVERYONE, name ?? '');
  if (!row) throw noSuchBucket(name ?? '');
  if (row.account !== scope.account) throw accessDenied();
  return row;
}
