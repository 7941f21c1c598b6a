/**
 * A bucket's configurations: put, read back as they were put, deleted. Kept for the tools that write and read them
 * (Terraform, CDK); those that would change how objects are served and do not here are refused when they are put.
 */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Call, Handler, ServicePorts } from '../../wire/service.ts';
import { ownerOf } from './bucket.ts';
import { type BucketRow, buckets, EVERYONE, findBucket } from './bucket-row.ts';
import { malformedXml } from './faults.ts';
import type { S3Ports } from './ports.ts';

interface Setting {
  /** The member of the put input that carries it; absent: all members are kept. */
  readonly member?: string;
  /** What is answered when nothing was put: a Fault, or an output. */
  readonly absent: (bucket: BucketRow) => Fault | object;
  /** What of it the output carries: `spread`, or under this member. */
  readonly shows: 'spread' | string;
  /** Members beside it, kept and answered with it, and what each is when it is not given. */
  readonly beside?: Readonly<Record<string, string>>;
  /** Why it is refused, when putting it cannot be meant as a mere record. */
  readonly refuses?: (value: Record<string, unknown>) => string | undefined;
}

const notFound = (code: string, message: string) => (bucket: BucketRow) =>
  new Fault(code, message, { status: 404, members: { BucketName: bucket.name } });
const nothing = () => ({});

/** By the middle of the operations' names: `GetBucket{Name}`, `PutBucket{Name}`, `DeleteBucket{Name}`. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  Policy: {
    member: 'Policy',
    shows: 'Policy',
    absent: notFound('NoSuchBucketPolicy', 'The bucket policy does not exist'),
  },
  Cors: {
    member: 'CORSConfiguration',
    shows: 'spread',
    absent: notFound('NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
  },
  Website: {
    member: 'WebsiteConfiguration',
    shows: 'spread',
    absent: notFound(
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
    ),
  },
  LifecycleConfiguration: {
    member: 'LifecycleConfiguration',
    shows: 'spread',
    // Answered by both operations since September 2024; Terraform waits until it reads back what it sent.
    beside: { TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' },
    absent: notFound('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
  },
  Encryption: {
    member: 'ServerSideEncryptionConfiguration',
    shows: 'ServerSideEncryptionConfiguration',
    absent: () => ({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
      },
    }),
  },
  OwnershipControls: {
    member: 'OwnershipControls',
    shows: 'OwnershipControls',
    absent: notFound('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'),
  },
  PublicAccessBlock: {
    member: 'PublicAccessBlockConfiguration',
    shows: 'PublicAccessBlockConfiguration',
    absent: notFound(
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
    ),
  },
  Logging: { member: 'BucketLoggingStatus', shows: 'spread', absent: nothing },
  AccelerateConfiguration: { member: 'AccelerateConfiguration', shows: 'spread', absent: nothing },
  RequestPayment: {
    member: 'RequestPaymentConfiguration',
    shows: 'spread',
    absent: () => ({ Payer: 'BucketOwner' }),
  },
  Replication: {
    member: 'ReplicationConfiguration',
    shows: 'ReplicationConfiguration',
    absent: notFound('ReplicationConfigurationNotFoundError', 'The replication configuration was not found'),
    refuses: () => 'Bucket replication: not supported by gatehouse',
  },
  NotificationConfiguration: {
    member: 'NotificationConfiguration',
    shows: 'spread',
    absent: nothing,
  },
  Acl: {
    shows: 'spread',
    absent: ({ account }) => {
      const owner = ownerOf({ account });
      return {
        Owner: owner,
        Grants: [{ Grantee: { ...owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }],
      };
    },
    refuses: ({ ACL, AccessControlPolicy }) =>
      AccessControlPolicy === undefined && (ACL === undefined || ACL === 'private')
        ? undefined
        : 'Access control lists other than private: not supported by gatehouse',
  },
};

/** In whose names AWS leaves `Bucket` out, or whose rows are kept under another name. */
const OPERATION_NAMES: Readonly<Record<string, { get: string; put: string; remove?: string }>> = {
  PublicAccessBlock: {
    get: 'GetPublicAccessBlock',
    put: 'PutPublicAccessBlock',
    remove: 'DeletePublicAccessBlock',
  },
  LifecycleConfiguration: {
    get: 'GetBucketLifecycleConfiguration',
    put: 'PutBucketLifecycleConfiguration',
    remove: 'DeleteBucketLifecycle',
  },
};
const ROW_NAMES: Readonly<Record<string, string>> = {
  Encryption: 'encryption',
  OwnershipControls: 'ownership',
  PublicAccessBlock: 'publicAccess',
};
const DELETABLE = ['Policy', 'Cors', 'Website', 'Encryption', 'OwnershipControls', 'Replication'];

type SettingInput = Record<string, unknown> & { readonly Bucket?: string };
type SettingHandler = Handler<SettingInput, object>;

export function bucketSettingOperations(ports: S3Ports): Readonly<Record<string, SettingHandler>> {
  const handlers: Record<string, SettingHandler> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const names = OPERATION_NAMES[name] ?? {
      get: `GetBucket${name}`,
      put: `PutBucket${name}`,
      ...(DELETABLE.includes(name) ? { remove: `DeleteBucket${name}` } : {}),
    };
    const row = ROW_NAMES[name] ?? name;
    handlers[names.get] = (input, call) => read(ports, row, setting, input, call);
    handlers[names.put] = (input, call) => write(ports, row, setting, input, call);
    if (names.remove)
      handlers[names.remove] = (input, call) => change(ports, input, call, ({ [row]: _, ...rest }) => rest);
  }
  return {
    ...handlers,
    ...others(ports),
    PutBucketNotificationConfiguration: (input, call) => putNotifications(ports, input, call),
  };
}

async function read(
  { store }: ServicePorts,
  row: string,
  setting: Setting,
  input: SettingInput,
  { scope }: Call,
): Promise<object> {
  const bucket = await findBucket(store, input.Bucket, scope);
  const kept = bucket.settings[row];
  if (kept === undefined) {
    const answer = setting.absent(bucket);
    if (answer instanceof Fault) throw answer;
    return answer;
  }
  // What was put is an object of the SDK's shape, or the policy's text.
  return setting.shows === 'spread' ? (kept as object) : { [setting.shows]: kept };
}

async function write(
  ports: ServicePorts,
  row: string,
  setting: Setting,
  input: SettingInput,
  call: Call,
): Promise<object> {
  const value = setting.member ? input[setting.member] : undefined;
  if (setting.member && value === undefined) throw malformedXml();
  // Same as above; a policy's text has no members and refuses nothing.
  const reason = setting.refuses?.(setting.member ? (value as Record<string, unknown>) : input);
  if (reason) throw new Fault('NotImplemented', reason, { status: 501 });
  if (value === undefined) return {};
  const beside = Object.fromEntries(
    Object.entries(setting.beside ?? {}).map(([name, standard]) => [name, input[name] ?? standard]),
  );
  const kept = setting.beside ? { ...(value as object), ...beside } : value; // only objects have members beside them
  await change(ports, input, call, (settings) => ({ ...settings, [row]: kept }));
  return beside;
}

async function change(
  { store }: ServicePorts,
  input: SettingInput,
  { scope }: Call,
  edit: (settings: BucketRow['settings']) => BucketRow['settings'],
): Promise<object> {
  await store.transaction(async (rows) => {
    const bucket = await findBucket(rows, input.Bucket, scope);
    await rows.put(buckets, EVERYONE, bucket.name, { ...bucket, settings: edit(bucket.settings) });
  });
  return {};
}

/** Destinations are asked first, and each configuration gets an id. */
async function putNotifications(ports: S3Ports, input: SettingInput, call: Call): Promise<object> {
  const given = input['NotificationConfiguration'];
  if (typeof given !== 'object' || given === null) throw malformedXml();
  const configuration = Object.fromEntries(
    Object.entries(given).map(([member, list]: [string, unknown]) => [
      member,
      Array.isArray(list) ? list.map((each: object) => ({ Id: randomUUID(), ...each })) : list,
    ]),
  );
  const { name, account, region } = await findBucket(ports.store, input.Bucket, call.scope);
  const validate = input['SkipDestinationValidation'] !== true;
  await ports.notifications.check({ name, account, region }, configuration, validate);
  return change(ports, input, call, (settings) => ({
    ...settings,
    NotificationConfiguration: configuration,
  }));
}

/** Tags, object lock, and the answers that say a feature is not configured. */
function others({ store }: ServicePorts): Readonly<Record<string, SettingHandler>> {
  const find = (input: SettingInput, { scope }: Call): Promise<BucketRow> =>
    findBucket(store, input.Bucket, scope);
  const putTags = async (input: SettingInput, { scope }: Call, tags: BucketRow['tags']): Promise<object> => {
    await store.transaction(async (rows) => {
      const bucket = await findBucket(rows, input.Bucket, scope);
      await rows.put(buckets, EVERYONE, bucket.name, { ...bucket, tags });
    });
    return {};
  };
  const emptyList =
    (member: string): SettingHandler =>
    async (input, call) => {
      await find(input, call);
      return { IsTruncated: false, [member]: [] };
    };
  return {
    async GetBucketTagging(input, call) {
      const bucket = await find(input, call);
      if (bucket.tags.length === 0)
        throw new Fault('NoSuchTagSet', 'The TagSet does not exist', {
          status: 404,
          members: { BucketName: bucket.name },
        });
      return { TagSet: bucket.tags };
    },
    // The member's shape is the SDK's Tagging, checked by the wire.
    PutBucketTagging: (input, call) =>
      putTags(input, call, (input['Tagging'] as { TagSet: BucketRow['tags'] }).TagSet),
    DeleteBucketTagging: (input, call) => putTags(input, call, []),
    async GetBucketPolicyStatus(input, call) {
      await find(input, call);
      return { PolicyStatus: { IsPublic: false } };
    },
    async GetObjectLockConfiguration(input, call) {
      const bucket = await find(input, call);
      if (bucket.objectLock) return { ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } };
      throw new Fault(
        'ObjectLockConfigurationNotFoundError',
        'Object Lock configuration does not exist for this bucket',
        { status: 404, members: { BucketName: bucket.name } },
      );
    },
    ListBucketAnalyticsConfigurations: emptyList('AnalyticsConfigurationList'),
    ListBucketIntelligentTieringConfigurations: emptyList('IntelligentTieringConfigurationList'),
    ListBucketInventoryConfigurations: emptyList('InventoryConfigurationList'),
    ListBucketMetricsConfigurations: emptyList('MetricsConfigurationList'),
  };
}
