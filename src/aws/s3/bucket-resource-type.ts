/** AWS::S3::Bucket and AWS::S3::BucketPolicy. */
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface BucketProperties {
  readonly BucketName?: string;
  readonly VersioningConfiguration?: { readonly Status: string };
  readonly BucketEncryption?: { readonly ServerSideEncryptionConfiguration: readonly EncryptionRule[] };
  readonly PublicAccessBlockConfiguration?: Record<string, boolean>;
  readonly OwnershipControls?: { readonly Rules: readonly object[] };
  readonly CorsConfiguration?: { readonly CorsRules: readonly CorsRule[] };
  readonly ObjectLockEnabled?: boolean;
  readonly NotificationConfiguration?: Notifications;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

interface Notified {
  readonly Event: string;
  readonly Filter?: {
    readonly S3Key: { readonly Rules: readonly { readonly Name: string; readonly Value: string }[] };
  };
  readonly Function?: string;
  readonly Queue?: string;
  readonly Topic?: string;
}

interface Notifications {
  readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled: boolean };
  readonly LambdaConfigurations?: readonly Notified[];
  readonly QueueConfigurations?: readonly Notified[];
  readonly TopicConfigurations?: readonly Notified[];
}

/** One event each in templates, lists of them in the API. */
const notificationsOf = ({
  EventBridgeConfiguration: bus,
  LambdaConfigurations: functions = [],
  QueueConfigurations: queues = [],
  TopicConfigurations: topics = [],
}: Notifications) => {
  const common = ({ Event, Filter }: Notified) => ({
    Events: [Event],
    ...(Filter ? { Filter: { Key: { FilterRules: Filter.S3Key.Rules } } } : {}),
  });
  return {
    ...(bus && String(bus.EventBridgeEnabled) === 'true' ? { EventBridgeConfiguration: {} } : {}),
    LambdaFunctionConfigurations: functions.map((each) => ({
      ...common(each),
      LambdaFunctionArn: each.Function,
    })),
    QueueConfigurations: queues.map((each) => ({ ...common(each), QueueArn: each.Queue })),
    TopicConfigurations: topics.map((each) => ({ ...common(each), TopicArn: each.Topic })),
  };
};

interface EncryptionRule {
  readonly ServerSideEncryptionByDefault?: {
    readonly SSEAlgorithm: string;
    readonly KMSMasterKeyID?: string;
  };
  readonly BucketKeyEnabled?: boolean;
}

interface CorsRule {
  readonly Id?: string;
  readonly AllowedHeaders?: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedOrigins: readonly string[];
  readonly ExposedHeaders?: readonly string[];
  readonly MaxAge?: number;
}

export const bucketResourceType: ResourceType<BucketProperties> = {
  type: 'AWS::S3::Bucket',
  unsupported: [
    'AccelerateConfiguration',
    'AccessControl',
    'AnalyticsConfigurations',
    'IntelligentTieringConfigurations',
    'InventoryConfigurations',
    'LifecycleConfiguration',
    'LoggingConfiguration',
    'MetadataConfiguration',
    'MetadataTableConfiguration',
    'MetricsConfigurations',
    'ObjectLockConfiguration',
    'ReplicationConfiguration',
    'WebsiteConfiguration',
    'AbacStatus',
  ],

  async create(request) {
    const { properties, scope } = request;
    const Bucket = properties.BucketName ?? request.physicalName(63, 'lower');
    await request.call('s3', 'CreateBucket', {
      Bucket,
      ObjectLockEnabledForBucket: properties.ObjectLockEnabled,
      ...(scope.region === 'us-east-1'
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: scope.region } }),
    });
    await configure(request, Bucket);
    return show(request, Bucket);
  },

  async update(request, current) {
    await configure(request, current.physicalId, current.properties);
    return show(request, current.physicalId);
  },

  async delete(request, current) {
    await request.call('s3', 'DeleteBucket', { Bucket: current.physicalId }).catch(ignoreGone);
  },
};

async function configure(
  { properties, tags, call }: ResourceRequest<BucketProperties>,
  Bucket: string,
  before: BucketProperties = {},
): Promise<void> {
  const versioning = properties.VersioningConfiguration;
  if (versioning)
    await call('s3', 'PutBucketVersioning', {
      Bucket,
      VersioningConfiguration: { Status: versioning.Status },
    });
  else if (before.VersioningConfiguration)
    await call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Suspended' } });

  const encryption = properties.BucketEncryption?.ServerSideEncryptionConfiguration.map(
    ({ ServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
      ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
      BucketKeyEnabled: BucketKeyEnabled ?? false,
    }),
  );
  if (encryption)
    await call('s3', 'PutBucketEncryption', {
      Bucket,
      ServerSideEncryptionConfiguration: { Rules: encryption },
    });
  else if (before.BucketEncryption) await call('s3', 'DeleteBucketEncryption', { Bucket });

  const block = properties.PublicAccessBlockConfiguration;
  if (block) await call('s3', 'PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: block });
  if (properties.OwnershipControls)
    await call('s3', 'PutBucketOwnershipControls', {
      Bucket,
      OwnershipControls: properties.OwnershipControls,
    });

  const rules = properties.CorsConfiguration?.CorsRules.map(({ Id, ExposedHeaders, MaxAge, ...rule }) => ({
    ...rule,
    ID: Id,
    ExposeHeaders: ExposedHeaders,
    MaxAgeSeconds: MaxAge,
  }));
  if (rules) await call('s3', 'PutBucketCors', { Bucket, CORSConfiguration: { CORSRules: rules } });
  else if (before.CorsConfiguration) await call('s3', 'DeleteBucketCors', { Bucket });

  const notified = properties.NotificationConfiguration;
  if (notified ?? before.NotificationConfiguration)
    await call('s3', 'PutBucketNotificationConfiguration', {
      Bucket,
      NotificationConfiguration: notificationsOf(notified ?? {}),
    });

  const TagSet = [
    ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ...(properties.Tags ?? []),
  ];
  if (TagSet.length > 0) await call('s3', 'PutBucketTagging', { Bucket, Tagging: { TagSet } });
}

function show({ scope: { region } }: ResourceRequest<BucketProperties>, name: string): ResourceState {
  return {
    physicalId: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

interface BucketPolicyProperties {
  readonly Bucket: string;
  readonly PolicyDocument: object;
}

export const bucketPolicyResourceType: ResourceType<BucketPolicyProperties> = {
  type: 'AWS::S3::BucketPolicy',
  create: putPolicy,
  update: putPolicy,
  async delete(request, current) {
    await request.call('s3', 'DeleteBucketPolicy', { Bucket: current.physicalId }).catch(ignoreGone);
  },
};

async function putPolicy({
  properties: { Bucket, PolicyDocument },
  call,
}: ResourceRequest<BucketPolicyProperties>): Promise<ResourceState> {
  await call('s3', 'PutBucketPolicy', { Bucket, Policy: JSON.stringify(PolicyDocument) });
  return { physicalId: Bucket };
}

function ignoreGone(error: unknown): void {
  if (isFault(error) && (error.code === 'NoSuchBucket' || error.code === 'NoSuchBucketPolicy')) return;
  throw error;
}
