/** Subscriptions: asked for, confirmed, described, changed, ended. */
import { randomBytes, randomUUID } from 'node:crypto';
import type {
  ConfirmSubscriptionInput,
  ConfirmSubscriptionResponse,
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse,
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  SetSubscriptionAttributesInput,
  SubscribeInput,
  SubscribeResponse,
  Subscription,
  UnsubscribeInput,
} from '@aws-sdk/client-sns';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { invalidReason, notAuthorized, subscriptionNotFound } from './fault.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { SnsRoom } from './room.ts';
import { checkEndpoint, protocolOf } from './endpoint.ts';
import { checkSubscriptionAttribute, mergeSubscriptionAttributes } from './subscription-attributes.ts';
import { EFFECTIVE_DELIVERY_POLICY } from './topic-attributes.ts';
import {
  findSubscription,
  findTopic,
  type FoundSubscription,
  subscriptionArn,
  subscriptionKey,
  type SubscriptionRow,
  subscriptions,
  topicArn,
} from './topic-row.ts';

const PAGE = 100;
/** These prove that they want the messages before they get any. */
const CONFIRMS: ReadonlySet<string> = new Set(['http', 'https', 'email', 'email-json']);

export const subscriptionOperations = (room: SnsRoom, queue: DeliveryQueue) => {
  const { store } = room;

  return {
    async Subscribe(input: SubscribeInput, { scope, caller }: Call): Promise<SubscribeResponse> {
      const topic = await findTopic(store, input.TopicArn);
      room.authorize(topic, caller, 'Subscribe');
      const protocol = protocolOf(input.Protocol);
      const endpoint = checkEndpoint(topic, protocol, input.Endpoint);
      const attributes = mergeSubscriptionAttributes(protocol, {}, input.Attributes ?? {});
      const made = await store.transaction(async (rows) => {
        const all = await rows.list(subscriptions, topic.scope, { prefix: `${topic.row.name}/` });
        const same = all.find(({ row }) => row.protocol === protocol && row.endpoint === endpoint)?.row;
        if (same) return { row: checkSame(same, attributes), isNew: false };
        if (all.length >= limits.snsSubscriptions)
          throw new Fault('SubscriptionLimitExceeded', 'The subscription limit of this topic is reached', {
            status: 403,
          });
        const row: SubscriptionRow = {
          id: randomUUID(),
          topic: topic.row.name,
          protocol,
          endpoint,
          owner: scope.account,
          attributes,
          authenticated: caller.account === topic.scope.account,
          ...(CONFIRMS.has(protocol) ? { pendingToken: randomBytes(128).toString('hex') } : {}),
        };
        await rows.put(subscriptions, topic.scope, subscriptionKey(row), row);
        return { row, isNew: true };
      });
      if (made.row.pendingToken !== undefined) await queue.askToConfirm(topic.scope, made.row);
      const isShown = made.row.pendingToken === undefined || input.ReturnSubscriptionArn === true;
      return { SubscriptionArn: isShown ? subscriptionArn(topic.scope, made.row) : 'pending confirmation' };
    },

    async ConfirmSubscription(input: ConfirmSubscriptionInput): Promise<ConfirmSubscriptionResponse> {
      const topic = await findTopic(store, input.TopicArn);
      return store.transaction(async (rows) => {
        const all = await rows.list(subscriptions, topic.scope, { prefix: `${topic.row.name}/` });
        const found = all.find(({ row }) => row.pendingToken === input.Token)?.row;
        if (found === undefined) throw invalidReason('Token', 'Token is not valid');
        const { pendingToken: _, ...row } = found;
        const authenticated = input.AuthenticateOnUnsubscribe === 'true';
        await rows.put(subscriptions, topic.scope, subscriptionKey(row), { ...row, authenticated });
        return { SubscriptionArn: subscriptionArn(topic.scope, row) };
      });
    },

    async Unsubscribe(input: UnsubscribeInput, { caller }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const found = await findSubscription(rows, input.SubscriptionArn).catch(ignoreGone);
        if (found === undefined) return;
        checkOwner(found, caller.account, 'Unsubscribe');
        await rows.delete(subscriptions, found.scope, subscriptionKey(found.row));
      });
      return {};
    },

    async ListSubscriptions(
      input: ListSubscriptionsInput,
      { scope }: Call,
    ): Promise<ListSubscriptionsResponse> {
      return page(await listed(room, scope, '', input.NextToken), scope);
    },

    async ListSubscriptionsByTopic(
      input: ListSubscriptionsByTopicInput,
      { caller }: Call,
    ): Promise<ListSubscriptionsByTopicResponse> {
      const topic = await findTopic(store, input.TopicArn);
      room.authorize(topic, caller, 'ListSubscriptionsByTopic');
      return page(await listed(room, topic.scope, `${topic.row.name}/`, input.NextToken), topic.scope);
    },

    async GetSubscriptionAttributes(
      input: GetSubscriptionAttributesInput,
      { caller }: Call,
    ): Promise<GetSubscriptionAttributesResponse> {
      const found = await findSubscription(store, input.SubscriptionArn);
      checkOwner(found, caller.account, 'GetSubscriptionAttributes');
      return { Attributes: describe(found) };
    },

    async SetSubscriptionAttributes(
      input: SetSubscriptionAttributesInput,
      { caller }: Call,
    ): Promise<object> {
      await store.transaction(async (rows) => {
        const found = await findSubscription(rows, input.SubscriptionArn);
        checkOwner(found, caller.account, 'SetSubscriptionAttributes');
        const { AttributeName: name = '', AttributeValue: value = '' } = input;
        const { row } = found;
        checkSubscriptionAttribute(row.protocol, name);
        const attributes = mergeSubscriptionAttributes(row.protocol, row.attributes, { [name]: value });
        await rows.put(subscriptions, found.scope, subscriptionKey(row), { ...row, attributes });
      });
      return {};
    },
  };
};

function checkSame(row: SubscriptionRow, attributes: SubscriptionRow['attributes']): SubscriptionRow {
  const differs = Object.entries(attributes).some(([name, value]) => row.attributes[name] !== value);
  if (differs) throw invalidReason('Attributes', 'Subscription already exists with different attributes');
  return row;
}

/** Who subscribed and whose topic it is. */
function checkOwner({ scope, row }: FoundSubscription, account: string, action: string): void {
  if (account === scope.account || account === row.owner) return;
  throw notAuthorized(account, `SNS:${action}`, subscriptionArn(scope, row));
}

function ignoreGone(thrown: unknown): undefined {
  if (thrown instanceof Fault && thrown.code === subscriptionNotFound().code) return undefined;
  throw thrown;
}

async function listed(room: SnsRoom, scope: Scope, prefix: string, token: string | undefined) {
  const after = token === undefined ? {} : { after: Buffer.from(token, 'base64').toString() };
  return room.store.list(subscriptions, scope, { prefix, limit: PAGE + 1, ...after });
}

function page(found: Awaited<ReturnType<typeof listed>>, scope: Scope): ListSubscriptionsResponse {
  const rows = found.slice(0, PAGE);
  const last = rows.at(-1);
  return {
    Subscriptions: rows.map(({ row }) => show(scope, row)),
    ...(found.length > PAGE && last ? { NextToken: Buffer.from(last.key).toString('base64') } : {}),
  };
}

const show = (scope: Scope, row: SubscriptionRow): Subscription => ({
  SubscriptionArn: row.pendingToken === undefined ? subscriptionArn(scope, row) : 'PendingConfirmation',
  Owner: row.owner,
  Protocol: row.protocol,
  Endpoint: row.endpoint,
  TopicArn: topicArn(scope, row.topic),
});

const describe = ({ scope, row }: FoundSubscription): Record<string, string> => ({
  RawMessageDelivery: 'false',
  ...(row.protocol.startsWith('http')
    ? { EffectiveDeliveryPolicy: row.attributes['DeliveryPolicy'] ?? EFFECTIVE_DELIVERY_POLICY }
    : {}),
  ...row.attributes,
  ...(row.attributes['FilterPolicy'] === undefined
    ? {}
    : { FilterPolicyScope: row.attributes['FilterPolicyScope'] ?? 'MessageAttributes' }),
  SubscriptionArn: subscriptionArn(scope, row),
  TopicArn: topicArn(scope, row.topic),
  Owner: row.owner,
  Protocol: row.protocol,
  Endpoint: row.endpoint,
  PendingConfirmation: String(row.pendingToken !== undefined),
  ConfirmationWasAuthenticated: String(row.authenticated),
  SubscriptionPrincipal: `arn:aws:iam::${row.owner}:root`,
});
