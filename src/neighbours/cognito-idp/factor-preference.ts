/** Which second factors a user has, and how it gets an authenticator app. */
import type {
  AdminDeleteSoftwareTokenRequest,
  AdminSetUserMFAPreferenceRequest,
  AdminSetUserSettingsRequest,
  AssociateSoftwareTokenRequest,
  SetUserMFAPreferenceRequest,
  SetUserSettingsRequest,
  VerifySoftwareTokenRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import type { Call } from '../../wire/service.ts';
import { bearerOf } from './access-token.ts';
import { newSessionId } from './auth/sign-in.ts';
import { invalidParameter, notAuthorized } from './fault.ts';
import { findPool, needPool, type PoolPlace } from './places.ts';
import { type Factor, type SessionRow, sessions, type UserRow } from './rows.ts';
import type { TokenRoom } from './tokens.ts';
import { newTotpSecret, stepOfCode } from './totp.ts';
import { changeUser, needUser } from './user-store.ts';

type Preference = Pick<
  SetUserMFAPreferenceRequest,
  'SMSMfaSettings' | 'SoftwareTokenMfaSettings' | 'EmailMfaSettings'
>;

export const factorOperations = (room: TokenRoom) => ({
  AssociateSoftwareToken: async (input: AssociateSoftwareTokenRequest) => {
    const holder = await holderOf(room, input);
    if (!holder.pool.mfa.totp)
      throw new Fault(
        'SoftwareTokenMFANotFoundException',
        'Software token TOTP multi-factor authentication is not enabled for the user pool.',
      );
    const SecretCode = newTotpSecret(room.random);
    await changeUser(room, holder.scope, holder.pool, holder.user.username, (before) => ({
      ...before,
      factors: { ...before.factors, pendingTotpSecret: SecretCode },
    }));
    return { SecretCode, ...(holder.session && { Session: await renew(room, holder, holder.session, {}) }) };
  },

  VerifySoftwareToken: async (input: VerifySoftwareTokenRequest) => {
    const holder = await holderOf(room, input);
    let taken = false;
    await changeUser(room, holder.scope, holder.pool, holder.user.username, (before) => {
      const { pendingTotpSecret: secret, ...factors } = before.factors;
      const step = secret === undefined ? undefined : stepOfCode(secret, input.UserCode ?? '', room.now(), 0);
      if (secret === undefined || step === undefined) return before;
      taken = true;
      // Set up in the middle of a sign-in it is switched on at once; else the user says so.
      const on = holder.session
        ? { totp: true, preferred: factors.preferred ?? ('SOFTWARE_TOKEN_MFA' as const) }
        : {};
      return { ...before, factors: { ...factors, ...on, totpSecret: secret, lastTotpStep: step } };
    });
    if (!taken) throw new Fault('EnableSoftwareTokenMFAException', 'Code mismatch');
    const Session = holder.session && (await renew(room, holder, holder.session, { verified: true }));
    return { Status: 'SUCCESS' as const, ...(Session && { Session }) };
  },

  SetUserMFAPreference: async (input: SetUserMFAPreferenceRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    await setPreference(room, bearer, bearer.user, input);
    return {};
  },

  AdminSetUserMFAPreference: async (input: AdminSetUserMFAPreferenceRequest, { scope }: Call) => {
    const pool = await needPool(room.store, scope, input.UserPoolId);
    const user = await needUser(room.store, scope, pool, input.Username);
    await setPreference(room, { scope, pool }, user, input);
    return {};
  },

  AdminDeleteSoftwareToken: async (input: AdminDeleteSoftwareTokenRequest, { scope }: Call) => {
    const pool = await needPool(room.store, scope, input.UserPoolId);
    await changeUser(room, scope, pool, input.Username, (before) => {
      const { totpSecret: _, pendingTotpSecret: __, preferred, ...factors } = before.factors;
      const kept = preferred === 'SOFTWARE_TOKEN_MFA' ? {} : { ...(preferred && { preferred }) };
      return { ...before, factors: { ...factors, ...kept, totp: false } };
    });
    return {};
  },

  /** The older way, for text messages alone. */
  SetUserSettings: async (input: SetUserSettingsRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    await setPreference(room, bearer, bearer.user, settingsOf(input.MFAOptions));
    return {};
  },

  AdminSetUserSettings: async (input: AdminSetUserSettingsRequest, { scope }: Call) => {
    const pool = await needPool(room.store, scope, input.UserPoolId);
    const user = await needUser(room.store, scope, pool, input.Username);
    await setPreference(room, { scope, pool }, user, settingsOf(input.MFAOptions));
    return {};
  },
});

const settingsOf = (options: SetUserSettingsRequest['MFAOptions']): Preference => ({
  SMSMfaSettings: { Enabled: (options ?? []).some(({ DeliveryMedium }) => DeliveryMedium === 'SMS') },
});

interface Holder extends PoolPlace {
  readonly user: UserRow;
  readonly session?: { readonly id: string; readonly row: SessionRow };
}

/** Who sets up an authenticator: someone signed in, or someone whom signing in requires to. */
async function holderOf(
  room: TokenRoom,
  { AccessToken, Session }: AssociateSoftwareTokenRequest,
): Promise<Holder> {
  if (AccessToken !== undefined) return bearerOf(room, AccessToken);
  if (Session === undefined) throw invalidParameter('Either AccessToken or Session is required.');
  const poolId = Buffer.from(Session.split('.')[0] ?? '', 'base64url').toString();
  const place = await findPool(room.store, poolId);
  const row = place && (await room.store.get(sessions, place.scope, `${poolId}/${Session}`));
  if (place === undefined || row?.challenge !== 'MFA_SETUP' || row.expiresMs <= room.now())
    throw notAuthorized('Invalid session for the user.');
  const user = await needUser(room.store, place.scope, place.pool, row.username);
  return { ...place, user, session: { id: Session, row } };
}

/** Each step of setting up gives a new session; the old one is over. */
async function renew(
  room: TokenRoom,
  { scope, pool }: PoolPlace,
  { id, row }: { readonly id: string; readonly row: SessionRow },
  state: Readonly<Record<string, unknown>>,
): Promise<string> {
  const next = newSessionId(room, pool.id);
  await room.store.transaction(async (rows) => {
    await rows.delete(sessions, scope, `${pool.id}/${id}`);
    await rows.put(sessions, scope, `${pool.id}/${next}`, { ...row, state: { ...row.state, ...state } });
  });
  return next;
}

async function setPreference(
  room: TokenRoom,
  { scope, pool }: PoolPlace,
  user: UserRow,
  wanted: Preference,
): Promise<void> {
  const { SMSMfaSettings: sms, SoftwareTokenMfaSettings: totp, EmailMfaSettings: email } = wanted;
  const preferring = [sms, totp, email].filter((one) => one?.PreferredMfa);
  if (preferring.length > 1) throw invalidParameter('At most one MFA setting can be preferred.');
  if (sms?.Enabled && !user.attributes['phone_number'])
    throw invalidParameter('User does not have delivery config set to turn on SMS_MFA');
  if (totp?.Enabled && user.factors.totpSecret === undefined)
    throw invalidParameter('User has not verified software token mfa');
  if (email?.Enabled && !user.attributes['email'])
    throw invalidParameter('User does not have delivery config set to turn on EMAIL_OTP');
  await changeUser(room, scope, pool, user.username, (before) => {
    const on = {
      sms: sms?.Enabled ?? before.factors.sms,
      totp: totp?.Enabled ?? before.factors.totp,
      email: email?.Enabled ?? before.factors.email,
    };
    const { preferred: had, ...rest } = before.factors;
    const preferred = preferredOf(had, on, wanted);
    return { ...before, factors: { ...rest, ...on, ...(preferred && { preferred }) } };
  });
}

function preferredOf(
  had: Factor | undefined,
  on: { readonly sms: boolean; readonly totp: boolean; readonly email: boolean },
  wanted: Preference,
): Factor | undefined {
  const table: readonly (readonly [Factor, boolean, boolean | undefined])[] = [
    ['SMS_MFA', on.sms, wanted.SMSMfaSettings?.PreferredMfa],
    ['SOFTWARE_TOKEN_MFA', on.totp, wanted.SoftwareTokenMfaSettings?.PreferredMfa],
    ['EMAIL_OTP', on.email, wanted.EmailMfaSettings?.PreferredMfa],
  ];
  const chosen = table.find(([, enabled, preferred]) => enabled && preferred);
  if (chosen !== undefined) return chosen[0];
  const still = table.find(
    ([factor, enabled, preferred]) => factor === had && enabled && preferred !== false,
  );
  return still?.[0];
}
