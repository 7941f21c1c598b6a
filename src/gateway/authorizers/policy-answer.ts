/** The policy an authorizer answered with, asked about one method. The policy is what is cached, never the verdict. */
import { compilePolicy, type CompiledPolicy } from '../../lang/policy/compile.ts';
import type { Verdict } from '../../lang/policy/evaluate.ts';
import type { Routed } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { evaluateMethod } from '../steps/evaluate-method.ts';
import { permitByResourcePolicy, type ResourcePolicy } from '../steps/resource-policy.ts';

/** Undefined when it is no policy. */
export function readPolicy(document: unknown): CompiledPolicy | undefined {
  try {
    return compilePolicy(document, { name: 'authorizer' });
  } catch {
    return undefined;
  }
}

export interface PoliciesOfCall {
  readonly identity: CompiledPolicy;
  readonly resource: ResourcePolicy | null;
}

/** Throws ACCESS_DENIED in AWS's words. Either policy may allow (of a private API both must), and neither may deny. */
export function permitByPolicy(call: Routed, { identity, resource }: PoliciesOfCall): void {
  const verdict = evaluateMethod(
    resource === null ? { identity: [identity] } : { identity: [identity], resource: resource.policy },
    call,
  );
  if (verdict.effect !== 'Allow') throw denied(verdict);
  if (resource?.mustAllow === true) {
    permitByResourcePolicy(resource, call);
    permitByPolicy(call, { identity, resource: null });
  }
}

/** https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden */
function denied(verdict: Verdict): Refusal {
  const suffix =
    verdict.effect === 'ExplicitDeny' ? ' with an explicit deny in an identity-based policy' : '';
  return new Refusal('ACCESS_DENIED', `User is not authorized to access this resource${suffix}`);
}
