/** What an app client is created or updated with, checked, its defaults put in. */
import type {
  CreateUserPoolClientRequest,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Reader } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { invalidParameter, unsupported } from './fault.ts';
import { type ClientRow, type PoolRow, providers, resourceServers, type TimeUnit } from './rows.ts';

type Settings = Omit<CreateUserPoolClientRequest, 'UserPoolId' | 'ClientName' | 'GenerateSecret'>;
type Changeable = Omit<ClientRow, 'poolId' | 'id' | 'name' | 'createdMs' | 'modifiedMs' | 'secrets'>;

const LEGACY = ['ADMIN_NO_SRP_AUTH', 'CUSTOM_AUTH_FLOW_ONLY', 'USER_PASSWORD_AUTH'];
const STANDARD_SCOPES = ['phone', 'email', 'openid', 'profile', 'aws.cognito.signin.user.admin'];
const SECONDS: Readonly<Record<TimeUnit, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** Throws InvalidParameterException, ScopeDoesNotExistException. */
export async function clientSettings(
  rows: Reader,
  scope: Scope,
  pool: PoolRow,
  input: Settings,
): Promise<Changeable> {
  if (input.AnalyticsConfiguration !== undefined) throw unsupported('AnalyticsConfiguration');
  checkFlows(input.ExplicitAuthFlows);
  checkAttributes(pool, input);
  await checkScopes(rows, scope, pool, input);
  await checkProviders(rows, scope, pool, input.SupportedIdentityProviders);
  checkOAuth(input);
  const units = {
    access: input.TokenValidityUnits?.AccessToken ?? 'hours',
    id: input.TokenValidityUnits?.IdToken ?? 'hours',
    refresh: input.TokenValidityUnits?.RefreshToken ?? 'days',
  } as const;
  const settings: Changeable = {
    // AWS takes 0 for the default.
    refreshValidity: input.RefreshTokenValidity || 30,
    ...(input.AccessTokenValidity !== undefined && { accessValidity: input.AccessTokenValidity }),
    ...(input.IdTokenValidity !== undefined && { idValidity: input.IdTokenValidity }),
    units,
    unitsGiven: input.TokenValidityUnits !== undefined,
    ...(input.ReadAttributes && { readAttributes: input.ReadAttributes }),
    ...(input.WriteAttributes && { writeAttributes: input.WriteAttributes }),
    ...(input.ExplicitAuthFlows && { flows: input.ExplicitAuthFlows }),
    ...(input.SupportedIdentityProviders && { providers: input.SupportedIdentityProviders }),
    ...(input.CallbackURLs && { callbackUrls: input.CallbackURLs }),
    ...(input.LogoutURLs && { logoutUrls: input.LogoutURLs }),
    ...(input.DefaultRedirectURI && { defaultRedirectUri: input.DefaultRedirectURI }),
    ...(input.AllowedOAuthFlows && { oauthFlows: input.AllowedOAuthFlows }),
    ...(input.AllowedOAuthScopes && { oauthScopes: input.AllowedOAuthScopes }),
    oauthEnabled: input.AllowedOAuthFlowsUserPoolClient ?? false,
    // An API's default is to tell; the console's is to hide.
    hidesExistence: input.PreventUserExistenceErrors === 'ENABLED',
    revocation: input.EnableTokenRevocation ?? true,
    propagatesContext: input.EnablePropagateAdditionalUserContextData ?? false,
    sessionMinutes: input.AuthSessionValidity ?? 3,
    ...(input.RefreshTokenRotation?.Feature === 'ENABLED' && {
      rotation: { graceSeconds: input.RefreshTokenRotation.RetryGracePeriodSeconds ?? 0 },
    }),
  };
  checkValidity(settings);
  return settings;
}

function checkFlows(flows: readonly string[] | undefined): void {
  if (flows === undefined) return;
  const legacy = flows.filter((flow) => LEGACY.includes(flow));
  if (legacy.length > 0 && legacy.length < flows.length)
    throw invalidParameter(
      'Cannot mix the usage of legacy ExplicitAuthFlows ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY and USER_PASSWORD_AUTH with newer ExplicitAuthFlows.',
    );
}

function checkAttributes(pool: PoolRow, { ReadAttributes, WriteAttributes }: Settings): void {
  const known = new Set(pool.schema.map(({ Name }) => Name));
  const unknown = [...(ReadAttributes ?? []), ...(WriteAttributes ?? [])].find((name) => !known.has(name));
  if (unknown !== undefined) {
    const kind = WriteAttributes?.includes(unknown) ? 'write' : 'read';
    throw invalidParameter(`Invalid ${kind} attributes specified while creating a client`);
  }
  if (WriteAttributes?.some((name) => name === 'sub' || name.endsWith('_verified')))
    throw invalidParameter('Invalid write attributes specified while creating a client');
}

async function checkScopes(rows: Reader, scope: Scope, pool: PoolRow, input: Settings): Promise<void> {
  const wanted = input.AllowedOAuthScopes ?? [];
  if (wanted.every((one) => STANDARD_SCOPES.includes(one))) return;
  const servers = await rows.list(resourceServers, scope, { prefix: `${pool.id}/` });
  const known = servers.flatMap(({ row }) =>
    row.scopes.map(({ ScopeName }) => `${row.identifier}/${ScopeName}`),
  );
  const unknown = wanted.filter((one) => !STANDARD_SCOPES.includes(one) && !known.includes(one));
  if (unknown.length > 0)
    throw new Fault('ScopeDoesNotExistException', `Invalid scope requested: ${unknown.join(', ')}`);
}

async function checkProviders(
  rows: Reader,
  scope: Scope,
  pool: PoolRow,
  wanted: readonly string[] | undefined,
): Promise<void> {
  for (const name of wanted ?? [])
    if (name !== 'COGNITO' && !(await rows.get(providers, scope, `${pool.id}/${name}`)))
      throw invalidParameter(`The provider ${name} does not exist for User Pool ${pool.id}.`);
}

function checkOAuth(input: Settings): void {
  const flows = input.AllowedOAuthFlows ?? [];
  if (flows.includes('client_credentials') && flows.length > 1)
    throw new Fault(
      'InvalidOAuthFlowException',
      'client_credentials flow can not be selected along with code flow or implicit flow.',
    );
  for (const url of [...(input.CallbackURLs ?? []), ...(input.LogoutURLs ?? [])]) checkRedirect(url);
  if (input.DefaultRedirectURI && !input.CallbackURLs?.includes(input.DefaultRedirectURI))
    throw invalidParameter('The default redirect uri must be present in the callback url list.');
  if (!input.AllowedOAuthFlowsUserPoolClient) return;
  if (flows.length === 0 || !input.AllowedOAuthScopes?.length)
    throw new Fault(
      'InvalidOAuthFlowException',
      'AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.',
    );
  if (flows.some((flow) => flow !== 'client_credentials') && !input.CallbackURLs?.length)
    throw invalidParameter('At least one callback URL is required for the code and implicit flows.');
}

/** HTTPS, plain HTTP to this machine only, or an app's own scheme; never with a fragment. */
function checkRedirect(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1' || url?.hostname === '[::1]';
  if (url === undefined || url.hash !== '' || (url.protocol === 'http:' && !local))
    throw invalidParameter(
      `${text} is not a valid redirect URL: it must be HTTPS (HTTP for localhost only) or an app's own scheme, without a fragment.`,
    );
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html */
function checkValidity(settings: Changeable): void {
  const { accessSeconds, idSeconds, refreshSeconds } = lifetimesOf(settings);
  const { short, refresh } = limits.cognitoTokenSeconds;
  const within = (seconds: number, { min, max }: { min: number; max: number }) =>
    seconds >= min && seconds <= max;
  if (!within(refreshSeconds, refresh))
    throw invalidParameter(
      'Invalid range for token validity: refresh tokens live between 1 hour and 10 years.',
    );
  for (const seconds of [accessSeconds, idSeconds])
    if (!within(seconds, short) || seconds > refreshSeconds)
      throw invalidParameter(
        'Invalid range for token validity: access and id tokens live between 5 minutes and 1 day, and not longer than the refresh token.',
      );
}

export function lifetimesOf(client: Changeable) {
  return {
    accessSeconds: client.accessValidity ? client.accessValidity * SECONDS[client.units.access] : 3600,
    idSeconds: client.idValidity ? client.idValidity * SECONDS[client.units.id] : 3600,
    refreshSeconds: client.refreshValidity * SECONDS[client.units.refresh],
  };
}

export function showClient(row: ClientRow): UserPoolClientType {
  const list = (values: readonly string[] | undefined) => (values ? [...values] : undefined);
  const [secret] = row.secrets;
  return {
    UserPoolId: row.poolId,
    ClientName: row.name,
    ClientId: row.id,
    ...(secret && { ClientSecret: secret.value }),
    LastModifiedDate: new Date(row.modifiedMs),
    CreationDate: new Date(row.createdMs),
    RefreshTokenValidity: row.refreshValidity,
    AccessTokenValidity: row.accessValidity,
    IdTokenValidity: row.idValidity,
    TokenValidityUnits: row.unitsGiven
      ? { AccessToken: row.units.access, IdToken: row.units.id, RefreshToken: row.units.refresh }
      : {},
    ReadAttributes: list(row.readAttributes),
    WriteAttributes: list(row.writeAttributes),
    ExplicitAuthFlows: list(row.flows) as UserPoolClientType['ExplicitAuthFlows'], // checked by the model's enumeration
    SupportedIdentityProviders: list(row.providers),
    CallbackURLs: list(row.callbackUrls),
    LogoutURLs: list(row.logoutUrls),
    DefaultRedirectURI: row.defaultRedirectUri,
    AllowedOAuthFlows: list(row.oauthFlows) as UserPoolClientType['AllowedOAuthFlows'], // likewise
    AllowedOAuthScopes: list(row.oauthScopes),
    AllowedOAuthFlowsUserPoolClient: row.oauthEnabled,
    PreventUserExistenceErrors: row.hidesExistence ? 'ENABLED' : 'LEGACY',
    EnableTokenRevocation: row.revocation,
    EnablePropagateAdditionalUserContextData: row.propagatesContext,
    AuthSessionValidity: row.sessionMinutes,
    ...(row.rotation && {
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: row.rotation.graceSeconds },
    }),
  };
}
