/** The forms of a bucket's events. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export interface Change {
  readonly bucket: { readonly name: string; readonly account: string; readonly region: string };
  /** `ObjectCreated:Put`. */
  readonly event: string;
  readonly key: string;
  readonly sizeBytes?: number;
  readonly etag?: string;
  readonly versionId?: string;
  readonly requestId: string;
  readonly principalId: string;
}

interface Telling {
  /** Of the configuration. */
  readonly id: string;
  readonly sequencer: string;
  readonly now: number;
}

/** As in a form: spaces are plus signs. */
const encodedKey = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

export const recordOf = (change: Change, { id, sequencer, now }: Telling) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: change.bucket.region,
  eventTime: new Date(now).toISOString(),
  eventName: change.event,
  userIdentity: { principalId: change.principalId },
  requestParameters: { sourceIPAddress: '127.0.0.1' },
  responseElements: { 'x-amz-request-id': change.requestId, 'x-amz-id-2': change.requestId },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: id,
    bucket: {
      name: change.bucket.name,
      ownerIdentity: { principalId: change.bucket.account },
      arn: `arn:aws:s3:::${change.bucket.name}`,
    },
    object: {
      key: encodedKey(change.key),
      ...(change.sizeBytes === undefined ? {} : { size: change.sizeBytes }),
      ...(change.etag === undefined ? {} : { eTag: change.etag }),
      ...(change.versionId === undefined ? {} : { versionId: change.versionId }),
      sequencer,
    },
  },
});

export const testEvent = (bucket: string, now: number) => ({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: new Date(now).toISOString(),
  Bucket: bucket,
});

const REASONS: Readonly<Record<string, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export function busEntry(change: Change, sequencer: string) {
  const isDeleted = change.event.startsWith('ObjectRemoved');
  const { bucket } = change;
  return {
    Source: 'aws.s3',
    DetailType: isDeleted ? 'Object Deleted' : 'Object Created',
    Resources: [`arn:aws:s3:::${bucket.name}`],
    Detail: JSON.stringify({
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key: change.key,
        ...(change.sizeBytes === undefined ? {} : { size: change.sizeBytes }),
        ...(change.etag === undefined ? {} : { etag: change.etag }),
        ...(change.versionId === undefined ? {} : { 'version-id': change.versionId }),
        sequencer,
      },
      'request-id': change.requestId,
      requester: change.principalId,
      'source-ip-address': '127.0.0.1',
      reason: REASONS[change.event] ?? change.event,
      ...(isDeleted
        ? {
            'deletion-type': change.event.endsWith('Created')
              ? 'Delete Marker Created'
              : 'Permanently Deleted',
          }
        : {}),
    }),
  };
}
