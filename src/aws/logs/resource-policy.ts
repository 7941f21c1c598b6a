/** Resource policies of the account: which services may write to its groups. */
import type {
  DeleteResourcePolicyRequest,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  ResourcePolicy,
} from '@aws-sdk/client-cloudwatch-logs';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, limitExceeded, unsupported } from './fault.ts';
import { pageOf } from './paging.ts';
import type { LogsRoom } from './ports.ts';
import { type ResourcePolicyRow, resourcePolicies } from './rows.ts';

export const resourcePolicyOperations = (room: LogsRoom) => ({
  PutResourcePolicy: async (
    input: PutResourcePolicyRequest,
    call: Call,
  ): Promise<PutResourcePolicyResponse> => {
    if (input.resourceArn !== undefined) throw unsupported('A policy of one log group (resourceArn)');
    const { policyName, policyDocument } = input;
    if (policyName === undefined || policyDocument === undefined)
      throw invalidParameter('policyName and policyDocument must be specified.');
    checkDocument(policyDocument);
    const row: ResourcePolicyRow = { policyName, policyDocument, lastUpdatedTime: room.now() };
    await room.store.transaction(async (rows) => {
      const all = await rows.list(resourcePolicies, call.scope);
      if (all.length >= limits.logsResourcePolicies && !all.some(({ key }) => key === policyName))
        throw limitExceeded();
      await rows.put(resourcePolicies, call.scope, policyName, row);
    });
    return { resourcePolicy: shown(row) };
  },

  DescribeResourcePolicies: async (
    input: DescribeResourcePoliciesRequest,
    call: Call,
  ): Promise<DescribeResourcePoliciesResponse> => {
    const all = input.resourceArn === undefined ? await room.store.list(resourcePolicies, call.scope) : [];
    const page = pageOf(all, input);
    return {
      resourcePolicies: page.items.map(({ row }) => shown(row)),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },

  DeleteResourcePolicy: async (input: DeleteResourcePolicyRequest, call: Call) => {
    const name = input.policyName ?? '';
    const deleted = await room.store.transaction((rows) => rows.delete(resourcePolicies, call.scope, name));
    // Recorded from AWS.
    if (!deleted) throw new Fault('ResourceNotFoundException', `Policy with name [${name}] does not exist.`);
    return {};
  },
});

const shown = (row: ResourcePolicyRow): ResourcePolicy => ({ ...row, policyScope: 'ACCOUNT' });

function checkDocument(text: string): void {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && 'Statement' in document) return;
  } catch {
    // Told below, like JSON that is no policy.
  }
  throw invalidParameter('Failed to parse the policy.');
}
