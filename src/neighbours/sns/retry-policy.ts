/**
 * How often and when a delivery is tried again: at once, after the least delay, growing, after the most.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import type { Protocol, SubscriptionRow, TopicRow } from './topic-row.ts';

export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: string;
}

/** Lambda and SQS: 100,015 attempts over 23 days. */
const MANAGED: RetryPolicy = {
  minDelayTarget: 1,
  maxDelayTarget: 20,
  numNoDelayRetries: 3,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 100_000,
  numRetries: 100_015,
  backoffFunction: 'exponential',
};

const HTTP: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  numMaxDelayRetries: 0,
  numRetries: 3,
  backoffFunction: 'linear',
};

/** A subscription's own policy goes before its topic's. */
export function retryPolicyOf(
  protocol: Protocol,
  subscription: SubscriptionRow,
  topic: TopicRow | undefined,
): RetryPolicy {
  if (protocol !== 'http' && protocol !== 'https') return MANAGED;
  const own = memberOf(parse(subscription.attributes['DeliveryPolicy']), 'healthyRetryPolicy');
  const ofTopic = memberOf(
    memberOf(parse(topic?.attributes['DeliveryPolicy']), 'http'),
    'defaultHealthyRetryPolicy',
  );
  return { ...HTTP, ...numbersOf(ofTopic), ...numbersOf(own) };
}

/** Milliseconds before the attempt that follows so many; undefined: there is none. */
export function delayMs(policy: RetryPolicy, attempts: number): number | undefined {
  if (attempts > policy.numRetries) return undefined;
  const { numNoDelayRetries: none, numMinDelayRetries: least, numMaxDelayRetries: most } = policy;
  if (attempts <= none) return 0;
  if (attempts <= none + least) return policy.minDelayTarget * 1000;
  const growing = policy.numRetries - none - least - most;
  const step = attempts - none - least;
  if (step > growing) return policy.maxDelayTarget * 1000;
  return grown(policy, step, growing) * 1000;
}

function grown(
  { minDelayTarget: min, maxDelayTarget: max, backoffFunction }: RetryPolicy,
  step: number,
  steps: number,
): number {
  const part = steps <= 1 ? 1 : (step - 1) / (steps - 1);
  if (backoffFunction === 'exponential' || backoffFunction === 'geometric')
    return Math.min(max, min * (max / Math.max(min, 0.001)) ** part);
  return Math.min(max, min + (max - min) * part);
}

const NUMBERS = [
  'minDelayTarget',
  'maxDelayTarget',
  'numRetries',
  'numNoDelayRetries',
  'numMinDelayRetries',
  'numMaxDelayRetries',
] as const;

function numbersOf(policy: unknown): Partial<RetryPolicy> {
  const found: Partial<Record<keyof RetryPolicy, number | string>> = {};
  for (const name of NUMBERS) {
    const value = memberOf(policy, name);
    if (typeof value === 'number') found[name] = value;
  }
  const backoff = memberOf(policy, 'backoffFunction');
  if (typeof backoff === 'string') found.backoffFunction = backoff;
  return found as Partial<RetryPolicy>; // each member was put in with its own type
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}
