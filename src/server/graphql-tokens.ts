/** Tokens of user pools and OpenID Connect providers, for GraphQL APIs. */
import type { Now } from '../base/clock.ts';
import type { GraphqlPorts } from '../graphql/ports.ts';
import {
  createIssuerKeys,
  discoverJwksUri,
  type FetchDocument,
  KeysUnavailable,
} from '../lang/jwt/issuer-keys.ts';
import { BadToken, createJwtVerifier, type VerifyJwt } from '../lang/jwt/verify-jwt.ts';

/** Ours: issuers whose keys are kept. */
const ISSUERS_KEPT = 100;

export function createVerifyToken(fetchDocument: FetchDocument, now: Now): GraphqlPorts['verifyToken'] {
  const verifiers = new Map<string, VerifyJwt>();
  return async (token, issuer) => {
    let verify = verifiers.get(issuer);
    if (verify === undefined) {
      const keys = createIssuerKeys({ fetchDocument, now }, discoverJwksUri(fetchDocument, issuer));
      verify = createJwtVerifier(keys, { issuer, audience: [] }, now);
      if (verifiers.size >= ISSUERS_KEPT) verifiers.clear();
      verifiers.set(issuer, verify);
    }
    try {
      return { ok: true, claims: await verify(token) };
    } catch (thrown) {
      if (thrown instanceof BadToken)
        return { ok: false, reason: thrown.expired ? 'expired' : thrown.message };
      if (thrown instanceof KeysUnavailable) return { ok: false, reason: thrown.message };
      throw thrown;
    }
  };
}
