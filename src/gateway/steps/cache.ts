/**
 * A stage's cache around one method's integration: the answer is looked up by the method's cache keys, kept for its
 * time to live, and read anew when a client that may says `Cache-Control: max-age=0`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
 */
import type { MethodSetting } from '@aws-sdk/client-api-gateway';
import { Readable } from 'node:stream';
import { limits } from '../../base/limits.ts';
import type { AnswerCache, CacheCluster, CachedAnswer } from '../../base/ports.ts';
import type { RestStage } from '../config.ts';
import type { GatewayPorts } from '../ports.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { narrate } from '../narrate.ts';
import type { Checked, Plan, Reply } from '../plan.ts';
import { enter, noteRule } from '../trail.ts';
import { compileCacheKey } from './cache-key.ts';
import { mayInvalidate, refuseInvalidation } from './cache-invalidation.ts';

type Integrate = Plan['integrate'];

export interface CachedMethod {
  readonly method: RestMethod;
  readonly settings: MethodSetting;
  /** The method itself is set to be cached, and not only with all others. */
  readonly named: boolean;
  readonly stage: RestStage;
  /** `{account}/{region}/{apiId}/{stage}`, and a canary's own unless it shares its stage's. */
  readonly cacheName: string;
  readonly ports: GatewayPorts;
}

const GIB = 1024 ** 3;

/** Null where the method's answers are not kept. */
function cacheOf({ method, settings, stage, ports }: CachedMethod): AnswerCache | null {
  if (!stage.cacheClusterEnabled || settings.cachingEnabled !== true) return null;
  if (ttlOf(settings) === 0 || method.integration.responseTransferMode === 'STREAM') return null;
  return ports.cache ?? null;
}

/** For `explain`. */
export const isCached = (cached: CachedMethod): boolean =>
  cacheOf(cached) !== null && (cached.named || ['GET', 'ANY'].includes(cached.method.httpMethod));

const ttlOf = (settings: MethodSetting): number => settings.cacheTtlInSeconds ?? DEFAULT_TTL_SECONDS;
const DEFAULT_TTL_SECONDS = 300;

export function compileCache(cached: CachedMethod, integrate: Integrate): Integrate {
  const cache = cacheOf(cached);
  if (cache === null) return integrate;
  const { settings, stage, named, cacheName } = cached;
  const keyOf = compileCacheKey(cached.method);
  const cluster: CacheCluster = {
    name: cacheName,
    capacityBytes: Number(stage.cacheClusterSize ?? '0.5') * GIB,
  };
  const ttlSeconds = ttlOf(settings);
  const fetched = (call: Checked, key: string): Reply | Promise<Reply> => {
    call.facts.cache = 'miss';
    const reply = integrate(call);
    const keep = (whole: Reply): Reply => {
      const answer = kept(whole);
      if (answer !== null) cache.keep(cluster, key, { answer, ttlSeconds });
      return whole;
    };
    return reply instanceof Promise ? reply.then(keep) : keep(reply);
  };
  const answer = (call: Checked, key: string, found: CachedAnswer | undefined): Reply | Promise<Reply> =>
    found === undefined ? fetched(call, key) : answered(call, found);
  return (call) => {
    // "Only GET methods have caching enabled by default": others have to be named.
    if (call.request.method !== 'GET' && !named) return integrate(call);
    const key = keyOf(call);
    const asked = call.request.header('cache-control');
    if (asked !== undefined && MAX_AGE_0.test(asked)) return invalidate(cached, call, key, { fetched, look });
    return look(call, key);
  };
  function look(call: Checked, key: string): Reply | Promise<Reply> {
    const found = cache?.find(cluster, key);
    return found instanceof Promise
      ? found.then((late) => answer(call, key, late))
      : answer(call, key, found);
  }
}

const MAX_AGE_0 = /(?:^|[\s,])max-age\s*=\s*"?0+"?(?:$|[\s,])/i;

type Way = (call: Checked, key: string) => Reply | Promise<Reply>;

async function invalidate(
  { settings, ports }: CachedMethod,
  call: Checked,
  key: string,
  ways: { readonly fetched: Way; readonly look: Way },
): Promise<Reply> {
  if (settings.requireAuthorizationForCacheControl !== true || (await mayInvalidate(ports, call)))
    return ways.fetched(call, key);
  const warning = refuseInvalidation(settings.unauthorizedCacheControlHeaderStrategy);
  const reply = await ways.look(call, key);
  return warning === null ? reply : { ...reply, headers: [...reply.headers, 'Warning', warning] };
}

function answered(call: Checked, { status, headers, body, traced }: CachedAnswer): Reply {
  call.facts.cache = 'hit';
  enter(call.facts, 'integrate');
  if (call.facts.trail !== undefined) noteRule(call.facts, 'answered from the stage’s cache');
  narrate(call, () => 'Cache hit');
  return { status, headers, body, traced };
}

/** Answers of every status are kept, as AWS keeps them; what is too large, or comes while it is sent, is not. */
function kept({ status, headers, body, traced }: Reply): CachedAnswer | null {
  if (body instanceof Readable) return null;
  const whole = body ?? '';
  if (Buffer.byteLength(whole) > limits.restCachedItemBytes) return null;
  return { status, headers, body: whole, traced: traced === true };
}
