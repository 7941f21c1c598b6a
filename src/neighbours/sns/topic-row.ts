/** Topics and subscriptions as they are kept, and how they are found. */
import { arnOf, parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { invalidParameter, subscriptionNotFound, topicNotFound } from './fault.ts';

export interface TopicRow {
  readonly name: string;
  readonly topicId: string;
  /** Those that were set; the others have their defaults. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. */
export const topics = table<TopicRow>('sns.topics');

export interface SubscriptionRow {
  readonly id: string;
  readonly topic: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** Who subscribed. */
  readonly owner: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Until its owner has shown the token, an endpoint gets nothing. */
  readonly pendingToken?: string;
  /** Confirmed so that only its owner may unsubscribe. */
  readonly authenticated: boolean;
}

/** By topic name, `/` and id. */
export const subscriptions = table<SubscriptionRow>('sns.subscriptions');

export const PROTOCOLS = ['http', 'https', 'sqs', 'lambda', 'email', 'email-json', 'sms'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface FoundTopic {
  readonly scope: Scope;
  readonly row: TopicRow;
}

export const topicArn = (scope: Scope, name: string): string => arnOf(scope, 'sns', name);
export const subscriptionArn = (scope: Scope, { topic, id }: SubscriptionRow): string =>
  `${topicArn(scope, topic)}:${id}`;
export const subscriptionKey = ({ topic, id }: Pick<SubscriptionRow, 'topic' | 'id'>): string =>
  `${topic}/${id}`;
export const isFifo = ({ name }: { readonly name: string }): boolean => name.endsWith('.fifo');

/** Account and region stand in the ARN; those of other regions are not to be reached from here. */
export async function findTopic(
  rows: Pick<Reader, 'get'>,
  arn: string | undefined,
  parameter = 'TopicArn',
): Promise<FoundTopic> {
  const parsed = parseArn(arn ?? '');
  if (parsed?.service !== 'sns' || parsed.resource.includes(':'))
    throw invalidParameter(
      arn === undefined || arn === ''
        ? parameter
        : `${parameter} Reason: An ARN must have at least 6 elements, not ${(arn ?? '').split(':').length}`,
    );
  const scope = { account: parsed.account, region: parsed.region };
  const row = await rows.get(topics, scope, parsed.resource);
  if (row === undefined) throw topicNotFound();
  return { scope, row };
}

export interface FoundSubscription {
  readonly scope: Scope;
  readonly row: SubscriptionRow;
}

export async function findSubscription(
  rows: Pick<Reader, 'get'>,
  arn: string | undefined,
): Promise<FoundSubscription> {
  const parsed = parseArn(arn ?? '');
  const [topic, id] = parsed?.resource.split(':') ?? [];
  if (parsed?.service !== 'sns' || topic === undefined || id === undefined)
    throw invalidParameter(
      `SubscriptionArn Reason: An ARN must have at least 6 elements, not ${(arn ?? '').split(':').length}`,
    );
  const scope = { account: parsed.account, region: parsed.region };
  const row = await rows.get(subscriptions, scope, subscriptionKey({ topic, id }));
  if (row === undefined) throw subscriptionNotFound();
  return { scope, row };
}
