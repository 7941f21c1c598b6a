/** The checks of a service, compiled at its first call. */
import { compileChecks, type CheckInput } from './check.ts';
import type { ConstraintData } from './data.ts';
import { policyOf } from './policy.ts';

export async function loadChecks(serviceId: string): Promise<CheckInput> {
  const policy = policyOf(serviceId);
  if (policy === undefined) return () => {};
  const file = (await import(`./data/${serviceId}.json`)) as { readonly default: ConstraintData }; // what scripts/models writes
  return compileChecks(file.default, policy);
}
