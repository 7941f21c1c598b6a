/** Roles: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRolePermissionsBoundaryRequest,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  PutRolePermissionsBoundaryRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import { Fault } from '../../base/fault.ts';
import { iamId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, deleteConflict, overQuota, validationError } from './faults.ts';
import { instanceProfiles } from './instance-profile-row.ts';
import { readAttachablePolicy } from './managed-policy-row.ts';
import { pageOf } from './page.ts';
import { checkTrustPolicy, documentSize } from './policy-document.ts';
import { attachmentsOf, inlinePoliciesOf, nameKey } from './principal.ts';
import { checkTrustedPrincipals } from './trusted-principal.ts';
import {
  briefRole,
  createdRole,
  fullRole,
  listedRole,
  type RoleRow,
  readRole,
  roleRef,
  roles,
  shownDescription,
} from './role-row.ts';
import { globalScope, iamArn } from './scope.ts';
import { taggedWith } from './tags.ts';

export const roleOperations = (ports: ServicePorts) => ({
  CreateRole: async (input: CreateRoleRequest, call: Call): Promise<CreateRoleResponse> => {
    const row = newRole(ports, input, call.scope);
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      await checkTrust(rows, call.scope, row.trustPolicy);
      if (row.boundaryArn) await readAttachablePolicy(rows, scope, row.boundaryArn);
      await putNewRole(rows, scope, row);
    });
    return { Role: createdRole(row) };
  },

  GetRole: async ({ RoleName = '' }: GetRoleRequest, call: Call): Promise<GetRoleResponse> => ({
    Role: fullRole(await readRole(ports.store, globalScope(call.scope.account), RoleName)),
  }),

  ListRoles: async (input: ListRolesRequest, call: Call): Promise<ListRolesResponse> => {
    const entries = await ports.store.list(roles, globalScope(call.scope.account));
    const found = entries.map(({ row }) => row).filter((row) => row.path.startsWith(input.PathPrefix ?? '/'));
    const page = pageOf(found, input, (row) => nameKey(row.name));
    return { Roles: page.items.map(listedRole), ...page.rest };
  },

  UpdateRole: async (input: UpdateRoleRequest, call: Call) => {
    const { Description, MaxSessionDuration } = input;
    await change(ports, call, input.RoleName, (row) => ({
      ...row,
      description: Description ?? row.description,
      maxSessionSeconds: MaxSessionDuration ?? row.maxSessionSeconds,
    }));
    return {};
  },

  UpdateRoleDescription: async (
    input: UpdateRoleDescriptionRequest,
    call: Call,
  ): Promise<UpdateRoleDescriptionResponse> => {
    const row = await change(ports, call, input.RoleName, (before) => ({
      ...before,
      description: input.Description ?? '',
    }));
    return { Role: { ...briefRole(row), ...shownDescription(row) } };
  },

  UpdateAssumeRolePolicy: async (input: UpdateAssumeRolePolicyRequest, call: Call) => {
    const trustPolicy = input.PolicyDocument ?? '';
    await change(ports, call, input.RoleName, async (row, rows) => {
      await checkTrust(rows, call.scope, trustPolicy);
      return { ...row, trustPolicy };
    });
    return {};
  },

  PutRolePermissionsBoundary: async (input: PutRolePermissionsBoundaryRequest, call: Call) => {
    const boundaryArn = input.PermissionsBoundary ?? '';
    await change(ports, call, input.RoleName, async (row, rows) => {
      await readAttachablePolicy(rows, globalScope(call.scope.account), boundaryArn);
      return { ...row, boundaryArn };
    });
    return {};
  },

  DeleteRolePermissionsBoundary: async (input: DeleteRolePermissionsBoundaryRequest, call: Call) => {
    await change(ports, call, input.RoleName, (row) => ({ ...row, boundaryArn: undefined }));
    return {};
  },

  DeleteRole: async ({ RoleName = '' }: DeleteRoleRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      const row = await readRole(rows, scope, RoleName);
      refuseWhenLinked(row);
      await refuseWhenInUse(rows, scope, row);
      await rows.delete(roles, scope, nameKey(RoleName));
    });
    return {};
  },
});

function newRole({ now, random }: ServicePorts, input: CreateRoleRequest, scope: Scope): RoleRow {
  const { RoleName: name = '', Path: path = '/', PermissionsBoundary: boundaryArn } = input;
  const maxSessionSeconds = input.MaxSessionDuration ?? limits.stsRoleSessionSeconds.default;
  checkPath(path);
  return {
    name,
    id: iamId('AROA', 17, random),
    arn: iamArn(scope, 'role', path, name),
    path,
    trustPolicy: input.AssumeRolePolicyDocument ?? '',
    description: input.Description,
    maxSessionSeconds,
    boundaryArn,
    tags: taggedWith([], input.Tags ?? []),
    createdAtMs: now(),
  };
}

/** Throws EntityAlreadyExists and LimitExceeded. */
export async function putNewRole(rows: Transaction, scope: Scope, row: RoleRow): Promise<void> {
  const key = nameKey(row.name);
  if (await rows.get(roles, scope, key)) throw alreadyExists(`Role with name ${row.name} already exists.`);
  if ((await rows.list(roles, scope)).length >= limits.iamRoles)
    throw overQuota('RolesPerAccount', limits.iamRoles);
  await rows.put(roles, scope, key, row);
}

export function checkPath(path: string): void {
  if (!/^\/(([\x21-\x7e]+\/)*)$/.test(path))
    throw validationError(
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
}

async function checkTrust(rows: Transaction, scope: Scope, document: string): Promise<void> {
  checkTrustPolicy(document);
  if (documentSize(document) > limits.iamTrustPolicyCharacters)
    throw overQuota('ACLSizePerRole', limits.iamTrustPolicyCharacters);
  await checkTrustedPrincipals(rows, scope, document);
}

async function change(
  { store }: ServicePorts,
  call: Call,
  name: string | undefined,
  work: (row: RoleRow, rows: Transaction) => RoleRow | Promise<RoleRow>,
): Promise<RoleRow> {
  const scope = globalScope(call.scope.account);
  return store.transaction(async (rows) => {
    const before = await readRole(rows, scope, name ?? '');
    const row = await work(before, rows);
    // The description is all that may be changed of a service's own role.
    if (JSON.stringify({ ...row, description: '' }) !== JSON.stringify({ ...before, description: '' }))
      refuseWhenLinked(before);
    await rows.put(roles, scope, nameKey(row.name), row);
    return row;
  });
}

export function refuseWhenLinked(row: RoleRow): void {
  if (row.linkedService !== undefined)
    throw new Fault(
      'UnmodifiableEntityException',
      `Cannot perform the operation on the protected role '${row.name}' - this role is only modifiable by AWS`,
    );
}

async function refuseWhenInUse(rows: Transaction, scope: Scope, { name }: RoleRow): Promise<void> {
  const profiles = await rows.list(instanceProfiles, scope);
  if (profiles.some(({ row }) => row.roleName !== undefined && nameKey(row.roleName) === nameKey(name)))
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  const of = roleRef(scope, name);
  if ((await attachmentsOf(rows, of)).length > 0)
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if ((await inlinePoliciesOf(rows, of)).length > 0)
    throw deleteConflict('Cannot delete entity, must delete policies first.');
}
