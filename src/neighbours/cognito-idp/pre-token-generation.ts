/**
 * The PreTokenGeneration trigger, versions 1 to 3.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
 */
import type { ClientPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { UserRow } from './rows.ts';
import { triggerAttributes } from './show-user.ts';
import { runTrigger } from './trigger.ts';

export type TokenSource =
  | 'TokenGeneration_HostedAuth'
  | 'TokenGeneration_Authentication'
  | 'TokenGeneration_NewPasswordChallenge'
  | 'TokenGeneration_RefreshTokens'
  | 'TokenGeneration_ClientCredentials';

export interface ToCustomise {
  readonly source: TokenSource;
  /** Undefined for client credentials. */
  readonly user: UserRow | undefined;
  readonly groups: readonly string[];
  readonly roles: { readonly roles: readonly string[]; readonly preferred?: string };
  readonly scopes: readonly string[];
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

type Claims = Readonly<Record<string, unknown>>;

export interface Customised {
  readonly groups: readonly string[];
  readonly roleClaims: Claims;
  readonly scopes: readonly string[];
  readonly id: (claims: Claims) => Claims;
  readonly access: (claims: Claims) => Claims;
}

/** Claims that no trigger may touch; the same page lists them. */
const FIXED = new Set([
  'acr',
  'amr',
  'at_hash',
  'auth_time',
  'azp',
  'exp',
  'iat',
  'iss',
  'jti',
  'nbf',
  'nonce',
  'origin_jti',
  'sub',
  'token_use',
  'client_id',
  'username',
  'device_key',
  'event_id',
  'version',
  'aud',
  'identities',
  'cognito:username',
]);

export async function customiseTokens(
  ports: CognitoPorts,
  place: ClientPlace,
  tokens: ToCustomise,
): Promise<Customised> {
  const version = place.pool.triggers.PreTokenGenerationConfig?.LambdaVersion ?? 'V1_0';
  const answer = await ask(ports, place, tokens, version);
  const first = objectOf(answer?.['claimsOverrideDetails']);
  const later = objectOf(answer?.['claimsAndScopeOverrideDetails']);
  const details = version === 'V1_0' ? first : later;
  const override = objectOf(details?.['groupOverrideDetails']);
  const groups = listOf(override?.['groupsToOverride']) ?? tokens.groups;
  const roles = listOf(override?.['iamRolesToOverride']) ?? tokens.roles.roles;
  const preferred = override === undefined ? tokens.roles.preferred : override['preferredRole'];
  const id = version === 'V1_0' ? details : objectOf(details?.['idTokenGeneration']);
  const access = version === 'V1_0' ? undefined : objectOf(details?.['accessTokenGeneration']);
  const suppressed = listOf(access?.['scopesToSuppress']) ?? [];
  const added = listOf(access?.['scopesToAdd']) ?? [];
  const scopes = tokens.scopes.filter((scope) => !suppressed.includes(scope));
  return {
    groups,
    roleClaims: {
      ...(roles.length > 0 && { 'cognito:roles': roles }),
      ...(typeof preferred === 'string' && preferred !== '' && { 'cognito:preferred_role': preferred }),
    },
    scopes: [...scopes, ...added.filter((scope) => !scopes.includes(scope) && scope !== 'openid')],
    id: (claims) => overridden(claims, id),
    access: (claims) => overridden(claims, access),
  };
}

function overridden(claims: Claims, details: Claims | undefined): Claims {
  const added = objectOf(details?.['claimsToAddOrOverride']) ?? {};
  const gone = listOf(details?.['claimsToSuppress']) ?? [];
  const free = Object.entries(added).filter(([name]) => !FIXED.has(name) && name !== 'scope');
  const kept = Object.entries(claims).filter(([name]) => FIXED.has(name) || !gone.includes(name));
  return Object.fromEntries([...kept, ...free]);
}

async function ask(
  ports: CognitoPorts,
  place: ClientPlace,
  { source, user, groups, roles, scopes, clientMetadata }: ToCustomise,
  version: string,
) {
  const machine = user === undefined;
  // Client credentials reach version 3 only.
  if (machine && version !== 'V3_0') return undefined;
  return runTrigger(ports, place, {
    name: 'PreTokenGeneration',
    source,
    version: version === 'V1_0' ? '1' : version === 'V2_0' ? '2' : '3',
    clientId: place.client.id,
    username: user?.username ?? place.client.id,
    request: {
      userAttributes: user === undefined ? {} : triggerAttributes(user),
      groupConfiguration: {
        groupsToOverride: groups,
        iamRolesToOverride: roles.roles,
        preferredRole: roles.preferred ?? null,
      },
      ...(version !== 'V1_0' && { scopes }),
      ...(clientMetadata && { clientMetadata }),
    },
    response: version === 'V1_0' ? { claimsOverrideDetails: null } : { claimsAndScopeOverrideDetails: null },
  });
}

const objectOf = (value: unknown): Claims | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined; // an object of JSON

const listOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined;
