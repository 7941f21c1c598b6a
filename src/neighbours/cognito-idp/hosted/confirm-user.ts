/** `/confirmUser`: the link in the message of a pool that confirms by link. */
import { isFault } from '../../../base/fault.ts';
import type { TokenRoom } from '../tokens.ts';
import { signUpOperations } from '../sign-up.ts';
import { createHmac } from 'node:crypto';
import { clientOf } from './client-proof.ts';
import type { HostedReply, HostedRequest } from './http.ts';
import { errorPage, messagePage } from './pages.ts';

export async function confirmUserEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  const { query } = request;
  const place = await clientOf(room, request, query.get('client_id'));
  if (place === undefined) return errorPage(400, 'Client does not exist.');
  const Username = query.get('user_name') ?? '';
  const [secret] = place.client.secrets;
  const SecretHash =
    secret &&
    createHmac('sha256', secret.value)
      .update(Username + place.client.id)
      .digest('base64');
  try {
    await signUpOperations(room).ConfirmSignUp({
      ClientId: place.client.id,
      Username,
      ConfirmationCode: query.get('confirmation_code') ?? '',
      SecretHash,
    });
    return messagePage('Your registration has been confirmed!');
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return errorPage(400, thrown.message);
  }
}
