/** Policies that narrow a session: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session */
import type { PolicyDescriptorType } from '@aws-sdk/client-sts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { readAttachablePolicy } from '../iam/managed-policy-row.ts';
import { checkIdentityPolicy } from '../iam/policy-document.ts';

export interface SessionPolicies {
  readonly policies?: readonly string[];
  readonly policyArns?: readonly string[];
}

interface Asked {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}

/** Throws MalformedPolicyDocument and NoSuchEntity. Empty when the session is not narrowed. */
export async function sessionPoliciesOf(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  { Policy, PolicyArns = [] }: Asked,
): Promise<SessionPolicies> {
  if (Policy !== undefined) checkIdentityPolicy(Policy);
  const policyArns = PolicyArns.map(({ arn }) => arn ?? '');
  for (const arn of policyArns) await readAttachablePolicy(rows, scope, arn);
  return {
    ...(Policy !== undefined && { policies: [Policy] }),
    ...(policyArns.length > 0 && { policyArns }),
  };
}
