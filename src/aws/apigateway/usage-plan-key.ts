/** API keys in usage plans: https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlanKey.html */
import type {
  CreateUsagePlanKeyRequest,
  DeleteUsagePlanKeyRequest,
  GetUsagePlanKeyRequest,
  GetUsagePlanKeysRequest,
  UsagePlanKey,
  UsagePlanKeys,
} from '@aws-sdk/client-api-gateway';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { pageOf } from '../kit/page.ts';
import { type ApiKeyRow, apiKeys, needApiKey } from './api-key-row.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { withoutEmpty } from './shapes.ts';
import { keyPlans, needUsagePlan, planKeys, plansOfKey, type UsagePlanRow } from './usage-plan-row.ts';

const show = (row: ApiKeyRow): UsagePlanKey =>
  withoutEmpty({ id: row.id, type: 'API_KEY', value: row.value, name: row.name });

export const usagePlanKeyOperations = (ports: ApiGatewayPorts) => ({
  CreateUsagePlanKey: async (input: CreateUsagePlanKeyRequest, call: Call): Promise<UsagePlanKey> =>
    ports.store.transaction(async (rows) => {
      const plan = await needUsagePlan(rows, call.scope, input.usagePlanId);
      if (input.keyType !== 'API_KEY') throw badRequest('Usage plan key type must be API_KEY');
      const key = await needApiKey(rows, call.scope, input.keyId);
      await addKeyToPlan(rows, call.scope, plan, key);
      return show(key);
    }),

  GetUsagePlanKey: async (input: GetUsagePlanKeyRequest, call: Call): Promise<UsagePlanKey> =>
    ports.store.read(async (rows) => show(await needPlanKey(rows, call.scope, input))),

  GetUsagePlanKeys: async (input: GetUsagePlanKeysRequest, call: Call): Promise<UsagePlanKeys> =>
    ports.store.read(async (rows) => {
      const plan = await needUsagePlan(rows, call.scope, input.usagePlanId);
      const keys: ApiKeyRow[] = [];
      for (const { key } of await rows.list(planKeys, call.scope, { prefix: `${plan.id}/` })) {
        const row = await rows.get(apiKeys, call.scope, key.slice(plan.id.length + 1));
        if (row && (!input.nameQuery || (row.name ?? '').startsWith(input.nameQuery))) keys.push(row);
      }
      const page = pageOf(keys, input, (row) => row.id);
      return { items: page.items.map(show), position: page.position };
    }),

  DeleteUsagePlanKey: async (input: DeleteUsagePlanKeyRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      await needPlanKey(rows, call.scope, input);
      await rows.delete(planKeys, call.scope, `${input.usagePlanId}/${input.keyId}`);
      await rows.delete(keyPlans, call.scope, `${input.keyId}/${input.usagePlanId}`);
    });
    return {};
  },
});

/** A key reaches a stage through one plan only, so that its quota is one number. */
export async function addKeyToPlan(
  rows: Transaction,
  scope: Scope,
  plan: UsagePlanRow,
  key: ApiKeyRow,
): Promise<void> {
  const plans = await plansOfKey(rows, scope, key.id);
  if (plans.some((one) => one.id === plan.id)) throw conflict('Usage Plan Key already exists');
  if (plans.length >= limits.usagePlansPerApiKey) throw quotaReached('Usage Plans', 'this API key');
  const taken = plans
    .flatMap((one) => one.apiStages)
    .find((stage) => plan.apiStages.some((own) => own.apiId === stage.apiId && own.stage === stage.stage));
  if (taken)
    throw conflict(
      `Usage Plan ${plan.id} cannot be added because API Key ${key.id} cannot reference multiple Usage Plans with the same API stage: ${taken.apiId}:${taken.stage}`,
    );
  await rows.put(planKeys, scope, `${plan.id}/${key.id}`, true);
  await rows.put(keyPlans, scope, `${key.id}/${plan.id}`, true);
}

async function needPlanKey(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: GetUsagePlanKeyRequest,
): Promise<ApiKeyRow> {
  await needUsagePlan(rows, scope, input.usagePlanId);
  if (!(await rows.get(planKeys, scope, `${input.usagePlanId}/${input.keyId}`)))
    throw notFound(`Invalid API Key identifier specified`);
  return needApiKey(rows, scope, input.keyId);
}
