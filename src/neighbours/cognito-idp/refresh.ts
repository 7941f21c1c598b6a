/** New tokens for a refresh token, and taking a sign-in back. */
import type {
  AuthenticationResultType,
  GetTokensFromRefreshTokenRequest,
  GlobalSignOutRequest,
  RevokeTokenRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { bearerOf } from './access-token.ts';
import { lifetimesOf } from './client-settings.ts';
import { notAuthorized } from './fault.ts';
import { type ClientPlace, findClient } from './places.ts';
import { type RefreshRow, refreshTokens, revocations, type UserRow, users } from './rows.ts';
import { checkSecretHash, isClientSecret } from './secret-hash.ts';
import { makeTokens, newRefreshToken, refreshKey, type TokenRoom } from './tokens.ts';
import { changeUser, dropSignIns, userKeyOf } from './user-store.ts';

export interface Refreshing {
  readonly token: string;
  readonly secretHash?: string | undefined;
  readonly deviceKey?: string | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  /** Who asks has proved the secret already. */
  readonly trusted?: boolean;
  readonly hosted?: boolean;
}

/** Throws NotAuthorizedException. */
export async function refresh(
  room: TokenRoom,
  place: ClientPlace,
  { token, secretHash, deviceKey, clientMetadata, trusted, hosted = false }: Refreshing,
): Promise<AuthenticationResultType> {
  const { row, user } = await signInOf(room, place, token);
  if (row.deviceKey !== undefined && row.deviceKey !== deviceKey)
    throw notAuthorized('Invalid Refresh Token');
  if (!trusted) checkSecretHash(place.client, [user.username, user.sub, ...namesOf(user)], secretHash);
  const { originJti: _, ...result } = await makeTokens(room, place, {
    user,
    source: 'TokenGeneration_RefreshTokens',
    scopes: row.scopes,
    authTimeS: row.authTimeS,
    originJti: row.originJti,
    deviceKey: row.deviceKey,
    clientMetadata,
    hosted,
  });
  if (place.client.rotation === undefined) return result;
  return { ...result, RefreshToken: await rotate(room, place, token, row, user) };
}

const namesOf = (user: UserRow): string[] =>
  ['email', 'phone_number', 'preferred_username'].flatMap((name) => user.attributes[name] ?? []);

async function signInOf(room: TokenRoom, place: ClientPlace, token: string) {
  const { pool, scope, client } = place;
  const row = await room.store.get(refreshTokens, scope, refreshKey(pool, token));
  if (row === undefined || row.clientId !== client.id) throw notAuthorized('Invalid Refresh Token');
  if (row.expiresMs <= room.now()) throw notAuthorized('Refresh Token has expired');
  if (row.replacedUntilMs !== undefined && row.replacedUntilMs <= room.now()) throw reused();
  const user = await room.store.get(users, scope, `${pool.id}/${userKeyOf(pool, row.username)}`);
  if (user === undefined) throw notAuthorized('Invalid Refresh Token');
  if (!user.enabled) throw notAuthorized('User is disabled.');
  if (row.signedInMs < user.signedOutMs) throw notAuthorized('Refresh Token has been revoked');
  return { row, user };
}

const reused = (): Fault => new Fault('RefreshTokenReuseException', 'Refresh Token has already been used.');

/** The new one ends when the old one would have; the old one is good for the client's grace. */
async function rotate(
  room: TokenRoom,
  { pool, scope, client }: ClientPlace,
  token: string,
  row: RefreshRow,
  user: UserRow,
): Promise<string> {
  const next = newRefreshToken(room, user);
  await room.store.transaction(async (rows) => {
    // Somebody else may have come with the same token meanwhile.
    const now = await rows.get(refreshTokens, scope, refreshKey(pool, token));
    if (now === undefined) throw notAuthorized('Invalid Refresh Token');
    if (now.replacedUntilMs !== undefined && now.replacedUntilMs <= room.now()) throw reused();
    const replacedUntilMs = now.replacedUntilMs ?? room.now() + (client.rotation?.graceSeconds ?? 0) * 1000;
    const { replacedUntilMs: _, ...fresh } = row;
    await rows.put(refreshTokens, scope, refreshKey(pool, token), { ...row, replacedUntilMs });
    await rows.put(refreshTokens, scope, refreshKey(pool, next), fresh);
  });
  return next;
}

/** Takes back a refresh token and what came of the same sign-in. */
export async function revoke(room: TokenRoom, place: ClientPlace, token: string): Promise<void> {
  const { pool, scope, client } = place;
  if (!client.revocation)
    throw new Fault('UnsupportedOperationException', 'Token revocation is disabled for this client.');
  const row = await room.store.get(refreshTokens, scope, refreshKey(pool, token));
  // A token nobody has is revoked already.
  if (row === undefined || row.clientId !== client.id) return;
  const untilMs = room.now() + lifetimesOf(client).accessSeconds * 1000;
  await room.store.transaction(async (rows) => {
    await rows.delete(refreshTokens, scope, refreshKey(pool, token));
    await rows.put(revocations, scope, `${pool.id}/${row.originJti}`, { untilMs });
  });
}

/** Every token that was given until now: by its sign-in, and, since tokens tell whole seconds, by the second before. */
export async function signOutEverywhere(
  room: TokenRoom,
  { scope, pool }: Pick<ClientPlace, 'scope' | 'pool'>,
  user: UserRow,
): Promise<void> {
  const untilMs = room.now() + limits.cognitoTokenSeconds.short.max * 1000;
  await room.store.transaction(async (rows) => {
    const held = await rows.list(refreshTokens, scope, { prefix: `${pool.id}/${user.sub}/` });
    for (const { row } of held)
      await rows.put(revocations, scope, `${pool.id}/${row.originJti}`, { untilMs });
    await dropSignIns(rows, scope, pool, user);
  });
  const signedOutMs = Math.floor(room.now() / 1000) * 1000;
  await changeUser(room, scope, pool, user.username, (before) => ({ ...before, signedOutMs }));
}

export const refreshOperations = (room: TokenRoom) => ({
  GetTokensFromRefreshToken: async (input: GetTokensFromRefreshTokenRequest) => {
    const place = await findClient(room.store, input.ClientId);
    checkSecret(place, input.ClientSecret);
    const AuthenticationResult = await refresh(room, place, {
      token: input.RefreshToken ?? '',
      deviceKey: input.DeviceKey,
      clientMetadata: input.ClientMetadata,
      trusted: true,
    });
    return { AuthenticationResult };
  },

  RevokeToken: async (input: RevokeTokenRequest) => {
    const place = await findClient(room.store, input.ClientId);
    checkSecret(place, input.ClientSecret);
    const token = input.Token ?? '';
    if (token.split('.').length === 3)
      throw new Fault('UnsupportedTokenTypeException', 'Unsupported token type');
    await revoke(room, place, token);
    return {};
  },

  GlobalSignOut: async (input: GlobalSignOutRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    await signOutEverywhere(room, bearer, bearer.user);
    return {};
  },
});

function checkSecret({ client }: ClientPlace, given: string | undefined): void {
  if (client.secrets.length === 0 && given === undefined) return;
  if (given === undefined || !isClientSecret(client, given))
    throw notAuthorized(`Unable to verify secret hash for client ${client.id}`);
}
