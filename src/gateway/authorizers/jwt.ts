/**
 * JSON Web Tokens as API Gateway checks them: RSA only, in the order kid, iss, aud or client_id, exp, nbf, iat.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
import { createHash, verify } from 'node:crypto';
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { parseObject } from '../integrations/lambda-answer.ts';
import type { IssuerKeys } from './jwks.ts';

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

/** Throws BadToken or KeysUnavailable. */
export type VerifyJwt = (token: string) => Promise<Claims>;

const ALGORITHMS: Readonly<Record<string, string>> = {
  RS256: 'RSA-SHA256',
  RS384: 'RSA-SHA384',
  RS512: 'RSA-SHA512',
};

export function createJwtVerifier(keys: IssuerKeys, rules: JwtRules, now: Now): VerifyJwt {
  const verified = new Map<string, Claims>();
  return async (token) => {
    // The signature is checked once a token; time is checked at every call.
    const name = createHash('sha256').update(token).digest('base64');
    const known = verified.get(name);
    const claims = known ?? (await checkSignature(token, keys));
    checkClaims(claims, rules, now() / 1000);
    if (known === undefined) keep(verified, name, claims);
    return claims;
  };
}

function keep(verified: Map<string, Claims>, name: string, claims: Claims): void {
  verified.set(name, claims);
  if (verified.size > limits.authorizerVerdictsKept) verified.delete(verified.keys().next().value ?? '');
}

async function checkSignature(token: string, keys: IssuerKeys): Promise<Claims> {
  const [head = '', payload = '', signature = '', ...more] = token.split('.');
  if (signature === '' || more.length > 0) throw new BadToken('invalid number of segments');
  const header = decode(head);
  const algorithm =
    typeof header?.['alg'] === 'string' && Object.hasOwn(ALGORITHMS, header['alg'])
      ? ALGORITHMS[header['alg']]
      : undefined;
  if (algorithm === undefined) throw new BadToken('signing method is invalid');
  if (typeof header?.['kid'] !== 'string' || header['crit'] !== undefined)
    throw new BadToken('unable to find a signing key');
  const key = await keys.find(header['kid']);
  if (key === undefined) throw new BadToken('unable to find a signing key');
  const good = verify(algorithm, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'));
  const claims = decode(payload);
  if (!good || claims === undefined) throw new BadToken('the token signature is invalid');
  return claims;
}

const decode = (segment: string): Record<string, unknown> | undefined =>
  parseObject(Buffer.from(segment, 'base64url').toString('utf8'));

function checkClaims(claims: Claims, rules: JwtRules, nowSeconds: number): void {
  const { exp, nbf, iat } = claims;
  if (claims['iss'] !== rules.issuer) throw new BadToken('the token does not have a valid issuer');
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

/** `scope` as words or `scp` as a list. */
export function scopesOf(claims: Claims): string[] {
  const said = claims['scope'] ?? claims['scp'];
  if (typeof said === 'string') return said.split(' ').filter((scope) => scope !== '');
  return Array.isArray(said) ? said.map(String) : [];
}

/** Events carry claims as text: lists as `[a b]`, objects as JSON, null not at all (recorded). */
export function claimsAsText(claims: Claims): Record<string, string> {
  const members: [string, string][] = [];
  for (const [name, value] of Object.entries(claims)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) members.push([name, `[${value.map(String).join(' ')}]`]);
    else members.push([name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  }
  return Object.fromEntries(members);
}
