/** AWS::Kinesis::Stream, StreamConsumer and ResourcePolicy. */
import type {
  DescribeStreamSummaryOutput,
  ListTagsForStreamOutput,
  RegisterStreamConsumerOutput,
} from '@aws-sdk/client-kinesis';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface StreamProperties {
  readonly Name?: string;
  readonly ShardCount?: number;
  readonly RetentionPeriodHours?: number;
  readonly MaxRecordSizeInKiB?: number;
  readonly StreamModeDetails?: { readonly StreamMode: string };
  readonly StreamEncryption?: { readonly EncryptionType: string; readonly KeyId: string };
  readonly DesiredShardLevelMetrics?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

const modeOf = ({ StreamModeDetails, ShardCount }: StreamProperties): string =>
  StreamModeDetails?.StreamMode ?? (ShardCount === undefined ? 'ON_DEMAND' : 'PROVISIONED');

const tagsOf = ({ tags, properties }: ResourceRequest<StreamProperties>): Record<string, string> => ({
  ...tags,
  ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
});

export const streamResourceType: ResourceType<StreamProperties> = {
  type: 'AWS::Kinesis::Stream',
  unsupported: ['WarmThroughputMiBps'],

  async create(request) {
    const { properties } = request;
    const StreamName = properties.Name ?? request.physicalName(128);
    const StreamMode = modeOf(properties);
    await request.call('kinesis', 'CreateStream', {
      StreamName,
      StreamModeDetails: { StreamMode },
      ...(StreamMode === 'PROVISIONED' ? { ShardCount: properties.ShardCount ?? 1 } : {}),
      Tags: tagsOf(request),
    });
    await applySettings(request, StreamName, {});
    return show(request, StreamName);
  },

  async update(request, current) {
    const StreamName = current.physicalId;
    const { properties } = request;
    const mode = modeOf(properties);
    const { Arn: StreamARN } = current.attributes ?? {};
    if (mode !== modeOf(current.properties))
      await request.call('kinesis', 'UpdateStreamMode', {
        StreamARN,
        StreamModeDetails: { StreamMode: mode },
      });
    if (mode === 'PROVISIONED' && properties.ShardCount !== undefined)
      await request.call('kinesis', 'UpdateShardCount', {
        StreamName,
        TargetShardCount: properties.ShardCount,
        ScalingType: 'UNIFORM_SCALING',
      });
    await applySettings(request, StreamName, current.properties);
    await replaceTags(request, StreamName);
    return show(request, StreamName);
  },

  delete: (request, current) =>
    ignoreGone(
      request.call('kinesis', 'DeleteStream', {
        StreamName: current.physicalId,
        EnforceConsumerDeletion: true,
      }),
    ),
};

async function applySettings(
  request: ResourceRequest<StreamProperties>,
  StreamName: string,
  before: StreamProperties,
): Promise<void> {
  const { properties } = request;
  const [hours, had] = [properties.RetentionPeriodHours ?? 24, before.RetentionPeriodHours ?? 24];
  if (hours !== had)
    await request.call('kinesis', `${hours > had ? 'Increase' : 'Decrease'}StreamRetentionPeriod`, {
      StreamName,
      RetentionPeriodHours: hours,
    });
  if (properties.StreamEncryption)
    await request.call('kinesis', 'StartStreamEncryption', { StreamName, ...properties.StreamEncryption });
  else if (before.StreamEncryption)
    await request.call('kinesis', 'StopStreamEncryption', { StreamName, ...before.StreamEncryption });
  if (properties.MaxRecordSizeInKiB !== before.MaxRecordSizeInKiB) {
    const { StreamARN } = await summary(request, StreamName);
    await request.call('kinesis', 'UpdateMaxRecordSize', {
      StreamARN,
      MaxRecordSizeInKiB: properties.MaxRecordSizeInKiB ?? 1024,
    });
  }
  const [wanted, watched] = [
    properties.DesiredShardLevelMetrics ?? [],
    before.DesiredShardLevelMetrics ?? [],
  ];
  const gone = watched.filter((metric) => !wanted.includes(metric));
  if (gone.length > 0)
    await request.call('kinesis', 'DisableEnhancedMonitoring', { StreamName, ShardLevelMetrics: gone });
  if (wanted.length > 0)
    await request.call('kinesis', 'EnableEnhancedMonitoring', { StreamName, ShardLevelMetrics: wanted });
}

async function replaceTags(request: ResourceRequest<StreamProperties>, StreamName: string): Promise<void> {
  const { Tags: before = [] } = await request.call<ListTagsForStreamOutput>('kinesis', 'ListTagsForStream', {
    StreamName,
  });
  const Tags = tagsOf(request);
  const TagKeys = before.map(({ Key }) => Key).filter((key) => key !== undefined && !(key in Tags));
  if (TagKeys.length > 0) await request.call('kinesis', 'RemoveTagsFromStream', { StreamName, TagKeys });
  if (Object.keys(Tags).length > 0) await request.call('kinesis', 'AddTagsToStream', { StreamName, Tags });
}

async function summary(request: ResourceRequest<StreamProperties>, StreamName: string) {
  const { StreamDescriptionSummary: found } = await request.call<DescribeStreamSummaryOutput>(
    'kinesis',
    'DescribeStreamSummary',
    { StreamName },
  );
  return { StreamARN: found?.StreamARN };
}

async function show(request: ResourceRequest<StreamProperties>, StreamName: string): Promise<ResourceState> {
  const { StreamARN } = await summary(request, StreamName);
  return { physicalId: StreamName, attributes: { Arn: StreamARN } };
}

interface ConsumerProperties {
  readonly ConsumerName: string;
  readonly StreamARN: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const streamConsumerResourceType: ResourceType<ConsumerProperties> = {
  type: 'AWS::Kinesis::StreamConsumer',

  async create(request) {
    const { ConsumerName, StreamARN, Tags = [] } = request.properties;
    const { Consumer } = await request.call<RegisterStreamConsumerOutput>(
      'kinesis',
      'RegisterStreamConsumer',
      {
        ConsumerName,
        StreamARN,
        Tags: { ...request.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) },
      },
    );
    return {
      physicalId: Consumer?.ConsumerARN ?? '',
      attributes: {
        ConsumerARN: Consumer?.ConsumerARN,
        ConsumerCreationTimestamp: String(
          Math.floor((Consumer?.ConsumerCreationTimestamp?.getTime() ?? 0) / 1000),
        ),
        ConsumerName,
        ConsumerStatus: 'ACTIVE',
        StreamARN,
      },
    };
  },

  delete: (request, current) =>
    ignoreGone(request.call('kinesis', 'DeregisterStreamConsumer', { ConsumerARN: current.physicalId })),
};

interface PolicyProperties {
  readonly ResourceArn: string;
  readonly ResourcePolicy: object;
}

const putPolicy = async (request: ResourceRequest<PolicyProperties>): Promise<ResourceState> => {
  const { ResourceArn: ResourceARN, ResourcePolicy } = request.properties;
  await request.call('kinesis', 'PutResourcePolicy', { ResourceARN, Policy: JSON.stringify(ResourcePolicy) });
  return { physicalId: ResourceARN };
};

export const resourcePolicyResourceType: ResourceType<PolicyProperties> = {
  type: 'AWS::Kinesis::ResourcePolicy',
  create: putPolicy,
  update: putPolicy,
  delete: (request, current) =>
    ignoreGone(request.call('kinesis', 'DeleteResourcePolicy', { ResourceARN: current.physicalId })),
};

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'ResourceNotFoundException') throw thrown;
  }
}
