/** AWS::SQS::QueuePolicy and AWS::SQS::QueueInlinePolicy. */
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceType } from '../../base/resource-type.ts';

interface QueuePolicyProperties {
  readonly PolicyDocument: object | string;
  readonly Queues: readonly string[];
}

export const queuePolicyResourceType: ResourceType<QueuePolicyProperties> = {
  type: 'AWS::SQS::QueuePolicy',

  async create(request) {
    await setPolicies(request, request.properties.Queues, textOf(request.properties.PolicyDocument));
    const physicalId = request.physicalName(80);
    return { physicalId, attributes: { Id: physicalId } };
  },

  async update(request, current) {
    const { Queues } = request.properties;
    const gone = current.properties.Queues.filter((url) => !Queues.includes(url));
    await setPolicies(request, Queues, textOf(request.properties.PolicyDocument));
    await setPolicies(request, gone, '');
    return { physicalId: current.physicalId, attributes: current.attributes ?? {} };
  },

  delete: (request, current) => setPolicies(request, current.properties.Queues, ''),
};

interface InlinePolicyProperties {
  readonly PolicyDocument: object | string;
  readonly Queue: string;
}

export const inlinePolicyResourceType: ResourceType<InlinePolicyProperties> = {
  type: 'AWS::SQS::QueueInlinePolicy',

  async create(request) {
    const { Queue, PolicyDocument } = request.properties;
    await setPolicies(request, [Queue], textOf(PolicyDocument));
    return { physicalId: Queue };
  },

  async update(request, current) {
    await setPolicies(request, [request.properties.Queue], textOf(request.properties.PolicyDocument));
    return { physicalId: current.physicalId };
  },

  delete: (request, current) => setPolicies(request, [current.properties.Queue], ''),
};

const textOf = (document: object | string): string =>
  typeof document === 'string' ? document : JSON.stringify(document);

/** An empty text takes the policy away; a queue that is gone has none any more. */
async function setPolicies(
  request: ResourceRequest<unknown>,
  urls: readonly string[],
  policy: string,
): Promise<void> {
  for (const QueueUrl of urls) {
    try {
      await request.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy: policy } });
    } catch (thrown) {
      if (policy !== '' || !isFault(thrown) || thrown.code !== 'QueueDoesNotExist') throw thrown;
    }
  }
}
