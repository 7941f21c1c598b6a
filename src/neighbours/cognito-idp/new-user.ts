/** What a new user is called, and its row. */
import type { CognitoPorts } from './ports.ts';
import { invalidParameter } from './fault.ts';
import type { PoolRow, UserRow } from './rows.ts';
import { isEmail, isPhone, type Attributes } from './schema-attributes.ts';

export interface SignInNames {
  /** Undefined: the user's `sub` is its name, because an address stands for it. */
  readonly username: string | undefined;
  readonly attributes: Attributes;
}

/** Throws InvalidParameterException where the pool's way of naming users is not followed. */
export function signInNames(pool: PoolRow, username: string, given: Attributes): SignInNames {
  const { UsernameAttributes: names, AliasAttributes: extra = [] } = pool.shown;
  if (names === undefined || names.length === 0) {
    if (extra.includes('email') && isEmail(username))
      throw invalidParameter(
        'Username cannot be of email format, since user pool is configured for email alias.',
      );
    if (extra.includes('phone_number') && isPhone(username))
      throw invalidParameter(
        'Username cannot be of phone number format, since user pool is configured for phone number alias.',
      );
    return { username, attributes: given };
  }
  const attribute = names.find((name) => (name === 'email' ? isEmail(username) : isPhone(username)));
  if (attribute === undefined) {
    const wanted = names.map((name) => (name === 'email' ? 'an email' : 'a phone number'));
    throw invalidParameter(
      wanted.length > 1
        ? 'Username should be either an email or a phone number.'
        : `Username should be ${wanted[0]}.`,
    );
  }
  return { username: undefined, attributes: { ...given, [attribute]: username } };
}

export const newUser = (
  ports: CognitoPorts,
  { username, attributes }: SignInNames,
  sub: string,
): UserRow => ({
  username: username ?? sub,
  sub,
  enabled: true,
  status: 'UNCONFIRMED',
  createdMs: ports.now(),
  modifiedMs: ports.now(),
  attributes: {
    ...attributes,
    ...(attributes['email'] !== undefined && { email_verified: attributes['email_verified'] ?? 'false' }),
    ...(attributes['phone_number'] !== undefined && {
      phone_number_verified: attributes['phone_number_verified'] ?? 'false',
    }),
  },
  oldPasswords: [],
  codes: {},
  pending: {},
  factors: { sms: false, email: false, totp: false, lastTotpStep: 0 },
  failures: { count: 0, lastMs: 0 },
  codesSentMs: [],
  codesMissedMs: [],
  signedOutMs: 0,
});
