import { wholeSecond } from '../../base/clock.ts';
import type { InstanceProfile, Tag } from '@aws-sdk/client-iam';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { noSuchEntity } from './faults.ts';
import { nameKey } from './principal.ts';
import { briefRole, readRole } from './role-row.ts';

export interface InstanceProfileRow {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly roleName?: string;
  readonly tags: readonly Tag[];
  readonly createdAtMs: number;
}

/** Key: the name in lower case. */
export const instanceProfiles = table<InstanceProfileRow>('iam.instance-profiles');

/** Throws NoSuchEntity. */
export async function readInstanceProfile(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string,
): Promise<InstanceProfileRow> {
  const row = await rows.get(instanceProfiles, scope, nameKey(name));
  if (!row) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return row;
}

/** Without tags, as lists show it. */
export async function shownInstanceProfile(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  row: InstanceProfileRow,
): Promise<InstanceProfile> {
  return {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: row.arn,
    CreateDate: wholeSecond(row.createdAtMs),
    Roles: row.roleName === undefined ? [] : [briefRole(await readRole(rows, scope, row.roleName))],
  };
}
