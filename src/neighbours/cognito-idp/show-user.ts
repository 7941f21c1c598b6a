/** A user as administrators see it. */
import type { AttributeType, UserType } from '@aws-sdk/client-cognito-identity-provider';
import type { PoolRow, UserRow } from './rows.ts';
import { attributeList } from './schema-attributes.ts';

export const shownAttributes = (user: UserRow, readable?: readonly string[]): AttributeType[] => {
  const all = attributeList({ ...user.attributes, sub: user.sub });
  return readable === undefined
    ? all
    : all.filter(({ Name = '' }) => Name === 'sub' || readable.includes(Name));
};

export const showUser = (user: UserRow): UserType => ({
  Username: user.username,
  Attributes: shownAttributes(user),
  UserCreateDate: new Date(user.createdMs),
  UserLastModifiedDate: new Date(user.modifiedMs),
  Enabled: user.enabled,
  UserStatus: user.status,
});

/** The second factors that a user has switched on, and which of them is asked for. */
export function showFactors({ factors }: UserRow): {
  readonly PreferredMfaSetting?: string;
  readonly UserMFASettingList?: string[];
} {
  const list = [
    ...(factors.sms ? ['SMS_MFA'] : []),
    ...(factors.totp ? ['SOFTWARE_TOKEN_MFA'] : []),
    ...(factors.email ? ['EMAIL_OTP'] : []),
  ];
  return {
    ...(factors.preferred && { PreferredMfaSetting: factors.preferred }),
    ...(list.length > 0 && { UserMFASettingList: list }),
  };
}

/** What triggers are told of a user. */
export const triggerAttributes = (user: UserRow): Record<string, string> => ({
  sub: user.sub,
  'cognito:user_status': user.status,
  ...user.attributes,
});

/** Its first factors. */
export const firstFactors = (pool: PoolRow, user: UserRow): ('PASSWORD' | 'EMAIL_OTP' | 'SMS_OTP')[] => [
  ...(user.password ? (['PASSWORD'] as const) : []),
  ...(pool.firstFactors.includes('EMAIL_OTP') && user.attributes['email_verified'] === 'true'
    ? (['EMAIL_OTP'] as const)
    : []),
  ...(pool.firstFactors.includes('SMS_OTP') && user.attributes['phone_number_verified'] === 'true'
    ? (['SMS_OTP'] as const)
    : []),
];
