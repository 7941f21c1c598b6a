/** Tokens of user pools and OpenID Connect providers. */
import type { AuthorizationMode } from '../config.ts';
import { RequestError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { GraphqlPorts } from '../ports.ts';
import { isFound } from '../user-pattern.ts';
import { nobody } from './authorize.ts';

type TokenMode = Extract<AuthorizationMode, { type: 'AMAZON_COGNITO_USER_POOLS' | 'OPENID_CONNECT' }>;
type Claims = Readonly<Record<string, unknown>>;

/** Undefined: none of the modes knows the token's issuer, or it is no token. Throws RequestError for one that is not good. */
export async function authorizeByToken(
  modes: readonly TokenMode[],
  ports: GraphqlPorts,
  authorization: string,
  sourceIp: string,
): Promise<Identity | undefined> {
  const token = authorization.replace(/^Bearer\s+/i, '');
  const said = readClaims(token);
  if (said === undefined) return undefined;
  const issuerOf = (mode: TokenMode): string =>
    mode.type === 'OPENID_CONNECT' ? mode.issuer : ports.userPoolIssuer(mode.region, mode.userPoolId);
  const same = (one: string, other: unknown): boolean =>
    typeof other === 'string' && one.replace(/\/$/, '') === other.replace(/\/$/, '');
  const mode = modes.find((each) => same(issuerOf(each), said['iss']));
  if (mode === undefined) return undefined;
  const verdict = await ports.verifyToken(token, issuerOf(mode));
  if (!verdict.ok) throw new RequestError(401, 'UnauthorizedException', shownReason(verdict.reason));
  const { claims } = verdict;
  checkMode(mode, claims, ports.now());
  return mode.type === 'OPENID_CONNECT'
    ? oidcIdentity(claims)
    : poolIdentity(claims, sourceIp, mode.defaultAction);
}

/** What a token says, before anybody knows whether it is true. */
function readClaims(token: string): Claims | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}

const shownReason = (reason: string): string =>
  reason.includes('expired') ? 'Token has expired.' : 'You are not authorized to make this call.';

function checkMode(mode: TokenMode, claims: Claims, now: number): void {
  const refuse = (): never => {
    throw new RequestError(401, 'UnauthorizedException', 'You are not authorized to make this call.');
  };
  if (mode.clientPattern !== undefined && mode.clientPattern !== '') {
    const clients = [claims['client_id'], claims['aud'], claims['azp']]
      .flat()
      .filter((each) => typeof each === 'string');
    if (!clients.some((client) => isFound(`^(?:${mode.clientPattern})$`, client))) refuse();
  }
  if (mode.type !== 'OPENID_CONNECT') return;
  const within = (claim: string, ms: number | undefined): boolean =>
    ms === undefined || ms === 0 || (typeof claims[claim] === 'number' && now - claims[claim] * 1000 <= ms);
  if (!within('iat', mode.issuedWithinMs) || !within('auth_time', mode.authenticatedWithinMs)) refuse();
}

const until = (claims: Claims): number =>
  typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : Number.POSITIVE_INFINITY;

function poolIdentity(claims: Claims, sourceIp: string, defaultAction: 'ALLOW' | 'DENY'): Identity {
  const groups = Array.isArray(claims['cognito:groups']) ? claims['cognito:groups'].map(String) : [];
  return {
    ...nobody,
    type: 'AMAZON_COGNITO_USER_POOLS',
    key: `pool/${String(claims['iss'])}/${String(claims['sub'])}`,
    groups,
    goodUntil: until(claims),
    shown: {
      claims,
      defaultAuthStrategy: defaultAction,
      groups: groups.length > 0 ? groups : null,
      issuer: claims['iss'],
      sourceIp: [sourceIp],
      sub: claims['sub'],
      username: claims['cognito:username'] ?? claims['username'],
    },
  };
}

const oidcIdentity = (claims: Claims): Identity => ({
  ...nobody,
  type: 'OPENID_CONNECT',
  key: `oidc/${String(claims['iss'])}/${String(claims['sub'])}`,
  goodUntil: until(claims),
  shown: { claims, issuer: claims['iss'], sub: claims['sub'] },
});
