/** A role's inline and attached policies and its tags. */
import type {
  AttachRolePolicyRequest,
  DeleteRolePolicyRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  ListRoleTagsRequest,
  ListRoleTagsResponse,
  PutRolePolicyRequest,
  TagRoleRequest,
  UntagRoleRequest,
} from '@aws-sdk/client-iam';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { attachPolicy, detachPolicy, listAttached } from './attachment.ts';
import { deletePolicy, getPolicyDocument, listPolicyNames, putPolicy } from './inline-policy.ts';
import { pageOf } from './page.ts';
import { nameKey, type PrincipalRef } from './principal.ts';
import { refuseWhenLinked } from './role.ts';
import { type RoleRow, readRole, roleRef, roles } from './role-row.ts';
import { globalScope } from './scope.ts';
import { taggedWith, untagged } from './tags.ts';

export const rolePolicyOperations = (ports: ServicePorts) => ({
  PutRolePolicy: async (
    { RoleName, PolicyName = '', PolicyDocument = '' }: PutRolePolicyRequest,
    call: Call,
  ) => {
    const policy = { policyName: PolicyName, document: PolicyDocument };
    await change(ports, call, RoleName, (rows, of) => putPolicy(rows, of, policy));
    return {};
  },

  GetRolePolicy: async (
    { RoleName, PolicyName = '' }: GetRolePolicyRequest,
    call: Call,
  ): Promise<GetRolePolicyResponse> => {
    const of = await read(ports.store, call, RoleName);
    return { RoleName, PolicyName, PolicyDocument: await getPolicyDocument(ports.store, of, PolicyName) };
  },

  ListRolePolicies: async (input: ListRolePoliciesRequest, call: Call): Promise<ListRolePoliciesResponse> =>
    listPolicyNames(ports.store, await read(ports.store, call, input.RoleName), input),

  DeleteRolePolicy: async ({ RoleName, PolicyName = '' }: DeleteRolePolicyRequest, call: Call) => {
    await change(ports, call, RoleName, (rows, of) => deletePolicy(rows, of, PolicyName));
    return {};
  },

  AttachRolePolicy: async ({ RoleName, PolicyArn = '' }: AttachRolePolicyRequest, call: Call) => {
    await change(ports, call, RoleName, (rows, of) => attachPolicy(rows, of, PolicyArn));
    return {};
  },

  DetachRolePolicy: async ({ RoleName, PolicyArn = '' }: DetachRolePolicyRequest, call: Call) => {
    await change(ports, call, RoleName, (rows, of) => detachPolicy(rows, of, PolicyArn));
    return {};
  },

  ListAttachedRolePolicies: async (
    input: ListAttachedRolePoliciesRequest,
    call: Call,
  ): Promise<ListAttachedRolePoliciesResponse> =>
    listAttached(ports.store, await read(ports.store, call, input.RoleName), input),

  TagRole: async ({ RoleName, Tags = [] }: TagRoleRequest, call: Call) => {
    await change(ports, call, RoleName, (rows, of, row) =>
      rows.put(roles, of.scope, nameKey(row.name), { ...row, tags: taggedWith(row.tags, Tags) }),
    );
    return {};
  },

  UntagRole: async ({ RoleName, TagKeys = [] }: UntagRoleRequest, call: Call) => {
    await change(ports, call, RoleName, (rows, of, row) =>
      rows.put(roles, of.scope, nameKey(row.name), { ...row, tags: untagged(row.tags, TagKeys) }),
    );
    return {};
  },

  ListRoleTags: async (input: ListRoleTagsRequest, call: Call): Promise<ListRoleTagsResponse> => {
    const { tags } = await readRole(ports.store, globalScope(call.scope.account), input.RoleName ?? '');
    const page = pageOf(tags, input, (tag) => tag.Key ?? '');
    return { Tags: page.items, ...page.rest };
  },
});

async function read(rows: Pick<Reader, 'get'>, call: Call, name = ''): Promise<PrincipalRef> {
  const scope = globalScope(call.scope.account);
  const row = await readRole(rows, scope, name);
  return roleRef(scope, row.name);
}

const change = <T>(
  { store }: ServicePorts,
  call: Call,
  name: string | undefined,
  work: (rows: Transaction, of: PrincipalRef, row: RoleRow) => Promise<T>,
): Promise<T> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = await readRole(rows, scope, name ?? '');
    refuseWhenLinked(row);
    return work(rows, roleRef(scope, row.name), row);
  });
