/**
 * USER_AUTH: the client says which first factor it prefers, or is asked to choose among the user's.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html#authentication-flows-selection-choice
 */
import { invalidParameter, unsupported, userNotFound, wrongPassword } from '../fault.ts';
import type { SessionRow, UserRow } from '../rows.ts';
import { firstFactors } from '../show-user.ts';
import type { TokenRoom } from '../tokens.ts';
import { findUser } from '../user-store.ts';
import { withPassword } from './initiate.ts';
import { sendFactor } from './second-factor.ts';
import { type Answer, type Attempt, challenge, checkState, preAuthenticate, useSession } from './sign-in.ts';
import { beginSrp } from './srp-flow.ts';

export async function beginChoice(room: TokenRoom, attempt: Attempt, username: string): Promise<Answer> {
  const { place, parameters } = attempt;
  const user = await findUser(room.store, place.scope, place.pool, username);
  if (user === undefined && !place.client.hidesExistence) throw userNotFound();
  const preferred = parameters['PREFERRED_CHALLENGE'];
  const can = user === undefined ? ['PASSWORD' as const] : firstFactors(place.pool, user);
  if (preferred !== undefined && isOffered(can, preferred))
    return takeChoice(room, attempt, user, username, preferred);
  return {
    ...(await challenge(
      room,
      attempt,
      { username: user?.username ?? username, typedName: username, challenge: 'SELECT_CHALLENGE', state: {} },
      {},
    )),
    AvailableChallenges: [...can.filter((one) => one !== 'PASSWORD'), 'PASSWORD', 'PASSWORD_SRP'],
  };
}

const isOffered = (can: readonly string[], choice: string): boolean =>
  can.includes(choice === 'PASSWORD_SRP' ? 'PASSWORD' : choice);

async function takeChoice(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow | undefined,
  username: string,
  choice: string,
): Promise<Answer> {
  switch (choice) {
    case 'PASSWORD':
      return withPassword(room, attempt, username);
    case 'PASSWORD_SRP':
      return beginSrp(room, attempt, user, username);
    case 'EMAIL_OTP':
    case 'SMS_OTP': {
      if (user === undefined) throw wrongPassword();
      await preAuthenticate(room, attempt, user);
      checkState(room, user);
      const row = { username: user.username, typedName: username, challenge: choice };
      return sendFactor(room, attempt, user, row, choice === 'EMAIL_OTP' ? 'email' : 'phone_number');
    }
    default:
      throw unsupported(choice);
  }
}

export async function answerChoice(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow | undefined,
  id: string | undefined,
): Promise<Answer> {
  const choice = attempt.parameters['ANSWER'];
  if (choice === undefined) throw invalidParameter('Missing required parameter ANSWER');
  const can = user === undefined ? ['PASSWORD'] : firstFactors(attempt.place.pool, user);
  if (!isOffered(can, choice)) throw invalidParameter(`${choice} is not available for the user.`);
  await useSession(room, attempt.place, id);
  return takeChoice(room, attempt, user, session.typedName, choice);
}
