/** Attributes of queues: which there are, what they may be. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import { invalidAttribute, invalidValue, unknownAttribute } from './fault.ts';
import { isFifo, type QueuePlace, placeOfArn } from './queue-row.ts';

export type Attributes = Readonly<Record<string, string>>;

type Check = (value: string, place: QueuePlace) => boolean;

const between =
  (least: number, most: number): Check =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value);
const bool = oneOf('true', 'false');
const onlyFifo =
  (check: Check): Check =>
  (value, place) =>
    isFifo(place) && check(value, place);

const CHECKS: Readonly<Record<string, Check>> = {
  DelaySeconds: between(0, 900),
  MaximumMessageSize: between(1024, limits.sqsMessageBytes),
  MessageRetentionPeriod: between(60, 1_209_600),
  ReceiveMessageWaitTimeSeconds: between(0, 20),
  VisibilityTimeout: between(0, 43_200),
  KmsMasterKeyId: () => true,
  KmsDataKeyReusePeriodSeconds: between(60, 86_400),
  SqsManagedSseEnabled: bool,
  Policy: isPolicy,
  RedrivePolicy: isRedrivePolicy,
  RedriveAllowPolicy: isRedriveAllowPolicy,
  FifoQueue: oneOf('true'),
  ContentBasedDeduplication: onlyFifo(bool),
  DeduplicationScope: onlyFifo(oneOf('messageGroup', 'queue')),
  FifoThroughputLimit: onlyFifo(oneOf('perQueue', 'perMessageGroupId')),
};

/** An empty text takes these away again. */
const REMOVABLE = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']);

/** Checks what is given and lays it over what is there; the result holds only attributes that are set. */
export function mergeAttributes(place: QueuePlace, before: Attributes, given: Attributes): Attributes {
  const merged: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
    if (check === undefined || (name === 'FifoQueue' && !isFifo(place))) throw unknownAttribute(name);
    if (value === '' && REMOVABLE.has(name)) {
      delete merged[name];
      continue;
    }
    if (!check(value, place)) throw invalidAttribute(name);
    merged[name] = value;
  }
  checkThroughput(merged);
  return merged;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html */
function checkThroughput({ FifoThroughputLimit: limit, DeduplicationScope: scope }: Attributes): void {
  if (limit === 'perMessageGroupId' && scope !== 'messageGroup')
    throw invalidValue(
      limit,
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    );
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export function redrivePolicyOf(attributes: Attributes): RedrivePolicy | undefined {
  const policy = parse(attributes['RedrivePolicy']);
  if (policy === undefined) return undefined;
  return {
    deadLetterTargetArn: String(policy['deadLetterTargetArn']),
    maxReceiveCount: Number(policy['maxReceiveCount']),
  };
}

/** Whether a queue lets `source` use it for its dead letters. */
export function allowsSource(attributes: Attributes, source: string): boolean {
  const policy = parse(attributes['RedriveAllowPolicy']);
  if (policy === undefined || policy['redrivePermission'] === 'allowAll') return true;
  const sources = policy['sourceQueueArns'];
  return policy['redrivePermission'] === 'byQueue' && Array.isArray(sources) && sources.includes(source);
}

function isRedrivePolicy(value: string, place: QueuePlace): boolean {
  const policy = parse(value);
  if (policy === undefined) return false;
  const target = placeOfArn(String(policy['deadLetterTargetArn']));
  const count = Number(policy['maxReceiveCount']);
  if (target === undefined || target.scope.region !== place.scope.region) return false;
  if (target.scope.account !== place.scope.account || isFifo(target) !== isFifo(place)) return false;
  return Number.isInteger(count) && count >= 1 && count <= 1000;
}

function isRedriveAllowPolicy(value: string): boolean {
  const policy = parse(value);
  const permission = policy?.['redrivePermission'];
  const sources = policy?.['sourceQueueArns'];
  if (permission === 'byQueue') return Array.isArray(sources) && sources.length >= 1 && sources.length <= 10;
  return (permission === 'allowAll' || permission === 'denyAll') && sources === undefined;
}

function isPolicy(value: string): boolean {
  try {
    compilePolicy(value, { kind: 'resource' });
    return true;
  } catch (error) {
    if (isFault(error)) throw error;
    return false;
  }
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
