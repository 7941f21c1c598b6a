/** RespondToAuthChallenge and AdminRespondToAuthChallenge. */
import type {
  AdminRespondToAuthChallengeRequest,
  RespondToAuthChallengeRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../../wire/service.ts';
import { invalidParameter, notAuthorized, unsupported } from '../fault.ts';
import { withPassword } from '../password.ts';
import { findClient, needClient } from '../places.ts';
import type { Factor, SessionRow, UserRow } from '../rows.ts';
import { checkMutable, checkRequired, checkValues, checkWritable } from '../schema-attributes.ts';
import { checkSecretHash } from '../secret-hash.ts';
import type { TokenRoom } from '../tokens.ts';
import { changeUser, findUser } from '../user-store.ts';
import { answerChoice } from './choice.ts';
import { answerCustom } from './custom.ts';
import { beginDeviceSrp, checkDevice } from './device-flow.ts';
import { afterFirstFactor, askFactor, checkFactor, secondFactor } from './second-factor.ts';
import { type Answer, type Attempt, checkState, finish, sessionOf, useSession } from './sign-in.ts';
import { answerSrp, srpSessionOf } from './srp-flow.ts';

export const respondToAuthOperations = (room: TokenRoom) => ({
  RespondToAuthChallenge: async (input: RespondToAuthChallengeRequest) =>
    respond(room, input.ChallengeName, input.Session, {
      place: await findClient(room.store, input.ClientId),
      byAdmin: false,
      parameters: input.ChallengeResponses ?? {},
      clientMetadata: input.ClientMetadata,
    }),

  AdminRespondToAuthChallenge: async (input: AdminRespondToAuthChallengeRequest, { scope }: Call) =>
    respond(room, input.ChallengeName, input.Session, {
      place: await needClient(room.store, scope, input.UserPoolId, input.ClientId),
      byAdmin: true,
      parameters: input.ChallengeResponses ?? {},
      clientMetadata: input.ClientMetadata,
    }),
});

export async function respond(
  room: TokenRoom,
  name: string | undefined,
  sent: string | undefined,
  attempt: Attempt,
): Promise<Answer> {
  const { place, parameters } = attempt;
  const block = parameters['PASSWORD_CLAIM_SECRET_BLOCK'];
  const id = name === 'PASSWORD_VERIFIER' && block !== undefined ? srpSessionOf(block) : sent;
  const username = parameters['USERNAME'];
  if (username === undefined) throw invalidParameter('Missing required parameter USERNAME');
  const session = await sessionOf(room, place, id ?? '');
  if (session.challenge !== name) throw notAuthorized('Invalid session for the user.');
  const user = await findUser(room.store, place.scope, place.pool, session.username);
  const names = [session.typedName, session.username, user?.sub ?? session.username];
  if (!isSame(names, username, user)) throw notAuthorized('Invalid session for the user.');
  checkSecretHash(place.client, [username, ...names], parameters['SECRET_HASH']);
  if (user !== undefined && !user.enabled) throw notAuthorized('User is disabled.');
  switch (name) {
    case 'PASSWORD_VERIFIER':
      return answerSrp(room, attempt, session, user, id);
    case 'CUSTOM_CHALLENGE':
      return answerCustom(room, attempt, session, user, id);
    case 'SELECT_CHALLENGE':
      return answerChoice(room, attempt, session, user, id);
    default:
      if (user === undefined) throw notAuthorized('Invalid session for the user.');
      return answerKnown(room, attempt, session, user, id);
  }
}

const isSame = (names: readonly string[], given: string, user: UserRow | undefined): boolean =>
  names.some((one) => one.toLowerCase() === given.toLowerCase()) ||
  ['email', 'phone_number', 'preferred_username'].some((name) => user?.attributes[name] === given);

async function answerKnown(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  id: string | undefined,
): Promise<Answer> {
  switch (session.challenge) {
    case 'NEW_PASSWORD_REQUIRED':
      return answerNewPassword(room, attempt, session, user, id);
    case 'SMS_MFA':
    case 'EMAIL_OTP':
    case 'SOFTWARE_TOKEN_MFA':
    case 'SMS_OTP':
      await checkFactor(room, attempt, session, user, id);
      checkState(room, user);
      return finish(room, attempt, user);
    case 'DEVICE_SRP_AUTH':
      return beginDeviceSrp(room, attempt, session, user, id);
    case 'DEVICE_PASSWORD_VERIFIER':
      await checkDevice(room, attempt, session, user, id);
      checkState(room, user);
      // A device that proved itself is a second factor where the pool says so.
      return attempt.place.pool.devices?.ChallengeRequiredOnNewDevice
        ? finish(room, withDevice(attempt, session), user)
        : secondFactor(room, withDevice(attempt, session), user, session.typedName);
    case 'SELECT_MFA_TYPE':
      return answerSelection(room, attempt, session, user, id);
    case 'MFA_SETUP':
      if (session.state['verified'] !== true)
        throw invalidParameter('Software token TOTP multi-factor authentication is not set up.');
      await useSession(room, attempt.place, id);
      return finish(room, attempt, user);
    default:
      throw unsupported(session.challenge);
  }
}

const withDevice = (attempt: Attempt, session: SessionRow): Attempt => ({
  ...attempt,
  parameters: { ...attempt.parameters, DEVICE_KEY: String(session.state['device']) },
});

async function answerSelection(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  id: string | undefined,
): Promise<Answer> {
  const can = session.state['can'];
  const wanted = attempt.parameters['ANSWER'] ?? '';
  if (!Array.isArray(can) || !can.includes(wanted)) throw invalidParameter('Invalid MFA type selected.');
  await useSession(room, attempt.place, id);
  return askFactor(room, attempt, user, session.typedName, wanted as Factor); // one of those offered
}

const ATTRIBUTE = 'userAttributes.';

async function answerNewPassword(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  id: string | undefined,
): Promise<Answer> {
  const { pool, scope, client } = attempt.place;
  const password = attempt.parameters['NEW_PASSWORD'];
  if (password === undefined) throw invalidParameter('Missing required parameter NEW_PASSWORD');
  const given = Object.fromEntries(
    Object.entries(attempt.parameters)
      .filter(([name]) => name.startsWith(ATTRIBUTE))
      .map(([name, value]) => [name.slice(ATTRIBUTE.length), value]),
  );
  checkWritable(client.writeAttributes, Object.keys(given));
  checkMutable(
    pool.schema,
    Object.keys(given).filter(
      (name) => user.attributes[name] !== undefined && user.attributes[name] !== given[name],
    ),
  );
  const attributes = { ...user.attributes, ...given };
  checkValues(pool.schema, attributes);
  checkRequired(pool.schema, attributes);
  // A password that is refused leaves the session good: it is tried first.
  withPassword(pool, user, password, room.random);
  await useSession(room, attempt.place, id);
  const changed = await changeUser(room, scope, pool, user.username, (before) => ({
    ...withPassword(pool, before, password, room.random),
    status: 'CONFIRMED',
    attributes: { ...before.attributes, ...given },
  }));
  return afterFirstFactor(room, attempt, changed, session.typedName, 'TokenGeneration_NewPasswordChallenge');
}
