/** AdminCreateUser: an account with a temporary password, and the invitation to it. */
import type { AdminCreateUserRequest } from '@aws-sdk/client-cognito-identity-provider';
import { randomUUID } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter } from './fault.ts';
import { type Contact, send } from './message.ts';
import { newUser, signInNames } from './new-user.ts';
import { temporaryPassword, withPassword } from './password.ts';
import { needPool, type PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { UserRow } from './rows.ts';
import { attributesOf, checkValues } from './schema-attributes.ts';
import { showUser, triggerAttributes } from './show-user.ts';
import { runTrigger } from './trigger.ts';
import { changeUser, findUser, needUser, putUser } from './user-store.ts';

const DAY_MS = 86_400_000;

export const adminCreateUserOperations = (ports: CognitoPorts) => ({
  AdminCreateUser: async (input: AdminCreateUserRequest, { scope }: Call) => {
    const place = { scope, pool: await needPool(ports.store, scope, input.UserPoolId) };
    if (input.MessageAction === 'RESEND') return { User: showUser(await resend(ports, place, input)) };
    const given = attributesOf(input.UserAttributes);
    const names = signInNames(place.pool, input.Username ?? '', given);
    checkValues(place.pool.schema, names.attributes);
    if (given['sub'] !== undefined)
      throw invalidParameter('Attributes did not conform to the schema: sub: Attribute cannot be set.\n');
    const fresh = newUser(ports, names, randomUUID());
    await refuseKnown(ports, place, fresh);
    await preSignUp(ports, place, fresh, input);
    const password = input.TemporaryPassword ?? temporaryPassword(place.pool.password, ports.random);
    const user: UserRow = {
      ...withPassword(place.pool, fresh, password, ports.random),
      status: 'FORCE_CHANGE_PASSWORD',
      temporaryUntilMs: expiry(ports, place),
    };
    await ports.store.transaction(async (rows) => {
      if (await findUser(rows, scope, place.pool, user.username)) throw exists();
      await putUser(rows, scope, place.pool, user, input.ForceAliasCreation ?? false);
    });
    if (input.MessageAction !== 'SUPPRESS') await invite(ports, place, user, password, input);
    return { User: showUser(user) };
  },
});

const exists = (): Fault => new Fault('UsernameExistsException', 'User account already exists');

const expiry = (ports: CognitoPorts, { pool }: PoolPlace): number =>
  ports.now() + pool.password.TemporaryPasswordValidityDays * DAY_MS;

async function refuseKnown(ports: CognitoPorts, { scope, pool }: PoolPlace, user: UserRow): Promise<void> {
  if (await findUser(ports.store, scope, pool, user.username)) throw exists();
  for (const name of pool.shown.UsernameAttributes ?? []) {
    const value = user.attributes[name];
    if (value && (await findUser(ports.store, scope, pool, value)))
      throw new Fault('UsernameExistsException', `An account with the given ${name} already exists.`);
  }
}

async function preSignUp(
  ports: CognitoPorts,
  place: PoolPlace,
  user: UserRow,
  input: AdminCreateUserRequest,
): Promise<void> {
  await runTrigger(ports, place, {
    name: 'PreSignUp',
    source: 'PreSignUp_AdminCreateUser',
    clientId: undefined,
    username: user.username,
    request: {
      userAttributes: { ...triggerAttributes(user), 'cognito:user_status': 'FORCE_CHANGE_PASSWORD' },
      validationData: input.ValidationData ? attributesOf(input.ValidationData) : null,
      ...(input.ClientMetadata && { clientMetadata: input.ClientMetadata }),
    },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  });
}

async function resend(
  ports: CognitoPorts,
  place: PoolPlace,
  input: AdminCreateUserRequest,
): Promise<UserRow> {
  const { scope, pool } = place;
  const user = await needUser(ports.store, scope, pool, input.Username);
  if (user.status !== 'FORCE_CHANGE_PASSWORD')
    throw new Fault(
      'UnsupportedUserStateException',
      `Resend not possible. ${user.username} status is not FORCE_CHANGE_PASSWORD`,
    );
  const password = input.TemporaryPassword ?? temporaryPassword(pool.password, ports.random);
  const changed = await changeUser(ports, scope, pool, user.username, (before) => ({
    ...withPassword(pool, before, password, ports.random),
    temporaryUntilMs: expiry(ports, place),
  }));
  await invite(ports, place, changed, password, input);
  return changed;
}

/** By text message unless mail is asked for: DesiredDeliveryMediums' default is SMS. */
async function invite(
  ports: CognitoPorts,
  place: PoolPlace,
  user: UserRow,
  password: string,
  input: AdminCreateUserRequest,
): Promise<void> {
  for (const medium of input.DesiredDeliveryMediums ?? ['SMS']) {
    const attribute: Contact = medium === 'EMAIL' ? 'email' : 'phone_number';
    const destination = user.attributes[attribute];
    // Without the address nothing is sent, and the account is there all the same.
    if (destination === undefined) continue;
    await send(ports, place, {
      source: 'CustomMessage_AdminCreateUser',
      clientId: undefined,
      user,
      attribute,
      destination,
      code: password,
      clientMetadata: input.ClientMetadata,
    });
  }
}
