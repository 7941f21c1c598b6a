/** AWS::SQS::Queue. */
import type { CreateQueueResult, GetQueueAttributesResult, ListQueueTagsResult } from '@aws-sdk/client-sqs';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface QueueProperties {
  readonly QueueName?: string;
  readonly FifoQueue?: boolean;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly [attribute: string]: unknown;
}

/** Those whose values are numbers or objects in templates and texts in the API; absent ones have these defaults. */
const DEFAULTS: Readonly<Record<string, string>> = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
  RedrivePolicy: '',
  RedriveAllowPolicy: '',
  KmsMasterKeyId: '',
};
const FIFO_DEFAULTS: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};
const WITHOUT_DEFAULT = ['KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'];

export const queueResourceType: ResourceType<QueueProperties> = {
  type: 'AWS::SQS::Queue',

  async create(request) {
    const { properties } = request;
    const fifo = isFifo(properties);
    const QueueName =
      properties.QueueName ?? (fifo ? `${request.physicalName(75)}.fifo` : request.physicalName(80));
    const given = attributesOf(properties);
    const { QueueUrl } = await request.call<CreateQueueResult>('sqs', 'CreateQueue', {
      QueueName,
      Attributes: { ...given, ...(fifo ? { FifoQueue: 'true' } : {}) },
      tags: tagsOf(request),
    });
    return show(request, QueueUrl ?? '');
  },

  async update(request, current) {
    const QueueUrl = current.physicalId;
    const defaults = { ...DEFAULTS, ...(isFifo(request.properties) ? FIFO_DEFAULTS : {}) };
    await request.call('sqs', 'SetQueueAttributes', {
      QueueUrl,
      Attributes: { ...defaults, ...attributesOf(request.properties) },
    });
    await replaceTags(request, QueueUrl);
    return show(request, QueueUrl);
  },

  async delete(request, current) {
    try {
      await request.call('sqs', 'DeleteQueue', { QueueUrl: current.physicalId });
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'QueueDoesNotExist') throw thrown;
    }
  },
};

const isFifo = ({ FifoQueue }: QueueProperties): boolean => String(FifoQueue) === 'true';

function attributesOf(properties: QueueProperties): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of [...Object.keys(DEFAULTS), ...Object.keys(FIFO_DEFAULTS), ...WITHOUT_DEFAULT]) {
    const value = properties[name];
    if (value !== undefined)
      attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return attributes;
}

const tagsOf = ({ tags, properties }: ResourceRequest<QueueProperties>): Record<string, string> => ({
  ...tags,
  ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
});

async function replaceTags(request: ResourceRequest<QueueProperties>, QueueUrl: string): Promise<void> {
  const { Tags: before = {} } = await request.call<ListQueueTagsResult>('sqs', 'ListQueueTags', { QueueUrl });
  const wanted = tagsOf(request);
  const TagKeys = Object.keys(before).filter((key) => !(key in wanted));
  if (TagKeys.length > 0) await request.call('sqs', 'UntagQueue', { QueueUrl, TagKeys });
  if (Object.keys(wanted).length > 0) await request.call('sqs', 'TagQueue', { QueueUrl, Tags: wanted });
}

async function show(request: ResourceRequest<QueueProperties>, QueueUrl: string): Promise<ResourceState> {
  const { Attributes } = await request.call<GetQueueAttributesResult>('sqs', 'GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['QueueArn'],
  });
  const QueueName = QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);
  return { physicalId: QueueUrl, attributes: { Arn: Attributes?.QueueArn, QueueName, QueueUrl } };
}
