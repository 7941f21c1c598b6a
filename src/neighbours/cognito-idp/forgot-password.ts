/** A forgotten password: a code to a verified address, and a new one for it. */
import type {
  AdminResetUserPasswordRequest,
  ConfirmForgotPasswordRequest,
  ForgotPasswordRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../wire/service.ts';
import { contactToRecover, sendCode, takeCode } from './code.ts';
import { codeExpired, invalidParameter, notAuthorized, userNotFound } from './fault.ts';
import { checkPassword, withPassword } from './password.ts';
import { findClient, needPool, type PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { UserRow } from './rows.ts';
import { checkSecretHash } from './secret-hash.ts';
import { triggerAttributes } from './show-user.ts';
import { pretended } from './sign-up.ts';
import { runTrigger } from './trigger.ts';
import { changeUser, dropSignIns, findUser, needUser } from './user-store.ts';
import { migrate } from './user-migration.ts';

export const forgotPasswordOperations = (ports: CognitoPorts) => ({
  ForgotPassword: async (input: ForgotPasswordRequest) => {
    const place = await findClient(ports.store, input.ClientId);
    const name = input.Username ?? '';
    checkSecretHash(place.client, [name], input.SecretHash);
    const user =
      (await findUser(ports.store, place.scope, place.pool, name)) ??
      (await migrate(ports, place, {
        source: 'UserMigration_ForgotPassword',
        username: name,
        password: undefined,
        clientMetadata: input.ClientMetadata,
      }));
    if (user === undefined) {
      if (!place.client.hidesExistence) throw userNotFound();
      return { CodeDeliveryDetails: pretended(name) };
    }
    if (!user.enabled) throw notAuthorized('User is disabled.');
    if (user.status === 'FORCE_CHANGE_PASSWORD')
      throw notAuthorized('User password cannot be reset in the current state.');
    return {
      CodeDeliveryDetails: await sendReset(ports, place, user, place.client.id, input.ClientMetadata),
    };
  },

  ConfirmForgotPassword: async (input: ConfirmForgotPasswordRequest) => {
    const place = await findClient(ports.store, input.ClientId);
    const { pool, scope, client } = place;
    checkSecretHash(client, [input.Username ?? ''], input.SecretHash);
    const user = await findUser(ports.store, scope, pool, input.Username ?? '');
    if (user === undefined) throw client.hidesExistence ? codeExpired() : userNotFound();
    const password = input.Password ?? '';
    checkPassword(pool.password, password);
    withPassword(pool, user, password, ports.random);
    const code = await takeCode(ports, place, user, 'reset', input.ConfirmationCode ?? '');
    const changed = await changeUser(ports, scope, pool, user.username, (before) => ({
      ...withPassword(pool, before, password, ports.random),
      status: 'CONFIRMED',
      attributes: { ...before.attributes, [`${code.attribute}_verified`]: 'true' },
      failures: { count: 0, lastMs: 0 },
    }));
    await runTrigger(ports, place, {
      name: 'PostConfirmation',
      source: 'PostConfirmation_ConfirmForgotPassword',
      clientId: client.id,
      username: user.username,
      request: {
        userAttributes: triggerAttributes(changed),
        ...(input.ClientMetadata && { clientMetadata: input.ClientMetadata }),
      },
      response: {},
    });
    return {};
  },

  AdminResetUserPassword: async (input: AdminResetUserPasswordRequest, { scope }: Call) => {
    const pool = await needPool(ports.store, scope, input.UserPoolId);
    const user = await needUser(ports.store, scope, pool, input.Username);
    if (user.status === 'FORCE_CHANGE_PASSWORD' || user.status === 'UNCONFIRMED')
      throw notAuthorized('User password cannot be reset in the current state.');
    if (contactToRecover(pool, user) === undefined) throw unreachable();
    await ports.store.transaction((rows) => dropSignIns(rows, scope, pool, user));
    const changed = await changeUser(ports, scope, pool, user.username, (before) => ({
      ...before,
      status: 'RESET_REQUIRED',
    }));
    await sendReset(ports, { scope, pool }, changed, undefined, input.ClientMetadata);
    return {};
  },
});

const unreachable = () =>
  invalidParameter(
    'Cannot reset password for the user as there is no registered/verified email or phone_number',
  );

async function sendReset(
  ports: CognitoPorts,
  place: PoolPlace,
  user: UserRow,
  clientId: string | undefined,
  clientMetadata: Readonly<Record<string, string>> | undefined,
) {
  const attribute = contactToRecover(place.pool, user);
  if (attribute === undefined) throw unreachable();
  return sendCode(ports, place, user, {
    purpose: 'reset',
    source: 'CustomMessage_ForgotPassword',
    attribute,
    destination: user.attributes[attribute] ?? '',
    clientId,
    clientMetadata,
  });
}
