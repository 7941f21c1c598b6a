/**
 * Counts the requests of keys against their plans. A node leases requests in one transaction and serves them from
 * memory: what is leased counts as used, so that no quota is ever overdrawn, whatever is killed and however many nodes
 * there are. After a kill, about a second of a key's requests, or `limits.usageLeaseRequests`, are counted that were
 * not served; what is left of a quota is leased by its hundredth part, so small ones are exact. Whoever asks for usage
 * has the leases given back first.
 */
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Quota, UseQuota } from '../../gateway/config.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { giveBack, leaseUsage } from './usage-row.ts';

export interface UsageMeter {
  readonly take: UseQuota;
  /** Gives back what was leased of a plan (of one key) and not used: the rows then tell what was served. */
  settle(scope: Scope, usagePlanId: string, apiKeyId?: string): Promise<void>;
  /** Gives everything back. */
  stop(): Promise<void>;
}

interface Lease {
  readonly scope: Scope;
  readonly usagePlanId: string;
  readonly apiKeyId: string;
  /** Requests that may still be served, until then: the day ends, or others may have given some back. */
  left: number;
  /** How many it was made of. */
  size: number;
  /** How many are asked for, and when they last were. */
  wanted: number;
  filledAt: number;
  until: number;
  day: string;
  period: string | undefined;
  /** The quota was used up when it was last asked. */
  exhausted: boolean;
  filling: Promise<void> | undefined;
  /** Nobody may take from it any more. */
  settled: boolean;
}

/** A lease that did not last a second is doubled, so that a busy key costs the store a write or two a second. */
const nextSize = ({ wanted, filledAt }: Lease, nowMs: number): number =>
  nowMs - filledAt < LASTS_MS
    ? Math.min(wanted * 2, limits.usageLeaseMostRequests)
    : limits.usageLeaseRequests;

const LASTS_MS = 1000;

export function createUsageMeter({
  store,
  now,
  log,
}: Pick<ApiGatewayPorts, 'store' | 'now' | 'log'>): UsageMeter {
  const leases = new Map<string, Lease>();

  async function leaseMore(lease: Lease, quota: Quota | undefined): Promise<void> {
    const isOver = now() >= lease.until;
    lease.wanted = nextSize(lease, now());
    const unused = isOver ? lease.left : 0;
    if (isOver) lease.left = 0;
    const granted = await store.transaction(async (rows) => {
      if (unused > 0) await giveBack(rows, lease, unused);
      return leaseUsage(rows, lease, quota, now(), lease.wanted);
    });
    lease.filledAt = now();
    lease.left += granted.requests;
    lease.size = granted.requests;
    lease.exhausted = granted.requests === 0;
    lease.day = granted.day;
    lease.period = granted.period;
    lease.until = lease.exhausted ? Math.min(granted.until, now() + limits.usageExhaustedMs) : granted.until;
  }

  const fill = (lease: Lease, quota: Quota | undefined): Promise<void> => {
    lease.filling ??= leaseMore(lease, quota).finally(() => {
      lease.filling = undefined;
    });
    return lease.filling;
  };

  /** More may wait than one lease serves. */
  async function takeLate(lease: Lease, quota: Quota | undefined): Promise<boolean> {
    for (;;) {
      await fill(lease, quota);
      if (lease.settled) return take(lease, quota);
      if (lease.left > 0) {
        lease.left--;
        return true;
      }
      if (lease.exhausted) return false;
    }
  }

  const take: UseQuota = ({ scope, usagePlanId, apiKeyId }, quota) => {
    const name = nameOf(scope, usagePlanId, apiKeyId);
    let lease = leases.get(name);
    if (lease === undefined) {
      lease = newLease(scope, usagePlanId, apiKeyId);
      leases.set(name, lease);
    }
    if (now() >= lease.until) return takeLate(lease, quota);
    if (lease.left === 0) return lease.exhausted ? false : takeLate(lease, quota);
    lease.left--;
    // More is leased before the last is used, so that nobody waits for the store; the smallest leases cannot be.
    if (lease.left > 0 && lease.left < lease.size / 2 && lease.filling === undefined)
      fill(lease, quota).catch((thrown: unknown) =>
        log('warn', 'usage could not be leased', { usagePlanId, reason: reasonOf(thrown) }),
      );
    return true;
  };

  async function settleThose(wanted: (lease: Lease) => boolean): Promise<void> {
    for (const [name, lease] of leases) {
      if (!wanted(lease)) continue;
      leases.delete(name);
      lease.settled = true;
      await lease.filling?.catch(() => undefined);
      if (lease.left > 0) await store.transaction((rows) => giveBack(rows, lease, lease.left));
    }
  }

  return {
    take,
    settle: (scope, usagePlanId, apiKeyId) =>
      settleThose(
        (lease) =>
          lease.usagePlanId === usagePlanId &&
          lease.scope.account === scope.account &&
          lease.scope.region === scope.region &&
          (apiKeyId === undefined || lease.apiKeyId === apiKeyId),
      ),
    stop: () => settleThose(() => true),
  };
}

const newLease = (scope: Scope, usagePlanId: string, apiKeyId: string): Lease => ({
  scope,
  usagePlanId,
  apiKeyId,
  left: 0,
  size: 0,
  wanted: limits.usageLeaseRequests,
  filledAt: Number.NEGATIVE_INFINITY,
  until: 0,
  day: '',
  period: undefined,
  exhausted: false,
  filling: undefined,
  settled: false,
});

const nameOf = ({ account, region }: Scope, planId: string, keyId: string): string =>
  `${account}/${region}/${planId}/${keyId}`;
