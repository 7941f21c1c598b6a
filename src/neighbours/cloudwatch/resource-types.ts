/** AWS::CloudWatch::Alarm, ::CompositeAlarm and ::Dashboard. */
import type { ListTagsForResourceOutput, Tag } from '@aws-sdk/client-cloudwatch';
import { arnOf } from '../../base/arn.ts';
import { isFault } from '../../base/fault.ts';
import type {
  CurrentResource,
  ResourceRequest,
  ResourceState,
  ResourceType,
} from '../../base/resource-type.ts';

interface Properties {
  readonly AlarmName?: string;
  readonly Tags?: readonly Tag[];
  readonly [name: string]: unknown;
}

const alarmType = (
  type: string,
  operation: string,
  unsupported: readonly string[],
): ResourceType<Properties> => ({
  type,
  unsupported,
  create: (request) =>
    putAlarm(request, operation, request.properties.AlarmName ?? request.physicalName(255)),
  async update(request, current) {
    const state = await putAlarm(request, operation, current.physicalId);
    await changeTags(request, arnOf(request.scope, 'cloudwatch', `alarm:${current.physicalId}`));
    return state;
  },
  delete: (request, current) =>
    goneWith(request.call('cloudwatch', 'DeleteAlarms', { AlarmNames: [current.physicalId] })),
});

async function putAlarm(
  request: ResourceRequest<Properties>,
  operation: string,
  AlarmName: string,
): Promise<ResourceState> {
  const { Tags: _tags, AlarmName: _name, ...settings } = request.properties;
  const tags = tagsOf(request);
  await request.call('cloudwatch', operation, {
    ...settings,
    AlarmName,
    ...(tags.length > 0 ? { Tags: tags } : {}),
  });
  return {
    physicalId: AlarmName,
    attributes: { Arn: arnOf(request.scope, 'cloudwatch', `alarm:${AlarmName}`) },
  };
}

function tagsOf({ tags, properties }: ResourceRequest<Properties>): Tag[] {
  const own = Object.fromEntries((properties.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  return Object.entries({ ...tags, ...own }).map(([Key, Value]) => ({ Key, Value }));
}

async function changeTags(request: ResourceRequest<Properties>, ResourceARN: string): Promise<void> {
  const wanted = tagsOf(request);
  const { Tags: before = [] } = await request.call<ListTagsForResourceOutput>(
    'cloudwatch',
    'ListTagsForResource',
    {
      ResourceARN,
    },
  );
  const gone = before.flatMap(({ Key = '' }) => (wanted.some((tag) => tag.Key === Key) ? [] : [Key]));
  if (gone.length > 0) await request.call('cloudwatch', 'UntagResource', { ResourceARN, TagKeys: gone });
  if (wanted.length > 0) await request.call('cloudwatch', 'TagResource', { ResourceARN, Tags: wanted });
}

async function goneWith(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || !/NotFound/.test(thrown.code)) throw thrown;
  }
}

interface DashboardProperties {
  readonly DashboardName?: string;
  readonly DashboardBody: string;
}

const dashboardType: ResourceType<DashboardProperties> = {
  type: 'AWS::CloudWatch::Dashboard',
  unsupported: ['Tags'],
  create: (request) => putDashboard(request, request.properties.DashboardName ?? request.physicalName(255)),
  update: (request, current: CurrentResource<DashboardProperties>) =>
    putDashboard(request, current.physicalId),
  delete: (request, current) =>
    goneWith(request.call('cloudwatch', 'DeleteDashboards', { DashboardNames: [current.physicalId] })),
};

async function putDashboard(
  request: ResourceRequest<DashboardProperties>,
  DashboardName: string,
): Promise<ResourceState> {
  const { DashboardBody } = request.properties;
  await request.call('cloudwatch', 'PutDashboard', { DashboardName, DashboardBody });
  return { physicalId: DashboardName };
}

export const resourceTypes: readonly object[] = [
  alarmType('AWS::CloudWatch::Alarm', 'PutMetricAlarm', [
    'ThresholdMetricId',
    'EvaluationCriteria',
    'EvaluationInterval',
    'EvaluationWindow',
    'WarmUpConfiguration',
  ]),
  alarmType('AWS::CloudWatch::CompositeAlarm', 'PutCompositeAlarm', [
    'ActionsSuppressor',
    'ActionsSuppressorExtensionPeriod',
    'ActionsSuppressorWaitPeriod',
  ]),
  dashboardType,
];
