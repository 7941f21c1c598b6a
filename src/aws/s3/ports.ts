/** What S3 is handed: whom a bucket's changes are told, put together by the server. */
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import type { Transaction } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';

/** A change of a bucket, as its notifications tell it. */
export interface BucketChange {
  readonly bucket: { readonly name: string; readonly account: string; readonly region: string };
  readonly configuration: NotificationConfiguration;
  /** `ObjectCreated:Put`. */
  readonly event: string;
  readonly key: string;
  readonly sizeBytes?: number;
  readonly etag?: string;
  readonly versionId?: string;
  readonly requestId: string;
  readonly principalId: string;
}

/** `Told` is what is to be begun after the commit. */
export interface Notifications<Told = unknown> {
  /** Within the transaction of the change. */
  put(rows: Transaction, change: BucketChange): Promise<readonly Told[]>;
  begin(told: readonly Told[]): void;
  /** Throws a Fault when a destination does not let the bucket in, or an event is not there. */
  check(
    bucket: BucketChange['bucket'],
    configuration: NotificationConfiguration,
    validate: boolean,
  ): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface S3Ports extends ServicePorts {
  readonly notifications: Notifications;
}
