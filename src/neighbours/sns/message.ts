/** A published message, and the forms it is sent in. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
import type { Scope } from '../../base/scope.ts';
import type { SnsRoom } from './room.ts';
import { type SubscriptionRow, subscriptionArn, topicArn } from './topic-row.ts';

/** As a row holds it: bytes in base64. */
export interface StoredAttribute {
  readonly type: string;
  readonly value: string;
}

export interface PublishedMessage {
  readonly id: string;
  readonly topic: string;
  readonly subject?: string;
  /** The text by protocol, `default` where there is none. */
  readonly texts: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, StoredAttribute>>;
  readonly sentMs: number;
  readonly signatureVersion: '1' | '2';
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
}

export const textFor = ({ texts }: PublishedMessage, protocol: string): string =>
  (Object.hasOwn(texts, protocol) ? texts[protocol] : undefined) ?? texts['default'] ?? '';

/** What every form has. Lambda spells two members differently. */
export interface Notification {
  readonly Type: 'Notification';
  readonly MessageId: string;
  readonly SequenceNumber?: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly SignatureVersion: string;
  readonly Signature: string;
  readonly SigningCertURL: string;
  readonly UnsubscribeURL: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

export async function notificationOf(
  room: SnsRoom,
  scope: Scope,
  message: PublishedMessage,
  subscription: SubscriptionRow,
): Promise<Notification> {
  const Message = textFor(message, subscription.protocol);
  const TopicArn = topicArn(scope, message.topic);
  const Timestamp = new Date(message.sentMs).toISOString();
  const { id: MessageId, subject: Subject, sequenceNumber: SequenceNumber } = message;
  const signed = {
    Message,
    MessageId,
    ...(Subject === undefined ? {} : { Subject }),
    Timestamp,
    TopicArn,
    Type: 'Notification',
  };
  return {
    Type: 'Notification',
    MessageId,
    ...(SequenceNumber === undefined ? {} : { SequenceNumber }),
    TopicArn,
    ...(Subject === undefined ? {} : { Subject }),
    Message,
    Timestamp,
    SignatureVersion: message.signatureVersion,
    Signature: await room.signer.sign(canonical(signed), message.signatureVersion),
    SigningCertURL: await room.signer.certificateUrl(),
    UnsubscribeURL: linkTo(room, 'Unsubscribe', { SubscriptionArn: subscriptionArn(scope, subscription) }),
    ...(Object.keys(message.attributes).length > 0
      ? {
          MessageAttributes: Object.fromEntries(
            Object.entries(message.attributes).map(([name, { type, value }]) => [
              name,
              { Type: type, Value: value },
            ]),
          ),
        }
      : {}),
  };
}

/** The text that is signed: names and values, a line each, by name. */
export const canonical = (members: Readonly<Record<string, string>>): string =>
  Object.keys(members)
    .toSorted()
    .map((name) => `${name}\n${members[name]}\n`)
    .join('');

/** The version is named, since such a link carries no signature that tells the service. */
export const linkTo = (
  { url }: SnsRoom,
  Action: string,
  parameters: Readonly<Record<string, string>>,
): string => `${url()}/?${new URLSearchParams({ Action, ...parameters, Version: '2010-03-31' })}`;
