/** AWS::SNS::Topic, Subscription, TopicPolicy and TopicInlinePolicy. */
import type {
  CreateTopicResponse,
  GetTopicAttributesResponse,
  ListSubscriptionsByTopicResponse,
  ListTagsForResourceResponse,
  SubscribeResponse,
} from '@aws-sdk/client-sns';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface TopicProperties {
  readonly TopicName?: string;
  readonly FifoTopic?: boolean;
  readonly Subscription?: readonly { readonly Protocol: string; readonly Endpoint: string }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly DeliveryStatusLogging?: readonly LoggingConfig[];
  readonly [attribute: string]: unknown;
}

interface LoggingConfig {
  readonly Protocol: string;
  readonly SuccessFeedbackRoleArn?: string;
  readonly FailureFeedbackRoleArn?: string;
  readonly SuccessFeedbackSampleRate?: string;
}

/** And what they are when a template leaves them out. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  DisplayName: '',
  KmsMasterKeyId: '',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
};
const FIFO_ATTRIBUTES: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  FifoThroughputScope: 'Topic',
};

export const topicResourceType: ResourceType<TopicProperties> = {
  type: 'AWS::SNS::Topic',
  unsupported: ['ArchivePolicy', 'DataProtectionPolicy', 'MaximumMessageSize'],

  async create(request) {
    const { properties } = request;
    const fifo = isFifo(properties);
    const Name =
      properties.TopicName ?? (fifo ? `${request.physicalName(251)}.fifo` : request.physicalName(256));
    const { TopicArn = '' } = await request.call<CreateTopicResponse>('sns', 'CreateTopic', {
      Name,
      Attributes: { ...attributesOf(properties), ...(fifo ? { FifoTopic: 'true' } : {}) },
      Tags: tagsOf(request),
    });
    await subscribeAll(request, TopicArn, []);
    return show(TopicArn);
  },

  async update(request, current) {
    const TopicArn = current.physicalId;
    const { properties } = request;
    const defaults = { ...ATTRIBUTES, ...(isFifo(properties) ? FIFO_ATTRIBUTES : {}) };
    const { Attributes: before = {} } = await request.call<GetTopicAttributesResponse>(
      'sns',
      'GetTopicAttributes',
      {
        TopicArn,
      },
    );
    for (const [AttributeName, AttributeValue] of Object.entries({
      ...defaults,
      ...attributesOf(properties),
    }))
      if ((before[AttributeName] ?? defaults[AttributeName]) !== AttributeValue)
        await request.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
    await subscribeAll(request, TopicArn, current.properties.Subscription ?? []);
    await replaceTags(request, TopicArn);
    return show(TopicArn);
  },

  delete: (request, current) => request.call<void>('sns', 'DeleteTopic', { TopicArn: current.physicalId }),
};

const isFifo = ({ FifoTopic }: TopicProperties): boolean => String(FifoTopic) === 'true';

function attributesOf(properties: TopicProperties): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of [...Object.keys(ATTRIBUTES), ...Object.keys(FIFO_ATTRIBUTES)])
    if (properties[name] !== undefined) attributes[name] = String(properties[name]);
  for (const { Protocol, ...settings } of properties.DeliveryStatusLogging ?? [])
    for (const [name, value] of Object.entries(settings))
      attributes[`${PREFIXES[Protocol] ?? Protocol}${name}`] = String(value);
  return attributes;
}

const PREFIXES: Readonly<Record<string, string>> = {
  'http/s': 'HTTP',
  sqs: 'SQS',
  lambda: 'Lambda',
  firehose: 'Firehose',
  application: 'Application',
};

const tagsOf = ({ tags, properties }: ResourceRequest<TopicProperties>) => [
  ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...(properties.Tags ?? []),
];

const show = (TopicArn: string): ResourceState => ({
  physicalId: TopicArn,
  attributes: { TopicArn, TopicName: TopicArn.slice(TopicArn.lastIndexOf(':') + 1) },
});

async function subscribeAll(
  request: ResourceRequest<TopicProperties>,
  TopicArn: string,
  before: NonNullable<TopicProperties['Subscription']>,
): Promise<void> {
  const wanted = request.properties.Subscription ?? [];
  for (const { Protocol, Endpoint } of wanted)
    await request.call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint });
  const isGone = (one: { Protocol?: string | undefined; Endpoint?: string | undefined }): boolean =>
    before.some((old) => old.Protocol === one.Protocol && old.Endpoint === one.Endpoint) &&
    !wanted.some((each) => each.Protocol === one.Protocol && each.Endpoint === one.Endpoint);
  if (before.length === 0) return;
  const { Subscriptions = [] } = await request.call<ListSubscriptionsByTopicResponse>(
    'sns',
    'ListSubscriptionsByTopic',
    { TopicArn },
  );
  for (const { SubscriptionArn, ...one } of Subscriptions)
    if (isGone(one) && SubscriptionArn?.startsWith('arn:'))
      await request.call('sns', 'Unsubscribe', { SubscriptionArn });
}

async function replaceTags(request: ResourceRequest<TopicProperties>, ResourceArn: string): Promise<void> {
  const { Tags: before = [] } = await request.call<ListTagsForResourceResponse>(
    'sns',
    'ListTagsForResource',
    {
      ResourceArn,
    },
  );
  const Tags = tagsOf(request);
  const TagKeys = before.map(({ Key }) => Key).filter((key) => !Tags.some(({ Key }) => Key === key));
  if (TagKeys.length > 0) await request.call('sns', 'UntagResource', { ResourceArn, TagKeys });
  if (Tags.length > 0) await request.call('sns', 'TagResource', { ResourceArn, Tags });
}

interface SubscriptionProperties {
  readonly TopicArn: string;
  readonly Protocol: string;
  readonly Endpoint?: string;
  readonly [attribute: string]: unknown;
}

const SUBSCRIPTION_ATTRIBUTES = [
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
];

export const subscriptionResourceType: ResourceType<SubscriptionProperties> = {
  type: 'AWS::SNS::Subscription',
  unsupported: ['ReplayPolicy', 'SubscriptionRoleArn'],

  async create(request) {
    const { TopicArn, Protocol, Endpoint } = request.properties;
    const { SubscriptionArn = '' } = await request.call<SubscribeResponse>('sns', 'Subscribe', {
      TopicArn,
      Protocol,
      Endpoint,
      Attributes: subscriptionAttributes(request.properties),
      ReturnSubscriptionArn: true,
    });
    return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
  },

  async update(request, current) {
    const SubscriptionArn = current.physicalId;
    const [wanted, before] = [
      subscriptionAttributes(request.properties),
      subscriptionAttributes(current.properties),
    ];
    // The scope goes first: a policy is checked against it.
    for (const AttributeName of SUBSCRIPTION_ATTRIBUTES.toSorted().toReversed()) {
      if (wanted[AttributeName] === before[AttributeName]) continue;
      const AttributeValue = wanted[AttributeName] ?? '';
      await request.call('sns', 'SetSubscriptionAttributes', {
        SubscriptionArn,
        AttributeName,
        AttributeValue,
      });
    }
    return { physicalId: SubscriptionArn, attributes: current.attributes ?? {} };
  },

  async delete(request, current) {
    try {
      await request.call('sns', 'Unsubscribe', { SubscriptionArn: current.physicalId });
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'NotFound') throw thrown;
    }
  },
};

function subscriptionAttributes(properties: SubscriptionProperties): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of SUBSCRIPTION_ATTRIBUTES) {
    const value = properties[name];
    if (value !== undefined)
      attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return attributes;
}

interface TopicPolicyProperties {
  readonly PolicyDocument: object | string;
  readonly Topics: readonly string[];
}

export const topicPolicyResourceType: ResourceType<TopicPolicyProperties> = {
  type: 'AWS::SNS::TopicPolicy',

  async create(request) {
    await setPolicies(request, request.properties.Topics, textOf(request.properties.PolicyDocument));
    const physicalId = request.physicalName(80);
    return { physicalId, attributes: { Id: physicalId } };
  },

  async update(request, current) {
    const { Topics } = request.properties;
    await setPolicies(request, Topics, textOf(request.properties.PolicyDocument));
    const gone = current.properties.Topics.filter((arn) => !Topics.includes(arn));
    await setPolicies(request, gone, '');
    return { physicalId: current.physicalId, attributes: current.attributes ?? {} };
  },

  delete: (request, current) => setPolicies(request, current.properties.Topics, ''),
};

interface InlinePolicyProperties {
  readonly PolicyDocument: object;
  readonly TopicArn: string;
}

export const topicInlinePolicyResourceType: ResourceType<InlinePolicyProperties> = {
  type: 'AWS::SNS::TopicInlinePolicy',

  async create(request) {
    const { TopicArn, PolicyDocument } = request.properties;
    await setPolicies(request, [TopicArn], textOf(PolicyDocument));
    return { physicalId: TopicArn };
  },

  async update(request, current) {
    await setPolicies(request, [request.properties.TopicArn], textOf(request.properties.PolicyDocument));
    return { physicalId: current.physicalId };
  },

  delete: (request, current) => setPolicies(request, [current.properties.TopicArn], ''),
};

const textOf = (document: object | string): string =>
  typeof document === 'string' ? document : JSON.stringify(document);

/** An empty text brings the default policy back; a topic that is gone has none any more. */
async function setPolicies(
  request: ResourceRequest<unknown>,
  arns: readonly string[],
  AttributeValue: string,
): Promise<void> {
  for (const TopicArn of arns) {
    try {
      await request.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
    } catch (thrown) {
      if (AttributeValue !== '' || !isFault(thrown) || thrown.code !== 'NotFound') throw thrown;
    }
  }
}
