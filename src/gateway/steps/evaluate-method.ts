/**
 * Policies asked about a method. A path that can be read in two ways is asked about in both, so that no spelling of a
 * path leads past a deny, and none that climbs gets in by what it seems to be.
 */
import { evaluate, type Policies, type PolicyRequest, type Verdict } from '../../lang/policy/evaluate.ts';
import type { Routed } from '../plan.ts';
import { methodArn, otherReading } from './method-arn.ts';
import { requestConditions } from './request-conditions.ts';

export function evaluateMethod(
  policies: Policies,
  call: Routed,
  principal?: PolicyRequest['principal'],
): Verdict {
  const request = {
    action: 'execute-api:Invoke',
    resource: methodArn(call),
    context: requestConditions(call),
    ...(principal === undefined ? {} : { principal }),
  };
  const verdict = evaluate(policies, request);
  if (verdict.effect === 'ExplicitDeny') return verdict;
  const other = otherReading(call);
  if (other === null) return verdict;
  const otherVerdict = evaluate(policies, { ...request, resource: other.arn });
  if (otherVerdict.effect === 'ExplicitDeny') return otherVerdict;
  return other.climbs && otherVerdict.effect !== 'Allow' ? otherVerdict : verdict;
}
