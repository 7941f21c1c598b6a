import type { ApiStage, QuotaSettings, ThrottleSettings } from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { notFound } from './faults.ts';

export interface UsagePlanRow {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly productCode?: string | undefined;
  readonly apiStages: readonly ApiStage[];
  readonly throttle?: ThrottleSettings | undefined;
  readonly quota?: QuotaSettings | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Keyed by id. */
export const usagePlans = table<UsagePlanRow>('apigateway.usage-plans');

/** Which keys are in a plan, keyed `{planId}/{keyId}`; and the other way about, `{keyId}/{planId}`. */
export const planKeys = table<true>('apigateway.usage-plan-keys');
export const keyPlans = table<true>('apigateway.api-key-plans');

export async function needUsagePlan(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<UsagePlanRow> {
  const row = await rows.get(usagePlans, scope, id ?? '');
  if (row === undefined) throw notFound('Invalid Usage Plan ID specified');
  return row;
}

/** The plans a key is in. */
export async function plansOfKey(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  keyId: string,
): Promise<UsagePlanRow[]> {
  const plans: UsagePlanRow[] = [];
  for (const { key } of await rows.list(keyPlans, scope, { prefix: `${keyId}/` })) {
    const plan = await rows.get(usagePlans, scope, key.slice(keyId.length + 1));
    if (plan) plans.push(plan);
  }
  return plans;
}

export async function forgetKeyInPlans(rows: Transaction, scope: Scope, keyId: string): Promise<void> {
  for (const { key } of await rows.list(keyPlans, scope, { prefix: `${keyId}/` }))
    await rows.delete(planKeys, scope, `${key.slice(keyId.length + 1)}/${keyId}`);
  await rows.deleteRange(keyPlans, scope, `${keyId}/`);
}
