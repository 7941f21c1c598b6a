/** `/oauth2/token`: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
import { createHash, randomUUID } from 'node:crypto';
import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider';
import { isFault } from '../../../base/fault.ts';
import { lifetimesOf } from '../client-settings.ts';
import type { ClientPlace } from '../places.ts';
import { customiseTokens } from '../pre-token-generation.ts';
import { refresh } from '../refresh.ts';
import { type AuthCodeRow, authCodes, refreshTokens, resourceServers, revocations, users } from '../rows.ts';
import { sameText } from '../srp.ts';
import { issuerOf, makeRefreshToken, makeTokens, sign, type TokenRoom } from '../tokens.ts';
import { userKeyOf } from '../user-store.ts';
import { provenClient } from './client-proof.ts';
import { type HostedReply, type HostedRequest, json, oauthError } from './http.ts';

export async function tokenEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  if (request.method !== 'POST') return oauthError('invalid_request', 405);
  const place = await provenClient(room, request);
  if (place === undefined) return oauthError('invalid_client');
  const grant = request.form.get('grant_type');
  try {
    switch (grant) {
      case 'authorization_code':
        return await exchangeCode(room, place, request.form);
      case 'refresh_token':
        return await exchangeRefresh(room, place, request.form);
      case 'client_credentials':
        return await clientCredentials(room, place, request.form);
      case null:
        return oauthError('invalid_request');
      default:
        return oauthError('unsupported_grant_type');
    }
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    // A trigger's refusal and a token that is over come to the same for OAuth.
    return oauthError('invalid_grant', 400, thrown.message);
  }
}

async function exchangeCode(
  room: TokenRoom,
  place: ClientPlace,
  form: URLSearchParams,
): Promise<HostedReply> {
  const { pool, scope, client } = place;
  if (!client.oauthEnabled || !client.oauthFlows?.includes('code')) return oauthError('unauthorized_client');
  const name = form.get('code');
  if (name === null || form.get('redirect_uri') === null) return oauthError('invalid_request');
  const key = `${pool.id}/${createHash('sha256').update(name).digest('hex')}`;
  const originJti = randomUUID();
  const taken = await room.store.transaction(async (rows) => {
    const row = await rows.get(authCodes, scope, key);
    if (row === undefined) return undefined;
    if (row.usedFor === undefined) {
      await rows.put(authCodes, scope, key, { ...row, usedFor: originJti });
      return row;
    }
    // Used twice: somebody else has it. What it gave is taken back (RFC 6749, section 4.1.2).
    const untilMs = room.now() + lifetimesOf(client).accessSeconds * 1000;
    await rows.put(revocations, scope, `${pool.id}/${row.usedFor}`, { untilMs });
    for (const held of await rows.list(refreshTokens, scope, { prefix: `${pool.id}/` }))
      if (held.row.originJti === row.usedFor) await rows.delete(refreshTokens, scope, held.key);
    return undefined;
  });
  if (taken === undefined || !isGood(room, taken, place, form)) return oauthError('invalid_grant');
  const user = await room.store.get(users, scope, `${pool.id}/${userKeyOf(pool, taken.username)}`);
  if (user === undefined || !user.enabled) return oauthError('invalid_grant');
  const { originJti: _, ...result } = await makeTokens(room, place, {
    user,
    source: 'TokenGeneration_HostedAuth',
    scopes: taken.scopes,
    authTimeS: taken.authTimeS,
    nonce: taken.nonce,
    originJti,
    hosted: true,
  });
  const RefreshToken = await makeRefreshToken(room, place, user, {
    originJti,
    authTimeS: taken.authTimeS,
    scopes: taken.scopes,
  });
  return json(200, shown({ ...result, RefreshToken }));
}

function isGood(room: TokenRoom, row: AuthCodeRow, { client }: ClientPlace, form: URLSearchParams): boolean {
  if (row.clientId !== client.id || row.expiresMs <= room.now()) return false;
  if (row.redirectUri !== form.get('redirect_uri')) return false;
  const verifier = form.get('code_verifier');
  if (row.challenge === undefined) return verifier === null;
  if (verifier === null) return false;
  return sameText(createHash('sha256').update(verifier).digest('base64url'), row.challenge);
}

async function exchangeRefresh(
  room: TokenRoom,
  place: ClientPlace,
  form: URLSearchParams,
): Promise<HostedReply> {
  const token = form.get('refresh_token');
  if (token === null) return oauthError('invalid_request');
  return json(200, shown(await refresh(room, place, { token, trusted: true, hosted: true })));
}

async function clientCredentials(
  room: TokenRoom,
  place: ClientPlace,
  form: URLSearchParams,
): Promise<HostedReply> {
  const { pool, scope, client } = place;
  if (!client.oauthEnabled || !client.oauthFlows?.includes('client_credentials'))
    return oauthError('unauthorized_client');
  if (client.secrets.length === 0) return oauthError('invalid_client');
  const servers = await room.store.list(resourceServers, scope, { prefix: `${pool.id}/` });
  const custom = servers.flatMap(({ row }) =>
    row.scopes.map(({ ScopeName }) => `${row.identifier}/${ScopeName}`),
  );
  const allowed = (client.oauthScopes ?? []).filter((one) => custom.includes(one));
  const asked = (form.get('scope') ?? '').split(' ').filter((one) => one !== '');
  // A machine is nobody: what tells of a user is not for it.
  if (asked.some((one) => !allowed.includes(one))) return oauthError('invalid_grant');
  const scopes = asked.length > 0 ? asked : allowed;
  const made = await customiseTokens(room, place, {
    source: 'TokenGeneration_ClientCredentials',
    user: undefined,
    groups: [],
    roles: { roles: [] },
    scopes,
  });
  const iat = Math.floor(room.now() / 1000);
  const { accessSeconds } = lifetimesOf(client);
  const token = await sign(
    room,
    scope,
    pool,
    made.access({
      sub: client.id,
      token_use: 'access',
      scope: made.scopes.join(' '),
      auth_time: iat,
      iss: issuerOf(room, scope, pool.id),
      exp: iat + accessSeconds,
      iat,
      version: 2,
      jti: randomUUID(),
      client_id: client.id,
    }),
  );
  return json(200, { access_token: token, expires_in: accessSeconds, token_type: 'Bearer' });
}

const shown = (result: AuthenticationResultType) => ({
  ...(result.IdToken && { id_token: result.IdToken }),
  access_token: result.AccessToken,
  ...(result.RefreshToken && { refresh_token: result.RefreshToken }),
  expires_in: result.ExpiresIn,
  token_type: result.TokenType,
});
