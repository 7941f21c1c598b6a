/** What UpdateStage may change, by path: members, variables, canary and the settings of methods. */
import type { CacheClusterSize } from '@aws-sdk/client-api-gateway';
import type { Draft } from '../kit/draft.ts';
import { applyPatches, type PatchOperation, type PatchRules, patchBoolean, patchText } from '../kit/patch.ts';
import { limits } from '../../base/limits.ts';
import { badRequest, notSupported } from './faults.ts';
import { changeMethodSetting, isMethodSettingPath } from './method-setting.ts';
import { oneOf } from './rest-api-patches.ts';
import type { StageRow } from './stage-row.ts';

type StageDraft = Draft<StageRow>;

export function applyStagePatches(
  stage: StageDraft,
  operations: readonly PatchOperation[] | undefined,
): void {
  for (const operation of operations ?? [])
    if (isMethodSettingPath(operation.path)) changeMethodSetting(stage, operation);
    else applyPatches(stage, [operation], stagePatches);
}

/** AWS's own list, its missing commas included. */
const PATHS =
  '[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]';

function refuse(operation: PatchOperation) {
  if (operation.op === 'add') return badRequest(`Invalid add operation with path: ${operation.path}`);
  if (operation.op === 'remove')
    return badRequest(
      `Cannot remove method setting ${operation.path?.slice(1)} because there is no method setting for this method `,
    );
  return badRequest(`Invalid method setting path: ${operation.path}. Must be one of: ${PATHS}`);
}

const CACHE_SIZES: readonly CacheClusterSize[] = ['0.5', '1.6', '6.1', '13.5', '28.4', '58.2', '118', '237'];

/** A canary comes into being with the first of its settings, on the stage's own deployment and with no traffic. */
function canaryOf(stage: StageDraft) {
  stage.canarySettings ??= { percentTraffic: 0, deploymentId: stage.deploymentId, useStageCache: false };
  return stage.canarySettings;
}

const stagePatches: PatchRules<StageDraft> = {
  refusals: { unknownPath: refuse, wrongOp: refuse },
  paths: [
    {
      path: '/deploymentId',
      replace: (stage, value) => {
        stage.deploymentId = value ?? '';
      },
      copy: (stage, from) => {
        if (from !== '/canarySettings/deploymentId' || !stage.canarySettings)
          throw badRequest(`Invalid copy operation with path: ${from}`);
        stage.deploymentId = stage.canarySettings.deploymentId;
      },
    },
    {
      path: '/description',
      replace: (stage, value) => {
        stage.description = patchText(value);
      },
    },
    {
      path: '/documentationVersion',
      replace: (stage, value) => {
        stage.documentationVersion = patchText(value);
      },
    },
    {
      path: '/clientCertificateId',
      replace: (stage, value) => {
        stage.clientCertificateId = patchText(value);
      },
    },
    {
      path: '/tracingEnabled',
      replace: (stage, value) => {
        stage.tracingEnabled = patchBoolean(value);
      },
    },
    {
      path: '/cacheClusterEnabled',
      replace: (stage, value) => {
        stage.cacheClusterEnabled = patchBoolean(value);
        if (stage.cacheClusterEnabled) stage.cacheClusterSize ??= '0.5';
      },
    },
    {
      path: '/cacheClusterSize',
      replace: (stage, value) => {
        stage.cacheClusterSize = value ? oneOf(value, CACHE_SIZES, 'CacheClusterSize') : undefined;
      },
    },
    {
      path: '/accessLogSettings',
      remove: (stage) => {
        stage.accessLogSettings = undefined;
      },
    },
    { path: '/accessLogSettings/destinationArn', add: setLogDestination, replace: setLogDestination },
    { path: '/accessLogSettings/format', add: setLogFormat, replace: setLogFormat },
    {
      path: '/variables',
      copy: (stage, from) => {
        if (from !== '/canarySettings/stageVariableOverrides')
          throw badRequest(`Invalid copy operation with path: ${from}`);
        stage.variables = { ...stage.variables, ...stage.canarySettings?.stageVariableOverrides };
      },
    },
    {
      path: '/variables/{name}',
      add: setVariable,
      replace: setVariable,
      remove: (stage, _value, [name = '']) => {
        const { [name]: gone, ...others } = stage.variables ?? {};
        if (gone === undefined) throw refuse({ op: 'remove', path: `/variables/${name}` });
        stage.variables = others;
      },
    },
    {
      path: '/canarySettings',
      remove: (stage) => {
        stage.canarySettings = undefined;
      },
    },
    {
      path: '/canarySettings/deploymentId',
      replace: (stage, value) => {
        canaryOf(stage).deploymentId = value ?? '';
      },
    },
    {
      path: '/canarySettings/percentTraffic',
      replace: (stage, value) => {
        canaryOf(stage).percentTraffic = Number(value);
      },
    },
    {
      path: '/canarySettings/useStageCache',
      replace: (stage, value) => {
        canaryOf(stage).useStageCache = patchBoolean(value);
      },
    },
    {
      path: '/canarySettings/stageVariableOverrides/{name}',
      add: setOverride,
      replace: setOverride,
      remove: (stage, _value, [name = '']) => {
        const { [name]: gone, ...others } = stage.canarySettings?.stageVariableOverrides ?? {};
        if (gone === undefined)
          throw refuse({ op: 'remove', path: `/canarySettings/stageVariableOverrides/${name}` });
        canaryOf(stage).stageVariableOverrides = others;
      },
    },
  ],
};

function setLogDestination(stage: StageDraft, value: string | undefined): void {
  if (!value?.startsWith('arn:'))
    throw badRequest(
      "Invalid ARN specified in the request. ARNs must start with 'arn:' and be in the format arn:partition:service:region:account-id:resource",
    );
  if (value.split(':')[2] === 'firehose') throw notSupported('Access logs to Firehose delivery streams');
  // The group's ARN may come with its last `:*`; AWS keeps it without.
  stage.accessLogSettings = { ...stage.accessLogSettings, destinationArn: value.replace(/:\*$/, '') };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html */
function setLogFormat(stage: StageDraft, value: string | undefined): void {
  if (value !== undefined && Buffer.byteLength(value) > limits.restAccessLogFormatBytes)
    throw badRequest(
      `Access log format exceeds the maximum size of ${limits.restAccessLogFormatBytes} bytes`,
    );
  stage.accessLogSettings = { ...stage.accessLogSettings, format: value };
}

function setVariable(stage: StageDraft, value: string | undefined, [name = '']: readonly string[]): void {
  stage.variables = { ...stage.variables, [name]: value ?? '' };
}

function setOverride(stage: StageDraft, value: string | undefined, [name = '']: readonly string[]): void {
  const canary = canaryOf(stage);
  canary.stageVariableOverrides = { ...canary.stageVariableOverrides, [name]: value ?? '' };
}
