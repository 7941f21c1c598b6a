/**
 * After the first proof: a new password where one is due, then the second factor, then tokens.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
 */
import { codeMismatch, invalidParameter, notAuthorized } from '../fault.ts';
import { masked, newCode } from '../code.ts';
import { type Contact, send } from '../message.ts';
import type { Factor, MfaSettings, SessionRow, UserRow } from '../rows.ts';
import { sameText } from '../srp.ts';
import { stepOfCode } from '../totp.ts';
import type { TokenRoom } from '../tokens.ts';
import { changeUser } from '../user-store.ts';
import { findDevice } from '../device.ts';
import { askDevice } from './device-flow.ts';
import { type Answer, type Attempt, challenge, factorsOf, finish, useSession } from './sign-in.ts';
import type { TokenSource } from '../pre-token-generation.ts';
import { limits } from '../../../base/limits.ts';
import { sessions } from '../rows.ts';

/** `typedName`: as the client wrote it. */
export async function afterFirstFactor(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  typedName: string,
  source: TokenSource = 'TokenGeneration_Authentication',
): Promise<Answer> {
  if (user.status === 'FORCE_CHANGE_PASSWORD') return newPassword(room, attempt, user, typedName);
  const { scope, pool } = attempt.place;
  const device = await findDevice(room.store, scope, pool, user, attempt.parameters['DEVICE_KEY']);
  if (device?.remembered) return askDevice(room, attempt, user, typedName, device);
  return secondFactor(room, attempt, user, typedName, source);
}

/** The second factor, where one is due. */
export async function secondFactor(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  typedName: string,
  source: TokenSource = 'TokenGeneration_Authentication',
): Promise<Answer> {
  const next = nextFactor(attempt.place.pool.mfa, user);
  switch (next.kind) {
    case 'none':
      return finish(room, attempt, user, source);
    case 'ask':
      return askFactor(room, attempt, user, typedName, next.factor);
    case 'choose':
      return challenge(
        room,
        attempt,
        { username: user.username, typedName, challenge: 'SELECT_MFA_TYPE', state: { can: next.factors } },
        { MFAS_CAN_CHOOSE: JSON.stringify(next.factors), USER_ID_FOR_SRP: user.username },
      );
    case 'set-up':
      return challenge(
        room,
        attempt,
        { username: user.username, typedName, challenge: 'MFA_SETUP', state: {} },
        { MFAS_CAN_SETUP: JSON.stringify(next.factors), USER_ID_FOR_SRP: user.username },
      );
    default:
      return next satisfies never;
  }
}

type Next =
  | { readonly kind: 'none' }
  | { readonly kind: 'ask'; readonly factor: Factor }
  | { readonly kind: 'choose'; readonly factors: readonly string[] }
  | { readonly kind: 'set-up'; readonly factors: readonly string[] };

function nextFactor(mfa: MfaSettings, user: UserRow): Next {
  if (mfa.configuration === 'OFF') return { kind: 'none' };
  const allowed = factorsOf(user).filter((factor) => isAllowed(mfa, factor));
  const { preferred } = user.factors;
  if (preferred !== undefined && allowed.includes(preferred)) return { kind: 'ask', factor: preferred };
  const [only, second] = allowed;
  if (second !== undefined) return { kind: 'choose', factors: allowed };
  if (only !== undefined) return { kind: 'ask', factor: only as Factor }; // of the list above
  if (mfa.configuration === 'OPTIONAL') return { kind: 'none' };
  // Where a second factor is required, a phone number or a verified address is one without being switched on.
  if (mfa.sms !== undefined && user.attributes['phone_number']) return { kind: 'ask', factor: 'SMS_MFA' };
  if (mfa.email !== undefined && user.attributes['email_verified'] === 'true')
    return { kind: 'ask', factor: 'EMAIL_OTP' };
  return {
    kind: 'set-up',
    factors: [
      ...(mfa.sms ? ['SMS_MFA'] : []),
      ...(mfa.totp ? ['SOFTWARE_TOKEN_MFA'] : []),
      ...(mfa.email ? ['EMAIL_OTP'] : []),
    ],
  };
}

function isAllowed(mfa: MfaSettings, factor: string): boolean {
  switch (factor) {
    case 'SMS_MFA':
      return mfa.sms !== undefined;
    case 'EMAIL_OTP':
      return mfa.email !== undefined;
    default:
      return mfa.totp;
  }
}

function newPassword(room: TokenRoom, attempt: Attempt, user: UserRow, typedName: string): Promise<Answer> {
  const required = attempt.place.pool.schema
    .filter(({ Required, Name = '' }) => Required && Name !== 'sub' && !user.attributes[Name])
    .map(({ Name }) => `userAttributes.${Name}`);
  return challenge(
    room,
    attempt,
    { username: user.username, typedName, challenge: 'NEW_PASSWORD_REQUIRED', state: {} },
    {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(required),
      userAttributes: JSON.stringify(user.attributes),
    },
  );
}

export async function askFactor(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  typedName: string,
  factor: Factor,
): Promise<Answer> {
  const row = { username: user.username, typedName, challenge: factor };
  if (factor === 'SOFTWARE_TOKEN_MFA')
    return challenge(room, attempt, { ...row, state: {} }, { USER_ID_FOR_SRP: user.username });
  return sendFactor(room, attempt, user, row, factor === 'SMS_MFA' ? 'phone_number' : 'email');
}

/** A code by text message or mail, as a second factor or alone. */
export async function sendFactor(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  row: Pick<SessionRow, 'username' | 'typedName' | 'challenge'>,
  attribute: Contact,
): Promise<Answer> {
  const destination = user.attributes[attribute];
  if (destination === undefined) throw invalidParameter(`User has no ${attribute} to send a code to.`);
  const code = newCode(room);
  const answer = await challenge(
    room,
    attempt,
    { ...row, state: { code } },
    {
      CODE_DELIVERY_DELIVERY_MEDIUM: attribute === 'email' ? 'EMAIL' : 'SMS',
      CODE_DELIVERY_DESTINATION: masked(attribute, destination),
      USER_ID_FOR_SRP: user.username,
    },
  );
  await send(room, attempt.place, {
    source: 'CustomMessage_Authentication',
    clientId: attempt.place.client.id,
    user,
    attribute,
    destination,
    code,
    clientMetadata: attempt.clientMetadata,
  });
  return answer;
}

/** The code of a second factor. Throws CodeMismatchException; the session stays good for a few more tries. */
export async function checkFactor(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  id: string | undefined,
): Promise<void> {
  const given = attempt.parameters[`${session.challenge}_CODE`];
  if (given === undefined) throw invalidParameter(`Missing required parameter ${session.challenge}_CODE`);
  await countTry(room, attempt, id);
  const good =
    session.challenge === 'SOFTWARE_TOKEN_MFA'
      ? await takeTotp(room, attempt, user, given)
      : typeof session.state['code'] === 'string' && sameText(session.state['code'], given);
  if (!good) throw codeMismatch('Invalid code or auth state for the user.');
  await useSession(room, attempt.place, id);
}

/** Before the code is looked at, so that guesses at once count as well. After the last one its user begins again. */
async function countTry(room: TokenRoom, { place }: Attempt, id: string | undefined): Promise<void> {
  const key = `${place.pool.id}/${id}`;
  const left = await room.store.transaction(async (rows) => {
    const session = await rows.get(sessions, place.scope, key);
    const tries = Number(session?.state['tries'] ?? 0) + 1;
    if (session === undefined || tries > limits.cognitoTriesACode) {
      await rows.delete(sessions, place.scope, key);
      return false;
    }
    await rows.put(sessions, place.scope, key, { ...session, state: { ...session.state, tries } });
    return true;
  });
  if (!left) throw notAuthorized('Invalid session for the user.');
}

async function takeTotp(room: TokenRoom, attempt: Attempt, user: UserRow, code: string): Promise<boolean> {
  const { pool, scope } = attempt.place;
  let taken = false;
  await changeUser(room, scope, pool, user.username, (before) => {
    const { totpSecret, lastTotpStep } = before.factors;
    const step =
      totpSecret === undefined ? undefined : stepOfCode(totpSecret, code, room.now(), lastTotpStep);
    if (step === undefined) return before;
    taken = true;
    return { ...before, factors: { ...before.factors, lastTotpStep: step } };
  });
  return taken;
}
