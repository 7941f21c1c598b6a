/** Attributes of subscriptions. https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
import { parseArn } from '../../base/arn.ts';
import { invalidParameter, invalidReason } from './fault.ts';
import { checkFilterPolicy } from './filter-policy.ts';
import type { Protocol } from './topic-row.ts';

type Attributes = Readonly<Record<string, string>>;

const NAMES = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
]);

/** Throws InvalidParameter; a replay is refused by name. */
export function checkSubscriptionAttribute(protocol: Protocol, name: string): void {
  if (name === 'ReplayPolicy')
    throw invalidReason('ReplayPolicy', 'replays of archives: not supported by gatehouse');
  if (!NAMES.has(name)) throw invalidParameter('AttributeName');
  if (name === 'RawMessageDelivery' && !['sqs', 'http', 'https'].includes(protocol))
    throw invalidReason(
      'Attributes',
      `Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
}

/** Checks what is given and lays it over what is there; an empty text takes an attribute away. */
export function mergeSubscriptionAttributes(
  protocol: Protocol,
  before: Attributes,
  given: Attributes,
): Attributes {
  const merged: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(given)) {
    checkSubscriptionAttribute(protocol, name);
    if (value === '' || value === 'null') delete merged[name];
    else merged[name] = value;
  }
  const { RawMessageDelivery: raw = 'false', FilterPolicyScope: scope = 'MessageAttributes' } = merged;
  if (raw !== 'true' && raw !== 'false')
    throw invalidReason('Attributes', `RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`);
  if (scope !== 'MessageAttributes' && scope !== 'MessageBody')
    throw invalidReason(
      'Attributes',
      `FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`,
    );
  if (merged['FilterPolicy'] !== undefined) checkFilterPolicy(merged['FilterPolicy'], scope);
  if (merged['RedrivePolicy'] !== undefined) deadLetterTargetOf(merged);
  return merged;
}

/** The queue for what could not be delivered. Throws InvalidParameter for a policy without one. */
export function deadLetterTargetOf({ RedrivePolicy: text }: Attributes): string | undefined {
  if (text === undefined) return undefined;
  const target = targetIn(text);
  if (target === undefined)
    throw invalidReason('RedrivePolicy', 'deadLetterTargetArn is missing or is no ARN of a queue');
  return target;
}

function targetIn(text: string): string | undefined {
  try {
    const policy: unknown = JSON.parse(text);
    const arn =
      typeof policy === 'object' && policy !== null ? Reflect.get(policy, 'deadLetterTargetArn') : undefined;
    return typeof arn === 'string' && parseArn(arn)?.service === 'sqs' ? arn : undefined;
  } catch {
    return undefined;
  }
}
