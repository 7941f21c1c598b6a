/** A stage's settings by method: `/{resource path}/{METHOD}/throttling/rateLimit` and the like. */
import type { MethodSetting, UnauthorizedCacheControlHeaderStrategy } from '@aws-sdk/client-api-gateway';
import { limits } from '../../base/limits.ts';
import type { Draft } from '../kit/draft.ts';
import { decodePointer, encodePointer, type PatchOperation, patchBoolean } from '../kit/patch.ts';
import { badRequest } from './faults.ts';
import { oneOf } from './rest-api-patches.ts';
import type { StageRow } from './stage-row.ts';

const METHODS = 'GET|PUT|POST|DELETE|PATCH|OPTIONS|HEAD|ANY|\\*';
/** The path may hold bare slashes (Terraform sends `/a/b/GET/...`) or `~1` (everyone else). */
const SETTING = new RegExp(`^/(.*/(?:${METHODS}))/(metrics|logging|throttling|caching)/(\\w+)$`);
const WHOLE = new RegExp(`^/(.*/(?:${METHODS}))$`);

/** True for the paths below a method; a stage's own members never end so. */
export const isMethodSettingPath = (path: string | undefined): boolean =>
  path !== undefined && (SETTING.test(path) || WHOLE.test(path));

const DEFAULTS: MethodSetting = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

const STRATEGIES: readonly UnauthorizedCacheControlHeaderStrategy[] = [
  'FAIL_WITH_403',
  'SUCCEED_WITH_RESPONSE_HEADER',
  'SUCCEED_WITHOUT_RESPONSE_HEADER',
];

/** By the path's last two segments. */
const SETTERS: Readonly<Record<string, (value: string | undefined) => MethodSetting>> = {
  'metrics/enabled': (value) => ({ metricsEnabled: patchBoolean(value) }),
  'logging/dataTrace': (value) => ({ dataTraceEnabled: patchBoolean(value) }),
  'logging/loglevel': (value) => ({ loggingLevel: oneOf(value, ['OFF', 'ERROR', 'INFO'], 'LogLevel') }),
  'throttling/burstLimit': (value) => ({ throttlingBurstLimit: numberOf(value, 'burstLimit') }),
  'throttling/rateLimit': (value) => ({ throttlingRateLimit: numberOf(value, 'rateLimit') }),
  'caching/enabled': (value) => ({ cachingEnabled: patchBoolean(value) }),
  'caching/ttlInSeconds': (value) => ({ cacheTtlInSeconds: ttlOf(value) }),
  'caching/dataEncrypted': (value) => ({ cacheDataEncrypted: patchBoolean(value) }),
  'caching/requireAuthorizationForCacheControl': (value) => ({
    requireAuthorizationForCacheControl: patchBoolean(value),
  }),
  'caching/unauthorizedCacheControlHeaderStrategy': (value) => ({
    unauthorizedCacheControlHeaderStrategy: oneOf(
      value,
      STRATEGIES,
      'UnauthorizedCacheControlHeaderStrategy',
    ),
  }),
};

export function changeMethodSetting(stage: Draft<StageRow>, operation: PatchOperation): void {
  if (operation.op === 'remove') return removeSetting(stage, operation.path ?? '');
  const [, key = '', group, name] = SETTING.exec(operation.path ?? '') ?? [];
  const setter = SETTERS[`${group}/${name}`];
  if (setter === undefined || (operation.op !== 'replace' && operation.op !== 'add'))
    throw badRequest(`Invalid method setting path: ${operation.path}`);
  stage.methodSettings = {
    ...stage.methodSettings,
    [key]: { ...DEFAULTS, ...stage.methodSettings[key], ...setter(operation.value) },
  };
}

function removeSetting(stage: Draft<StageRow>, path: string): void {
  const key = (SETTING.exec(path) ?? WHOLE.exec(path))?.[1] ?? '';
  const { [key]: gone, ...others } = stage.methodSettings;
  if (gone === undefined)
    throw badRequest(
      `Cannot remove method setting ${path.slice(1)} because there is no method setting for this method `,
    );
  stage.methodSettings = WHOLE.test(path) ? others : { ...others, [key]: withDefault(gone, path) };
}

/** One setting taken back stands at its default again. */
function withDefault(setting: MethodSetting, path: string): MethodSetting {
  const [, , group, name] = SETTING.exec(path) ?? [];
  if (`${group}/${name}` === 'logging/loglevel') return { ...setting, loggingLevel: 'OFF' };
  const member = Object.keys(SETTERS[`${group}/${name}`]?.(probeValue(name)) ?? {})[0];
  const before = Object.entries(DEFAULTS).filter(([key]) => key === member);
  return { ...setting, ...Object.fromEntries(before) };
}

const probeValue = (name: string | undefined): string =>
  name === 'unauthorizedCacheControlHeaderStrategy' ? 'FAIL_WITH_403' : '0';

/** -1 turns throttling off: Terraform's default, and what AWS then reads back. */
function numberOf(value: string | undefined, name: string): number {
  const number = Number(value);
  if (value === undefined || value === '' || !Number.isFinite(number) || number < -1)
    throw badRequest(`Invalid ${name} specified: ${value ?? null}`);
  return number;
}

function ttlOf(value: string | undefined): number {
  const ttl = numberOf(value, 'ttlInSeconds');
  if (ttl < 0 || ttl > limits.restCacheTtlSeconds)
    throw badRequest(`Invalid cache TTL, must be between 0 and ${limits.restCacheTtlSeconds}`);
  return ttl;
}

/** `{resource path}/{METHOD}` as the gateway compares it: `~1` for every slash of the path, a leading one included. */
export function canonicalSettingKey(key: string): string {
  const at = key.lastIndexOf('/');
  const path = decodePointer(key.slice(0, at));
  if (path === '*') return key;
  const absolute = path.startsWith('/') ? path : `/${path}`;
  return `${encodePointer(absolute)}/${key.slice(at + 1)}`;
}
