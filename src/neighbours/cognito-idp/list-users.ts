/** ListUsers and its filter: https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html */
import type { ListUsersRequest } from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../wire/service.ts';
import { invalidParameter } from './fault.ts';
import { pageOf } from './paging.ts';
import { needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { type UserRow, users } from './rows.ts';
import { showUser } from './show-user.ts';

export const listUsersOperations = ({ store }: CognitoPorts) => ({
  ListUsers: async (input: ListUsersRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const matches = compileFilter(input.Filter);
    const all = await store.list(users, scope, { prefix: `${pool.id}/` });
    const page = pageOf(
      all.filter(({ row }) => matches(row)),
      input.PaginationToken,
      input.Limit || undefined,
    );
    const wanted = input.AttributesToGet;
    for (const name of wanted ?? [])
      if (!pool.schema.some(({ Name }) => Name === name))
        throw invalidParameter(`Invalid attribute name specified: ${name}`);
    return {
      Users: page.items.map((row) => {
        const shown = showUser(row);
        if (wanted === undefined) return shown;
        return { ...shown, Attributes: shown.Attributes?.filter(({ Name = '' }) => wanted.includes(Name)) };
      }),
      ...(page.next && { PaginationToken: page.next }),
    };
  },
});

/** `name = "value"` or `name ^= "prefix"`; quotes inside are escaped by a backslash. */
const FILTER = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;

const SEARCHABLE: Readonly<Record<string, (user: UserRow) => string | undefined>> = {
  username: (user) => user.username,
  'cognito:user_status': (user) => user.status,
  status: (user) => (user.enabled ? 'Enabled' : 'Disabled'),
  sub: (user) => user.sub,
  ...Object.fromEntries(
    ['email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username'].map((name) => [
      name,
      (user: UserRow) => user.attributes[name],
    ]),
  ),
};

function compileFilter(text: string | undefined): (user: UserRow) => boolean {
  if (text === undefined || text.trim() === '') return () => true;
  const [, name = '', operator, quoted = ''] = FILTER.exec(text) ?? [];
  if (operator === undefined) throw invalidParameter('Error while parsing filter.');
  const read = Object.hasOwn(SEARCHABLE, name) ? SEARCHABLE[name] : undefined;
  if (read === undefined) throw invalidParameter(`Invalid search attribute: ${name}`);
  const value = quoted.replace(/\\(.)/g, '$1');
  // Statuses are asked for in any case.
  const fold = name === 'cognito:user_status' || name === 'status' || name === 'email';
  const wanted = fold ? value.toLowerCase() : value;
  return (user) => {
    const raw = read(user);
    const held = fold ? raw?.toLowerCase() : raw;
    return operator === '=' ? held === wanted : held?.startsWith(wanted) === true;
  };
}
