/** Passwords: what the pool's policy asks of them, and how they are kept. */
import { Fault } from '../../base/fault.ts';
import { randomText, type RandomBytes } from '../../base/ids.ts';
import type { PasswordPolicy, PoolRow, UserRow } from './rows.ts';
import { makeVerifier, provesPassword } from './srp.ts';

/** https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html, with space inside only. */
const SYMBOLS = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;

const refused = (reason: string): Fault =>
  new Fault('InvalidPasswordException', `Password did not conform with policy: ${reason}`);

export function checkPassword(policy: PasswordPolicy, password: string): void {
  if (password.length < policy.MinimumLength) throw refused('Password not long enough');
  if (password.length > 256) throw refused('Password is too long');
  if (/^\s|\s$/.test(password)) throw refused('Password must not have leading or trailing spaces');
  if (policy.RequireUppercase && !/[A-Z]/.test(password))
    throw refused('Password must have uppercase characters');
  if (policy.RequireLowercase && !/[a-z]/.test(password))
    throw refused('Password must have lowercase characters');
  if (policy.RequireNumbers && !/\d/.test(password)) throw refused('Password must have numeric characters');
  if (policy.RequireSymbols && !SYMBOLS.test(password)) throw refused('Password must have symbol characters');
}

/** Throws PasswordHistoryPolicyViolationException where the pool remembers old ones. */
function checkHistory(pool: PoolRow, user: UserRow, password: string): void {
  const size = pool.password.PasswordHistorySize ?? 0;
  const kept = [...(user.password ? [user.password] : []), ...user.oldPasswords].slice(0, size);
  if (kept.some((verifier) => provesPassword(pool.id, user.username, password, verifier)))
    throw new Fault('PasswordHistoryPolicyViolationException', 'Password has previously been used.');
}

/** The user with a new password. Throws when it is not good enough. */
export function withPassword(pool: PoolRow, user: UserRow, password: string, random: RandomBytes): UserRow {
  checkPassword(pool.password, password);
  checkHistory(pool, user, password);
  const { temporaryUntilMs: _, ...rest } = user;
  const size = pool.password.PasswordHistorySize ?? 0;
  return {
    ...rest,
    password: makeVerifier(pool.id, user.username, password, random),
    oldPasswords: [...(user.password ? [user.password] : []), ...user.oldPasswords].slice(0, size),
  };
}

/** One that any policy takes. */
export function temporaryPassword(policy: PasswordPolicy, random: RandomBytes): string {
  const parts = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnpqrstuvwxyz', '23456789', '!@#%&*-_=+'];
  const must = parts.map((letters) => randomText(1, letters, random)).join('');
  return must + randomText(Math.max(policy.MinimumLength, 12) - must.length, parts.join(''), random);
}
