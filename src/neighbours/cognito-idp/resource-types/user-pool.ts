/** AWS::Cognito::UserPool. */
import type {
  CreateUserPoolRequest,
  CreateUserPoolResponse,
  SchemaAttributeType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { ResourceRequest, ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { Fault } from '../../../base/fault.ts';
import { poolArn } from '../places.ts';
import { unlessGone } from './unless-gone.ts';

interface Properties extends Omit<CreateUserPoolRequest, 'PoolName' | 'MfaConfiguration'> {
  readonly UserPoolName?: string;
  readonly MfaConfiguration?: 'OFF' | 'ON' | 'OPTIONAL';
  readonly EnabledMfas?: readonly string[];
  readonly EmailAuthenticationMessage?: string;
  readonly EmailAuthenticationSubject?: string;
}

export const userPoolResource: ResourceType<Properties> = {
  type: 'AWS::Cognito::UserPool',
  unsupported: [
    'IssuerConfiguration',
    'KeyConfiguration',
    'WebAuthnFactorConfiguration',
    'WebAuthnRelyingPartyID',
    'WebAuthnUserVerification',
  ],

  async create(request) {
    const PoolName = request.properties.UserPoolName ?? request.physicalName(128);
    const { UserPool } = await request.call<CreateUserPoolResponse>('cognito-idp', 'CreateUserPool', {
      ...settingsOf(request),
      Schema: request.properties.Schema,
      AliasAttributes: request.properties.AliasAttributes,
      UsernameAttributes: request.properties.UsernameAttributes,
      UsernameConfiguration: request.properties.UsernameConfiguration,
      PoolName,
    });
    const id = UserPool?.Id ?? '';
    try {
      await applyMfa(request, id);
    } catch (thrown) {
      // Half a pool is none: nobody would know its id.
      await request.call('cognito-idp', 'DeleteUserPool', { UserPoolId: id });
      throw thrown;
    }
    return stateOf(request, id);
  },

  async update(request, current) {
    const UserPoolId = current.physicalId;
    refuseFixed(current.properties, request.properties);
    await request.call('cognito-idp', 'UpdateUserPool', {
      ...settingsOf(request),
      UserPoolId,
      ...(request.properties.UserPoolName && { PoolName: request.properties.UserPoolName }),
    });
    await applyMfa(request, UserPoolId);
    const fresh = newAttributes(current.properties.Schema ?? [], request.properties.Schema ?? []);
    if (fresh.length > 0)
      await request.call('cognito-idp', 'AddCustomAttributes', { UserPoolId, CustomAttributes: fresh });
    return stateOf(request, UserPoolId);
  },

  async delete(request, current) {
    await unlessGone(() => request.call('cognito-idp', 'DeleteUserPool', { UserPoolId: current.physicalId }));
  },
};

/** Without what only SetUserPoolMfaConfig can say. */
function settingsOf(request: ResourceRequest<Properties>): object {
  const {
    UserPoolName: _name,
    Schema: _schema,
    AliasAttributes: _aliases,
    UsernameAttributes: _names,
    UsernameConfiguration: _configuration,
    MfaConfiguration: _mfa,
    EnabledMfas: _factors,
    EmailAuthenticationMessage: _message,
    EmailAuthenticationSubject: _subject,
    ...rest
  } = request.properties;
  return { ...rest, UserPoolTags: { ...request.tags, ...request.properties.UserPoolTags } };
}

async function applyMfa(request: ResourceRequest<Properties>, UserPoolId: string): Promise<void> {
  const { MfaConfiguration = 'OFF', EnabledMfas, ...properties } = request.properties;
  const factors = EnabledMfas ?? (MfaConfiguration === 'OFF' ? [] : ['SMS_MFA']);
  await request.call('cognito-idp', 'SetUserPoolMfaConfig', {
    UserPoolId,
    MfaConfiguration,
    SoftwareTokenMfaConfiguration: { Enabled: factors.includes('SOFTWARE_TOKEN_MFA') },
    ...(MfaConfiguration !== 'OFF' &&
      factors.includes('SMS_MFA') && {
        SmsMfaConfiguration: {
          SmsAuthenticationMessage: properties.SmsAuthenticationMessage,
          SmsConfiguration: properties.SmsConfiguration,
        },
      }),
    ...(MfaConfiguration !== 'OFF' &&
      factors.includes('EMAIL_OTP') && {
        EmailMfaConfiguration: {
          Message: properties.EmailAuthenticationMessage,
          Subject: properties.EmailAuthenticationSubject,
        },
      }),
  });
}

/** What a pool is made with stays, and its schema only grows: in AWS's words. */
function refuseFixed(before: Properties, after: Properties): void {
  const differs = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);
  for (const name of ['AliasAttributes', 'UsernameAttributes', 'UsernameConfiguration'] as const)
    if (differs(before[name], after[name]))
      throw new Fault('ValidationException', `Updates are not allowed for property - ${name}.`);
  for (const old of before.Schema ?? [])
    if (
      differs(
        old,
        after.Schema?.find(({ Name }) => Name === old.Name),
      )
    )
      throw new Fault('ValidationException', 'Existing schema attributes cannot be modified or deleted.');
}

const newAttributes = (
  before: readonly SchemaAttributeType[],
  after: readonly SchemaAttributeType[],
): SchemaAttributeType[] => after.filter(({ Name }) => !before.some((old) => old.Name === Name));

function stateOf(request: ResourceRequest<Properties>, id: string): ResourceState {
  const ProviderName = `cognito-idp.${request.scope.region}.amazonaws.com/${id}`;
  return {
    physicalId: id,
    attributes: {
      Arn: poolArn(request.scope, id),
      ProviderName,
      ProviderURL: `https://${ProviderName}`,
      UserPoolId: id,
    },
  };
}
