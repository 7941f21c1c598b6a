/** Topics: making, describing, changing, deleting; tags and permissions. */
import { randomUUID } from 'node:crypto';
import type {
  AddPermissionInput,
  CreateTopicInput,
  CreateTopicResponse,
  DeleteTopicInput,
  GetTopicAttributesInput,
  GetTopicAttributesResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTopicsInput,
  ListTopicsResponse,
  RemovePermissionInput,
  SetTopicAttributesInput,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-sns';
import { partitionOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, invalidReason, topicNotFound } from './fault.ts';
import type { SnsRoom } from './room.ts';
import {
  type Attributes,
  checkAttribute,
  defaultPolicy,
  EFFECTIVE_DELIVERY_POLICY,
} from './topic-attributes.ts';
import {
  findTopic,
  type FoundTopic,
  isFifo,
  subscriptions,
  topicArn,
  type TopicRow,
  topics,
} from './topic-row.ts';

const NAME = /^[\w-]{1,256}$/;
const FIFO_NAME = /^[\w-]{1,251}\.fifo$/;
const PAGE = 100;

export const topicOperations = (room: SnsRoom) => {
  const { store } = room;
  const edit = (
    arn: string | undefined,
    call: Call,
    action: string,
    change: (topic: FoundTopic) => Partial<TopicRow>,
  ) =>
    store.transaction(async (rows) => {
      const topic = await findTopic(rows, arn, action.includes('Tag') ? 'ResourceArn' : 'TopicArn').catch(
        asResource(action),
      );
      room.authorize(topic, call.caller, action);
      await rows.put(topics, topic.scope, topic.row.name, { ...topic.row, ...change(topic) });
      return {};
    });

  return {
    async CreateTopic(input: CreateTopicInput, { scope }: Call): Promise<CreateTopicResponse> {
      const name = input.Name ?? '';
      const attributes = input.Attributes ?? {};
      const fifo = attributes['FifoTopic'] === 'true';
      if (!(fifo ? FIFO_NAME : NAME).test(name)) throw badName(fifo);
      if (input.DataProtectionPolicy)
        throw invalidReason('DataProtectionPolicy', 'not supported by gatehouse');
      for (const [key, value] of Object.entries(attributes)) checkAttribute(key, value, fifo);
      const tags = tagsOf(input.Tags);
      checkTags(tags);
      await store.transaction(async (rows) => {
        const found = await rows.get(topics, scope, name);
        if (found) return checkSame(found, attributes, input.Tags && tags);
        if ((await rows.list(topics, scope)).length >= limits.snsTopics)
          throw new Fault('TopicLimitExceeded', 'You have reached your account limit for topics', {
            status: 403,
          });
        await rows.put(topics, scope, name, { name, topicId: randomUUID(), attributes, tags });
      });
      return { TopicArn: topicArn(scope, name) };
    },

    async DeleteTopic(input: DeleteTopicInput, { caller }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const topic = await findTopic(rows, input.TopicArn).catch(ignoreGone);
        if (topic === undefined) return;
        room.authorize(topic, caller, 'DeleteTopic');
        await rows.delete(topics, topic.scope, topic.row.name);
        await rows.deleteRange(subscriptions, topic.scope, `${topic.row.name}/`);
      });
      return {};
    },

    async ListTopics(input: ListTopicsInput, { scope }: Call): Promise<ListTopicsResponse> {
      const after =
        input.NextToken === undefined ? {} : { after: Buffer.from(input.NextToken, 'base64').toString() };
      const found = await store.list(topics, scope, { limit: PAGE + 1, ...after });
      const page = found.slice(0, PAGE);
      const last = page.at(-1);
      return {
        Topics: page.map(({ key }) => ({ TopicArn: topicArn(scope, key) })),
        ...(found.length > PAGE && last ? { NextToken: Buffer.from(last.key).toString('base64') } : {}),
      };
    },

    async GetTopicAttributes(
      input: GetTopicAttributesInput,
      { caller }: Call,
    ): Promise<GetTopicAttributesResponse> {
      const topic = await findTopic(store, input.TopicArn);
      room.authorize(topic, caller, 'GetTopicAttributes');
      const all = await store.list(subscriptions, topic.scope, { prefix: `${topic.row.name}/` });
      const pending = all.filter(({ row }) => row.pendingToken !== undefined).length;
      return { Attributes: describe(topic, { confirmed: all.length - pending, pending }) };
    },

    SetTopicAttributes: (input: SetTopicAttributesInput, call: Call): Promise<object> =>
      edit(input.TopicArn, call, 'SetTopicAttributes', ({ row }) => {
        const { AttributeName: name = '', AttributeValue: value = '' } = input;
        if (name === 'FifoTopic') throw invalidParameter('AttributeName');
        const removes = value === '' && ['DeliveryPolicy', 'KmsMasterKeyId', 'Policy'].includes(name);
        if (!removes) checkAttribute(name, value, isFifo(row));
        const { [name]: _, ...rest } = row.attributes;
        return { attributes: removes ? rest : { ...rest, [name]: value } };
      }),

    AddPermission: (input: AddPermissionInput, call: Call): Promise<object> =>
      edit(input.TopicArn, call, 'AddPermission', (topic) => {
        const policy = policyOf(topic);
        if (policy.Statement.some(({ Sid }) => Sid === input.Label))
          throw invalidReason('Label', 'Statement already exists');
        return withPolicy(topic, { ...policy, Statement: [...policy.Statement, statementOf(topic, input)] });
      }),

    RemovePermission: (input: RemovePermissionInput, call: Call): Promise<object> =>
      edit(input.TopicArn, call, 'RemovePermission', (topic) => {
        const policy = policyOf(topic);
        return withPolicy(topic, {
          ...policy,
          Statement: policy.Statement.filter(({ Sid }) => Sid !== input.Label),
        });
      }),

    TagResource: (input: TagResourceRequest, call: Call): Promise<object> =>
      edit(input.ResourceArn, call, 'TagResource', ({ row }) => {
        const tags = { ...row.tags, ...tagsOf(input.Tags) };
        checkTags(tags);
        return { tags };
      }),

    UntagResource: (input: UntagResourceRequest, call: Call): Promise<object> =>
      edit(input.ResourceArn, call, 'UntagResource', ({ row }) => ({
        tags: Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys?.includes(key))),
      })),

    async ListTagsForResource(input: ListTagsForResourceRequest): Promise<ListTagsForResourceResponse> {
      const { row } = await findTopic(store, input.ResourceArn, 'ResourceArn').catch(
        asResource('ListTagsForResource'),
      );
      return { Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
};

/** Tags have an error of their own for what is not there. */
const asResource =
  (action: string) =>
  (thrown: unknown): never => {
    if (action.includes('Tag') && thrown instanceof Fault && thrown.code === 'NotFound')
      throw new Fault('ResourceNotFound', 'Resource does not exist', { status: 404 });
    throw thrown;
  };

function ignoreGone(thrown: unknown): undefined {
  if (thrown instanceof Fault && thrown.code === topicNotFound().code) return undefined;
  throw thrown;
}

const badName = (fifo: boolean): Fault =>
  invalidParameter(
    fifo
      ? 'Topic Name: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.'
      : 'Topic Name',
  );

const tagsOf = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

function checkTags(tags: Attributes): void {
  if (Object.keys(tags).length > limits.snsTags)
    throw new Fault('TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded', {
      status: 400,
    });
}

function checkSame(
  { attributes, tags }: TopicRow,
  wanted: Attributes,
  wantedTags: Attributes | undefined,
): void {
  const differs = (before: Attributes, after: Attributes): boolean =>
    Object.entries(after).some(([name, value]) => before[name] !== value);
  if (differs(attributes, wanted))
    throw invalidReason('Attributes', 'Topic already exists with different attributes');
  if (wantedTags && (differs(tags, wantedTags) || differs(wantedTags, tags)))
    throw invalidReason('Tags', 'Topic already exists with different tags');
}

interface Counts {
  readonly confirmed: number;
  readonly pending: number;
}

const describe = ({ scope, row }: FoundTopic, { confirmed, pending }: Counts): Record<string, string> => ({
  Policy: defaultPolicy(scope, row.name),
  DisplayName: '',
  ...(isFifo(row)
    ? { FifoTopic: 'true', ContentBasedDeduplication: 'false', FifoThroughputScope: 'Topic' }
    : {}),
  ...row.attributes,
  Owner: scope.account,
  TopicArn: topicArn(scope, row.name),
  SubscriptionsConfirmed: String(confirmed),
  SubscriptionsPending: String(pending),
  SubscriptionsDeleted: '0',
  EffectiveDeliveryPolicy: row.attributes['DeliveryPolicy'] ?? EFFECTIVE_DELIVERY_POLICY,
});

interface Policy {
  readonly Statement: readonly { readonly Sid?: string }[];
}

function policyOf({ scope, row }: FoundTopic): Policy {
  const policy = JSON.parse(row.attributes['Policy'] ?? defaultPolicy(scope, row.name)) as Policy; // checked when it was set
  return { ...policy, Statement: [policy.Statement].flat() };
}

const withPolicy = ({ row }: FoundTopic, policy: Policy): Partial<TopicRow> => ({
  attributes: { ...row.attributes, Policy: JSON.stringify(policy) },
});

function statementOf({ scope, row }: FoundTopic, input: AddPermissionInput): Policy['Statement'][number] {
  const { Label = '', AWSAccountId: accounts = [], ActionName: actions = [] } = input;
  if (accounts.length === 0) throw invalidParameter('AWSAccountId');
  if (actions.length === 0) throw invalidParameter('ActionName');
  for (const action of actions)
    if (!/^[A-Z]\w+$/.test(action))
      throw invalidReason('ActionName', `Policy statement action out of service scope!`);
  const arns = accounts.map((account) => `arn:${partitionOf(scope.region)}:iam::${account}:root`);
  return Object.assign(
    { Sid: Label },
    {
      Effect: 'Allow',
      Principal: { AWS: arns.length === 1 ? arns[0] : arns },
      Action: actions.length === 1 ? `SNS:${actions[0]}` : actions.map((action) => `SNS:${action}`),
      Resource: topicArn(scope, row.name),
    },
  );
}
