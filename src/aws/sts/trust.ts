/** Whether a role may be assumed: its trust policy must let the caller in, and the caller's own must not be in the way. */
import type { Caller } from '../../base/ports.ts';
import type { Store } from '../../store/store.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import { evaluate, type PolicyRequest } from '../../lang/policy/evaluate.ts';
import type { Principal } from '../../lang/policy/principal.ts';
import { principalPolicies } from '../iam/principal-policies.ts';
import type { RoleRow } from '../iam/role-row.ts';

type Context = NonNullable<PolicyRequest['context']>;

export interface Assumption {
  readonly role: RoleRow;
  /** The role's account. */
  readonly account: string;
  readonly caller: Caller;
  /** `sts:AssumeRole`, and `sts:TagSession` or `sts:SetSourceIdentity` when the call brings such. */
  readonly action: string;
  readonly context: Context;
}

export async function mayAssume(store: Store, assumption: Assumption): Promise<boolean> {
  const { role, account, caller, action, context } = assumption;
  const trust = compilePolicy(role.trustPolicy, { kind: 'trust' });
  const own = await principalPolicies(store)(caller);
  const principal = principalOf(caller);
  const request = { action, resource: role.arn, principal, context: { ...own.conditions, ...context } };
  if (!isTrusted(trust, request)) return false;
  const verdict = evaluate(
    {
      identity: own.identity.map((document) => compilePolicy(document)),
      boundary: own.boundary === undefined ? undefined : compilePolicy(own.boundary),
      session: own.session?.map((document) => compilePolicy(document)),
      resource: trust,
      sameAccount: caller.account === account,
    },
    request,
  );
  return verdict.effect === 'Allow';
}

/** Whether a service may assume the role, e.g. `lambda.amazonaws.com`. */
export function trustsService(role: RoleRow, service: string): boolean {
  const trust = compilePolicy(role.trustPolicy, { kind: 'trust' });
  return isTrusted(trust, {
    action: 'sts:AssumeRole',
    resource: role.arn,
    principal: { kind: 'service', service },
  });
}

/** Whether an identity that a provider vouches for may assume the role. */
export function trustsFederated(role: RoleRow, provider: string, context: Context): boolean {
  const trust = compilePolicy(role.trustPolicy, { kind: 'trust' });
  return isTrusted(trust, {
    action: 'sts:AssumeRoleWithWebIdentity',
    resource: role.arn,
    principal: { kind: 'federated', provider },
    context,
  });
}

const EVERYTHING = compilePolicy({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** Unlike other resources' policies, a trust policy must allow even within one account. */
function isTrusted(trust: ReturnType<typeof compilePolicy>, request: PolicyRequest): boolean {
  const policies = { identity: [EVERYTHING], resource: trust, sameAccount: false };
  return evaluate(policies, request).effect === 'Allow';
}

function principalOf(caller: Caller): Principal {
  if (caller.kind === 'service') return { kind: 'service', service: caller.arn };
  const { kind, account, arn } = caller;
  return { kind, account, arn, ...('userId' in caller && { userId: caller.userId }) };
}
