/** How much of a plan a key has used: https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html */
import type { GetUsageRequest, UpdateUsageRequest, Usage } from '@aws-sdk/client-api-gateway';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { pageOf } from '../kit/page.ts';
import { quotaOf } from './api-key-grants.ts';
import { badRequest, notFound } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import type { UsageMeter } from './usage-meter.ts';
import { DAY_MS, dayOf, periodOf } from './usage-period.ts';
import { needUsagePlan, planKeys, type UsagePlanRow } from './usage-plan-row.ts';
import { quotaStates, usageDays } from './usage-row.ts';

export const usageOperations = (ports: ApiGatewayPorts, meter: UsageMeter) => ({
  GetUsage: async (input: GetUsageRequest, call: Call): Promise<Usage> => {
    await meter.settle(call.scope, input.usagePlanId ?? '', input.keyId);
    return ports.store.read(async (rows) => {
      const plan = await needUsagePlan(rows, call.scope, input.usagePlanId);
      const days = daysBetween(input.startDate, input.endDate);
      const keys = await keysOf(rows, call.scope, plan.id, input.keyId);
      const page = pageOf(keys, input, (key) => key);
      const items: Record<string, number[][]> = {};
      for (const key of page.items) items[key] = await usageOf(rows, call.scope, plan, key, days);
      const { startDate, endDate } = input;
      return { usagePlanId: plan.id, startDate, endDate, items, position: page.position };
    });
  },

  UpdateUsage: async (input: UpdateUsageRequest, call: Call): Promise<Usage> => {
    await meter.settle(call.scope, input.usagePlanId ?? '', input.keyId);
    return ports.store.transaction(async (rows) => {
      const plan = await needUsagePlan(rows, call.scope, input.usagePlanId);
      const [keyId = ''] = await keysOf(rows, call.scope, plan.id, input.keyId);
      const quota = quotaOf(plan);
      if (!quota) throw badRequest(`Usage Plan ${plan.id} has no quota`);
      const period = periodOf(ports.now(), quota);
      const remaining = patchedRemaining(input);
      await rows.put(quotaStates, call.scope, `${plan.id}/${keyId}`, {
        period,
        remaining,
        limit: quota.limit,
      });
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
    });
  },
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
