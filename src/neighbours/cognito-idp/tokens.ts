/**
 * The tokens a sign-in gives, and what is known of them later.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
 */
import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider';
import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Scope } from '../../base/scope.ts';
import type { SigningKeys } from './keys.ts';
import { lifetimesOf } from './client-settings.ts';
import type { ClientPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { customiseTokens, type TokenSource } from './pre-token-generation.ts';
import {
  type ClientRow,
  type GroupRow,
  type PoolRow,
  type RefreshRow,
  refreshTokens,
  type UserRow,
} from './rows.ts';
import { groupsOf } from './user-store.ts';

export interface TokenRoom extends CognitoPorts {
  readonly keys: SigningKeys;
}

export const ADMIN_SCOPE = 'aws.cognito.signin.user.admin';

export interface SignIn {
  readonly user: UserRow;
  readonly source: TokenSource;
  readonly scopes: readonly string[];
  readonly authTimeS: number;
  readonly nonce?: string | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  /** Of a refresh: the sign-in it belongs to. */
  readonly originJti?: string;
  /** The device that signs in, known or offered. */
  readonly deviceKey?: string | undefined;
  /** Made by OAuth's endpoints. */
  readonly hosted?: boolean;
}

export const issuerOf = (ports: CognitoPorts, scope: Scope, poolId: string): string =>
  ports.issuer === 'local'
    ? `${ports.url()}/${poolId}`
    : `https://cognito-idp.${scope.region}.${scope.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}/${poolId}`;

/** Access and id token. */
export async function makeTokens(
  room: TokenRoom,
  place: ClientPlace,
  signIn: SignIn,
): Promise<AuthenticationResultType & { readonly originJti: string }> {
  const { pool, scope, client } = place;
  const { user } = signIn;
  const groups = await groupsOf(room.store, scope, pool, user);
  const custom = await customiseTokens(room, place, {
    source: signIn.source,
    user,
    groups: groups.map(({ name }) => name),
    roles: rolesOf(groups),
    scopes: signIn.scopes,
    clientMetadata: signIn.clientMetadata,
  });
  const originJti = signIn.originJti ?? randomUUID();
  const iat = Math.floor(room.now() / 1000);
  const shared = {
    sub: user.sub,
    ...(custom.groups.length > 0 && { 'cognito:groups': custom.groups }),
    iss: issuerOf(room, scope, pool.id),
    origin_jti: originJti,
    event_id: randomUUID(),
    auth_time: signIn.authTimeS,
    iat,
  };
  const { accessSeconds, idSeconds } = lifetimesOf(client);
  const access = {
    ...shared,
    ...(signIn.hosted && { version: 2 }),
    client_id: client.id,
    token_use: 'access',
    scope: custom.scopes.join(' '),
    exp: iat + accessSeconds,
    jti: randomUUID(),
    ...(signIn.deviceKey !== undefined && { device_key: signIn.deviceKey }),
    username: user.username,
  };
  const id = {
    ...shared,
    ...custom.roleClaims,
    ...readableClaims(pool, client, user, signIn.hosted ? signIn.scopes : undefined),
    'cognito:username': user.username,
    aud: client.id,
    token_use: 'id',
    ...(signIn.nonce !== undefined && { nonce: signIn.nonce }),
    exp: iat + idSeconds,
    jti: randomUUID(),
  };
  const withoutOrigin = <T extends { origin_jti?: string }>(claims: T): T => {
    if (client.revocation) return claims;
    const { origin_jti: _, ...rest } = claims;
    return rest as T; // the member is optional in T
  };
  const wantsId = !signIn.hosted || signIn.scopes.includes('openid');
  return {
    AccessToken: await sign(room, scope, pool, custom.access(withoutOrigin(access))),
    ...(wantsId && { IdToken: await sign(room, scope, pool, custom.id(withoutOrigin(id))) }),
    ExpiresIn: accessSeconds,
    TokenType: 'Bearer',
    originJti,
  };
}

/** With a refresh token, whose row is written before anything is answered. */
export async function signInTokens(
  room: TokenRoom,
  place: ClientPlace,
  signIn: SignIn,
): Promise<AuthenticationResultType> {
  const { originJti, ...result } = await makeTokens(room, place, signIn);
  const RefreshToken = await makeRefreshToken(room, place, signIn.user, {
    originJti,
    authTimeS: signIn.authTimeS,
    scopes: signIn.scopes,
    ...(signIn.deviceKey !== undefined && { deviceKey: signIn.deviceKey }),
  });
  return { ...result, RefreshToken };
}

export async function makeRefreshToken(
  room: TokenRoom,
  { pool, scope, client }: ClientPlace,
  user: UserRow,
  family: Pick<RefreshRow, 'originJti' | 'authTimeS' | 'scopes' | 'deviceKey'>,
): Promise<string> {
  const token = newRefreshToken(room, user);
  await room.store.transaction((rows) =>
    rows.put(refreshTokens, scope, refreshKey(pool, token), {
      ...family,
      clientId: client.id,
      username: user.username,
      signedInMs: room.now(),
      expiresMs: room.now() + lifetimesOf(client).refreshSeconds * 1000,
    }),
  );
  return token;
}

/** The user's `sub` is in it, so that a user's tokens can be taken back together; what is secret is random. */
export const newRefreshToken = (room: TokenRoom, user: UserRow): string =>
  `${Buffer.from(user.sub).toString('base64url')}.${Buffer.from(room.random(48)).toString('base64url')}`;

/** Only a digest is kept. */
export function refreshKey(pool: PoolRow, token: string): string {
  const [sub = ''] = token.split('.');
  const digest = createHash('sha256').update(token).digest('hex');
  return `${pool.id}/${Buffer.from(sub, 'base64url').toString()}/${digest}`;
}

export async function sign(
  room: TokenRoom,
  scope: Scope,
  pool: PoolRow,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const [key] = await room.keys.of(scope, pool.id);
  if (key === undefined) throw new Error(`the user pool ${pool.id} has no signing key`);
  return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg: 'RS256' }).sign(key.privateKey);
}

/** Roles in the order of precedence; the first is preferred unless two share the rank. */
function rolesOf(groups: readonly GroupRow[]) {
  const withRole = groups.filter(({ roleArn }) => roleArn !== undefined);
  const [first, second] = withRole;
  const clear = first !== undefined && first.precedence !== second?.precedence;
  return {
    roles: withRole.map(({ roleArn = '' }) => roleArn),
    ...(first?.roleArn !== undefined && (clear || second === undefined) && { preferred: first.roleArn }),
  };
}

/** What a scope of OpenID Connect tells: https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html */
const CLAIMS_OF_SCOPE: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** `openid` alone means everything that is readable; beside others, what those name. */
function isInScope(name: string, scopes: readonly string[] | undefined): boolean {
  const wanted =
    scopes?.filter((scope) => scope === 'profile' || Object.hasOwn(CLAIMS_OF_SCOPE, scope)) ?? [];
  if (wanted.length === 0) return true;
  const special = Object.entries(CLAIMS_OF_SCOPE).find(([, names]) => names.includes(name));
  return wanted.includes(special?.[0] ?? 'profile');
}

/** What a client may read of its user, and its scopes ask for, as claims. */
export function readableClaims(
  pool: PoolRow,
  client: ClientRow,
  user: UserRow,
  scopes: readonly string[] | undefined,
): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(user.attributes)) {
    if (name.startsWith('dev:') || !isInScope(name, scopes)) continue;
    if (client.readAttributes !== undefined && !client.readAttributes.includes(name)) continue;
    const type = pool.schema.find(({ Name }) => Name === name)?.AttributeDataType;
    claims[name] = type === 'Boolean' && name.endsWith('_verified') ? value === 'true' : value;
  }
  if (typeof claims['address'] === 'string') claims['address'] = { formatted: claims['address'] };
  return claims;
}
