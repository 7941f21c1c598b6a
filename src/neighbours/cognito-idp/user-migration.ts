/** Users that another directory still holds are brought over when they first appear. */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import { newUser, signInNames } from './new-user.ts';
import type { ClientPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import type { UserRow } from './rows.ts';
import { makeVerifier } from './srp.ts';
import { runTrigger } from './trigger.ts';
import { findUser, putUser } from './user-store.ts';

export interface Migration {
  readonly source: 'UserMigration_Authentication' | 'UserMigration_ForgotPassword';
  readonly username: string;
  readonly password: string | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  readonly validationData?: Readonly<Record<string, string>> | undefined;
}

/** The user that the trigger brought; undefined when there is no trigger, or it knows none. */
export async function migrate(
  ports: CognitoPorts,
  place: ClientPlace,
  { source, username, password, clientMetadata, validationData }: Migration,
): Promise<UserRow | undefined> {
  const answer = await runTrigger(ports, place, {
    name: 'UserMigration',
    source,
    clientId: place.client.id,
    username,
    request: {
      ...(password !== undefined && { password }),
      validationData: validationData ?? null,
      userAttributes: null,
      ...(clientMetadata && { clientMetadata }),
    },
    response: {
      userAttributes: null,
      forceAliasCreation: null,
      enableSMSMFA: null,
      finalUserStatus: null,
      messageAction: null,
      desiredDeliveryMediums: null,
    },
  });
  const attributes = answer?.['userAttributes'];
  if (answer === undefined || typeof attributes !== 'object' || attributes === null) return undefined;
  const { pool, scope } = place;
  const { username: given, ...own } = textsOf(attributes);
  const names = signInNames(pool, given ?? username, own);
  const fresh = newUser(ports, names, randomUUID());
  const confirmed = answer['finalUserStatus'] === 'CONFIRMED' && password !== undefined;
  const user: UserRow = {
    ...fresh,
    status: source === 'UserMigration_ForgotPassword' || !confirmed ? 'RESET_REQUIRED' : 'CONFIRMED',
    ...(password !== undefined && {
      password: makeVerifier(pool.id, fresh.username, password, ports.random),
    }),
    factors: { ...fresh.factors, sms: answer['enableSMSMFA'] === true },
  };
  await ports.store.transaction(async (rows) => {
    if (await findUser(rows, scope, pool, user.username))
      throw new Fault('UsernameExistsException', 'User already exists');
    await putUser(rows, scope, pool, user, answer['forceAliasCreation'] === true);
  });
  return user;
}

const textsOf = (value: object): Record<string, string> =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]));
