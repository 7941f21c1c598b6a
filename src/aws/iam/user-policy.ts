/** A user's inline and attached policies and its tags. */
import type {
  AttachUserPolicyRequest,
  DeleteUserPolicyRequest,
  DetachUserPolicyRequest,
  GetUserPolicyRequest,
  GetUserPolicyResponse,
  ListAttachedUserPoliciesRequest,
  ListAttachedUserPoliciesResponse,
  ListUserPoliciesRequest,
  ListUserPoliciesResponse,
  ListUserTagsRequest,
  ListUserTagsResponse,
  PutUserPolicyRequest,
  TagUserRequest,
  UntagUserRequest,
} from '@aws-sdk/client-iam';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { attachPolicy, detachPolicy, listAttached } from './attachment.ts';
import { deletePolicy, getPolicyDocument, listPolicyNames, putPolicy } from './inline-policy.ts';
import { pageOf } from './page.ts';
import type { PrincipalRef } from './principal.ts';
import { globalScope } from './scope.ts';
import { taggedWith, untagged } from './tags.ts';
import { changeUser } from './user.ts';
import { readUser, userRef } from './user-row.ts';

export const userPolicyOperations = (ports: ServicePorts) => ({
  PutUserPolicy: async (
    { UserName, PolicyName = '', PolicyDocument = '' }: PutUserPolicyRequest,
    call: Call,
  ) => {
    const policy = { policyName: PolicyName, document: PolicyDocument };
    await change(ports, call, UserName, (rows, of) => putPolicy(rows, of, policy));
    return {};
  },

  GetUserPolicy: async (
    { UserName, PolicyName = '' }: GetUserPolicyRequest,
    call: Call,
  ): Promise<GetUserPolicyResponse> => {
    const of = await read(ports.store, call, UserName);
    return { UserName, PolicyName, PolicyDocument: await getPolicyDocument(ports.store, of, PolicyName) };
  },

  ListUserPolicies: async (input: ListUserPoliciesRequest, call: Call): Promise<ListUserPoliciesResponse> =>
    listPolicyNames(ports.store, await read(ports.store, call, input.UserName), input),

  DeleteUserPolicy: async ({ UserName, PolicyName = '' }: DeleteUserPolicyRequest, call: Call) => {
    await change(ports, call, UserName, (rows, of) => deletePolicy(rows, of, PolicyName));
    return {};
  },

  AttachUserPolicy: async ({ UserName, PolicyArn = '' }: AttachUserPolicyRequest, call: Call) => {
    await change(ports, call, UserName, (rows, of) => attachPolicy(rows, of, PolicyArn));
    return {};
  },

  DetachUserPolicy: async ({ UserName, PolicyArn = '' }: DetachUserPolicyRequest, call: Call) => {
    await change(ports, call, UserName, (rows, of) => detachPolicy(rows, of, PolicyArn));
    return {};
  },

  ListAttachedUserPolicies: async (
    input: ListAttachedUserPoliciesRequest,
    call: Call,
  ): Promise<ListAttachedUserPoliciesResponse> =>
    listAttached(ports.store, await read(ports.store, call, input.UserName), input),

  TagUser: async ({ UserName, Tags = [] }: TagUserRequest, call: Call) => {
    await changeUser(ports, call, UserName, (row) => ({ ...row, tags: taggedWith(row.tags, Tags) }));
    return {};
  },

  UntagUser: async ({ UserName, TagKeys = [] }: UntagUserRequest, call: Call) => {
    await changeUser(ports, call, UserName, (row) => ({ ...row, tags: untagged(row.tags, TagKeys) }));
    return {};
  },

  ListUserTags: async (input: ListUserTagsRequest, call: Call): Promise<ListUserTagsResponse> => {
    const { tags } = await readUser(ports.store, globalScope(call.scope.account), input.UserName ?? '');
    const page = pageOf(tags, input, (tag) => tag.Key ?? '');
    return { Tags: page.items, ...page.rest };
  },
});

async function read(rows: Pick<Reader, 'get'>, call: Call, name = ''): Promise<PrincipalRef> {
  const scope = globalScope(call.scope.account);
  const row = await readUser(rows, scope, name);
  return userRef(scope, row.name);
}

const change = <T>(
  { store }: ServicePorts,
  call: Call,
  name: string | undefined,
  work: (rows: Transaction, of: PrincipalRef) => Promise<T>,
): Promise<T> => store.transaction(async (rows) => work(rows, await read(rows, call, name)));
