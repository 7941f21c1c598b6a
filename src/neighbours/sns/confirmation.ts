/** Asking an endpoint whether it wants the messages. https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html */
import { randomUUID } from 'node:crypto';
import type { Scope } from '../../base/scope.ts';
import { post } from './http-post.ts';
import { canonical, linkTo } from './message.ts';
import type { SnsRoom } from './room.ts';
import { type SubscriptionRow, topicArn } from './topic-row.ts';

export async function askToConfirm(
  room: SnsRoom,
  scope: Scope,
  subscription: SubscriptionRow,
): Promise<void> {
  const { pendingToken: Token, protocol, endpoint } = subscription;
  if (Token === undefined) return;
  const TopicArn = topicArn(scope, subscription.topic);
  const SubscribeURL = linkTo(room, 'ConfirmSubscription', { TopicArn, Token });
  // No mail leaves this machine: who reads the log may follow the link.
  if (!protocol.startsWith('http'))
    return room.log('info', 'an e-mail would ask to confirm a subscription', {
      to: endpoint,
      TopicArn,
      SubscribeURL,
    });
  const signed = {
    Message: `You have chosen to subscribe to the topic ${TopicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    MessageId: randomUUID(),
    SubscribeURL,
    Timestamp: new Date(room.now()).toISOString(),
    Token,
    TopicArn,
    Type: 'SubscriptionConfirmation',
  };
  await post(endpoint, {
    headers: {
      'x-amz-sns-message-type': signed.Type,
      'x-amz-sns-message-id': signed.MessageId,
      'x-amz-sns-topic-arn': TopicArn,
    },
    body: JSON.stringify(
      {
        Type: signed.Type,
        MessageId: signed.MessageId,
        Token,
        TopicArn,
        Message: signed.Message,
        SubscribeURL,
        Timestamp: signed.Timestamp,
        SignatureVersion: '1',
        Signature: await room.signer.sign(canonical(signed), '1'),
        SigningCertURL: await room.signer.certificateUrl(),
      },
      null,
      2,
    ),
  });
}
