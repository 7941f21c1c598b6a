/**
 * Policies of resources (queues, topics, keys, secrets, buses): whether one lets a caller in who has no other right.
 * In open mode an account's own callers are its root and are not asked; other accounts and AWS's services are, as on
 * AWS. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { parseArn } from '../../base/arn.ts';
import type { Caller } from '../../base/ports.ts';
import { type CompiledPolicy, compilePolicy } from '../../lang/policy/compile.ts';
import { evaluate } from '../../lang/policy/evaluate.ts';
import type { Principal } from '../../lang/policy/principal.ts';

export interface AccessQuestion {
  /** `sqs:SendMessage`. */
  readonly action: string;
  /** The resource's ARN. */
  readonly resource: string;
  /** Whose resource it is. */
  readonly owner: string;
  readonly caller: Caller;
  /** The resource's policy as JSON; absent when it has none, which lets nobody in. */
  readonly policy: string | undefined;
}

/** Services whose deliveries are rights of the resource; the others act with a role, whose policies are asked elsewhere. */
const BY_RESOURCE_POLICY = new Set([
  'sns.amazonaws.com',
  'events.amazonaws.com',
  's3.amazonaws.com',
  'cloudwatch.amazonaws.com',
]);

const POLICIES_KEPT = 1000;

/** Answers whether the caller may; a policy that cannot be read lets nobody in. */
export function createResourceAccess(): (question: AccessQuestion) => boolean {
  const known = new Map<string, CompiledPolicy>();
  const compiled = (text: string): CompiledPolicy => {
    const found = known.get(text);
    if (found) return found;
    const policy = compilePolicy(text, { kind: 'resource' });
    if (known.size >= POLICIES_KEPT) known.clear();
    known.set(text, policy);
    return policy;
  };
  return ({ action, resource, owner, caller, policy }) => {
    if (!needsPolicy(caller, owner)) return true;
    if (policy === undefined) return false;
    try {
      const { effect } = evaluate(
        { resource: compiled(policy), sameAccount: false },
        { action, resource, principal: principalOf(caller), context: contextOf(caller) },
      );
      return effect === 'Allow';
    } catch {
      return false;
    }
  };
}

const needsPolicy = (caller: Caller, owner: string): boolean =>
  caller.kind === 'service' ? BY_RESOURCE_POLICY.has(caller.userId) : caller.account !== owner;

function principalOf(caller: Caller): Principal {
  if (caller.kind === 'service') return { kind: 'service', service: caller.userId };
  return { kind: caller.kind, account: caller.account, arn: caller.arn };
}

/** A service's call comes from a resource, whose ARN stands for it. */
function contextOf(caller: Caller): Record<string, string> {
  if (caller.kind !== 'service')
    return { 'aws:PrincipalArn': caller.arn, 'aws:PrincipalAccount': caller.account };
  return {
    'aws:SourceArn': caller.arn,
    'aws:SourceAccount': parseArn(caller.arn)?.account || caller.account,
    'aws:PrincipalIsAWSService': 'true',
  };
}

/** A service that delivers for one of its resources. */
export const serviceCaller = (principal: string, account: string, sourceArn: string): Caller => ({
  kind: 'service',
  account,
  arn: sourceArn,
  userId: principal,
  accessKeyId: '',
});
