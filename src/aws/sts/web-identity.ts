/** AssumeRoleWithWebIdentity: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
} from '@aws-sdk/client-sts';
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { createIssuerKeys, discoverJwksUri, KeysUnavailable } from '../../lang/jwt/issuer-keys.ts';
import { BadToken, type Claims, createJwtVerifier, type VerifyJwt } from '../../lang/jwt/verify-jwt.ts';
import { parseObject } from '../../lang/json/json-object.ts';
import { type OidcProviderRow, oidcProviders } from '../iam/oidc-provider.ts';
import { nameKey } from '../iam/principal.ts';
import { type RoleRow, roles } from '../iam/role-row.ts';
import { globalScope } from '../iam/scope.ts';
import { assumedBy } from './assume-role.ts';
import { issueSession, shownCredentials } from './credentials.ts';
import { accessDenied, validationError } from './faults.ts';
import type { StsPorts } from './ports.ts';
import { sessionPoliciesOf } from './session-policy.ts';
import { trustsFederated } from './trust.ts';

export const webIdentityOperations = (ports: StsPorts) => {
  const verify = createVerifiers(ports);
  return {
    AssumeRoleWithWebIdentity: async (
      input: AssumeRoleWithWebIdentityRequest,
    ): Promise<AssumeRoleWithWebIdentityResponse> => {
      const { RoleArn = '', RoleSessionName: sessionName = '', WebIdentityToken: token = '' } = input;
      if (input.ProviderId !== undefined)
        throw validationError('ProviderId: OAuth 2.0 access tokens are not supported by gatehouse');
      const arn = parseArn(RoleArn);
      if (arn?.service !== 'iam' || !arn.resource.startsWith('role/'))
        throw validationError(`${RoleArn} is invalid`);
      const provider = await providerOf(ports, arn.account, token);
      const claims = await checked(verify, provider, token);
      const role = await trustedRole(ports, { roleArn: RoleArn, account: arn.account, provider, claims });
      const session = await issueSession(ports, {
        callerOf: assumedBy(role, arn.account, sessionName),
        ownerArn: role.arn,
        durationSeconds: durationOf(input, role),
        ...(await sessionPoliciesOf(ports.store, globalScope(arn.account), input)),
        federatedProvider: provider.arn,
      });
      return {
        Credentials: shownCredentials(session),
        SubjectFromWebIdentityToken: String(claims['sub'] ?? ''),
        AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: session.caller.arn },
        Provider: provider.arn,
        Audience: audienceOf(claims),
      };
    },
  };
};

const invalidToken = (message: string): Fault =>
  new Fault('InvalidIdentityTokenException', message, { status: 400 });

/** Keys and tokens seen, by issuer. */
function createVerifiers(ports: StsPorts): (provider: OidcProviderRow) => VerifyJwt {
  const known = new Map<string, VerifyJwt>();
  return ({ url }) => {
    const found = known.get(url);
    if (found !== undefined) return found;
    const issuer = `https://${url}`;
    const keys = createIssuerKeys(ports, discoverJwksUri(ports.fetchDocument, issuer));
    // Which audiences are good is the provider's to say at each call.
    const verify = createJwtVerifier(keys, { issuer, audience: [] }, ports.now);
    if (known.size >= limits.iamOidcProviders) known.delete(known.keys().next().value ?? '');
    known.set(url, verify);
    return verify;
  };
}

/** The provider that the token says it is of: read, not believed. */
async function providerOf({ store }: StsPorts, account: string, token: string): Promise<OidcProviderRow> {
  const [, payload = ''] = token.split('.');
  const issuer = parseObject(Buffer.from(payload, 'base64url').toString('utf8'))?.['iss'];
  if (typeof issuer !== 'string')
    throw invalidToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  const url = issuer.replace(/^https:\/\//, '');
  const arn = `arn:aws:iam::${account}:oidc-provider/${url}`;
  const row = await store.get(oidcProviders, globalScope(account), arn);
  if (row === undefined || issuer !== `https://${row.url}`)
    throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  return row;
}

async function checked(
  verify: (provider: OidcProviderRow) => VerifyJwt,
  provider: OidcProviderRow,
  token: string,
): Promise<Claims> {
  let claims: Claims;
  try {
    claims = await verify(provider)(token);
  } catch (thrown) {
    if (thrown instanceof KeysUnavailable)
      throw new Fault(
        'IDPCommunicationError',
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
        { status: 400 },
      );
    if (!(thrown instanceof BadToken)) throw thrown;
    if (thrown.expired) throw new Fault('ExpiredTokenException', 'Token expired', { status: 400 });
    throw invalidToken(`The web identity token could not be validated: ${thrown.message}`);
  }
  const audiences = [claims['aud']].flat();
  if (!audiences.some((audience) => typeof audience === 'string' && provider.clientIds.includes(audience)))
    throw invalidToken('Incorrect token audience');
  return claims;
}

const audienceOf = (claims: Claims): string => String([claims['azp'] ?? claims['aud']].flat()[0] ?? '');

interface Assumed {
  readonly roleArn: string;
  readonly account: string;
  readonly provider: OidcProviderRow;
  readonly claims: Claims;
}

/** A role that does not exist is refused in the same words as one that does not trust the identity. */
async function trustedRole({ store, now }: StsPorts, assumed: Assumed): Promise<RoleRow> {
  const { roleArn, account, provider, claims } = assumed;
  const role = await store.get(roles, globalScope(account), nameKey(roleArn.split('/').at(-1) ?? ''));
  const context = contextOf(provider, claims, now());
  if (role?.arn !== roleArn || !trustsFederated(role, provider.arn, context))
    throw accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  return role;
}

/** `token.actions.githubusercontent.com:sub` and its like. */
function contextOf({ url }: OidcProviderRow, claims: Claims, now: number): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = { 'aws:CurrentTime': new Date(now).toISOString() };
  for (const [name, value] of Object.entries(claims)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      context[`${url}:${name}`] = String(value);
    else if (Array.isArray(value)) context[`${url}:${name}`] = value.map(String);
  }
  return { ...context, [`${url}:aud`]: audienceOf(claims) };
}

function durationOf(input: AssumeRoleWithWebIdentityRequest, role: RoleRow): number {
  const { min, default: usual } = limits.stsRoleSessionSeconds;
  const seconds = input.DurationSeconds ?? usual;
  if (seconds < min)
    throw validationError(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${min}`,
    );
  if (seconds > role.maxSessionSeconds)
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return seconds;
}
