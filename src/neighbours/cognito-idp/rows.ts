/** What is kept of user pools. Every key begins with its pool's id, so that a pool goes with all that is its own. */
import type {
  AdminCreateUserConfigType,
  DeviceConfigurationType,
  LambdaConfigType,
  SchemaAttributeType,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';

export interface PasswordPolicy {
  readonly MinimumLength: number;
  readonly RequireUppercase: boolean;
  readonly RequireLowercase: boolean;
  readonly RequireNumbers: boolean;
  readonly RequireSymbols: boolean;
  readonly PasswordHistorySize?: number;
  readonly TemporaryPasswordValidityDays: number;
}

export interface PoolRow {
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly password: PasswordPolicy;
  readonly firstFactors: readonly string[];
  readonly protected: boolean;
  readonly triggers: LambdaConfigType;
  readonly schema: readonly SchemaAttributeType[];
  readonly caseSensitive: boolean;
  /** Members that are shown as they were given. */
  readonly shown: Pick<
    UserPoolType,
    | 'AutoVerifiedAttributes'
    | 'AliasAttributes'
    | 'UsernameAttributes'
    | 'SmsVerificationMessage'
    | 'EmailVerificationMessage'
    | 'EmailVerificationSubject'
    | 'VerificationMessageTemplate'
    | 'SmsAuthenticationMessage'
    | 'UserAttributeUpdateSettings'
    | 'EmailConfiguration'
    | 'SmsConfiguration'
    | 'UsernameConfiguration'
    | 'AccountRecoverySetting'
    | 'UserPoolTier'
  >;
  readonly adminCreate: AdminCreateUserConfigType;
  /** Devices are remembered, and so. */
  readonly devices?: DeviceConfigurationType;
  readonly mfa: MfaSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly domain?: string;
  readonly customDomain?: string;
}

export interface MfaSettings {
  readonly configuration: 'OFF' | 'ON' | 'OPTIONAL';
  readonly totp: boolean;
  readonly sms?: { readonly message?: string };
  readonly email?: { readonly message?: string; readonly subject?: string };
}

export interface ClientSecret {
  readonly id: string;
  readonly value: string;
  readonly createdMs: number;
}

export interface ClientRow {
  readonly poolId: string;
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** The first is the one that was generated with the client. Any of them is good. */
  readonly secrets: readonly ClientSecret[];
  readonly refreshValidity: number;
  readonly accessValidity?: number;
  readonly idValidity?: number;
  readonly units: { readonly access: TimeUnit; readonly id: TimeUnit; readonly refresh: TimeUnit };
  /** Shown only when they were given. */
  readonly unitsGiven: boolean;
  readonly readAttributes?: readonly string[];
  readonly writeAttributes?: readonly string[];
  readonly flows?: readonly string[];
  readonly providers?: readonly string[];
  readonly callbackUrls?: readonly string[];
  readonly logoutUrls?: readonly string[];
  readonly defaultRedirectUri?: string;
  readonly oauthFlows?: readonly string[];
  readonly oauthScopes?: readonly string[];
  readonly oauthEnabled: boolean;
  readonly hidesExistence: boolean;
  readonly revocation: boolean;
  readonly propagatesContext: boolean;
  readonly sessionMinutes: number;
  readonly rotation?: { readonly graceSeconds: number };
}

export type TimeUnit = 'seconds' | 'minutes' | 'hours' | 'days';

export type UserStatus = 'UNCONFIRMED' | 'CONFIRMED' | 'RESET_REQUIRED' | 'FORCE_CHANGE_PASSWORD';

/** A password is kept as SRP's verifier: it proves both sign-in flows, and holds no more than AWS's own can. */
export interface Verifier {
  /** Hex. */
  readonly salt: string;
  readonly verifier: string;
}

export interface CodeRow {
  readonly text: string;
  readonly expiresMs: number;
  readonly tries: number;
  /** The attribute it was sent to. */
  readonly attribute: 'email' | 'phone_number';
}

export interface UserRow {
  readonly username: string;
  readonly sub: string;
  readonly enabled: boolean;
  readonly status: UserStatus;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** Without `sub`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly password?: Verifier;
  readonly oldPasswords: readonly Verifier[];
  /** A password that an administrator gave ends then. */
  readonly temporaryUntilMs?: number;
  /** By purpose: `confirm`, `reset`, `verify:email`, `verify:phone_number`. */
  readonly codes: Readonly<Record<string, CodeRow>>;
  /** New values that wait to be verified. */
  readonly pending: Readonly<Record<string, string>>;
  readonly factors: UserFactors;
  readonly failures: { readonly count: number; readonly lastMs: number };
  /** When codes were asked for, and wrong ones given, in the last hour. */
  readonly codesSentMs: readonly number[];
  readonly codesMissedMs: readonly number[];
  /** Tokens whose sign-in was earlier are revoked. */
  readonly signedOutMs: number;
}

export interface UserFactors {
  readonly sms: boolean;
  readonly email: boolean;
  readonly totp: boolean;
  readonly preferred?: Factor;
  /** Base32. */
  readonly totpSecret?: string;
  readonly pendingTotpSecret?: string;
  /** The 30 seconds whose code was last taken: none is taken twice. */
  readonly lastTotpStep: number;
}

export type Factor = 'SMS_MFA' | 'SOFTWARE_TOKEN_MFA' | 'EMAIL_OTP';

export interface GroupRow {
  readonly name: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly precedence?: number;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface ResourceServerRow {
  readonly identifier: string;
  readonly name: string;
  readonly scopes: readonly { readonly ScopeName: string; readonly ScopeDescription: string }[];
}

export interface ProviderRow {
  readonly name: string;
  readonly type: string;
  readonly details: Readonly<Record<string, string>>;
  readonly mapping: Readonly<Record<string, string>>;
  readonly identifiers: readonly string[];
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface RefreshRow {
  readonly clientId: string;
  readonly username: string;
  readonly originJti: string;
  readonly authTimeS: number;
  readonly signedInMs: number;
  readonly expiresMs: number;
  readonly scopes: readonly string[];
  /** Only the device it was given to may use it. */
  readonly deviceKey?: string;
  /** Of a token that rotation has replaced: still good until then. */
  readonly replacedUntilMs?: number;
}

export interface DeviceRow {
  readonly key: string;
  readonly name: string;
  readonly secret: Verifier;
  readonly remembered: boolean;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly authenticatedMs: number;
}

/** A sign-in that is not over. */
export interface SessionRow {
  readonly clientId: string;
  readonly expiresMs: number;
  readonly username: string;
  /** As it was typed: secret hashes are made of it. */
  readonly typedName: string;
  readonly challenge: string;
  readonly state: Readonly<Record<string, unknown>>;
}

export interface AuthCodeRow {
  readonly clientId: string;
  readonly username: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge?: string;
  readonly nonce?: string;
  readonly authTimeS: number;
  readonly expiresMs: number;
  /** A code that is used twice takes back what it gave. */
  readonly usedFor?: string;
}

export interface MessageRow {
  readonly poolId: string;
  readonly username: string;
  readonly medium: 'EMAIL' | 'SMS';
  readonly destination: string;
  readonly trigger: string;
  readonly subject?: string;
  readonly body: string;
  readonly code: string;
  readonly sentMs: number;
}

/** A signing key: the private one as JWK. */
export interface KeyRow {
  readonly kid: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export const pools = table<PoolRow>('cognito-idp.pools');
export const clients = table<ClientRow>('cognito-idp.clients');
export const users = table<UserRow>('cognito-idp.users');
/** `{pool}/{attribute}/{value}` to the user's key. */
export const aliases = table<{ readonly userKey: string }>('cognito-idp.aliases');
export const groups = table<GroupRow>('cognito-idp.groups');
/** Both ways: `{pool}/u/{user}/{group}` and `{pool}/g/{group}/{user}`. */
export const memberships = table<Record<string, never>>('cognito-idp.memberships');
export const resourceServers = table<ResourceServerRow>('cognito-idp.resource-servers');
export const providers = table<ProviderRow>('cognito-idp.identity-providers');
/** By the SHA-256 of the token: a copy of the store is no way in. */
export const refreshTokens = table<RefreshRow>('cognito-idp.refresh-tokens');
/** Sign-ins taken back, by `origin_jti`, for as long as a token of theirs may live. */
export const revocations = table<{ readonly untilMs: number }>('cognito-idp.revocations');
export const devices = table<DeviceRow>('cognito-idp.devices');
export const sessions = table<SessionRow>('cognito-idp.sessions');
export const authCodes = table<AuthCodeRow>('cognito-idp.authorization-codes');
export const messages = table<MessageRow>('cognito-idp.messages');
export const signingKeys = table<KeyRow>('cognito-idp.signing-keys');

/** Global indexes: calls without a signature name a client, a pool or a domain and no account or region. */
export const poolPlaces = table<Scope>('cognito-idp.pool-places');
export const clientPlaces = table<Scope & { readonly poolId: string }>('cognito-idp.client-places');
export const domainPlaces = table<DomainRow>('cognito-idp.domains');

export interface DomainRow extends Scope {
  readonly domain: string;
  readonly poolId: string;
  readonly certificateArn?: string;
  readonly managedLoginVersion: number;
}

/** Tables whose keys begin with `{pool}/`. */
export const POOL_TABLES = [
  clients,
  users,
  aliases,
  groups,
  memberships,
  resourceServers,
  providers,
  refreshTokens,
  revocations,
  devices,
  sessions,
  authCodes,
  messages,
  signingKeys,
] as const;
