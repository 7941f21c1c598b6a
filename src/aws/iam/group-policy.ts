/** A group's inline and attached policies. */
import type {
  AttachGroupPolicyRequest,
  DeleteGroupPolicyRequest,
  DetachGroupPolicyRequest,
  GetGroupPolicyRequest,
  GetGroupPolicyResponse,
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
  ListGroupPoliciesRequest,
  ListGroupPoliciesResponse,
  PutGroupPolicyRequest,
} from '@aws-sdk/client-iam';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { attachPolicy, detachPolicy, listAttached } from './attachment.ts';
import { groupRef, readGroup } from './group-row.ts';
import { deletePolicy, getPolicyDocument, listPolicyNames, putPolicy } from './inline-policy.ts';
import type { PrincipalRef } from './principal.ts';
import { globalScope } from './scope.ts';

export const groupPolicyOperations = (ports: ServicePorts) => ({
  PutGroupPolicy: async (
    { GroupName, PolicyName = '', PolicyDocument = '' }: PutGroupPolicyRequest,
    call: Call,
  ) => {
    const policy = { policyName: PolicyName, document: PolicyDocument };
    await change(ports, call, GroupName, (rows, of) => putPolicy(rows, of, policy));
    return {};
  },

  GetGroupPolicy: async (
    { GroupName, PolicyName = '' }: GetGroupPolicyRequest,
    call: Call,
  ): Promise<GetGroupPolicyResponse> => {
    const of = await read(ports.store, call, GroupName);
    return { GroupName, PolicyName, PolicyDocument: await getPolicyDocument(ports.store, of, PolicyName) };
  },

  ListGroupPolicies: async (
    input: ListGroupPoliciesRequest,
    call: Call,
  ): Promise<ListGroupPoliciesResponse> =>
    listPolicyNames(ports.store, await read(ports.store, call, input.GroupName), input),

  DeleteGroupPolicy: async ({ GroupName, PolicyName = '' }: DeleteGroupPolicyRequest, call: Call) => {
    await change(ports, call, GroupName, (rows, of) => deletePolicy(rows, of, PolicyName));
    return {};
  },

  AttachGroupPolicy: async ({ GroupName, PolicyArn = '' }: AttachGroupPolicyRequest, call: Call) => {
    await change(ports, call, GroupName, (rows, of) => attachPolicy(rows, of, PolicyArn));
    return {};
  },

  DetachGroupPolicy: async ({ GroupName, PolicyArn = '' }: DetachGroupPolicyRequest, call: Call) => {
    await change(ports, call, GroupName, (rows, of) => detachPolicy(rows, of, PolicyArn));
    return {};
  },

  ListAttachedGroupPolicies: async (
    input: ListAttachedGroupPoliciesRequest,
    call: Call,
  ): Promise<ListAttachedGroupPoliciesResponse> =>
    listAttached(ports.store, await read(ports.store, call, input.GroupName), input),
});

async function read(rows: Pick<Reader, 'get'>, call: Call, name = ''): Promise<PrincipalRef> {
  const scope = globalScope(call.scope.account);
  const row = await readGroup(rows, scope, name);
  return groupRef(scope, row.name);
}

const change = <T>(
  { store }: ServicePorts,
  call: Call,
  name: string | undefined,
  work: (rows: Transaction, of: PrincipalRef) => Promise<T>,
): Promise<T> => store.transaction(async (rows) => work(rows, await read(rows, call, name)));
