/**
 * Custom senders: a function gets the encrypted code and sends it in its own way, in place of the pool.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-sender-triggers.html
 */
import type { Outgoing } from './message.ts';
import type { PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { sealCode } from './sealed-code.ts';
import { triggerAttributes } from './show-user.ts';
import { notifyTrigger } from './trigger.ts';

/** False where the pool has no such sender for that kind of address. */
export async function sendByTrigger(
  ports: CognitoPorts,
  place: PoolPlace,
  outgoing: Outgoing,
): Promise<boolean> {
  const name = outgoing.attribute === 'email' ? 'CustomEmailSender' : 'CustomSMSSender';
  const functionArn = place.pool.triggers[name]?.LambdaArn;
  if (functionArn === undefined) return false;
  const code = await sealCode(ports, place, outgoing.code);
  await notifyTrigger(ports, place, functionArn, {
    name,
    source: outgoing.source.replace(/^CustomMessage/, name),
    clientId: outgoing.clientId,
    username: outgoing.user.username,
    request: {
      type: outgoing.attribute === 'email' ? 'customEmailSenderRequestV1' : 'customSMSSenderRequestV1',
      code,
      clientMetadata: outgoing.clientMetadata ?? null,
      userAttributes: triggerAttributes(outgoing.user),
    },
    response: {},
  });
  return true;
}
