/** Usage plans: https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlan.html */
import type {
  ApiStage,
  CreateUsagePlanRequest,
  DeleteUsagePlanRequest,
  GetUsagePlanRequest,
  GetUsagePlansRequest,
  QuotaSettings,
  UpdateUsagePlanRequest,
  UsagePlan,
  UsagePlans,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId, pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { badRequest, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { filled, withoutEmpty } from './shapes.ts';
import { stages } from './stage-row.ts';
import { checkedTags } from './tag-set.ts';
import { quotaStates, usageDays } from './usage-row.ts';
import { applyUsagePlanPatches } from './usage-plan-patches.ts';
import {
  keyPlans,
  needUsagePlan,
  planKeys,
  plansOfKey,
  type UsagePlanRow,
  usagePlans,
} from './usage-plan-row.ts';

const showUsagePlan = (row: UsagePlanRow): UsagePlan =>
  withoutEmpty({
    ...row,
    apiStages: row.apiStages.map((stage) => withoutEmpty({ ...stage, throttle: filled(stage.throttle) })),
    tags: filled({ ...row.tags }),
  });

const showWithTags = (row: UsagePlanRow): UsagePlan => ({ ...showUsagePlan(row), tags: { ...row.tags } });

export const usagePlanOperations = (ports: ApiGatewayPorts) => ({
  CreateUsagePlan: async (input: CreateUsagePlanRequest, call: Call): Promise<UsagePlan> =>
    ports.store.transaction(async (rows) => {
      const tags = checkedTags(input.tags);
      const row: UsagePlanRow = {
        id: pinnedId(tags) ?? apiGatewayId(6, ports.random),
        name: input.name ?? '',
        description: input.description,
        apiStages: input.apiStages ?? [],
        throttle: input.throttle && { burstLimit: 0, rateLimit: 0, ...input.throttle },
        quota: input.quota && { offset: 0, ...input.quota },
        tags,
      };
      await checkPlan(rows, call.scope, row);
      if ((await rows.list(usagePlans, call.scope)).length >= limits.usagePlans)
        throw quotaReached('Usage Plans', 'this account');
      await rows.put(usagePlans, call.scope, row.id, row);
      return showUsagePlan(row);
    }),

  GetUsagePlan: async (input: GetUsagePlanRequest, call: Call): Promise<UsagePlan> =>
    showWithTags(await needUsagePlan(ports.store, call.scope, input.usagePlanId)),

  GetUsagePlans: async (input: GetUsagePlansRequest, call: Call): Promise<UsagePlans> =>
    ports.store.read(async (rows) => {
      const all = input.keyId
        ? await plansOfKey(rows, call.scope, input.keyId)
        : (await rows.list(usagePlans, call.scope)).map((entry) => entry.row);
      const page = pageOf(all, input, (row) => row.id);
      return { items: page.items.map(showUsagePlan), position: page.position };
    }),

  UpdateUsagePlan: async (input: UpdateUsagePlanRequest, call: Call): Promise<UsagePlan> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needUsagePlan(rows, call.scope, input.usagePlanId));
      applyUsagePlanPatches(draft, input.patchOperations);
      await checkPlan(rows, call.scope, draft);
      await rows.put(usagePlans, call.scope, draft.id, draft);
      return showWithTags(draft);
    }),

  DeleteUsagePlan: async (input: DeleteUsagePlanRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needUsagePlan(rows, call.scope, input.usagePlanId);
      const [stage] = row.apiStages;
      if (stage)
        throw badRequest(
          `Cannot delete Usage Plan ${row.id} because there are API Stages associated with it, including ${stage.apiId}:${stage.stage}`,
        );
      for (const { key } of await rows.list(planKeys, call.scope, { prefix: `${row.id}/` }))
        await rows.delete(keyPlans, call.scope, `${key.slice(row.id.length + 1)}/${row.id}`);
      for (const one of OF_A_PLAN) await rows.deleteRange(one, call.scope, `${row.id}/`);
      await rows.delete(usagePlans, call.scope, row.id);
    });
    return {};
  },
});

/** Keyed by the plan's id first: they go with it. */
const OF_A_PLAN: readonly Table<unknown>[] = [planKeys, usageDays, quotaStates];

async function checkPlan(rows: Pick<Reader, 'get'>, scope: Scope, row: UsagePlanRow): Promise<void> {
  if (!row.name) throw badRequest('Usage Plan name must not be empty');
  for (const stage of row.apiStages) {
    if (!(await rows.get(stages, scope, `${stage.apiId}/${stage.stage}`)))
      throw stageMissing(stage, row.name);
    if (Object.keys(stage.throttle ?? {}).length > limits.usagePlanMethodThrottles)
      throw quotaReached('method throttles', 'this API stage');
  }
  if (row.quota) checkQuota(row.quota);
}

const stageMissing = (stage: ApiStage, plan: string) =>
  notFound(`Invalid API Stage {api: ${stage.apiId}, stage: ${stage.stage}} specified for usageplan ${plan}`);

/** Offsets count days into the period: https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html */
const OFFSET_DAYS = { DAY: 0, WEEK: 6, MONTH: 27 };

function checkQuota(quota: QuotaSettings): void {
  const { limit, offset = 0, period } = quota;
  if (period !== 'DAY' && period !== 'WEEK' && period !== 'MONTH')
    throw badRequest('Usage Plan quota period must be one of: DAY, WEEK, MONTH');
  if (limit === undefined || !(limit >= 1)) throw badRequest('Usage Plan quota limit must be at least 1');
  if (!(offset >= 0 && offset <= OFFSET_DAYS[period]))
    throw badRequest(
      `Usage Plan quota offset must be between 0 and ${OFFSET_DAYS[period]} for period ${period}`,
    );
}
