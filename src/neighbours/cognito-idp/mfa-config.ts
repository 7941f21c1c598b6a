/** How a pool asks for a second factor. */
import type {
  GetUserPoolMfaConfigRequest,
  GetUserPoolMfaConfigResponse,
  SetUserPoolMfaConfigRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, unsupported } from './fault.ts';
import { needPool } from './places.ts';
import { changePool } from './pool.ts';
import type { CognitoPorts } from './ports.ts';
import type { MfaSettings, PoolRow } from './rows.ts';

export const mfaConfigOperations = (ports: CognitoPorts) => ({
  SetUserPoolMfaConfig: async (input: SetUserPoolMfaConfigRequest, { scope }: Call) => {
    if (input.WebAuthnConfiguration !== undefined) throw unsupported('WebAuthnConfiguration (passkeys)');
    const row = await changePool(ports, scope, input.UserPoolId, (before) => changed(before, input));
    return shown(row);
  },

  GetUserPoolMfaConfig: async (input: GetUserPoolMfaConfigRequest, { scope }: Call) =>
    shown(await needPool(ports.store, scope, input.UserPoolId)),
});

function changed(row: PoolRow, input: SetUserPoolMfaConfigRequest): PoolRow {
  const sms = input.SmsMfaConfiguration;
  const mfa: MfaSettings = {
    configuration: input.MfaConfiguration ?? row.mfa.configuration,
    totp: input.SoftwareTokenMfaConfiguration?.Enabled ?? row.mfa.totp,
    ...(sms === undefined
      ? row.mfa.sms && { sms: row.mfa.sms }
      : { sms: { ...(sms.SmsAuthenticationMessage && { message: sms.SmsAuthenticationMessage }) } }),
    ...(input.EmailMfaConfiguration === undefined
      ? row.mfa.email && { email: row.mfa.email }
      : {
          email: {
            ...(input.EmailMfaConfiguration.Message && { message: input.EmailMfaConfiguration.Message }),
            ...(input.EmailMfaConfiguration.Subject && { subject: input.EmailMfaConfiguration.Subject }),
          },
        }),
  };
  if (mfa.configuration !== 'OFF' && !mfa.totp && mfa.sms === undefined && mfa.email === undefined)
    throw invalidParameter(
      'Invalid MFA configuration given, can not turn on MFA without any MFA methods enabled.',
    );
  if (input.MfaConfiguration === 'OFF' && (sms ?? input.EmailMfaConfiguration) !== undefined)
    throw invalidParameter(
      "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
    );
  const withSms = sms?.SmsConfiguration;
  return { ...row, mfa, shown: { ...row.shown, ...(withSms && { SmsConfiguration: withSms }) } };
}

function shown({ mfa, shown: { SmsConfiguration } }: PoolRow): GetUserPoolMfaConfigResponse {
  return {
    ...(mfa.sms && {
      SmsMfaConfiguration: {
        ...(mfa.sms.message && { SmsAuthenticationMessage: mfa.sms.message }),
        ...(SmsConfiguration && { SmsConfiguration }),
      },
    }),
    SoftwareTokenMfaConfiguration: { Enabled: mfa.totp },
    ...(mfa.email && {
      EmailMfaConfiguration: {
        ...(mfa.email.message && { Message: mfa.email.message }),
        ...(mfa.email.subject && { Subject: mfa.email.subject }),
      },
    }),
    MfaConfiguration: mfa.configuration,
  };
}
