/** For the data plane: the key with a value, and what its plan allows on a stage. Asked at every request, so kept. */
import { hash } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { ApiKeyGrant, FindApiKey, Quota } from '../../gateway/config.ts';
import type { Reader } from '../../store/store.ts';
import { apiKeyOfValue } from './api-key-row.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { plansOfKey, type UsagePlanRow } from './usage-plan-row.ts';

export interface ApiKeyGrants {
  readonly find: FindApiKey;
  /** A key or a plan changed: the next request asks the store. */
  forget(): void;
}

interface Kept {
  readonly grant: ApiKeyGrant;
  readonly until: number;
}

export function createApiKeyGrants({ store, now }: Pick<ApiGatewayPorts, 'store' | 'now'>): ApiKeyGrants {
  const kept = new Map<string, Kept>();
  let generation = 0;
  const ask = async (name: string, scope: Scope, ...asked: Asked): Promise<ApiKeyGrant | undefined> => {
    const before = generation;
    const grant = await store.read((rows) => grantOf(rows, scope, ...asked));
    // Strangers' values are not kept: anyone can send as many as they like.
    if (grant !== undefined && before === generation) {
      if (kept.size >= limits.apiKeyGrantsKept) kept.delete(kept.keys().next().value ?? '');
      kept.set(name, { grant, until: now() + limits.apiKeyGrantMs });
    }
    return grant;
  };
  return {
    find(scope, value, apiId, stageName) {
      // By its hash: how long a look-up takes says nothing of the value.
      const name = `${scope.account}/${scope.region}/${apiId}/${stageName}/${hashOf(value)}`;
      const known = kept.get(name);
      return known !== undefined && known.until > now()
        ? known.grant
        : ask(name, scope, value, apiId, stageName);
    },
    forget() {
      generation++;
      kept.clear();
    },
  };
}

type Asked = [value: string, apiId: string, stageName: string];

const hashOf = (value: string): string => hash('sha256', value, 'base64');

async function grantOf(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  ...[value, apiId, stageName]: Asked
): Promise<ApiKeyGrant | undefined> {
  const key = await apiKeyOfValue(rows, scope, value);
  if (key === undefined) return undefined;
  const stageOf = (plan: UsagePlanRow) =>
    plan.apiStages.find((stage) => stage.apiId === apiId && stage.stage === stageName);
  const plan = (await plansOfKey(rows, scope, key.id)).find(stageOf);
  const grant = { apiKeyId: key.id, enabled: key.enabled };
  if (plan === undefined) return grant;
  const quota = quotaOf(plan);
  const throttle = rated(plan.throttle);
  const methods = Object.entries(stageOf(plan)?.throttle ?? {}).flatMap(([name, given]) => {
    const one = rated(given);
    return one === undefined ? [] : [[name, one] as const];
  });
  return {
    ...grant,
    plan: {
      usagePlanId: plan.id,
      ...(throttle ? { throttle } : {}),
      ...(quota ? { quota } : {}),
      methodThrottles: Object.fromEntries(methods),
    },
  };
}

export const quotaOf = (plan: UsagePlanRow): Quota | undefined =>
  plan.quota?.limit === undefined || plan.quota.period === undefined
    ? undefined
    : { limit: plan.quota.limit, offset: plan.quota.offset ?? 0, period: plan.quota.period };

const rated = (throttle: UsagePlanRow['throttle']) =>
  throttle && { rateLimit: throttle.rateLimit ?? 0, burstLimit: throttle.burstLimit ?? 0 };
