/** Who uses a managed policy, by attachment or as a permissions boundary. */
import type { ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse } from '@aws-sdk/client-iam';
import type { Reader } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';
import { groups, readGroup } from './group-row.ts';
import type { PolicyUse } from './managed-policy-row.ts';
import { attachmentCounts, attachmentsTo, nameKey } from './principal.ts';
import { readRole, roles } from './role-row.ts';
import { readUser, users } from './user-row.ts';

type Rows = Pick<Reader, 'get' | 'list'>;

/** By policy ARN, only those in use. */
export async function policyUses(rows: Rows, scope: Scope): Promise<ReadonlyMap<string, PolicyUse>> {
  const uses = new Map<string, PolicyUse>();
  for (const [arn, attachments] of await attachmentCounts(rows, scope))
    uses.set(arn, { attachments, boundaries: 0 });
  for (const table of [roles, users] as const)
    for (const { row } of await rows.list<{ boundaryArn?: string }>(table, scope)) {
      if (row.boundaryArn === undefined) continue;
      const use = uses.get(row.boundaryArn) ?? { attachments: 0, boundaries: 0 };
      uses.set(row.boundaryArn, { ...use, boundaries: use.boundaries + 1 });
    }
  return uses;
}

export async function policyUse(rows: Rows, scope: Scope, arn: string): Promise<PolicyUse> {
  return (await policyUses(rows, scope)).get(arn) ?? { attachments: 0, boundaries: 0 };
}

export async function policyEntities(
  rows: Rows,
  scope: Scope,
  { PolicyArn = '', EntityFilter, PolicyUsageFilter, PathPrefix = '/' }: ListEntitiesForPolicyRequest,
): Promise<ListEntitiesForPolicyResponse> {
  const wanted = (noun: string) => EntityFilter === undefined || EntityFilter.toLowerCase() === noun;
  const names = await principalNames(rows, scope, { arn: PolicyArn, usage: PolicyUsageFilter });
  const roleRows = await Promise.all(names.role.map((name) => readRole(rows, scope, name)));
  const userRows = await Promise.all(names.user.map((name) => readUser(rows, scope, name)));
  const groupRows = await Promise.all(names.group.map((name) => readGroup(rows, scope, name)));
  const under = <Row extends { readonly path: string }>(noun: string, found: readonly Row[]) =>
    found.filter((row) => wanted(noun) && row.path.startsWith(PathPrefix));
  return {
    PolicyRoles: under('role', roleRows).map((row) => ({ RoleName: row.name, RoleId: row.id })),
    PolicyUsers: under('user', userRows).map((row) => ({ UserName: row.name, UserId: row.id })),
    PolicyGroups: under('group', groupRows).map((row) => ({ GroupName: row.name, GroupId: row.id })),
    IsTruncated: false,
  };
}

interface Usage {
  readonly arn: string;
  readonly usage: ListEntitiesForPolicyRequest['PolicyUsageFilter'];
}

async function principalNames(rows: Rows, scope: Scope, { arn, usage }: Usage) {
  const names = { role: new Set<string>(), user: new Set<string>(), group: new Set<string>() };
  if (usage !== 'PermissionsBoundary')
    for (const row of await attachmentsTo(rows, scope, arn)) names[row.noun].add(nameKey(row.name));
  if (usage !== 'PermissionsPolicy') {
    for (const { key, row } of await rows.list(roles, scope))
      if (row.boundaryArn === arn) names.role.add(key);
    for (const { key, row } of await rows.list(users, scope))
      if (row.boundaryArn === arn) names.user.add(key);
  }
  return { role: [...names.role], user: [...names.user], group: [...names.group] };
}

export const countOf = async (rows: Pick<Reader, 'list'>, scope: Scope) => ({
  roles: (await rows.list(roles, scope)).length,
  users: (await rows.list(users, scope)).length,
  groups: (await rows.list(groups, scope)).length,
});
