/** A client with a secret proves it in every call: https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html */
import { createHmac } from 'node:crypto';
import { notAuthorized } from './fault.ts';
import type { ClientRow } from './rows.ts';
import { sameText } from './srp.ts';

/** `names`: what the hash may have been made of: the name as it was typed, or where it is not sent, any that the user has. */
export function checkSecretHash(client: ClientRow, names: readonly string[], hash: string | undefined): void {
  if (client.secrets.length === 0) {
    if (hash === undefined || hash === '') return;
    throw notAuthorized(`Client ${client.id} is not configured with secret but SECRET_HASH was received`);
  }
  if (hash === undefined)
    throw notAuthorized(`Client ${client.id} is configured with secret but SECRET_HASH was not received`);
  const isGood = client.secrets.some(({ value }) =>
    names.some((name) =>
      sameText(
        createHmac('sha256', value)
          .update(name + client.id)
          .digest('base64'),
        hash,
      ),
    ),
  );
  if (!isGood) throw notAuthorized(`Unable to verify secret hash for client ${client.id}`);
}

/** The secret itself, as OAuth's endpoints are given it. */
export const isClientSecret = (client: ClientRow, given: string): boolean =>
  client.secrets.some(({ value }) => sameText(value, given));
