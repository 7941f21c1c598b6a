/** A role's row and how each operation shows it; AWS shows a role differently from call to call. */
import { wholeSecond } from '../../base/clock.ts';
import type { Role, Tag } from '@aws-sdk/client-iam';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { noSuchEntity } from './faults.ts';
import { encodedDocument } from './policy-document.ts';
import { nameKey, type PrincipalRef } from './principal.ts';
import { shownTags } from './tags.ts';

export interface RoleRow {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly trustPolicy: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
  readonly boundaryArn?: string;
  readonly tags: readonly Tag[];
  readonly createdAtMs: number;
  readonly lastUsed?: { readonly atMs: number; readonly region: string };
  /** The service that owns a service-linked role. */
  readonly linkedService?: string;
}

/** Key: the name in lower case. */
export const roles = table<RoleRow>('iam.roles');

export const roleRef = (scope: Scope, name: string): PrincipalRef => ({ noun: 'role', scope, name });

/** Throws NoSuchEntity. */
export async function readRole(rows: Pick<Reader, 'get'>, scope: Scope, name: string): Promise<RoleRow> {
  const row = await rows.get(roles, scope, nameKey(name));
  if (!row) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return row;
}

/** As instance profiles show it. */
export const briefRole = (row: RoleRow): Role => ({
  Path: row.path,
  RoleName: row.name,
  RoleId: row.id,
  Arn: row.arn,
  CreateDate: wholeSecond(row.createdAtMs),
  AssumeRolePolicyDocument: encodedDocument(row.trustPolicy),
});

/** As CreateRole shows it. */
export const createdRole = (row: RoleRow): Role => ({
  ...briefRole(row),
  ...shownBoundary(row.boundaryArn),
  ...shownTags(row.tags),
});

/** As ListRoles shows it. */
export const listedRole = (row: RoleRow): Role => ({
  ...briefRole(row),
  ...shownDescription(row),
  MaxSessionDuration: row.maxSessionSeconds,
});

/** As GetRole shows it. */
export const fullRole = (row: RoleRow): Role => ({
  ...listedRole(row),
  ...shownBoundary(row.boundaryArn),
  ...shownTags(row.tags),
  RoleLastUsed: row.lastUsed
    ? { LastUsedDate: wholeSecond(row.lastUsed.atMs), Region: row.lastUsed.region }
    : {},
});

export const shownDescription = ({ description }: { readonly description?: string | undefined }) =>
  description ? { Description: description } : {};

export const shownBoundary = (boundaryArn: string | undefined): Pick<Role, 'PermissionsBoundary'> =>
  boundaryArn
    ? {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'Policy' as never,
          PermissionsBoundaryArn: boundaryArn,
        },
      } // recorded as Policy; the model's enum says PermissionsBoundaryPolicy
    : {};
