/** Codes that prove an address: made, sent, checked, each a limited number of times. */
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import { codeExpired, codeMismatch, tooManyAttempts } from './fault.ts';
import { type Contact, send } from './message.ts';
import type { PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { CodeRow, PoolRow, UserRow } from './rows.ts';
import { changeUser } from './user-store.ts';
import { sameText } from './srp.ts';

const HOUR_MS = 3_600_000;

/** https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html: a sign-up's code lives a day, a reset's an hour. */
const LIFE_MS: Readonly<Record<string, number>> = { confirm: 24 * HOUR_MS, reset: HOUR_MS };

export interface CodeRequest {
  /** `confirm`, `reset`, `verify:email`, `verify:phone_number`. */
  readonly purpose: string;
  readonly source: string;
  readonly attribute: Contact;
  readonly destination: string;
  readonly clientId: string | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

export const newCode = (ports: CognitoPorts): string => randomText(6, '0123456789', ports.random);

/** Keeps a fresh code with the user and sends it. */
export async function sendCode(
  ports: CognitoPorts,
  place: PoolPlace,
  user: UserRow,
  request: CodeRequest,
): Promise<CodeDeliveryDetailsType> {
  const code = newCode(ports);
  const kept: CodeRow = {
    text: code,
    expiresMs: ports.now() + (LIFE_MS[request.purpose] ?? 24 * HOUR_MS),
    tries: 0,
    attribute: request.attribute,
  };
  const changed = await changeUser(ports, place.scope, place.pool, user.username, (before) => {
    const sent = recent(before.codesSentMs, ports.now());
    if (sent.length >= limits.cognitoCodesAnHour) throw tooManyAttempts();
    return {
      ...before,
      codes: { ...before.codes, [request.purpose]: kept },
      codesSentMs: [...sent, ports.now()],
    };
  });
  await send(ports, place, { ...request, user: changed, code });
  return delivery(request.attribute, request.destination);
}

const recent = (moments: readonly number[], now: number): number[] =>
  moments.filter((moment) => moment > now - HOUR_MS);

/** Counts the wrong ones. Throws CodeMismatchException, ExpiredCodeException, LimitExceededException. */
export async function takeCode(
  ports: CognitoPorts,
  place: PoolPlace,
  user: UserRow,
  purpose: string,
  given: string,
): Promise<CodeRow> {
  // What is thrown inside a transaction would take its count of wrong codes with it.
  let problem: Error | undefined;
  let code: CodeRow | undefined;
  await changeUser(ports, place.scope, place.pool, user.username, (before) => {
    const missed = recent(before.codesMissedMs, ports.now());
    code = before.codes[purpose];
    if (missed.length >= limits.cognitoWrongCodesAnHour) {
      problem = tooManyAttempts();
      return before;
    }
    if (code === undefined || code.expiresMs <= ports.now() || code.tries >= limits.cognitoTriesACode) {
      problem = codeExpired();
      return before;
    }
    if (sameText(code.text, given)) return withoutCode(before, purpose);
    problem = codeMismatch();
    return {
      ...before,
      codes: { ...before.codes, [purpose]: { ...code, tries: code.tries + 1 } },
      codesMissedMs: [...missed, ports.now()],
    };
  });
  if (problem !== undefined || code === undefined) throw problem ?? codeExpired();
  return code;
}

function withoutCode(user: UserRow, purpose: string): UserRow {
  const { [purpose]: _, ...codes } = user.codes;
  return { ...user, codes };
}

/** `a***@e***`, `+*******1234`. */
export const masked = (attribute: Contact, value: string): string => {
  if (attribute === 'phone_number') return `+${'*'.repeat(Math.max(value.length - 5, 0))}${value.slice(-4)}`;
  const [name = '', domain = ''] = value.split('@');
  return `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`;
};

const delivery = (attribute: Contact, destination: string): CodeDeliveryDetailsType => ({
  Destination: masked(attribute, destination),
  DeliveryMedium: attribute === 'email' ? 'EMAIL' : 'SMS',
  AttributeName: attribute,
});

/** Where a new user's code goes: the phone first, as on AWS. */
export function contactToVerify(
  pool: PoolRow,
  attributes: Readonly<Record<string, string>>,
): Contact | undefined {
  const wanted = pool.shown.AutoVerifiedAttributes ?? [];
  const candidates: Contact[] = ['phone_number', 'email'];
  return candidates.find((name) => wanted.includes(name) && attributes[name] !== undefined);
}

/** Where a forgotten password's code goes: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html */
export function contactToRecover(pool: PoolRow, user: UserRow): Contact | undefined {
  const mechanisms = pool.shown.AccountRecoverySetting?.RecoveryMechanisms;
  const verified = (name: Contact) => user.attributes[`${name}_verified`] === 'true' && user.attributes[name];
  if (mechanisms === undefined) {
    const legacy: Contact[] = ['phone_number', 'email'];
    return legacy.find(verified);
  }
  const ordered = [...mechanisms].sort((one, other) => (one.Priority ?? 0) - (other.Priority ?? 0));
  const contacts = ordered.flatMap(({ Name }): Contact[] =>
    Name === 'verified_email' ? ['email'] : Name === 'verified_phone_number' ? ['phone_number'] : [],
  );
  return contacts.find(verified);
}
