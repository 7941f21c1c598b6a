/** An access token as proof of who calls: GetUser and its like, and `/oauth2/userInfo`. */
import { decodeJwt, jwtVerify, errors } from 'jose';
import { notAuthorized } from './fault.ts';
import { type ClientPlace, findPool } from './places.ts';
import { clients, revocations, type UserRow } from './rows.ts';
import { ADMIN_SCOPE, issuerOf, type TokenRoom } from './tokens.ts';
import { findUser } from './user-store.ts';

export interface Bearer extends ClientPlace {
  readonly user: UserRow;
  readonly scopes: readonly string[];
}

/** Throws NotAuthorizedException. `scope`: one it must have. */
export async function bearerOf(
  room: TokenRoom,
  token: string | undefined,
  scope: string = ADMIN_SCOPE,
): Promise<Bearer> {
  const bearer = await verified(room, token ?? '');
  if (!bearer.scopes.includes(scope)) throw notAuthorized('Access Token does not have required scopes');
  return bearer;
}

async function verified(room: TokenRoom, token: string): Promise<Bearer> {
  const place = await placeOf(room, token);
  const [payload, kid] = await claimsOf(room, place, token);
  if (kid === undefined) throw invalid();
  const client = await room.store.get(
    clients,
    place.scope,
    `${place.pool.id}/${String(payload['client_id'])}`,
  );
  const user = await findUser(room.store, place.scope, place.pool, String(payload['username']));
  if (payload['token_use'] !== 'access' || client === undefined) throw invalid();
  // A token outlives neither its user nor its sign-in.
  if (user === undefined || user.sub !== payload.sub) throw invalid();
  if (!user.enabled) throw notAuthorized('User is disabled.');
  const origin = payload['origin_jti'];
  const revoked =
    typeof origin === 'string' &&
    (await room.store.get(revocations, place.scope, `${place.pool.id}/${origin}`)) !== undefined;
  if (revoked || Number(payload.iat) * 1000 < user.signedOutMs)
    throw notAuthorized('Access Token has been revoked');
  const scopes = String(payload['scope'] ?? '').split(' ');
  return { ...place, client, user, scopes };
}

const invalid = () => notAuthorized('Invalid Access Token');

async function placeOf(room: TokenRoom, token: string) {
  let poolId = '';
  try {
    poolId = decodeJwt(token).iss?.split('/').at(-1) ?? '';
  } catch {
    throw invalid();
  }
  const place = await findPool(room.store, poolId);
  if (place === undefined) throw invalid();
  return place;
}

async function claimsOf(room: TokenRoom, place: Omit<ClientPlace, 'client'>, token: string) {
  const keys = await room.keys.of(place.scope, place.pool.id);
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys.find((one) => one.kid === kid);
        if (key === undefined) throw invalid();
        return key.publicKey;
      },
      {
        issuer: issuerOf(room, place.scope, place.pool.id),
        algorithms: ['RS256'],
        currentDate: new Date(room.now()),
      },
    );
    return [payload, protectedHeader.kid] as const;
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired) throw notAuthorized('Access Token has expired');
    if (thrown instanceof errors.JWSSignatureVerificationFailed)
      throw notAuthorized('Could not verify signature for Access Token');
    throw invalid();
  }
}
