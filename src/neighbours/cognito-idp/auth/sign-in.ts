/** What every way of signing in shares: its request, its state, and where it ends. */
import type { RespondToAuthChallengeResponse } from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../../base/fault.ts';
import { limits } from '../../../base/limits.ts';
import { notAuthorized, wrongPassword } from '../fault.ts';
import type { ClientPlace } from '../places.ts';
import { deviceGroupKey, devicePrefix, findDevice, newDeviceKey } from '../device.ts';
import { devices, sessions, type SessionRow, type UserRow } from '../rows.ts';
import { showFactors, triggerAttributes } from '../show-user.ts';
import { provesPassword } from '../srp.ts';
import { ADMIN_SCOPE, signInTokens, type TokenRoom } from '../tokens.ts';
import { runTrigger } from '../trigger.ts';
import { changeUser, needUser } from '../user-store.ts';
import type { TokenSource } from '../pre-token-generation.ts';

export interface Attempt {
  readonly place: ClientPlace;
  /** AdminInitiateAuth and AdminRespondToAuthChallenge. */
  readonly byAdmin: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  readonly clientMetadata: Readonly<Record<string, string>> | undefined;
  /** What hosted pages answer with in place of tokens. */
  readonly complete?: (user: UserRow) => Promise<Answer>;
}

export type Answer = RespondToAuthChallengeResponse;

/** Keeps what a challenge needs and answers with it. The session is the only way on. */
export async function challenge(
  room: TokenRoom,
  attempt: Attempt,
  row: Pick<SessionRow, 'username' | 'typedName' | 'challenge' | 'state'>,
  ChallengeParameters: Record<string, string>,
  id = newSessionId(room, attempt.place.pool.id),
): Promise<Answer> {
  const { client, pool, scope } = attempt.place;
  const kept: SessionRow = {
    ...row,
    clientId: client.id,
    expiresMs: room.now() + client.sessionMinutes * 60_000,
  };
  await room.store.transaction((rows) => rows.put(sessions, scope, `${pool.id}/${id}`, kept));
  return {
    ChallengeName: row.challenge as NonNullable<Answer['ChallengeName']>, // ours, or the model's by the trigger
    Session: id,
    ChallengeParameters,
  };
}

/** Its pool is in it, because some calls name nothing else. */
export const newSessionId = (room: TokenRoom, poolId: string): string =>
  `${Buffer.from(poolId).toString('base64url')}.${Buffer.from(room.random(96)).toString('base64url')}`;

/** The state of a session. Throws NotAuthorizedException. */
export async function sessionOf(
  room: TokenRoom,
  { scope, pool, client }: ClientPlace,
  id: string | undefined,
): Promise<SessionRow> {
  const row = await room.store.get(sessions, scope, `${pool.id}/${id}`);
  if (row === undefined || row.clientId !== client.id) throw notAuthorized('Invalid session for the user.');
  if (row.expiresMs <= room.now()) throw notAuthorized('Invalid session for the user, session is expired.');
  return row;
}

/** A session goes on once: a second use finds none. */
export async function useSession(room: TokenRoom, place: ClientPlace, id: string | undefined): Promise<void> {
  const gone = await room.store.transaction((rows) =>
    rows.delete(sessions, place.scope, `${place.pool.id}/${id}`),
  );
  if (!gone) throw notAuthorized('Invalid session for the user.');
}

/** PreAuthentication: before anything is checked. */
export async function preAuthenticate(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  validationData: Readonly<Record<string, string>> | undefined = attempt.clientMetadata,
): Promise<void> {
  await runTrigger(room, attempt.place, {
    name: 'PreAuthentication',
    source: 'PreAuthentication_Authentication',
    clientId: attempt.place.client.id,
    username: user.username,
    request: {
      userAttributes: triggerAttributes(user),
      ...(validationData && { validationData }),
      ...(attempt.place.client.hidesExistence && { userNotFound: false }),
    },
    response: {},
  });
}

/** What keeps a user out whatever it knows. */
export function checkState(room: TokenRoom, user: UserRow): void {
  if (!user.enabled) throw notAuthorized('User is disabled.');
  if (user.status === 'RESET_REQUIRED')
    throw new Fault('PasswordResetRequiredException', 'Password reset required for the user');
  if (user.status === 'UNCONFIRMED') throw new Fault('UserNotConfirmedException', 'User is not confirmed.');
  if (user.status === 'FORCE_CHANGE_PASSWORD' && (user.temporaryUntilMs ?? Infinity) <= room.now())
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
}

/**
 * Locked for a second after five failures, then twice as long each time:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
 */
export function checkLockout(room: TokenRoom, { failures: { count, lastMs } }: UserRow): void {
  const over = count - limits.cognitoFailuresBeforeLockout;
  if (over < 0) return;
  const lockedMs = Math.min(1000 * 2 ** over, limits.cognitoLockoutMs);
  if (room.now() < lastMs + lockedMs) throw notAuthorized('Password attempts exceeded');
}

/** Counts a failure, which fifteen quiet minutes forget. */
export async function failed(room: TokenRoom, { scope, pool }: ClientPlace, user: UserRow): Promise<Fault> {
  await changeUser(room, scope, pool, user.username, (before) => {
    const quiet = room.now() - before.failures.lastMs > limits.cognitoLockoutMs;
    return { ...before, failures: { count: (quiet ? 0 : before.failures.count) + 1, lastMs: room.now() } };
  });
  return wrongPassword();
}

export async function succeeded(room: TokenRoom, { scope, pool }: ClientPlace, user: UserRow): Promise<void> {
  if (user.failures.count === 0) return;
  await changeUser(room, scope, pool, user.username, (before) => ({
    ...before,
    failures: { count: 0, lastMs: 0 },
  }));
}

/** Checks a password against the user's lock, state and secret, in an order that tells a stranger nothing. */
export const checkPasswordOf = (
  room: TokenRoom,
  place: ClientPlace,
  user: UserRow,
  password: string,
): Promise<void> =>
  inTurn(`${place.pool.id}/${user.sub}`, async () => {
    const now = await needUser(room.store, place.scope, place.pool, user.username);
    await checkPasswordNow(room, place, now, password);
  });

const turns = new Map<string, Promise<unknown>>();

/** One user's proofs are checked one after another: guesses at once would all find the lock open. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(work);
  turns.set(key, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === mine) turns.delete(key);
  }
}

async function checkPasswordNow(
  room: TokenRoom,
  place: ClientPlace,
  user: UserRow,
  password: string,
): Promise<void> {
  checkLockout(room, user);
  const { password: kept } = user;
  if (user.enabled && user.status === 'RESET_REQUIRED') checkState(room, user);
  if (kept === undefined || !provesPassword(place.pool.id, user.username, password, kept))
    throw await failed(room, place, user);
  checkState(room, user);
  await succeeded(room, place, user);
}

/** Every proof is given: tokens. */
export async function finish(
  room: TokenRoom,
  attempt: Attempt,
  user: UserRow,
  source: TokenSource = 'TokenGeneration_Authentication',
): Promise<Answer> {
  const { place, clientMetadata } = attempt;
  await runTrigger(room, place, {
    name: 'PostAuthentication',
    source: 'PostAuthentication_Authentication',
    clientId: place.client.id,
    username: user.username,
    request: {
      userAttributes: triggerAttributes(user),
      newDeviceUsed: false,
      ...(clientMetadata && { clientMetadata }),
    },
    response: {},
  });
  if (attempt.complete !== undefined) return attempt.complete(user);
  const device = await deviceOf(room, attempt, user);
  const AuthenticationResult = await signInTokens(room, place, {
    user,
    source,
    scopes: [ADMIN_SCOPE],
    authTimeS: Math.floor(room.now() / 1000),
    clientMetadata,
    deviceKey: device?.DeviceKey,
  });
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      ...AuthenticationResult,
      ...(device?.DeviceGroupKey && { NewDeviceMetadata: device }),
    },
  };
}

export const factorsOf = (user: UserRow): readonly string[] => showFactors(user).UserMFASettingList ?? [];

/** The device that signs in, its time noted; one that is not known yet is offered a key, with its group. */
async function deviceOf(room: TokenRoom, { place, parameters }: Attempt, user: UserRow) {
  const { scope, pool } = place;
  if (pool.devices === undefined) return undefined;
  const known = await findDevice(room.store, scope, pool, user, parameters['DEVICE_KEY']);
  if (known === undefined) {
    const DeviceKey = newDeviceKey(scope);
    return { DeviceKey, DeviceGroupKey: deviceGroupKey(pool, DeviceKey) };
  }
  const seen = { ...known, authenticatedMs: room.now() };
  await room.store.transaction((rows) =>
    rows.put(devices, scope, devicePrefix(pool, user) + known.key, seen),
  );
  return { DeviceKey: known.key };
}
