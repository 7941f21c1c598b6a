/** How much keys have used of their plans, and leasing more of it. */
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Quota } from '../../gateway/config.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { withoutEmpty } from './shapes.ts';
import { dayOf, periodOf, startOfNextDay } from './usage-period.ts';

/** One key's day under one plan. */
interface UsageDayRow {
  readonly used: number;
  /** What was left of the quota when the day's last request was counted; absent without a quota. */
  readonly remaining?: number | undefined;
}

/** Keyed `{planId}/{keyId}/{YYYY-MM-DD}`. */
export const usageDays = table<UsageDayRow>('apigateway.usage-days');

interface QuotaStateRow {
  /** First day of the period, `YYYY-MM-DD`. */
  readonly period: string;
  readonly remaining: number;
  /** The quota that this is left of. */
  readonly limit: number;
}

/** Keyed `{planId}/{keyId}`. */
export const quotaStates = table<QuotaStateRow>('apigateway.quota-states');

export interface UsageOf {
  readonly scope: Scope;
  readonly usagePlanId: string;
  readonly apiKeyId: string;
}

interface LeasedUsage {
  /** 0: the quota is used up. */
  readonly requests: number;
  readonly day: string;
  readonly period: string | undefined;
  /** When the day ends: milliseconds since 1970. */
  readonly until: number;
}

export async function leaseUsage(
  rows: Transaction,
  of: UsageOf,
  quota: Quota | undefined,
  nowMs: number,
  wanted: number = limits.usageLeaseRequests,
): Promise<LeasedUsage> {
  const day = dayOf(nowMs);
  const until = startOfNextDay(nowMs);
  if (quota === undefined) {
    await addUsed(rows, of, day, wanted, undefined);
    return { requests: wanted, day, period: undefined, until };
  }
  const { period, remaining: before, limit } = await quotaState(rows, of, quota, nowMs);
  const requests = Math.min(before, wanted, Math.max(1, Math.floor(before / 100)));
  if (requests <= 0) return { requests: 0, day, period, until };
  const remaining = before - requests;
  await rows.put(quotaStates, of.scope, placeOf(of), { period, remaining, limit });
  await addUsed(rows, of, day, requests, remaining);
  return { requests, day, period, until };
}

/** Unused requests of a lease; nothing where the plan is gone. */
export async function giveBack(
  rows: Transaction,
  of: UsageOf & { readonly day: string; readonly period: string | undefined },
  requests: number,
): Promise<void> {
  const row = await rows.get(usageDays, of.scope, `${placeOf(of)}/${of.day}`);
  if (row === undefined) return;
  const state = await rows.get(quotaStates, of.scope, placeOf(of));
  if (state !== undefined && state.period === of.period)
    await rows.put(quotaStates, of.scope, placeOf(of), {
      ...state,
      remaining: state.remaining + requests,
    });
  const remaining = row.remaining === undefined ? undefined : row.remaining + requests;
  await addUsed(rows, of, of.day, -requests, remaining);
}

async function addUsed(
  rows: Transaction,
  of: UsageOf,
  day: string,
  requests: number,
  remaining: number | undefined,
): Promise<void> {
  const key = `${placeOf(of)}/${day}`;
  const used = ((await rows.get(usageDays, of.scope, key))?.used ?? 0) + requests;
  await rows.put(usageDays, of.scope, key, withoutEmpty({ used, remaining }));
}

/** What is left; a new period begins whole, and a quota that was changed leaves as much more or less. */
async function quotaState(
  rows: Pick<Reader, 'get'>,
  of: UsageOf,
  quota: Quota,
  nowMs: number,
): Promise<QuotaStateRow> {
  const { limit } = quota;
  const period = periodOf(nowMs, quota);
  const state = await rows.get(quotaStates, of.scope, placeOf(of));
  if (state?.period !== period) return { period, remaining: limit, limit };
  return { period, remaining: Math.max(0, state.remaining + limit - state.limit), limit };
}

const placeOf = ({ usagePlanId, apiKeyId }: Omit<UsageOf, 'scope'>): string => `${usagePlanId}/${apiKeyId}`;
