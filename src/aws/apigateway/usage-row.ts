import { table } from '../../store/store.ts';

/** One key's day under one plan. */
interface UsageDayRow {
  readonly used: number;
  /** What was left of the quota when the day's last request was counted; absent without a quota. */
  readonly remaining?: number | undefined;
}

/** Keyed `{planId}/{keyId}/{YYYY-MM-DD}`. */
export const usageDays = table<UsageDayRow>('apigateway.usage-days');

export interface QuotaStateRow {
  /** First day of the period, `YYYY-MM-DD`. */
  readonly period: string;
  readonly remaining: number;
}

/** Keyed `{planId}/{keyId}`. */
export const quotaStates = table<QuotaStateRow>('apigateway.quota-states');
