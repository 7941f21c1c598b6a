/** A stage's properties as the patch operations that set them: for Stage and for a Deployment's StageDescription. */
import { mapPatches, type Patch, scalarPatches } from '../../kit/patches-between.ts';
import { encodePointer } from '../../kit/patch.ts';
import { listOf, objectOf, type Properties, textOf } from './request.ts';

const SCALARS = {
  DeploymentId: '/deploymentId',
  Description: '/description',
  CacheClusterEnabled: '/cacheClusterEnabled',
  CacheClusterSize: '/cacheClusterSize',
  ClientCertificateId: '/clientCertificateId',
  DocumentationVersion: '/documentationVersion',
  TracingEnabled: '/tracingEnabled',
};

const CANARY = {
  DeploymentId: '/canarySettings/deploymentId',
  PercentTraffic: '/canarySettings/percentTraffic',
  UseStageCache: '/canarySettings/useStageCache',
};

/** Path below `/{resource}/{METHOD}` by CloudFormation's name. */
const METHOD_SETTINGS: Readonly<Record<string, string>> = {
  MetricsEnabled: 'metrics/enabled',
  LoggingLevel: 'logging/loglevel',
  DataTraceEnabled: 'logging/dataTrace',
  ThrottlingBurstLimit: 'throttling/burstLimit',
  ThrottlingRateLimit: 'throttling/rateLimit',
  CachingEnabled: 'caching/enabled',
  CacheTtlInSeconds: 'caching/ttlInSeconds',
  CacheDataEncrypted: 'caching/dataEncrypted',
};

/** From the stage as it was last made (nothing, for a new one) to what the template says. */
export function stagePatches(before: Properties, after: Properties): Patch[] {
  return [
    ...scalarPatches(withBooleans(before), withBooleans(after), SCALARS),
    ...mapPatches(before['Variables'], after['Variables'], '/variables'),
    ...accessLogPatches(before['AccessLogSetting'], after['AccessLogSetting']),
    ...canaryPatches(before['CanarySetting'], after['CanarySetting']),
    ...methodSettingPatches(before['MethodSettings'], after['MethodSettings']),
  ];
}

const withBooleans = (properties: Properties): Properties => ({
  ...properties,
  CacheClusterEnabled: properties['CacheClusterEnabled'] ?? false,
  TracingEnabled: properties['TracingEnabled'] ?? false,
});

function accessLogPatches(before: unknown, after: unknown): Patch[] {
  if (after === undefined) return before === undefined ? [] : [{ op: 'remove', path: '/accessLogSettings' }];
  return scalarPatches(objectOf(before), objectOf(after), {
    DestinationArn: '/accessLogSettings/destinationArn',
    Format: '/accessLogSettings/format',
  });
}

function canaryPatches(before: unknown, after: unknown): Patch[] {
  if (after === undefined) return before === undefined ? [] : [{ op: 'remove', path: '/canarySettings' }];
  const [old, wanted] = [objectOf(before), objectOf(after)];
  return [
    ...scalarPatches(old, wanted, CANARY),
    ...mapPatches(
      old['StageVariableOverrides'],
      wanted['StageVariableOverrides'],
      '/canarySettings/stageVariableOverrides',
    ),
  ];
}

/** Methods that went lose their settings; every other method is set anew. */
function methodSettingPatches(before: unknown, after: unknown): Patch[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const wanted = new Map(listOf(after).map((setting) => [settingPath(setting), setting]));
  const removed = [...new Set(listOf(before).map(settingPath))];
  const set = [...wanted].flatMap(([path, setting]) =>
    Object.entries(METHOD_SETTINGS)
      .filter(([name]) => setting[name] !== undefined)
      .map(([name, tail]) => ({
        op: 'replace' as const,
        path: `${path}/${tail}`,
        value: textOf(setting[name]),
      })),
  );
  return [...removed.map((path) => ({ op: 'remove' as const, path })), ...set];
}

/** `/*` is every resource, and a path keeps its slashes as `~1`. */
function settingPath(setting: Properties): string {
  const path = textOf(setting['ResourcePath'] ?? '/*');
  const method = textOf(setting['HttpMethod'] ?? '*');
  return path === '/*'
    ? `/*/${method}`
    : `/${path.includes('~1') ? path.replace(/^\//, '') : encodePointer(path)}/${method}`;
}
