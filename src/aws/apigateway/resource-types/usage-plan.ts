/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplan.html */
import type { UsagePlan } from '@aws-sdk/client-api-gateway';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { type Patch, scalarPatches } from '../../kit/patches-between.ts';
import { encodePointer } from '../../kit/patch.ts';
import {
  apiGateway,
  changeTags,
  gone,
  listOf,
  objectOf,
  type Properties,
  type Request,
  shaped,
  tagsOf,
  textOf,
} from './request.ts';

export const usagePlanType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::UsagePlan',

  async create(request) {
    const { properties } = request;
    const { id } = await apiGateway<UsagePlan>(request, 'CreateUsagePlan', {
      ...shaped(properties, 'Description', 'Quota', 'Throttle'),
      name: properties['UsagePlanName'] ?? request.physicalName(),
      apiStages: listOf(properties['ApiStages']).map(stageInput),
      tags: tagsOf(request),
    });
    return { physicalId: textOf(id), attributes: { Id: id } };
  },

  async update(request, current) {
    await patch(request, current.physicalId, patches(current.properties, request.properties));
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', `/usageplans/${current.physicalId}`);
    await changeTags(request, arn, current.properties['Tags']);
    return current;
  },

  /** AWS deletes no plan that still has stages: they leave it first. */
  async delete(request, current) {
    const usagePlanId = current.physicalId;
    await gone(removeWithStages(request, usagePlanId));
  },
};

async function removeWithStages(request: Request, usagePlanId: string): Promise<void> {
  const plan = await apiGateway<UsagePlan>(request, 'GetUsagePlan', { usagePlanId });
  const stages = (plan.apiStages ?? []).map((stage) => `${stage.apiId}:${stage.stage}`);
  const leaving = stages.map((value) => ({ op: 'remove' as const, path: '/apiStages', value }));
  await patch(request, usagePlanId, leaving);
  await apiGateway(request, 'DeleteUsagePlan', { usagePlanId });
}

async function patch(
  request: Request,
  usagePlanId: string,
  patchOperations: readonly Patch[],
): Promise<void> {
  if (patchOperations.length > 0)
    await apiGateway(request, 'UpdateUsagePlan', { usagePlanId, patchOperations });
}

/** `Throttle` is keyed by the user's `/path/METHOD`; what hangs there is AWS's. */
function stageInput(stage: Properties): object {
  const throttle = Object.entries(objectOf(stage['Throttle'])).map(([method, limits]) => [
    method,
    shaped(objectOf(limits), 'BurstLimit', 'RateLimit'),
  ]);
  return {
    ...shaped(stage, 'ApiId', 'Stage'),
    ...(throttle.length > 0 ? { throttle: Object.fromEntries(throttle) } : {}),
  };
}

function patches(before: Properties, after: Properties): Patch[] {
  return [
    ...scalarPatches(
      before,
      { UsagePlanName: before['UsagePlanName'], ...after },
      {
        UsagePlanName: '/name',
        Description: '/description',
      },
    ),
    ...groupPatches(before['Quota'], after['Quota'], '/quota', {
      Limit: '/quota/limit',
      Offset: '/quota/offset',
      Period: '/quota/period',
    }),
    ...groupPatches(before['Throttle'], after['Throttle'], '/throttle', {
      RateLimit: '/throttle/rateLimit',
      BurstLimit: '/throttle/burstLimit',
    }),
    ...stagePatches(before['ApiStages'], after['ApiStages']),
  ];
}

function groupPatches(
  before: unknown,
  after: unknown,
  path: string,
  paths: Readonly<Record<string, string>>,
): Patch[] {
  if (after === undefined) return before === undefined ? [] : [{ op: 'remove', path }];
  const [old, wanted] = [objectOf(before), objectOf(after)];
  const given = Object.fromEntries(Object.entries(paths).filter(([name]) => wanted[name] !== undefined));
  return scalarPatches(old, wanted, given);
}

const nameOf = (stage: Properties): string => `${textOf(stage['ApiId'])}:${textOf(stage['Stage'])}`;

function stagePatches(before: unknown, after: unknown): Patch[] {
  const old = new Map(listOf(before).map((stage) => [nameOf(stage), stage]));
  const wanted = new Map(listOf(after).map((stage) => [nameOf(stage), stage]));
  const path = '/apiStages';
  const found: Patch[] = [];
  for (const value of old.keys()) if (!wanted.has(value)) found.push({ op: 'remove', path, value });
  for (const [value, stage] of wanted) {
    const known = old.get(value);
    if (!known) found.push({ op: 'add', path, value });
    if (JSON.stringify(known?.['Throttle']) === JSON.stringify(stage['Throttle'])) continue;
    if (known?.['Throttle']) found.push({ op: 'remove', path: `${path}/${value}/throttle` });
    for (const [method, limits] of Object.entries(objectOf(stage['Throttle'])))
      found.push(...methodPatches(`${path}/${value}/throttle/${encodePointer(method)}`, objectOf(limits)));
  }
  return found;
}

const methodPatches = (path: string, limits: Properties): Patch[] =>
  scalarPatches({}, limits, { RateLimit: `${path}/rateLimit`, BurstLimit: `${path}/burstLimit` });
