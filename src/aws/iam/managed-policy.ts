/** Managed policies and their versions: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html */
import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  DeletePolicyRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListPolicyTagsRequest,
  ListPolicyTagsResponse,
  TagPolicyRequest,
  UntagPolicyRequest,
} from '@aws-sdk/client-iam';
import { iamId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import { type Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { awsManagedPolicies } from './aws-managed-policy.ts';
import { alreadyExists, deleteConflict, overQuota } from './faults.ts';
import {
  listedPolicy,
  type ManagedPolicyRow,
  managedPolicies,
  readManagedPolicy,
} from './managed-policy-row.ts';
import { pageOf, sortedBy } from './page.ts';
import { checkIdentityPolicy, documentSize } from './policy-document.ts';
import { policyEntities, policyUse, policyUses } from './policy-use.ts';
import { nameKey } from './principal.ts';
import { checkPath } from './role.ts';
import { shownDescription } from './role-row.ts';
import { globalScope, iamArn } from './scope.ts';
import { shownTags, taggedWith, untagged } from './tags.ts';

export const managedPolicyOperations = (ports: ServicePorts) => ({
  CreatePolicy: async (input: CreatePolicyRequest, call: Call): Promise<CreatePolicyResponse> => {
    const row = newPolicy(ports, input, call.scope);
    const scope = globalScope(call.scope.account);
    await ports.store.transaction((rows) => putNewPolicy(rows, scope, row));
    return { Policy: { ...listedPolicy(row, { attachments: 0, boundaries: 0 }), ...shownTags(row.tags) } };
  },

  GetPolicy: async ({ PolicyArn = '' }: GetPolicyRequest, call: Call): Promise<GetPolicyResponse> => {
    const scope = globalScope(call.scope.account);
    const row = await readManagedPolicy(ports.store, scope, PolicyArn);
    const use = await policyUse(ports.store, scope, PolicyArn);
    return { Policy: { ...listedPolicy(row, use), ...shownDescription(row), Tags: [...row.tags] } };
  },

  ListPolicies: async (input: ListPoliciesRequest, call: Call): Promise<ListPoliciesResponse> => {
    const scope = globalScope(call.scope.account);
    const uses = await policyUses(ports.store, scope);
    const useOf = (row: ManagedPolicyRow) => uses.get(row.arn) ?? { attachments: 0, boundaries: 0 };
    const found = (await policiesIn(ports.store, call.scope, input.Scope)).filter((row) => {
      const use = useOf(row);
      const wanted = input.PolicyUsageFilter === 'PermissionsBoundary' ? use.boundaries : use.attachments;
      return row.path.startsWith(input.PathPrefix ?? '/') && (!input.OnlyAttached || wanted > 0);
    });
    const page = pageOf(
      sortedBy(found, (row) => row.arn),
      input,
      (row) => row.arn,
    );
    return { Policies: page.items.map((row) => listedPolicy(row, useOf(row))), ...page.rest };
  },

  ListEntitiesForPolicy: async (
    input: ListEntitiesForPolicyRequest,
    call: Call,
  ): Promise<ListEntitiesForPolicyResponse> => {
    const scope = globalScope(call.scope.account);
    await readManagedPolicy(ports.store, scope, input.PolicyArn ?? '');
    return policyEntities(ports.store, scope, input);
  },

  DeletePolicy: async ({ PolicyArn = '' }: DeletePolicyRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction((rows) => deletePolicy(rows, scope, PolicyArn));
    return {};
  },

  TagPolicy: async ({ PolicyArn = '', Tags = [] }: TagPolicyRequest, call: Call) => {
    await retag(ports, call, PolicyArn, (row) => taggedWith(row.tags, Tags, 'exact'));
    return {};
  },

  UntagPolicy: async ({ PolicyArn = '', TagKeys = [] }: UntagPolicyRequest, call: Call) => {
    await retag(ports, call, PolicyArn, (row) => untagged(row.tags, TagKeys, 'exact'));
    return {};
  },

  ListPolicyTags: async (input: ListPolicyTagsRequest, call: Call): Promise<ListPolicyTagsResponse> => {
    const scope = globalScope(call.scope.account);
    const { tags } = await readManagedPolicy(ports.store, scope, input.PolicyArn ?? '');
    const page = pageOf(tags, input, (tag) => tag.Key ?? '');
    return { Tags: page.items, ...page.rest };
  },
});

function newPolicy(
  { now, random }: ServicePorts,
  input: CreatePolicyRequest,
  scope: Scope,
): ManagedPolicyRow {
  const { PolicyName: name = '', Path: path = '/', PolicyDocument: document = '' } = input;
  checkPath(path);
  checkManagedDocument(document);
  const createdAtMs = now();
  return {
    name,
    id: iamId('ANPA', 17, random),
    arn: iamArn(scope, 'policy', path, name),
    path,
    description: input.Description,
    tags: taggedWith([], input.Tags ?? [], 'exact'),
    versions: [{ id: 'v1', document, createdAtMs }],
    defaultVersion: 'v1',
    nextVersion: 2,
    createdAtMs,
    updatedAtMs: createdAtMs,
  };
}

/** Throws MalformedPolicyDocument and LimitExceeded. */
export function checkManagedDocument(document: string): void {
  checkIdentityPolicy(document);
  const most = limits.iamManagedPolicyCharacters;
  if (documentSize(document) > most) throw overQuota('PolicySize', most);
}

async function putNewPolicy(rows: Transaction, scope: Scope, row: ManagedPolicyRow): Promise<void> {
  const existing = (await rows.list(managedPolicies, scope)).map((entry) => entry.row);
  if (existing.some((other) => nameKey(other.name) === nameKey(row.name)))
    throw alreadyExists(`A policy called ${row.name} already exists. Duplicate names are not allowed.`);
  if (existing.length >= limits.iamManagedPolicies)
    throw overQuota('PoliciesPerAccount', limits.iamManagedPolicies);
  await rows.put(managedPolicies, scope, row.arn, row);
}

async function policiesIn(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  which: ListPoliciesRequest['Scope'],
): Promise<ManagedPolicyRow[]> {
  const own = (await rows.list(managedPolicies, globalScope(scope.account))).map((entry) => entry.row);
  if (which === 'Local') return own;
  const ofAws = awsManagedPolicies(scope);
  return which === 'AWS' ? ofAws : [...own, ...ofAws];
}

async function deletePolicy(rows: Transaction, scope: Scope, arn: string): Promise<void> {
  const row = await readManagedPolicy(rows, scope, arn);
  const use = await policyUse(rows, scope, arn);
  if (use.attachments > 0 || use.boundaries > 0)
    throw deleteConflict('Cannot delete a policy attached to entities.');
  if (row.versions.length > 1)
    throw deleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
  await rows.delete(managedPolicies, scope, arn);
}

const retag = (
  { store }: ServicePorts,
  call: Call,
  arn: string,
  tags: (row: ManagedPolicyRow) => ManagedPolicyRow['tags'],
): Promise<void> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = await readManagedPolicy(rows, scope, arn);
    await rows.put(managedPolicies, scope, arn, { ...row, tags: tags(row) });
  });
