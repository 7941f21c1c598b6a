/** S3's operations and their actions: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html, each page's "Permissions". */
import {
  type AccessCall,
  fieldsOf,
  listOf,
  type Requirement,
  type Rule,
  type ServiceRules,
  textOf,
} from '../requirement.ts';

const bucketArn = (bucket: unknown): string => `arn:aws:s3:::${textOf(bucket) ?? '*'}`;
const objectArn = (bucket: unknown, key: unknown): string => `${bucketArn(bucket)}/${textOf(key) ?? '*'}`;

const onBucket =
  (action: string): Rule =>
  (call) => [
    { action: `s3:${action}`, resources: [bucketArn(call.input['Bucket'])], context: requestKeys(call) },
  ];

const onObject =
  (action: string, versioned?: string): Rule =>
  (call) => [
    {
      action: `s3:${versioned !== undefined && textOf(call.input['VersionId']) !== undefined ? versioned : action}`,
      resources: [objectArn(call.input['Bucket'], call.input['Key'])],
      context: requestKeys(call),
    },
  ];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html, condition keys that requests carry. */
const KEYS: Readonly<Record<string, string>> = {
  Prefix: 's3:prefix',
  Delimiter: 's3:delimiter',
  MaxKeys: 's3:max-keys',
  VersionId: 's3:VersionId',
  ACL: 's3:x-amz-acl',
  GrantFullControl: 's3:x-amz-grant-full-control',
  GrantRead: 's3:x-amz-grant-read',
  GrantReadACP: 's3:x-amz-grant-read-acp',
  GrantWrite: 's3:x-amz-grant-write',
  GrantWriteACP: 's3:x-amz-grant-write-acp',
  CopySource: 's3:x-amz-copy-source',
  MetadataDirective: 's3:x-amz-metadata-directive',
  ServerSideEncryption: 's3:x-amz-server-side-encryption',
  SSEKMSKeyId: 's3:x-amz-server-side-encryption-aws-kms-key-id',
  SSECustomerAlgorithm: 's3:x-amz-server-side-encryption-customer-algorithm',
  StorageClass: 's3:x-amz-storage-class',
  WebsiteRedirectLocation: 's3:x-amz-website-redirect-location',
  ObjectLockMode: 's3:object-lock-mode',
  ObjectLockLegalHoldStatus: 's3:object-lock-legal-hold',
  ObjectOwnership: 's3:x-amz-object-ownership',
  IfNoneMatch: 's3:if-none-match',
  IfMatch: 's3:if-match',
};

function requestKeys({ input, scope }: AccessCall): Record<string, string | readonly string[]> {
  const keys: Record<string, string | readonly string[]> = { 's3:ResourceAccount': scope.account };
  for (const [member, key] of Object.entries(KEYS)) {
    const value = input[member];
    if (typeof value === 'string' || typeof value === 'number') keys[key] = String(value);
  }
  const tags = new URLSearchParams(textOf(input['Tagging']) ?? '');
  const names = [...tags.keys()];
  for (const [name, value] of tags) keys[`s3:RequestObjectTag/${name}`] = value;
  if (names.length > 0) keys['s3:RequestObjectTagKeys'] = names;
  const location = textOf(fieldsOf(input['CreateBucketConfiguration'])?.['LocationConstraint']);
  if (location !== undefined) keys['s3:LocationConstraint'] = location;
  return keys;
}

/** Tags and locks of an object that is put are permissions of their own. */
const putObject: Rule = (call) => {
  const { input } = call;
  const resources = [objectArn(input['Bucket'], input['Key'])];
  const more = [
    input['Tagging'] === undefined ? [] : ['s3:PutObjectTagging'],
    input['ACL'] === undefined && !Object.keys(input).some((member) => member.startsWith('Grant'))
      ? []
      : ['s3:PutObjectAcl'],
    input['ObjectLockMode'] === undefined ? [] : ['s3:PutObjectRetention'],
    input['ObjectLockLegalHoldStatus'] === undefined ? [] : ['s3:PutObjectLegalHold'],
  ].flat();
  const context = requestKeys(call);
  return ['s3:PutObject', ...more].map((action) => ({ action, resources, context }));
};

/** `bucket/key` or `/bucket/key?versionId=...`, encoded. */
function copySource(input: AccessCall['input']): Requirement[] {
  const source = textOf(input['CopySource']);
  if (source === undefined) return [];
  const [path = '', query = ''] = source.replace(/^\//, '').split('?');
  const slash = path.indexOf('/');
  const resource = path.startsWith('arn:')
    ? decoded(path)
    : objectArn(path.slice(0, slash), decoded(path.slice(slash + 1)));
  const versionId = new URLSearchParams(query).get('versionId');
  return [
    versionId === null
      ? { action: 's3:GetObject', resources: [resource] }
      : { action: 's3:GetObjectVersion', resources: [resource], context: { 's3:VersionId': versionId } },
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const copyObject: Rule = async (call) => [...copySource(call.input), ...((await putObject(call)) ?? [])];

const deleteObjects: Rule = (call) => {
  const objects = listOf(fieldsOf(call.input['Delete'])?.['Objects']).map(fieldsOf);
  return objects.map((object) => ({
    action: textOf(object?.['VersionId']) === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
    resources: [objectArn(call.input['Bucket'], object?.['Key'])],
  }));
};

const createBucket: Rule = (call) => {
  const { input } = call;
  const resources = [bucketArn(input['Bucket'])];
  const context = requestKeys(call);
  const acl = input['ACL'] !== undefined && input['ACL'] !== 'private';
  const actions = [
    's3:CreateBucket',
    ...(acl ? ['s3:PutBucketAcl'] : []),
    ...(input['ObjectLockEnabledForBucket'] === true
      ? ['s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning']
      : []),
    ...(input['ObjectOwnership'] === undefined ? [] : ['s3:PutBucketOwnershipControls']),
  ];
  return actions.map((action) => ({ action, resources, context }));
};

const anywhere =
  (action: string): Rule =>
  () => [{ action: `s3:${action}`, resources: ['*'] }];

const BUCKET: Readonly<Record<string, string>> = {
  DeleteBucket: 'DeleteBucket',
  DeleteBucketAnalyticsConfiguration: 'PutAnalyticsConfiguration',
  DeleteBucketCors: 'PutBucketCORS',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketIntelligentTieringConfiguration: 'PutIntelligentTieringConfiguration',
  DeleteBucketInventoryConfiguration: 'PutInventoryConfiguration',
  DeleteBucketLifecycle: 'PutLifecycleConfiguration',
  DeleteBucketMetricsConfiguration: 'PutMetricsConfiguration',
  DeleteBucketOwnershipControls: 'PutBucketOwnershipControls',
  DeleteBucketPolicy: 'DeleteBucketPolicy',
  DeleteBucketReplication: 'PutReplicationConfiguration',
  DeleteBucketTagging: 'PutBucketTagging',
  DeleteBucketWebsite: 'DeleteBucketWebsite',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  GetBucketAcl: 'GetBucketAcl',
  GetBucketAnalyticsConfiguration: 'GetAnalyticsConfiguration',
  GetBucketCors: 'GetBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  GetBucketIntelligentTieringConfiguration: 'GetIntelligentTieringConfiguration',
  GetBucketInventoryConfiguration: 'GetInventoryConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  GetBucketLocation: 'GetBucketLocation',
  GetBucketLogging: 'GetBucketLogging',
  GetBucketMetricsConfiguration: 'GetMetricsConfiguration',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  GetBucketOwnershipControls: 'GetBucketOwnershipControls',
  GetBucketPolicy: 'GetBucketPolicy',
  GetBucketPolicyStatus: 'GetBucketPolicyStatus',
  GetBucketReplication: 'GetReplicationConfiguration',
  GetBucketRequestPayment: 'GetBucketRequestPayment',
  GetBucketTagging: 'GetBucketTagging',
  GetBucketVersioning: 'GetBucketVersioning',
  GetBucketWebsite: 'GetBucketWebsite',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  HeadBucket: 'ListBucket',
  ListBucketAnalyticsConfigurations: 'GetAnalyticsConfiguration',
  ListBucketIntelligentTieringConfigurations: 'GetIntelligentTieringConfiguration',
  ListBucketInventoryConfigurations: 'GetInventoryConfiguration',
  ListBucketMetricsConfigurations: 'GetMetricsConfiguration',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  ListObjectVersions: 'ListBucketVersions',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  PutBucketAccelerateConfiguration: 'PutAccelerateConfiguration',
  PutBucketAcl: 'PutBucketAcl',
  PutBucketAnalyticsConfiguration: 'PutAnalyticsConfiguration',
  PutBucketCors: 'PutBucketCORS',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  PutBucketIntelligentTieringConfiguration: 'PutIntelligentTieringConfiguration',
  PutBucketInventoryConfiguration: 'PutInventoryConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  PutBucketLogging: 'PutBucketLogging',
  PutBucketMetricsConfiguration: 'PutMetricsConfiguration',
  PutBucketNotificationConfiguration: 'PutBucketNotification',
  PutBucketOwnershipControls: 'PutBucketOwnershipControls',
  PutBucketPolicy: 'PutBucketPolicy',
  PutBucketReplication: 'PutReplicationConfiguration',
  PutBucketRequestPayment: 'PutBucketRequestPayment',
  PutBucketTagging: 'PutBucketTagging',
  PutBucketVersioning: 'PutBucketVersioning',
  PutBucketWebsite: 'PutBucketWebsite',
  PutObjectLockConfiguration: 'PutBucketObjectLockConfiguration',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  CreateSession: 'CreateSession',
  GetBucketAbac: 'GetBucketAbac',
  PutBucketAbac: 'PutBucketAbac',
  CreateBucketMetadataConfiguration: 'CreateBucketMetadataTableConfiguration',
  CreateBucketMetadataTableConfiguration: 'CreateBucketMetadataTableConfiguration',
  DeleteBucketMetadataConfiguration: 'DeleteBucketMetadataTableConfiguration',
  DeleteBucketMetadataTableConfiguration: 'DeleteBucketMetadataTableConfiguration',
  GetBucketMetadataConfiguration: 'GetBucketMetadataTableConfiguration',
  GetBucketMetadataTableConfiguration: 'GetBucketMetadataTableConfiguration',
  UpdateBucketMetadataInventoryTableConfiguration: 'UpdateBucketMetadataInventoryTableConfiguration',
  UpdateBucketMetadataJournalTableConfiguration: 'UpdateBucketMetadataJournalTableConfiguration',
  UpdateBucketMetadataAnnotationTableConfiguration: 'UpdateBucketMetadataAnnotationTableConfiguration',
};

/** With the action that takes its place when a version is named. */
const OBJECT: Readonly<Record<string, readonly [string, string?]>> = {
  AbortMultipartUpload: ['AbortMultipartUpload'],
  CompleteMultipartUpload: ['PutObject'],
  UploadPart: ['PutObject'],
  DeleteObject: ['DeleteObject', 'DeleteObjectVersion'],
  DeleteObjectTagging: ['DeleteObjectTagging', 'DeleteObjectVersionTagging'],
  GetObject: ['GetObject', 'GetObjectVersion'],
  GetObjectAcl: ['GetObjectAcl', 'GetObjectVersionAcl'],
  GetObjectAttributes: ['GetObjectAttributes', 'GetObjectVersionAttributes'],
  GetObjectLegalHold: ['GetObjectLegalHold'],
  GetObjectRetention: ['GetObjectRetention'],
  GetObjectTagging: ['GetObjectTagging', 'GetObjectVersionTagging'],
  GetObjectTorrent: ['GetObjectTorrent', 'GetObjectVersionTorrent'],
  HeadObject: ['GetObject', 'GetObjectVersion'],
  ListParts: ['ListMultipartUploadParts'],
  PutObjectAcl: ['PutObjectAcl', 'PutObjectVersionAcl'],
  PutObjectLegalHold: ['PutObjectLegalHold'],
  PutObjectRetention: ['PutObjectRetention'],
  PutObjectTagging: ['PutObjectTagging', 'PutObjectVersionTagging'],
  RestoreObject: ['RestoreObject'],
  SelectObjectContent: ['GetObject', 'GetObjectVersion'],
};

export const s3Rules: ServiceRules = {
  operations: {
    ...Object.fromEntries(Object.entries(BUCKET).map(([operation, action]) => [operation, onBucket(action)])),
    ...Object.fromEntries(
      Object.entries(OBJECT).map(([operation, actions]) => [operation, onObject(...actions)]),
    ),
    CreateBucket: createBucket,
    PutObject: putObject,
    CreateMultipartUpload: putObject,
    CopyObject: copyObject,
    UploadPartCopy: (call) => [
      ...copySource(call.input),
      { action: 's3:PutObject', resources: [objectArn(call.input['Bucket'], call.input['Key'])] },
    ],
    DeleteObjects: deleteObjects,
    ListBuckets: anywhere('ListAllMyBuckets'),
    ListDirectoryBuckets: anywhere('ListAllMyBuckets'),
  },
};
