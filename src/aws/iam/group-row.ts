import { wholeSecond } from '../../base/clock.ts';
import type { Group } from '@aws-sdk/client-iam';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { noSuchEntity } from './faults.ts';
import { nameKey, type PrincipalRef } from './principal.ts';

/** Who belongs to it stands in the users' rows. */
export interface GroupRow {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAtMs: number;
}

/** Key: the name in lower case. */
export const groups = table<GroupRow>('iam.groups');

export const groupRef = (scope: Scope, name: string): PrincipalRef => ({ noun: 'group', scope, name });

/** Throws NoSuchEntity. */
export async function readGroup(rows: Pick<Reader, 'get'>, scope: Scope, name: string): Promise<GroupRow> {
  const row = await rows.get(groups, scope, nameKey(name));
  if (!row) throw noSuchEntity(`The group with name ${name} cannot be found.`);
  return row;
}

export const shownGroup = (row: GroupRow): Group => ({
  Path: row.path,
  GroupName: row.name,
  GroupId: row.id,
  Arn: row.arn,
  CreateDate: wholeSecond(row.createdAtMs),
});
