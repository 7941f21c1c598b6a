/** Whether an IAM caller may invoke a method: its own policies, whatever the API's resource policy says is asked before. */
import type { Caller, PrincipalPolicies } from '../base/ports.ts';
import type { AuthorizeInvoke } from '../gateway/ports.ts';
import { type CompiledPolicy, compilePolicy } from '../lang/policy/compile.ts';
import { evaluate, type Verdict } from '../lang/policy/evaluate.ts';

/** Texts: https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden */
export function createAuthorizeInvoke(principalPolicies: PrincipalPolicies): AuthorizeInvoke {
  const compiled = createPolicyCache();
  return async ({ caller, action, resource, sourceIp, scope }) => {
    if (caller.kind === 'root' && caller.account === scope.account) return { allowed: true };
    const own = await principalPolicies(caller);
    const verdict = evaluate(
      {
        identity: own.identity.map(compiled),
        ...(own.boundary === undefined ? {} : { boundary: compiled(own.boundary) }),
        ...(own.session === undefined ? {} : { session: own.session.map(compiled) }),
        // Another account's caller also needs the API's policy to allow it.
        sameAccount: caller.account === scope.account,
      },
      {
        action,
        resource,
        context: {
          ...own.conditions,
          'aws:SourceIp': sourceIp,
          'aws:PrincipalArn': caller.arn,
          'aws:PrincipalAccount': caller.account,
        },
      },
    );
    if (verdict.effect === 'Allow') return { allowed: true };
    return { allowed: false, message: denial(caller, action, resource, verdict) };
  };
}

function denial(caller: Caller, action: string, resource: string, verdict: Verdict): string {
  const what = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  if (verdict.effect === 'ExplicitDeny') return `${what} with an explicit deny in an identity-based policy`;
  return `${what} because no identity-based policy allows the ${action} action`;
}

const MOST_POLICIES = 1000;

/** The same text is the same policy: compiled once, the oldest forgotten. */
function createPolicyCache(): (document: string) => CompiledPolicy {
  const known = new Map<string, CompiledPolicy>();
  return (document) => {
    const found = known.get(document);
    if (found) return found;
    const policy = compilePolicy(document);
    if (known.size >= MOST_POLICIES) known.delete(known.keys().next().value ?? '');
    known.set(document, policy);
    return policy;
  };
}
