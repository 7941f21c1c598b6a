import { wholeSecond } from '../../base/clock.ts';
import type { Tag, User } from '@aws-sdk/client-iam';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { noSuchEntity } from './faults.ts';
import { nameKey, type PrincipalRef } from './principal.ts';
import { shownBoundary } from './role-row.ts';
import { shownTags } from './tags.ts';

export interface UserRow {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly boundaryArn?: string;
  readonly tags: readonly Tag[];
  readonly createdAtMs: number;
  /** Names of its groups, sorted. */
  readonly groups: readonly string[];
  readonly loginProfile?: { readonly createdAtMs: number; readonly resetRequired: boolean };
}

/** Key: the name in lower case. */
export const users = table<UserRow>('iam.users');

export const userRef = (scope: Scope, name: string): PrincipalRef => ({ noun: 'user', scope, name });

/** Throws NoSuchEntity. */
export async function readUser(rows: Pick<Reader, 'get'>, scope: Scope, name: string): Promise<UserRow> {
  const row = await rows.get(users, scope, nameKey(name));
  if (!row) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return row;
}

/** Without tags and boundary, as lists show it. */
export const listedUser = (row: UserRow): User => ({
  Path: row.path,
  UserName: row.name,
  UserId: row.id,
  Arn: row.arn,
  CreateDate: wholeSecond(row.createdAtMs),
});

export const fullUser = (row: UserRow): User => ({
  ...listedUser(row),
  ...shownBoundary(row.boundaryArn),
  ...shownTags(row.tags),
});
