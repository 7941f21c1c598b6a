/** One delivery of one message to one subscription. */
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { urlOfQueue } from '../kit/queue-url.ts';
import { serviceCaller } from '../kit/resource-access.ts';
import { ClientError } from './client-error.ts';
import { post } from './http-post.ts';
import { notificationOf, type PublishedMessage, textFor } from './message.ts';
import type { SnsRoom } from './room.ts';
import { type SubscriptionRow, subscriptionArn, topicArn } from './topic-row.ts';

const PRINCIPAL = 'sns.amazonaws.com';
/** As many attributes as a message of SQS may have. */
const MOST_RAW_ATTRIBUTES = 10;

/** Throws when it was not taken. */
export async function deliver(
  room: SnsRoom,
  scope: Scope,
  subscription: SubscriptionRow,
  message: PublishedMessage,
): Promise<void> {
  const { protocol, endpoint } = subscription;
  switch (protocol) {
    case 'sqs':
      return toQueue(room, scope, { subscription, message, target: endpoint });
    case 'lambda':
      return toFunction(room, scope, subscription, message);
    case 'http':
    case 'https':
      return toHttp(room, scope, subscription, message);
    case 'email':
    case 'email-json':
    case 'sms':
      // Nothing leaves this machine: it is told, not sent.
      return room.log('info', `a message would go out by ${protocol}`, {
        to: endpoint,
        messageId: message.id,
        topic: topicArn(scope, message.topic),
      });
    default:
      return protocol satisfies never;
  }
}

interface ToQueue {
  readonly subscription: SubscriptionRow;
  readonly message: PublishedMessage;
  /** The queue's ARN. */
  readonly target: string;
}

export const deliverDeadLetter = (room: SnsRoom, scope: Scope, letter: ToQueue): Promise<void> =>
  toQueue(room, scope, letter);

async function toQueue(
  room: SnsRoom,
  scope: Scope,
  { subscription, message, target }: ToQueue,
): Promise<void> {
  const arn = parseArn(target);
  if (arn === undefined) throw new ClientError(`no queue: ${target}`);
  const { groupId: MessageGroupId, deduplicationId } = message;
  const raw = isRaw(subscription);
  const MessageBody = raw
    ? textFor(message, subscription.protocol)
    : JSON.stringify(await notificationOf(room, scope, message, subscription), null, 2);
  await room.call({
    service: 'sqs',
    operation: 'SendMessage',
    input: {
      QueueUrl: urlOfQueue(arn),
      MessageBody,
      ...(raw ? { MessageAttributes: rawAttributes(message) } : {}),
      ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
      ...(arn.resource.endsWith('.fifo') && deduplicationId !== undefined
        ? { MessageDeduplicationId: deduplicationId }
        : {}),
    },
    scope: { account: arn.account, region: arn.region },
    caller: serviceCaller(PRINCIPAL, scope.account, topicArn(scope, message.topic)),
  });
}

const isRaw = ({ attributes }: SubscriptionRow): boolean => attributes['RawMessageDelivery'] === 'true';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html: more are a client error. */
function rawAttributes({ attributes }: PublishedMessage) {
  const all = Object.entries(attributes);
  if (all.length > MOST_RAW_ATTRIBUTES) throw new ClientError('a raw message has at most 10 attributes');
  return Object.fromEntries(
    all.map(([name, { type, value }]) => [
      name,
      type.startsWith('Binary')
        ? { DataType: type, BinaryValue: new Uint8Array(Buffer.from(value, 'base64')) }
        : { DataType: type, StringValue: value },
    ]),
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
async function toFunction(
  room: SnsRoom,
  scope: Scope,
  subscription: SubscriptionRow,
  message: PublishedMessage,
): Promise<void> {
  const { SigningCertURL, UnsubscribeURL, ...rest } = await notificationOf(
    room,
    scope,
    message,
    subscription,
  );
  const event = {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn(scope, subscription),
        Sns: {
          ...rest,
          Subject: rest.Subject ?? null,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: rest.MessageAttributes ?? {},
        },
      },
    ],
  };
  await room.invoke({
    functionArn: subscription.endpoint,
    type: 'Event',
    payload: new TextEncoder().encode(JSON.stringify(event)),
    invoker: { servicePrincipal: PRINCIPAL, sourceArn: topicArn(scope, message.topic) },
  });
}

async function toHttp(
  room: SnsRoom,
  scope: Scope,
  subscription: SubscriptionRow,
  message: PublishedMessage,
): Promise<void> {
  const raw = isRaw(subscription);
  const notification = await notificationOf(room, scope, message, subscription);
  await post(subscription.endpoint, {
    headers: {
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': message.id,
      'x-amz-sns-topic-arn': notification.TopicArn,
      'x-amz-sns-subscription-arn': subscriptionArn(scope, subscription),
      ...(raw ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
    },
    body: raw ? notification.Message : JSON.stringify(notification, null, 2),
    ...contentTypeOf(subscription),
  });
}

/** A delivery policy may name another content type. */
function contentTypeOf({ attributes }: SubscriptionRow): { readonly contentType?: string } {
  try {
    const policy: unknown = JSON.parse(attributes['DeliveryPolicy'] ?? 'null');
    const request =
      typeof policy === 'object' && policy !== null ? Reflect.get(policy, 'requestPolicy') : undefined;
    const type: unknown =
      typeof request === 'object' && request !== null ? Reflect.get(request, 'headerContentType') : undefined;
    return typeof type === 'string' ? { contentType: type } : {};
  } catch {
    return {};
  }
}
