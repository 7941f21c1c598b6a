/** Users and the names they are found by. */
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { userNotFound } from './fault.ts';
import type { CognitoPorts } from './ports.ts';
import {
  aliases,
  devices,
  groups,
  memberships,
  type PoolRow,
  refreshTokens,
  type UserRow,
  users,
} from './rows.ts';

const fold = (pool: PoolRow, text: string): string => (pool.caseSensitive ? text : text.toLowerCase());

/** A user's part of keys: its name, folded where case does not matter, and encoded, since names may hold a slash. */
export const userKeyOf = (pool: PoolRow, username: string): string =>
  encodeURIComponent(fold(pool, username));

/** A group's part of keys, likewise. */
export const groupKeyOf = (name: string): string => encodeURIComponent(name);

const rowKey = (pool: PoolRow, userKey: string): string => `${pool.id}/${userKey}`;
const aliasKey = (pool: PoolRow, attribute: string, value: string): string =>
  `${pool.id}/${attribute}/${attribute === 'phone_number' ? value : fold(pool, value)}`;

/** By its name, by a value that stands for it, or by its `sub`. */
export async function findUser(
  rows: Reader,
  scope: Scope,
  pool: PoolRow,
  name: string,
): Promise<UserRow | undefined> {
  const direct = await rows.get(users, scope, rowKey(pool, userKeyOf(pool, name)));
  if (direct !== undefined) return direct;
  for (const attribute of [...aliasAttributes(pool), 'sub']) {
    const alias = await rows.get(aliases, scope, aliasKey(pool, attribute, name));
    if (alias !== undefined) return rows.get(users, scope, rowKey(pool, alias.userKey));
  }
  return undefined;
}

export async function needUser(
  rows: Reader,
  scope: Scope,
  pool: PoolRow,
  name: string | undefined,
): Promise<UserRow> {
  const user = await findUser(rows, scope, pool, name ?? '');
  if (user === undefined) throw userNotFound();
  return user;
}

const aliasAttributes = (pool: PoolRow): readonly string[] =>
  pool.shown.UsernameAttributes ?? pool.shown.AliasAttributes ?? [];

/** What stands for this user now. Addresses of alias pools count once they are verified. */
function aliasesOf(pool: PoolRow, user: UserRow): string[] {
  const { UsernameAttributes: names = [], AliasAttributes: extra = [] } = pool.shown;
  const { attributes } = user;
  const held = [
    ...names,
    ...extra.filter((name) => name === 'preferred_username' || attributes[`${name}_verified`] === 'true'),
  ];
  const keys = held.flatMap((name) => {
    const value = attributes[name];
    return value ? [aliasKey(pool, name, value)] : [];
  });
  return [aliasKey(pool, 'sub', user.sub), ...keys];
}

/** Writes a user and the names that stand for it. Throws AliasExistsException unless `takeAliases`. */
export async function putUser(
  rows: Transaction,
  scope: Scope,
  pool: PoolRow,
  user: UserRow,
  takeAliases = false,
): Promise<void> {
  const userKey = userKeyOf(pool, user.username);
  const before = await rows.get(users, scope, rowKey(pool, userKey));
  const had = before === undefined ? [] : aliasesOf(pool, before);
  const has = aliasesOf(pool, user);
  for (const key of has.filter((key) => !had.includes(key))) {
    const holder = await rows.get(aliases, scope, key);
    if (holder !== undefined && holder.userKey !== userKey) {
      if (!takeAliases) throw aliasTaken(pool, key, before === undefined);
      await unverify(rows, scope, pool, holder.userKey, attributeOf(pool, key));
    }
    await rows.put(aliases, scope, key, { userKey });
  }
  for (const key of had.filter((key) => !has.includes(key))) await rows.delete(aliases, scope, key);
  await rows.put(users, scope, rowKey(pool, userKey), user);
}

const attributeOf = (pool: PoolRow, key: string): string => key.slice(pool.id.length + 1).split('/')[0] ?? '';

/** Pools that name users by an address say so differently when a user is made. */
function aliasTaken(pool: PoolRow, key: string, isNew: boolean): Fault {
  const attribute = attributeOf(pool, key);
  if (pool.shown.UsernameAttributes === undefined)
    return new Fault('AliasExistsException', `An account with the ${attribute} already exists.`);
  const text = `An account with the given ${attribute} already exists.`;
  return new Fault(isNew ? 'UsernameExistsException' : 'AliasExistsException', text);
}

/** The one who held an alias keeps the value and loses its being verified. */
async function unverify(
  rows: Transaction,
  scope: Scope,
  pool: PoolRow,
  userKey: string,
  attribute: string,
): Promise<void> {
  const holder = await rows.get(users, scope, rowKey(pool, userKey));
  if (holder === undefined) return;
  const attributes = { ...holder.attributes };
  if (attribute === 'preferred_username') delete attributes['preferred_username'];
  else attributes[`${attribute}_verified`] = 'false';
  await rows.put(users, scope, rowKey(pool, userKey), { ...holder, attributes });
}

export async function deleteUser(
  rows: Transaction,
  scope: Scope,
  pool: PoolRow,
  user: UserRow,
): Promise<void> {
  const userKey = userKeyOf(pool, user.username);
  for (const key of aliasesOf(pool, user)) await rows.delete(aliases, scope, key);
  const member = await rows.list(memberships, scope, { prefix: `${pool.id}/u/${userKey}/` });
  for (const { key } of member)
    await rows.delete(memberships, scope, `${pool.id}/g/${key.split('/').at(-1)}/${userKey}`);
  await rows.deleteRange(memberships, scope, `${pool.id}/u/${userKey}/`);
  await dropSignIns(rows, scope, pool, user);
  await rows.deleteRange(devices, scope, `${pool.id}/${user.sub}/`);
  await rows.delete(users, scope, rowKey(pool, userKey));
}

/** Every refresh token of a user. */
export const dropSignIns = (rows: Transaction, scope: Scope, pool: PoolRow, user: UserRow): Promise<number> =>
  rows.deleteRange(refreshTokens, scope, `${pool.id}/${user.sub}/`);

/** The user's groups, the first in precedence first. */
export async function groupsOf(rows: Reader, scope: Scope, pool: PoolRow, user: UserRow) {
  const prefix = `${pool.id}/u/${userKeyOf(pool, user.username)}/`;
  const entries = await rows.list(memberships, scope, { prefix });
  const found = await Promise.all(
    entries.map(({ key }) => rows.get(groups, scope, `${pool.id}/${key.slice(prefix.length)}`)),
  );
  return found
    .filter((group) => group !== undefined)
    .sort((one, other) => (one.precedence ?? Infinity) - (other.precedence ?? Infinity));
}

/** Reads, changes and writes a user in one transaction. */
export async function changeUser(
  ports: Pick<CognitoPorts, 'store' | 'now'>,
  scope: Scope,
  pool: PoolRow,
  name: string | undefined,
  change: (user: UserRow) => UserRow,
  takeAliases = false,
): Promise<UserRow> {
  return ports.store.transaction(async (rows) => {
    const before = await needUser(rows, scope, pool, name);
    const user = change(before);
    if (user !== before) await putUser(rows, scope, pool, { ...user, modifiedMs: ports.now() }, takeAliases);
    return user;
  });
}
