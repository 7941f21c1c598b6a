/** How much of a plan a key has used: https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html */
import type { GetUsageRequest, UpdateUsageRequest, Usage } from '@aws-sdk/client-api-gateway';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { FindApiKey, Quota, RecordUsage } from '../../gateway/config.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { pageOf } from '../kit/page.ts';
import { apiKeys, apiKeyValues } from './api-key-row.ts';
import { badRequest, notFound } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { withoutEmpty } from './shapes.ts';
import { needUsagePlan, planKeys, plansOfKey, type UsagePlanRow } from './usage-plan-row.ts';
import { type QuotaStateRow, quotaStates, usageDays } from './usage-row.ts';

const DAY_MS = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const usageOperations = (ports: ApiGatewayPorts) => ({
  GetUsage: async (input: GetUsageRequest, call: Call): Promise<Usage> =>
    ports.store.read(async (rows) => {
      const plan = await needUsagePlan(rows, call.scope, input.usagePlanId);
      const days = daysBetween(input.startDate, input.endDate);
      const keys = await keysOf(rows, call.scope, plan.id, input.keyId);
      const page = pageOf(keys, input, (key) => key);
      const items: Record<string, number[][]> = {};
      for (const key of page.items) items[key] = await usageOf(rows, call.scope, plan, key, days);
      const { startDate, endDate } = input;
      return { usagePlanId: plan.id, startDate, endDate, items, position: page.position };
    }),

  UpdateUsage: async (input: UpdateUsageRequest, call: Call): Promise<Usage> =>
    ports.store.transaction(async (rows) => {
      const plan = await needUsagePlan(rows, call.scope, input.usagePlanId);
      const [keyId = ''] = await keysOf(rows, call.scope, plan.id, input.keyId);
      const quota = quotaOf(plan);
      if (!quota) throw badRequest(`Usage Plan ${plan.id} has no quota`);
      const period = periodOf(ports.now(), quota);
      const remaining = patchedRemaining(input);
      await rows.put(quotaStates, call.scope, `${plan.id}/${keyId}`, { period, remaining });
      const today = dayOf(ports.now());
      const key = `${plan.id}/${keyId}/${today}`;
      const used = (await rows.get(usageDays, call.scope, key))?.used ?? 0;
      await rows.put(usageDays, call.scope, key, { used, remaining });
      return {
        usagePlanId: plan.id,
        startDate: today,
        endDate: today,
        items: { [keyId]: [[used, remaining]] },
      };
    }),
});

function patchedRemaining(input: UpdateUsageRequest): number {
  const operations = input.patchOperations ?? [];
  for (const operation of operations)
    if (operation.op !== 'replace' || operation.path !== '/remaining')
      throw badRequest(
        `Invalid patch path  '${operation.path}' specified for op '${operation.op}'. Must be one of: [/remaining]`,
      );
  const remaining = Number(operations.at(-1)?.value);
  if (!Number.isInteger(remaining) || remaining < 0) throw badRequest('Invalid remaining quota specified');
  return remaining;
}

/** Every day from the first to the last, in order. */
function daysBetween(startDate: string | undefined, endDate: string | undefined): string[] {
  const [start, end] = [startDate, endDate].map((text) =>
    /^\d{4}-\d\d-\d\d$/.test(text ?? '') ? Date.parse(`${text}T00:00:00Z`) : Number.NaN,
  );
  if (start === undefined || end === undefined || Number.isNaN(start) || Number.isNaN(end))
    throw badRequest('Invalid date specified. Dates must be in the format YYYY-MM-DD');
  if (end < start) throw badRequest('Usage end date must be on or after the start date');
  if ((end - start) / DAY_MS >= limits.usageDays)
    throw badRequest(`Usage can be read for at most ${limits.usageDays} days`);
  return Array.from({ length: (end - start) / DAY_MS + 1 }, (_, index) => dayOf(start + index * DAY_MS));
}

async function keysOf(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  planId: string,
  keyId: string | undefined,
): Promise<string[]> {
  if (keyId === undefined) {
    const entries = await rows.list(planKeys, scope, { prefix: `${planId}/` });
    return entries.map((entry) => entry.key.slice(planId.length + 1));
  }
  if (!(await rows.get(planKeys, scope, `${planId}/${keyId}`)))
    throw notFound('Invalid API Key identifier specified');
  return [keyId];
}

/** `[used, remaining]` by day. A day without requests keeps what the day before left. */
async function usageOf(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  plan: UsagePlanRow,
  keyId: string,
  days: readonly string[],
): Promise<number[][]> {
  const prefix = `${plan.id}/${keyId}/`;
  const entries = await rows.list(usageDays, scope, { prefix });
  const byDay = new Map(entries.map((entry) => [entry.key.slice(prefix.length), entry.row]));
  let remaining = plan.quota?.limit ?? 0;
  return days.map((day) => {
    const row = byDay.get(day);
    remaining = row?.remaining ?? remaining;
    return [row?.used ?? 0, remaining];
  });
}

/** The first day of the period that holds `ms`. Weeks begin on Sunday, plus the offset; months on the first, plus it. */
export function periodOf(ms: number, quota: Quota): string {
  const date = new Date(ms - quota.offset * DAY_MS);
  if (quota.period === 'DAY') return dayOf(ms);
  if (quota.period === 'WEEK') return dayOf(ms - ((date.getUTCDay() + 7) % 7) * DAY_MS);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1 + quota.offset));
}

const quotaOf = (plan: UsagePlanRow): Quota | undefined =>
  plan.quota?.limit === undefined || plan.quota.period === undefined
    ? undefined
    : { limit: plan.quota.limit, offset: plan.quota.offset ?? 0, period: plan.quota.period };

/** For the data plane: the key with this value, and what its plan allows on the stage. */
export const createFindApiKey =
  (store: ApiGatewayPorts['store']): FindApiKey =>
  (scope, value, apiId, stageName) =>
    store.read(async (rows) => {
      const id = await rows.get(apiKeyValues, scope, value);
      const key = id === undefined ? undefined : await rows.get(apiKeys, scope, id);
      if (key === undefined) return undefined;
      const plans = await plansOfKey(rows, scope, key.id);
      const serves = (plan: UsagePlanRow) =>
        plan.apiStages.find((stage) => stage.apiId === apiId && stage.stage === stageName);
      const plan = plans.find(serves);
      const grant = { apiKeyId: key.id, enabled: key.enabled };
      if (plan === undefined) return grant;
      const quota = quotaOf(plan);
      const throttle = rated(plan.throttle);
      const methods = Object.entries(serves(plan)?.throttle ?? {}).map(
        ([name, one]) => [name, rated(one)] as const,
      );
      return {
        ...grant,
        plan: {
          usagePlanId: plan.id,
          ...(throttle ? { throttle } : {}),
          ...(quota ? { quota } : {}),
          methodThrottles: Object.fromEntries(
            methods.flatMap(([name, one]) => (one ? [[name, one] as const] : [])),
          ),
        },
      };
    });

const rated = (throttle: UsagePlanRow['throttle']) =>
  throttle && { rateLimit: throttle.rateLimit ?? 0, burstLimit: throttle.burstLimit ?? 0 };

/** For the data plane: counts requests against the plan in one transaction, so that no two nodes overdraw it. */
export const createRecordUsage =
  ({ store, now }: Pick<ApiGatewayPorts, 'store' | 'now'>): RecordUsage =>
  (scope, { usagePlanId, apiKeyId, requests, quota }) =>
    store.transaction(async (rows) => {
      const place = `${usagePlanId}/${apiKeyId}`;
      const state = quota && (await quotaState(rows, scope, place, now(), quota));
      if (state && state.remaining < requests) return false;
      const remaining = state && state.remaining - requests;
      if (state && remaining !== undefined)
        await rows.put(quotaStates, scope, place, { period: state.period, remaining });
      const day = `${place}/${dayOf(now())}`;
      const before = await rows.get(usageDays, scope, day);
      await rows.put(
        usageDays,
        scope,
        day,
        withoutEmpty({ used: (before?.used ?? 0) + requests, remaining }),
      );
      return true;
    });

/** What is left; a new period begins whole. */
async function quotaState(
  rows: Transaction,
  scope: Scope,
  place: string,
  nowMs: number,
  quota: Quota,
): Promise<QuotaStateRow> {
  const period = periodOf(nowMs, quota);
  const state = await rows.get(quotaStates, scope, place);
  return state?.period === period ? state : { period, remaining: quota.limit };
}
