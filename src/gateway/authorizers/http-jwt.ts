/** JWT authorizers of HTTP APIs. */
import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import type { Engine } from '../engine.ts';
import { ANONYMOUS, type Identity, type Routed } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { configurationError } from '../refusal.ts';
import { compileIdentitySources } from './identity-sources.ts';
import { createIssuerKeys, discoverJwksUri, KeysUnavailable } from '../../lang/jwt/issuer-keys.ts';
import { BadToken, type Claims, createJwtVerifier, type VerifyJwt } from '../../lang/jwt/verify-jwt.ts';
import { claimsAsText, scopesOf } from './claims.ts';

/** `scopes`: one of them must be in the token; the event then carries the token's whole list. */
export type AuthorizeJwt = (call: Routed, scopes: readonly string[]) => Promise<Identity>;

export function compileJwtAuthorizer(authorizer: Authorizer, engine: Engine): AuthorizeJwt {
  const { Issuer: issuer, Audience: audience = [] } = authorizer.JwtConfiguration ?? {};
  if (!issuer) throw configurationError('the JWT authorizer has no issuer');
  const keys = createIssuerKeys(engine.ports, discoverJwksUri(engine.ports.fetchDocument, issuer));
  // A token that is sent again has its claims put into words once.
  const texts = new WeakMap<Claims, Record<string, string>>();
  const asText = (claims: Claims): Record<string, string> => {
    const text = texts.get(claims) ?? claimsAsText(claims);
    texts.set(claims, text);
    return text;
  };
  const verify = createJwtVerifier(keys, { issuer, audience }, engine.ports.now);
  const read = compileIdentitySources(authorizer.IdentitySource ?? ['$request.header.Authorization']);
  return async (call, scopes) => {
    const token = read(call)?.[0]?.replace(/^Bearer\s+/i, '');
    if (token === undefined || token === '') throw unauthorized('Bearer');
    const claims = await verified(verify, token, call);
    return {
      ...ANONYMOUS,
      authorizer: { jwt: { claims: asText(claims), scopes: grantedScopes(claims, scopes) } },
    };
  };
}

async function verified(verify: VerifyJwt, token: string, call: Routed): Promise<Claims> {
  try {
    const claims = verify(token);
    return claims instanceof Promise ? await claims : claims;
  } catch (thrown) {
    throw refusalOf(call, thrown);
  }
}

function grantedScopes(claims: Claims, wanted: readonly string[]): readonly string[] | null {
  if (wanted.length === 0) return null;
  const granted = scopesOf(claims);
  if (granted.some((scope) => wanted.includes(scope))) return granted;
  const challenge = `Bearer scope="${wanted.join(' ')}" error="insufficient_scope" error_description="the token does not have a valid scope"`;
  throw new Refusal('ACCESS_DENIED', 'Forbidden', { headers: ['www-authenticate', challenge] });
}

const unauthorized = (challenge: string): Refusal =>
  new Refusal('UNAUTHORIZED', 'Unauthorized', { headers: ['www-authenticate', challenge] });

function refusalOf(call: Routed, thrown: unknown): unknown {
  if (!(thrown instanceof BadToken) && !(thrown instanceof KeysUnavailable)) return thrown;
  call.facts.authorizerError = `invalid_token: ${thrown.message}`;
  return unauthorized(`Bearer scope="" error="invalid_token" error_description="${thrown.message}"`);
}
