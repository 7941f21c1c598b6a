/** What UpdateUsagePlan may change, by path. */
import type { ApiStage, ThrottleSettings } from '@aws-sdk/client-api-gateway';
import type { Draft } from '../kit/draft.ts';
import {
  applyPatches,
  decodePointer,
  listingRefusals,
  type PatchOperation,
  type PatchRules,
  patchText,
} from '../kit/patch.ts';
import { badRequest } from './faults.ts';
import type { UsagePlanRow } from './usage-plan-row.ts';

type Plan = Draft<UsagePlanRow>;

/** The method's path may come with bare slashes (Terraform) or `~1`. */
const METHOD_THROTTLE = /^\/apiStages\/([^/]+:[^/]+)\/throttle\/(.+?)(?:\/(rateLimit|burstLimit))?$/;

export function applyUsagePlanPatches(plan: Plan, operations: readonly PatchOperation[] | undefined): void {
  for (const operation of operations ?? []) {
    const match = METHOD_THROTTLE.exec(operation.path ?? '');
    if (match) changeMethodThrottle(plan, operation, match);
    else applyPatches(plan, [operation], usagePlanPatches);
  }
}

function changeMethodThrottle(plan: Plan, operation: PatchOperation, match: RegExpExecArray): void {
  const [, stageName = '', path = '', setting] = match;
  const stage = needStage(plan, stageName);
  const key = `/${decodePointer(path).replace(/^\/+/, '')}`;
  const { [key]: before, ...others } = stage.throttle ?? {};
  if (operation.op === 'remove') {
    stage.throttle = others;
    return;
  }
  const throttle: ThrottleSettings = { burstLimit: 0, rateLimit: 0, ...before };
  if (setting === 'rateLimit') throttle.rateLimit = numberOf(operation.value);
  else if (setting === 'burstLimit') throttle.burstLimit = numberOf(operation.value);
  else throw usagePlanPatches.refusals.unknownPath(operation);
  stage.throttle = { ...others, [key]: throttle };
}

function needStage(plan: Plan, name: string | undefined): Draft<ApiStage> {
  const [apiId, stageName] = (name ?? '').split(':');
  const stage = plan.apiStages.find((one) => one.apiId === apiId && one.stage === stageName);
  if (stage === undefined) throw badRequest('Invalid API Stage specified');
  return stage;
}

const REMOVED = [
  '/apiStages',
  '/quota',
  '/throttle',
  '/productCode',
  '/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>',
  '/apiStages/<apidId:stageName>/throttle',
];

const usagePlanPatches: PatchRules<Plan> = {
  refusals: listingRefusals({
    add: ['/apiStages', '/throttle', '/quota', '/productCode'],
    replace: [
      '/name',
      '/description',
      '/productCode',
      '/quota/limit',
      '/quota/offset',
      '/quota/period',
      '/throttle/rateLimit',
      '/throttle/burstLimit',
    ],
    remove: REMOVED,
  }),
  paths: [
    {
      path: '/name',
      replace: (plan, value) => {
        plan.name = value ?? '';
      },
    },
    {
      path: '/description',
      replace: (plan, value) => {
        plan.description = patchText(value);
      },
    },
    {
      path: '/productCode',
      add: setProductCode,
      replace: setProductCode,
      remove: (plan) => {
        plan.productCode = undefined;
      },
    },
    {
      path: '/apiStages',
      add: (plan, value) => {
        const [apiId = '', stage = ''] = (value ?? '').split(':');
        if (!apiId || !stage) throw badRequest('Invalid API Stage specified');
        if (!plan.apiStages.some((one) => one.apiId === apiId && one.stage === stage))
          plan.apiStages = [...plan.apiStages, { apiId, stage }];
      },
      remove: (plan, value) => {
        const gone = needStage(plan, value);
        plan.apiStages = plan.apiStages.filter((one) => one !== gone);
      },
    },
    {
      path: '/apiStages/{stage}/throttle',
      remove: (plan, _value, [name]) => {
        needStage(plan, name).throttle = undefined;
      },
    },
    {
      path: '/throttle',
      remove: (plan) => {
        plan.throttle = undefined;
      },
    },
    { path: '/throttle/rateLimit', add: setRate, replace: setRate },
    { path: '/throttle/burstLimit', add: setBurst, replace: setBurst },
    {
      path: '/quota',
      remove: (plan) => {
        plan.quota = undefined;
      },
    },
    { path: '/quota/limit', add: setQuotaLimit, replace: setQuotaLimit },
    { path: '/quota/offset', add: setQuotaOffset, replace: setQuotaOffset },
    { path: '/quota/period', add: setQuotaPeriod, replace: setQuotaPeriod },
  ],
};

function setProductCode(plan: Plan, value: string | undefined): void {
  plan.productCode = patchText(value);
}

function setRate(plan: Plan, value: string | undefined): void {
  plan.throttle = { burstLimit: 0, ...plan.throttle, rateLimit: numberOf(value) };
}

function setBurst(plan: Plan, value: string | undefined): void {
  plan.throttle = { rateLimit: 0, ...plan.throttle, burstLimit: numberOf(value) };
}

function setQuotaLimit(plan: Plan, value: string | undefined): void {
  plan.quota = { offset: 0, ...plan.quota, limit: numberOf(value) };
}

function setQuotaOffset(plan: Plan, value: string | undefined): void {
  plan.quota = { ...plan.quota, offset: numberOf(value) };
}

function setQuotaPeriod(plan: Plan, value: string | undefined): void {
  if (value !== 'DAY' && value !== 'WEEK' && value !== 'MONTH')
    throw badRequest('Usage Plan quota period must be one of: DAY, WEEK, MONTH');
  plan.quota = { offset: 0, ...plan.quota, period: value };
}

function numberOf(value: string | undefined): number {
  const number = Number(value);
  if (!value || !Number.isFinite(number)) throw badRequest(`Invalid value specified: ${value ?? null}`);
  return number;
}
