/** AWS::Lambda::EventSourceMapping. */
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { ResourceRequest, ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { unlessGone } from '../resource-deletion.ts';

interface MappingProperties extends Record<string, unknown> {
  readonly FunctionName: string;
  readonly StartingPositionTimestamp?: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** What an update that leaves a property out goes back to. */
const DEFAULTS = {
  Enabled: true,
  MaximumBatchingWindowInSeconds: 0,
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
};
const STREAM_DEFAULTS = {
  ParallelizationFactor: 1,
  BisectBatchOnFunctionError: false,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
  TumblingWindowInSeconds: 0,
  DestinationConfig: { OnFailure: { Destination: '' } },
};

export const eventSourceMappingResource: ResourceType<MappingProperties> = {
  type: 'AWS::Lambda::EventSourceMapping',
  unsupported: [
    'AmazonManagedKafkaEventSourceConfig',
    'DocumentDBEventSourceConfig',
    'KmsKeyArn',
    'ProvisionedPollerConfig',
    'Queues',
    'SelfManagedEventSource',
    'SelfManagedKafkaEventSourceConfig',
    'SourceAccessConfigurations',
    'Topics',
  ],

  async create(request) {
    const { Tags = [], StartingPositionTimestamp: at, ...rest } = request.properties;
    const made = await request.call<EventSourceMappingConfiguration>('lambda', 'CreateEventSourceMapping', {
      ...rest,
      // Templates write seconds.
      ...(at !== undefined && { StartingPositionTimestamp: new Date(at * 1000) }),
      Tags: { ...request.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) },
    });
    return stateOf(made);
  },

  async update(request, current) {
    const before = current.properties;
    const {
      Tags: _,
      StartingPosition: __,
      StartingPositionTimestamp: ___,
      EventSourceArn,
      ...rest
    } = request.properties;
    const isQueue = String(EventSourceArn ?? before['EventSourceArn']).includes(':sqs:');
    const changed = await request.call<EventSourceMappingConfiguration>(
      'lambda',
      'UpdateEventSourceMapping',
      {
        UUID: current.physicalId,
        BatchSize: isQueue ? 10 : 100,
        ...DEFAULTS,
        ...(isQueue ? { ScalingConfig: {} } : STREAM_DEFAULTS),
        ...rest,
      },
    );
    await updateTags(request, changed.EventSourceMappingArn ?? '', before);
    return stateOf(changed);
  },

  async delete(request, current) {
    await unlessGone(() => request.call('lambda', 'DeleteEventSourceMapping', { UUID: current.physicalId }));
  },
};

const stateOf = ({ UUID = '', EventSourceMappingArn }: EventSourceMappingConfiguration): ResourceState => ({
  physicalId: UUID,
  attributes: { Id: UUID, EventSourceMappingArn },
});

async function updateTags(
  request: ResourceRequest<MappingProperties>,
  Resource: string,
  before: MappingProperties,
): Promise<void> {
  const now = request.properties.Tags ?? [];
  const names = new Set(now.map(({ Key }) => Key));
  const gone = (before.Tags ?? []).map(({ Key }) => Key).filter((key) => !names.has(key));
  if (gone.length > 0) await request.call('lambda', 'UntagResource', { Resource, TagKeys: gone });
  if (now.length === 0) return;
  const Tags = Object.fromEntries(now.map(({ Key, Value }) => [Key, Value]));
  await request.call('lambda', 'TagResource', { Resource, Tags });
}
