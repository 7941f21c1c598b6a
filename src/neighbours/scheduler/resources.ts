/** AWS::Scheduler::Schedule and ScheduleGroup. */
import type {
  CreateScheduleGroupOutput,
  CreateScheduleInput,
  CreateScheduleOutput,
  GetScheduleGroupOutput,
  ListTagsForResourceOutput,
} from '@aws-sdk/client-scheduler';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface ScheduleProperties extends Omit<CreateScheduleInput, 'Name' | 'StartDate' | 'EndDate'> {
  readonly Name?: string;
  readonly StartDate?: string;
  readonly EndDate?: string;
}

export const scheduleResourceType: ResourceType<ScheduleProperties> = {
  type: 'AWS::Scheduler::Schedule',

  async create(request) {
    const Name = request.properties.Name ?? request.physicalName(64);
    const { ScheduleArn } = await request.call<CreateScheduleOutput>('scheduler', 'CreateSchedule', {
      ...inputOf(request.properties),
      Name,
    });
    return { physicalId: Name, attributes: { Arn: ScheduleArn } };
  },

  /** A schedule cannot move to another group: it is made there, and taken away here. */
  async update(request, current) {
    const Name = current.physicalId;
    const before = current.properties.GroupName;
    const moves = (request.properties.GroupName ?? 'default') !== (before ?? 'default');
    const operation = moves ? 'CreateSchedule' : 'UpdateSchedule';
    const { ScheduleArn } = await request.call<CreateScheduleOutput>('scheduler', operation, {
      ...inputOf(request.properties),
      Name,
    });
    if (moves) await ignoreGone(request.call('scheduler', 'DeleteSchedule', { Name, GroupName: before }));
    return { physicalId: Name, attributes: { Arn: ScheduleArn } };
  },

  delete: (request, current) =>
    ignoreGone(
      request.call('scheduler', 'DeleteSchedule', {
        Name: current.physicalId,
        GroupName: current.properties.GroupName,
      }),
    ),
};

const inputOf = ({ StartDate, EndDate, ...rest }: ScheduleProperties) => ({
  ...rest,
  ...(StartDate === undefined ? {} : { StartDate: new Date(StartDate) }),
  ...(EndDate === undefined ? {} : { EndDate: new Date(EndDate) }),
});

interface GroupProperties {
  readonly Name?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const scheduleGroupResourceType: ResourceType<GroupProperties> = {
  type: 'AWS::Scheduler::ScheduleGroup',

  async create(request) {
    const Name = request.properties.Name ?? request.physicalName(64);
    await request.call<CreateScheduleGroupOutput>('scheduler', 'CreateScheduleGroup', {
      Name,
      Tags: tagsOf(request),
    });
    return show(request, Name);
  },

  async update(request, current) {
    const state = await show(request, current.physicalId);
    const ResourceArn = state.attributes?.['Arn'];
    const { Tags: before = [] } = await request.call<ListTagsForResourceOutput>(
      'scheduler',
      'ListTagsForResource',
      {
        ResourceArn,
      },
    );
    const Tags = tagsOf(request);
    const TagKeys = before.map(({ Key }) => Key).filter((key) => !Tags.some(({ Key }) => Key === key));
    if (TagKeys.length > 0) await request.call('scheduler', 'UntagResource', { ResourceArn, TagKeys });
    if (Tags.length > 0) await request.call('scheduler', 'TagResource', { ResourceArn, Tags });
    return state;
  },

  delete: (request, current) =>
    ignoreGone(request.call('scheduler', 'DeleteScheduleGroup', { Name: current.physicalId })),
};

const tagsOf = ({ tags, properties }: ResourceRequest<GroupProperties>) => [
  ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...(properties.Tags ?? []),
];

async function show(request: ResourceRequest<GroupProperties>, Name: string): Promise<ResourceState> {
  const found = await request.call<GetScheduleGroupOutput>('scheduler', 'GetScheduleGroup', { Name });
  return {
    physicalId: Name,
    attributes: {
      Arn: found.Arn,
      State: found.State,
      CreationDate: found.CreationDate?.toISOString(),
      LastModificationDate: found.LastModificationDate?.toISOString(),
    },
  };
}

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'ResourceNotFoundException') throw thrown;
  }
}
