/** `/{userPoolId}/.well-known/...`: a pool's keys, and where its endpoints are. */
import { findPool } from '../places.ts';
import { issuerOf, type TokenRoom } from '../tokens.ts';

/** The keys' document, which authorizers of this server read directly. Undefined when nobody has the pool. */
export async function keysDocument(room: TokenRoom, poolId: string): Promise<object | undefined> {
  const place = await findPool(room.store, poolId);
  if (place === undefined) return undefined;
  const keys = await room.keys.of(place.scope, poolId);
  return { keys: keys.map(({ published }) => published) };
}

/**
 * The issuer is the one that tokens name. The other addresses are this server's, as the client reached it, so that
 * they can be called.
 */
export async function discoveryDocument(
  room: TokenRoom,
  poolId: string,
  base: string,
): Promise<object | undefined> {
  const place = await findPool(room.store, poolId);
  if (place === undefined) return undefined;
  return {
    authorization_endpoint: `${base}/oauth2/authorize`,
    end_session_endpoint: `${base}/logout`,
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: issuerOf(room, place.scope, poolId),
    jwks_uri: `${base}/${poolId}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    revocation_endpoint: `${base}/oauth2/revoke`,
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
    token_endpoint: `${base}/oauth2/token`,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    userinfo_endpoint: `${base}/oauth2/userInfo`,
  };
}
