/** A queue as it is kept, how it is found, and what its URL and ARN are. */
import { arnOf, parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missingParameter, noSuchQueue } from './fault.ts';

export interface QueueRow {
  readonly name: string;
  /** Names the messages' rows: a queue made again under the same name never sees the old ones. */
  readonly queueId: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly purgedMs?: number;
  /** Those that were set; the others have their defaults. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. */
export const queues = table<QueueRow>('sqs.queues');

/** A queue's place: the account in its URL, the region that was called. */
export interface QueuePlace {
  readonly scope: Scope;
  readonly name: string;
}

export interface FoundQueue extends QueuePlace {
  readonly row: QueueRow;
}

export const isFifo = ({ name }: { readonly name: string }): boolean => name.endsWith('.fifo');

export const queueArn = ({ scope, name }: QueuePlace): string => arnOf(scope, 'sqs', name);

export const queueUrl = (endpoint: string, { scope, name }: QueuePlace): string =>
  `${endpoint}/${scope.account}/${name}`;

/** Only account and name of the URL count: it may name this server, AWS, or nothing but the path. */
export function placeOfUrl(url: string | undefined, scope: Scope): QueuePlace {
  if (url === undefined || url === '') throw missingParameter('QueueUrl');
  const [, account = scope.account, name] = /(?:(?:^|\/)(\d{12})\/)?([\w-]+(?:\.fifo)?)\/?$/.exec(url) ?? [];
  if (name === undefined) throw noSuchQueue();
  return { scope: { account, region: scope.region }, name };
}

/** Undefined when the text is no ARN of a queue. */
export function placeOfArn(arn: string | undefined): QueuePlace | undefined {
  const parsed = parseArn(arn ?? '');
  if (parsed?.service !== 'sqs' || parsed.resource === '') return undefined;
  return { scope: { account: parsed.account, region: parsed.region }, name: parsed.resource };
}

export async function findQueue(rows: Pick<Reader, 'get'>, place: QueuePlace): Promise<FoundQueue> {
  const row = await rows.get(queues, place.scope, place.name);
  if (row === undefined) throw noSuchQueue();
  return { ...place, row };
}

/** The number an attribute holds, or its default. */
export function secondsOf({ row }: FoundQueue, name: keyof typeof NUMERIC_DEFAULTS): number {
  return Number(row.attributes[name] ?? NUMERIC_DEFAULTS[name]);
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const NUMERIC_DEFAULTS = {
  VisibilityTimeout: 30,
  MaximumMessageSize: 1_048_576,
  MessageRetentionPeriod: 345_600,
  DelaySeconds: 0,
  ReceiveMessageWaitTimeSeconds: 0,
} as const;
