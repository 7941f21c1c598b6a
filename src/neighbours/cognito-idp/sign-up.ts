/** Signing oneself up, and confirming that one is reachable. */
import type {
  ConfirmSignUpRequest,
  ResendConfirmationCodeRequest,
  SignUpRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { randomUUID } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { contactToVerify, sendCode, takeCode } from './code.ts';
import { codeExpired, invalidParameter, notAuthorized, userNotFound } from './fault.ts';
import type { Contact } from './message.ts';
import { newUser, signInNames } from './new-user.ts';
import { withPassword } from './password.ts';
import { type ClientPlace, findClient } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { UserRow } from './rows.ts';
import { attributesOf, checkRequired, checkValues, checkWritable } from './schema-attributes.ts';
import { checkSecretHash } from './secret-hash.ts';
import { triggerAttributes } from './show-user.ts';
import { runTrigger } from './trigger.ts';
import { changeUser, findUser, putUser } from './user-store.ts';

export const signUpOperations = (ports: CognitoPorts) => ({
  SignUp: async (input: SignUpRequest) => {
    const place = await findClient(ports.store, input.ClientId);
    const { pool, client, scope } = place;
    checkSecretHash(client, [input.Username ?? ''], input.SecretHash);
    if (pool.adminCreate.AllowAdminCreateUserOnly)
      throw notAuthorized('SignUp is not permitted for this user pool');
    const given = attributesOf(input.UserAttributes);
    checkWritable(client.writeAttributes, Object.keys(given));
    const names = signInNames(pool, input.Username ?? '', given);
    checkValues(pool.schema, names.attributes);
    checkRequired(pool.schema, names.attributes);
    const fresh = newUser(ports, names, randomUUID());
    if (input.Password === undefined) throw invalidParameter('Missing required parameter Password');
    const withSecret = withPassword(pool, fresh, input.Password, ports.random);
    await refuseKnown(ports, place, withSecret);
    const admitted = await admit(ports, place, withSecret, input);
    await ports.store.transaction(async (rows) => {
      if (await findUser(rows, scope, pool, admitted.username)) throw exists();
      await putUser(rows, scope, pool, admitted);
    });
    if (admitted.status === 'CONFIRMED') await confirmed(ports, place, admitted, input.ClientMetadata);
    const contact = admitted.status === 'CONFIRMED' ? undefined : contactToVerify(pool, admitted.attributes);
    const CodeDeliveryDetails =
      contact &&
      (await sendConfirmation(ports, place, admitted, contact, 'CustomMessage_SignUp', input.ClientMetadata));
    return {
      UserConfirmed: admitted.status === 'CONFIRMED',
      UserSub: admitted.sub,
      ...(CodeDeliveryDetails && { CodeDeliveryDetails }),
    };
  },

  ConfirmSignUp: async (input: ConfirmSignUpRequest) => {
    const place = await findClient(ports.store, input.ClientId);
    const { pool, scope } = place;
    checkSecretHash(place.client, [input.Username ?? ''], input.SecretHash);
    const user = await findUser(ports.store, scope, pool, input.Username ?? '');
    if (user === undefined) throw place.client.hidesExistence ? codeExpired() : userNotFound();
    if (user.status !== 'UNCONFIRMED')
      throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    const code = await takeCode(ports, place, user, 'confirm', input.ConfirmationCode ?? '');
    const changed = await changeUser(
      ports,
      scope,
      pool,
      user.username,
      (before) => ({
        ...before,
        status: 'CONFIRMED',
        attributes: { ...before.attributes, [`${code.attribute}_verified`]: 'true' },
      }),
      input.ForceAliasCreation ?? false,
    );
    await confirmed(ports, place, changed, input.ClientMetadata);
    return {};
  },

  ResendConfirmationCode: async (input: ResendConfirmationCodeRequest) => {
    const place = await findClient(ports.store, input.ClientId);
    checkSecretHash(place.client, [input.Username ?? ''], input.SecretHash);
    const user = await findUser(ports.store, place.scope, place.pool, input.Username ?? '');
    if (user === undefined) {
      if (!place.client.hidesExistence) throw userNotFound();
      return { CodeDeliveryDetails: pretended(input.Username ?? '') };
    }
    if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
    const contact = contactToVerify(place.pool, user.attributes);
    if (contact === undefined) throw invalidParameter('Auto verification not turned on.');
    const CodeDeliveryDetails = await sendConfirmation(
      ports,
      place,
      user,
      contact,
      'CustomMessage_ResendCode',
      input.ClientMetadata,
    );
    return { CodeDeliveryDetails };
  },
});

const exists = (): Fault => new Fault('UsernameExistsException', 'User already exists');

async function refuseKnown(ports: CognitoPorts, { pool, scope }: ClientPlace, user: UserRow): Promise<void> {
  if (pool.shown.UsernameAttributes !== undefined) {
    for (const name of pool.shown.UsernameAttributes) {
      const value = user.attributes[name];
      if (value && (await findUser(ports.store, scope, pool, value)))
        throw new Fault('UsernameExistsException', `An account with the given ${name} already exists.`);
    }
  } else if (await findUser(ports.store, scope, pool, user.username)) throw exists();
}

/** PreSignUp may refuse, confirm and verify. */
async function admit(
  ports: CognitoPorts,
  place: ClientPlace,
  user: UserRow,
  input: SignUpRequest,
): Promise<UserRow> {
  const answer = await runTrigger(ports, place, {
    name: 'PreSignUp',
    source: 'PreSignUp_SignUp',
    clientId: place.client.id,
    username: user.username,
    request: {
      userAttributes: { ...user.attributes },
      validationData: input.ValidationData ? attributesOf(input.ValidationData) : null,
      ...(input.ClientMetadata && { clientMetadata: input.ClientMetadata }),
    },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  });
  return applyPreSignUp(user, answer ?? {});
}

function applyPreSignUp(user: UserRow, answer: Readonly<Record<string, unknown>>): UserRow {
  const confirms = answer['autoConfirmUser'] === true;
  const verifies = (flag: string, name: Contact): boolean => {
    if (answer[flag] !== true) return false;
    if (user.attributes[name] === undefined)
      throw new Fault('InvalidLambdaResponseException', `Lambda output must have ${name} to set ${flag}`);
    return true;
  };
  return {
    ...user,
    status: confirms ? 'CONFIRMED' : user.status,
    attributes: {
      ...user.attributes,
      ...(verifies('autoVerifyEmail', 'email') && { email_verified: 'true' }),
      ...(verifies('autoVerifyPhone', 'phone_number') && { phone_number_verified: 'true' }),
    },
  };
}

const sendConfirmation = (
  ports: CognitoPorts,
  place: ClientPlace,
  user: UserRow,
  attribute: Contact,
  source: string,
  clientMetadata: Readonly<Record<string, string>> | undefined,
) =>
  sendCode(ports, place, user, {
    purpose: 'confirm',
    source,
    attribute,
    destination: user.attributes[attribute] ?? '',
    clientId: place.client.id,
    clientMetadata,
  });

async function confirmed(
  ports: CognitoPorts,
  place: ClientPlace,
  user: UserRow,
  clientMetadata: Readonly<Record<string, string>> | undefined,
): Promise<void> {
  await runTrigger(ports, place, {
    name: 'PostConfirmation',
    source: 'PostConfirmation_ConfirmSignUp',
    clientId: place.client.id,
    username: user.username,
    request: { userAttributes: triggerAttributes(user), ...(clientMetadata && { clientMetadata }) },
    response: {},
  });
}

/** The answer for a name nobody has looks like any other. */
export const pretended = (name: string) => ({
  Destination: `${name.slice(0, 1)}***@${name.slice(-1)}***`,
  DeliveryMedium: 'EMAIL' as const,
  AttributeName: 'email',
});
