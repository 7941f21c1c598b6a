/** AWS::DynamoDB::Table. */
import type {
  CreateTableInput,
  DescribeTableOutput,
  GlobalSecondaryIndex,
  TimeToLiveSpecification,
  StreamSpecification,
  StreamViewType,
  UpdateTableInput,
} from '@aws-sdk/client-dynamodb';
import type {
  CurrentResource,
  ResourceRequest,
  ResourceState,
  ResourceType,
} from '../../base/resource-type.ts';

export interface TableProperties
  extends Omit<CreateTableInput, 'ResourcePolicy' | 'SSESpecification' | 'StreamSpecification'> {
  readonly StreamSpecification?: { readonly StreamViewType?: StreamViewType };
  readonly TimeToLiveSpecification?: TimeToLiveSpecification;
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled?: boolean };
  readonly SSESpecification?: {
    readonly SSEEnabled: boolean;
    readonly SSEType?: 'AES256' | 'KMS';
    readonly KMSMasterKeyId?: string;
  };
}

export const tableResourceType: ResourceType<TableProperties> = {
  type: 'AWS::DynamoDB::Table',
  unsupported: [
    'KinesisStreamSpecification',
    'ImportSourceSpecification',
    'ContributorInsightsSpecification',
    'ResourcePolicy',
    'OnDemandThroughput',
    'WarmThroughput',
  ],

  async create(request) {
    const { properties } = request;
    const TableName = properties.TableName ?? request.physicalName(255);
    await request.call('dynamodb', 'CreateTable', {
      ...tableInput(properties, TableName),
      Tags: tagsOf(request),
    });
    await applySettings(request, TableName, {});
    return show(request, TableName);
  },

  async update(request, current) {
    const TableName = current.physicalId;
    const { properties } = request;
    await request.call('dynamodb', 'UpdateTable', {
      TableName,
      BillingMode: properties.BillingMode ?? 'PROVISIONED',
      ...(properties.BillingMode === 'PAY_PER_REQUEST'
        ? {}
        : { ProvisionedThroughput: properties.ProvisionedThroughput }),
      AttributeDefinitions: properties.AttributeDefinitions,
      DeletionProtectionEnabled: properties.DeletionProtectionEnabled ?? false,
      ...(properties.TableClass ? { TableClass: properties.TableClass } : {}),
      GlobalSecondaryIndexUpdates: indexUpdates(properties, current.properties),
    } satisfies UpdateTableInput);
    await applyStream(request, TableName, current.properties);
    await applySettings(request, TableName, current.properties);
    await applyTags(request, current);
    return show(request, TableName);
  },

  async delete(request, current) {
    await request.call('dynamodb', 'DeleteTable', { TableName: current.physicalId }).catch(ignoreGone);
  },
};

function tableInput(
  { SSESpecification: sse, StreamSpecification: stream, ...properties }: TableProperties,
  TableName: string,
): CreateTableInput {
  const { TimeToLiveSpecification: _ttl, PointInTimeRecoverySpecification: _pitr, ...table } = properties;
  return {
    ...table,
    TableName,
    ...(stream
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } }
      : {}),
    ...(sse
      ? {
          SSESpecification: {
            Enabled: sse.SSEEnabled,
            SSEType: sse.SSEType,
            KMSMasterKeyId: sse.KMSMasterKeyId,
          },
        }
      : {}),
  };
}

/** A stream cannot be changed: another kind of record takes another stream. */
async function applyStream(
  request: ResourceRequest<TableProperties>,
  TableName: string,
  { StreamSpecification: before }: TableProperties,
): Promise<void> {
  const wanted = request.properties.StreamSpecification;
  if (before?.StreamViewType === wanted?.StreamViewType) return;
  const update = (StreamSpecification: StreamSpecification) =>
    request.call('dynamodb', 'UpdateTable', { TableName, StreamSpecification });
  if (before) await update({ StreamEnabled: false });
  if (wanted) await update({ StreamEnabled: true, StreamViewType: wanted.StreamViewType });
}

const tagsOf = (request: ResourceRequest<TableProperties>) => [
  ...Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  ...(request.properties.Tags ?? []),
];

async function applySettings(
  request: ResourceRequest<TableProperties>,
  TableName: string,
  before: Partial<TableProperties>,
): Promise<void> {
  const { TimeToLiveSpecification: ttl, PointInTimeRecoverySpecification: recovery } = request.properties;
  const old = before.TimeToLiveSpecification;
  const changes = old?.Enabled !== ttl?.Enabled || old?.AttributeName !== ttl?.AttributeName;
  if (old?.Enabled && changes) {
    await request.call('dynamodb', 'UpdateTimeToLive', {
      TableName,
      TimeToLiveSpecification: { ...old, Enabled: false },
    });
  }
  if (ttl?.Enabled && changes)
    await request.call('dynamodb', 'UpdateTimeToLive', { TableName, TimeToLiveSpecification: ttl });
  const enabled = recovery?.PointInTimeRecoveryEnabled ?? false;
  if (enabled !== (before.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false)) {
    await request.call('dynamodb', 'UpdateContinuousBackups', {
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: enabled },
    });
  }
}

async function applyTags(
  request: ResourceRequest<TableProperties>,
  current: CurrentResource<TableProperties>,
): Promise<void> {
  const ResourceArn = String(current.attributes?.['Arn'] ?? current.physicalId);
  const Tags = tagsOf(request);
  const gone = (current.properties.Tags ?? [])
    .map((tag) => tag.Key)
    .filter((key) => !Tags.some((tag) => tag.Key === key));
  if (gone.length > 0) await request.call('dynamodb', 'UntagResource', { ResourceArn, TagKeys: gone });
  if (Tags.length > 0) await request.call('dynamodb', 'TagResource', { ResourceArn, Tags });
}

/** Indexes are added and removed; one whose keys or projection changed is made anew. */
function indexUpdates(
  properties: TableProperties,
  before: TableProperties,
): UpdateTableInput['GlobalSecondaryIndexUpdates'] {
  const [wanted, had] = [properties.GlobalSecondaryIndexes ?? [], before.GlobalSecondaryIndexes ?? []];
  const same = (one: GlobalSecondaryIndex, other: GlobalSecondaryIndex): boolean =>
    one.IndexName === other.IndexName &&
    JSON.stringify([one.KeySchema, one.Projection]) === JSON.stringify([other.KeySchema, other.Projection]);
  const gone = had.filter((index) => !wanted.some((other) => same(index, other)));
  const fresh = wanted.filter((index) => !had.some((other) => same(index, other)));
  return [
    ...gone.map(({ IndexName }) => ({ Delete: { IndexName } })),
    ...fresh.map((Create) => ({ Create })),
  ];
}

async function show(request: ResourceRequest<TableProperties>, TableName: string): Promise<ResourceState> {
  const { Table } = await request.call<DescribeTableOutput>('dynamodb', 'DescribeTable', { TableName });
  return {
    physicalId: TableName,
    attributes: {
      Arn: Table?.TableArn,
      TableId: Table?.TableId,
      ...(Table?.LatestStreamArn ? { StreamArn: Table.LatestStreamArn } : {}),
    },
  };
}

function ignoreGone(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'ResourceNotFoundException') return;
  throw error;
}
