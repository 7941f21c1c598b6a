/**
 * JSON Web Tokens as API Gateway checks them: RSA only, in the order kid, iss, aud or client_id, exp, nbf, iat.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
import { verify } from 'node:crypto';
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { IssuerKey, IssuerKeys } from './issuer-keys.ts';
import { parseObject } from '../json/json-object.ts';
import { isSameIssuer } from './user-pool-issuer.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Why a token is not good, as `error_description` says it. Only the audience's text is in AWS's pages; the others are ours. */
export class BadToken extends Error {
  override readonly name = 'BadToken';
  readonly expired: boolean;
  constructor(description: string, expired = false) {
    super(description);
    this.expired = expired;
  }
}

export interface JwtRules {
  readonly issuer: string;
  /** Empty: any audience. */
  readonly audience: readonly string[];
}

/** Throws BadToken or KeysUnavailable; waits only for what has to be fetched. */
export type VerifyJwt = (token: string) => Claims | Promise<Claims>;

const ALGORITHMS: Readonly<Record<string, string>> = {
  RS256: 'RSA-SHA256',
  RS384: 'RSA-SHA384',
  RS512: 'RSA-SHA512',
};

/** A token whose signature was found good, and by which key: with another key of that name it is checked again. */
interface Verified {
  readonly claims: Claims;
  readonly kid: string;
  readonly by: IssuerKey;
}

export function createJwtVerifier(keys: IssuerKeys, rules: JwtRules, now: Now): VerifyJwt {
  // The signature is checked once a token; time is checked at every call.
  const seen = new Map<string, Verified>();
  const check = async (token: string): Promise<Claims> => {
    const verified = await checkSignature(token, keys);
    checkClaims(verified.claims, rules, now() / 1000);
    seen.delete(token);
    seen.set(token, verified);
    if (seen.size > limits.authorizerVerdictsKept) seen.delete(seen.keys().next().value ?? '');
    return verified.claims;
  };
  return (token) => {
    const known = seen.get(token);
    if (known === undefined || keys.known(known.kid) !== known.by) return check(token);
    checkClaims(known.claims, rules, now() / 1000);
    return known.claims;
  };
}

/** Nothing but base64url: what a lenient reader would skip makes other tokens of one. */
const SEGMENT = /^[\w-]+$/;

async function checkSignature(token: string, keys: IssuerKeys): Promise<Verified> {
  const segments = token.split('.');
  const [head = '', payload = '', signature = ''] = segments;
  if (segments.length !== 3 || !segments.every((segment) => SEGMENT.test(segment)))
    throw new BadToken('invalid number of segments');
  const header = decode(head);
  const { alg, kid, crit } = header ?? {};
  const algorithm = typeof alg === 'string' && Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined;
  if (algorithm === undefined) throw new BadToken('signing method is invalid');
  if (typeof kid !== 'string' || crit !== undefined) throw new BadToken('unable to find a signing key');
  const by = await keys.find(kid);
  if (by === undefined || (by.alg !== undefined && by.alg !== alg))
    throw new BadToken('unable to find a signing key');
  const signed = Buffer.from(`${head}.${payload}`);
  const good = verify(algorithm, signed, by.key, Buffer.from(signature, 'base64url'));
  const claims = decode(payload);
  if (!good || claims === undefined) throw new BadToken('the token signature is invalid');
  return { claims, kid, by };
}

const decode = (segment: string): Record<string, unknown> | undefined =>
  parseObject(Buffer.from(segment, 'base64url').toString('utf8'));

function checkClaims(claims: Claims, rules: JwtRules, nowSeconds: number): void {
  const { exp, nbf, iat } = claims;
  if (!isSameIssuer(claims['iss'], rules.issuer))
    throw new BadToken('the token does not have a valid issuer');
  if (rules.audience.length > 0 && !hasAudience(claims, rules.audience))
    throw new BadToken('the token does not have a valid audience');
  if (typeof exp !== 'number' || exp <= nowSeconds) throw new BadToken('the token has expired', true);
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > nowSeconds))
    throw new BadToken('the token is not valid yet');
  if (iat !== undefined && (typeof iat !== 'number' || iat > nowSeconds))
    throw new BadToken('the token was issued in the future');
}

/** `client_id` counts only where there is no `aud`, as in Cognito's access tokens. */
function hasAudience(claims: Claims, allowed: readonly string[]): boolean {
  const audience = claims['aud'] ?? claims['client_id'];
  return [audience].flat().some((one) => typeof one === 'string' && allowed.includes(one));
}
