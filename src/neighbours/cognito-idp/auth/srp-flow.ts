/** USER_SRP_AUTH: the password is proved, not sent. */
import { createHash, createHmac } from 'node:crypto';
import { invalidParameter, userNotFound, wrongPassword } from '../fault.ts';
import type { SessionRow, UserRow, Verifier } from '../rows.ts';
import { isGoodClientPart, makeVerifier, provesKnowledge, serverPart } from '../srp.ts';
import type { TokenRoom } from '../tokens.ts';
import { needUser } from '../user-store.ts';
import { nextRound, type Round, roundsOf } from './custom.ts';
import { afterFirstFactor } from './second-factor.ts';
import {
  type Answer,
  type Attempt,
  challenge,
  checkLockout,
  checkState,
  failed,
  inTurn,
  preAuthenticate,
  succeeded,
  useSession,
} from './sign-in.ts';

/** `user` undefined: nobody has the name; where the client hides that, all looks the same until the proof fails. */
export async function beginSrp(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow | undefined,
  typedName: string,
  state: { readonly rounds?: readonly Round[] } = {},
): Promise<Answer> {
  const { place, parameters } = attempt;
  const A = parameters['SRP_A'];
  if (A === undefined) throw invalidParameter('Missing required parameter SRP_A');
  if (!isGoodClientPart(A)) throw invalidParameter('SRP_A is not a valid value.');
  if (user === undefined && !place.client.hidesExistence) throw userNotFound();
  if (user !== undefined) checkLockout(room, user);
  const verifier = user?.password ?? pretendedVerifier(attempt, typedName);
  const part = serverPart(verifier, room.random);
  const secretBlock = Buffer.from(room.random(512)).toString('base64');
  const username = user?.username ?? typedName;
  return challenge(
    room,
    attempt,
    {
      username,
      typedName,
      challenge: 'PASSWORD_VERIFIER',
      state: { ...state, A, b: part.b, B: part.B, secretBlock, verifier: { ...verifier } },
    },
    {
      SALT: verifier.salt,
      SRP_B: part.B,
      SECRET_BLOCK: secretBlock,
      USERNAME: username,
      USER_ID_FOR_SRP: username,
    },
    srpSessionOf(secretBlock),
  );
}

/** Clients need not send this challenge's session: its secret block names it. */
export const srpSessionOf = (secretBlock: string): string =>
  createHash('sha256').update(secretBlock).digest('base64url');

/** The same salt for the same name each time, drawn from what only this pool knows. */
export function pretendedVerifier({ place: { pool, client } }: Attempt, name: string): Verifier {
  const digest = createHmac('sha256', `${pool.id}${pool.createdMs}${client.id}`).update(name).digest();
  return makeVerifier(pool.id, name, digest.toString('hex'), (count) => digest.subarray(0, count));
}

export async function answerSrp(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow | undefined,
  id: string | undefined,
): Promise<Answer> {
  const { place, parameters } = attempt;
  const needed = (name: string): string => {
    const value = parameters[name];
    if (value === undefined) throw invalidParameter(`Missing required parameter ${name}`);
    return value;
  };
  const signature = needed('PASSWORD_CLAIM_SIGNATURE');
  const timestamp = needed('TIMESTAMP');
  const secretBlock = needed('PASSWORD_CLAIM_SECRET_BLOCK');
  await useSession(room, place, id);
  if (user === undefined) throw wrongPassword();
  const rounds = roundsOf(session);
  if (rounds.length === 0) await preAuthenticate(room, attempt, user);
  const proof = { secretBlock, timestamp, signature };
  return inTurn(`${place.pool.id}/${user.sub}`, async () => {
    const now = await needUser(room.store, place.scope, place.pool, user.username);
    return answerInTurn(room, attempt, session, now, proof);
  });
}

interface Proof {
  readonly secretBlock: string;
  readonly timestamp: string;
  readonly signature: string;
}

async function answerInTurn(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  { secretBlock, timestamp, signature }: Proof,
): Promise<Answer> {
  const { place } = attempt;
  const rounds = roundsOf(session);
  checkLockout(room, user);
  if (user.enabled && user.status === 'RESET_REQUIRED') checkState(room, user);
  const { A, b, B, secretBlock: sent, verifier } = session.state as unknown as Kept; // written by beginSrp
  const proved =
    secretBlock === sent &&
    provesKnowledge(verifier, { b, B }, A, {
      poolId: place.pool.id,
      username: user.username,
      secretBlock,
      timestamp,
      signature,
    });
  if (rounds.length > 0) return answerRound(room, attempt, session, user, proved);
  if (!proved) throw await failed(room, place, user);
  checkState(room, user);
  await succeeded(room, place, user);
  return afterFirstFactor(room, attempt, user, session.typedName);
}

interface Kept {
  readonly A: string;
  readonly b: string;
  readonly B: string;
  readonly secretBlock: string;
  readonly verifier: Verifier;
}

/** Inside a custom flow a password is one round of several: the trigger judges what it is worth. */
async function answerRound(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow,
  proved: boolean,
): Promise<Answer> {
  if (!proved) await failed(room, attempt.place, user);
  else checkState(room, user);
  const rounds: Round[] = [
    ...roundsOf(session),
    { challengeName: 'PASSWORD_VERIFIER', challengeResult: proved, challengeMetadata: null },
  ];
  return nextRound(room, attempt, { username: user.username, user, typedName: session.typedName }, rounds);
}
