/** Whether an IAM caller may invoke a method: its own policies and the API's, evaluated together. */
import type { PrincipalPolicies } from '../base/ports.ts';
import type { AuthorizeInvoke, InvokePermission } from '../gateway/ports.ts';
import { denialReason } from '../lang/policy/denial.ts';
import { evaluate } from '../lang/policy/evaluate.ts';
import { compilePolicies, createPolicyCache } from './access/caller-policies.ts';
import { principalOf } from './access/principal-of.ts';

/** Texts: https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden */
export function createAuthorizeInvoke(principalPolicies: PrincipalPolicies): AuthorizeInvoke {
  const compiled = createPolicyCache();
  return async (permission) => {
    const { caller, action, resource, scope, resourcePolicy } = permission;
    const sameAccount = caller.account === scope.account && permission.bothMustAllow !== true;
    if (caller.kind === 'root' && sameAccount && resourcePolicy === null) return { allowed: true };
    const own = await principalPolicies(caller);
    const verdict = evaluate(
      {
        ...compilePolicies(own, compiled),
        ...(resourcePolicy === null ? {} : { resource: resourcePolicy }),
        sameAccount,
      },
      {
        action,
        resource,
        principal: principalOf(caller),
        context: { ...own.conditions, ...contextOf(permission) },
      },
    );
    if (verdict.effect === 'Allow') return { allowed: true };
    const what = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`;
    return { allowed: false, message: `${what} ${denialReason(verdict, action)}` };
  };
}

const contextOf = ({ context, sourceIp }: InvokePermission): Readonly<Record<string, string>> =>
  context ?? { 'aws:SourceIp': sourceIp };
