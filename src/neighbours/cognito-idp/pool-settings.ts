/** What a user pool is created or updated with, checked, its defaults put in. */
import type {
  CreateUserPoolRequest,
  LambdaConfigType,
  UserPoolPolicyType,
} from '@aws-sdk/client-cognito-identity-provider';
import { parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import { invalidParameter, unsupported } from './fault.ts';
import type { MfaSettings, PasswordPolicy, PoolRow } from './rows.ts';

type Settings = Omit<CreateUserPoolRequest, 'PoolName'>;

/** Those that an update replaces; what it leaves out goes back to its default, as on AWS. */
export function changeableOf(input: Settings): Pick<
  PoolRow,
  'password' | 'firstFactors' | 'protected' | 'triggers' | 'adminCreate'
> & {
  readonly shown: PoolRow['shown'];
} {
  refuseUnsupported(input);
  const password = passwordPolicyOf(input.Policies);
  return {
    password,
    firstFactors: firstFactorsOf(input.Policies),
    protected: input.DeletionProtection === 'ACTIVE',
    triggers: triggersOf(input.LambdaConfig ?? {}),
    adminCreate: {
      AllowAdminCreateUserOnly: false,
      ...input.AdminCreateUserConfig,
      UnusedAccountValidityDays: password.TemporaryPasswordValidityDays,
    },
    ...(input.DeviceConfiguration && { devices: input.DeviceConfiguration }),
    shown: {
      VerificationMessageTemplate: {
        ...templateOf(input),
        DefaultEmailOption: input.VerificationMessageTemplate?.DefaultEmailOption ?? 'CONFIRM_WITH_CODE',
      },
      EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT', ...input.EmailConfiguration },
      UserPoolTier: input.UserPoolTier ?? 'ESSENTIALS',
      ...given(input, 'AutoVerifiedAttributes'),
      ...given(input, 'SmsVerificationMessage'),
      ...given(input, 'EmailVerificationMessage'),
      ...given(input, 'EmailVerificationSubject'),
      ...given(input, 'SmsAuthenticationMessage'),
      ...given(input, 'UserAttributeUpdateSettings'),
      ...given(input, 'SmsConfiguration'),
      ...given(input, 'AccountRecoverySetting'),
    },
  };
}

/** The texts may be given in two places, which then show in both. */
const templateOf = (input: Settings) => ({
  ...(input.EmailVerificationMessage !== undefined && { EmailMessage: input.EmailVerificationMessage }),
  ...(input.EmailVerificationSubject !== undefined && { EmailSubject: input.EmailVerificationSubject }),
  ...(input.SmsVerificationMessage !== undefined && { SmsMessage: input.SmsVerificationMessage }),
  ...input.VerificationMessageTemplate,
});

const given = <Name extends keyof Settings>(input: Settings, name: Name): Pick<Settings, Name> | object =>
  input[name] === undefined ? {} : { [name]: input[name] };

function refuseUnsupported(input: Settings): void {
  const { AdvancedSecurityMode: mode = 'OFF' } = input.UserPoolAddOns ?? {};
  if (mode !== 'OFF') throw unsupported(`UserPoolAddOns.AdvancedSecurityMode ${mode} (threat protection)`);
  if (input.KeyConfiguration !== undefined) throw unsupported('KeyConfiguration');
  if (input.IssuerConfiguration !== undefined) throw unsupported('IssuerConfiguration');
  if (input.DcrConfiguration !== undefined) throw unsupported('DcrConfiguration');
  if (input.AcrConfiguration !== undefined) throw unsupported('AcrConfiguration');
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html */
function passwordPolicyOf(policies: UserPoolPolicyType | undefined): PasswordPolicy {
  const said = policies?.PasswordPolicy;
  if (said === undefined)
    return {
      MinimumLength: 8,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: true,
      TemporaryPasswordValidityDays: 7,
    };
  return {
    MinimumLength: said.MinimumLength ?? 8,
    RequireUppercase: said.RequireUppercase ?? false,
    RequireLowercase: said.RequireLowercase ?? false,
    RequireNumbers: said.RequireNumbers ?? false,
    RequireSymbols: said.RequireSymbols ?? false,
    ...(said.PasswordHistorySize !== undefined && { PasswordHistorySize: said.PasswordHistorySize }),
    TemporaryPasswordValidityDays: said.TemporaryPasswordValidityDays ?? 7,
  };
}

function firstFactorsOf(policies: UserPoolPolicyType | undefined): readonly string[] {
  const factors = policies?.SignInPolicy?.AllowedFirstAuthFactors ?? ['PASSWORD'];
  if (!factors.includes('PASSWORD'))
    throw invalidParameter('PASSWORD must be one of the allowed first auth factors.');
  const other = factors.find((factor) => factor === 'WEB_AUTHN');
  if (other !== undefined) throw unsupported(`SignInPolicy.AllowedFirstAuthFactors ${other} (passkeys)`);
  return factors;
}

const TRIGGERS = [
  'PreSignUp',
  'CustomMessage',
  'PostConfirmation',
  'PreAuthentication',
  'PostAuthentication',
  'DefineAuthChallenge',
  'CreateAuthChallenge',
  'VerifyAuthChallengeResponse',
  'PreTokenGeneration',
  'UserMigration',
] as const;

function triggersOf(config: LambdaConfigType): LambdaConfigType {
  if (config.InboundFederation !== undefined) throw unsupported('LambdaConfig.InboundFederation');
  for (const name of ['CustomSMSSender', 'CustomEmailSender'] as const) {
    checkFunction(name, config[name]?.LambdaArn);
    if (config[name] !== undefined && config.KMSKeyID === undefined)
      throw invalidParameter(`KMSKeyID is required for ${name}.`);
  }
  for (const name of TRIGGERS) checkFunction(name, config[name]);
  const { PreTokenGenerationConfig: versioned } = config;
  checkFunction('PreTokenGenerationConfig', versioned?.LambdaArn);
  if (versioned?.LambdaArn === undefined) return config;
  if (config.PreTokenGeneration !== undefined && config.PreTokenGeneration !== versioned.LambdaArn)
    throw invalidParameter(
      'PreTokenGeneration and PreTokenGenerationConfig must have the same Lambda function ARN.',
    );
  return { ...config, PreTokenGeneration: versioned.LambdaArn };
}

function checkFunction(name: string, arn: string | undefined): void {
  if (arn === undefined || parseArn(arn)?.service === 'lambda') return;
  throw invalidParameter(`Invalid lambda function ARN for ${name}: ${arn}`);
}

/** CreateUserPool and UpdateUserPool know of SMS only; TOTP and email come with SetUserPoolMfaConfig. */
export function mfaOf(input: Settings, before: MfaSettings | undefined): MfaSettings {
  const configuration = input.MfaConfiguration ?? before?.configuration ?? 'OFF';
  const sms = configuration !== 'OFF' && input.SmsConfiguration !== undefined;
  const had = before ?? { configuration: 'OFF', totp: false };
  if (configuration !== 'OFF' && !sms && !had.totp && had.email === undefined)
    throw invalidParameter(
      'SMS configuration and Auto verification for phone_number are required when MFA is required/optional',
    );
  return {
    ...had,
    configuration,
    ...(sms && {
      sms: { ...(input.SmsAuthenticationMessage && { message: input.SmsAuthenticationMessage }) },
    }),
  };
}

export function checkTags(tags: Readonly<Record<string, string>> | undefined): Record<string, string> {
  if (Object.keys(tags ?? {}).length > limits.cognitoTags)
    throw invalidParameter(`Too many tags: a user pool has at most ${limits.cognitoTags}.`);
  return { ...tags };
}
