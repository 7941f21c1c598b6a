/** Groups: filter expressions with a name: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-groups.html */
import type {
  CreateGroupRequest,
  CreateGroupResult,
  DeleteGroupRequest,
  GetEncryptionConfigResult,
  GetGroupRequest,
  GetGroupResult,
  GetGroupsResult,
  Group,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateGroupRequest,
  UpdateGroupResult,
} from '@aws-sdk/client-xray';
import { arnOf, parseArn } from '../../base/arn.ts';
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidRequest, notFound } from './faults.ts';
import { compileFilter } from './filter-expression.ts';
import type { XRayPorts } from './ports.ts';
import { samplingRules } from './sampling-rule.ts';

interface GroupRow {
  readonly group: Group;
  readonly tags: Readonly<Record<string, string>>;
}

/** Key: the group's name. */
const groups = table<GroupRow>('xray.groups');

type GroupSettings = Pick<CreateGroupRequest, 'FilterExpression' | 'InsightsConfiguration'>;

function checked({ FilterExpression, InsightsConfiguration }: GroupSettings): GroupSettings {
  if (InsightsConfiguration?.InsightsEnabled)
    throw invalidRequest('InsightsConfiguration: not supported by gatehouse');
  if (FilterExpression !== undefined) compileFilter(FilterExpression);
  return { FilterExpression, InsightsConfiguration: { InsightsEnabled: false, NotificationsEnabled: false } };
}

export const groupOperations = ({ store, random }: XRayPorts) => ({
  async CreateGroup(
    { GroupName: name = '', Tags = [], ...settings }: CreateGroupRequest,
    { scope }: Call,
  ): Promise<CreateGroupResult> {
    const id = randomText(26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', random);
    const group: Group = {
      GroupName: name,
      GroupARN: arnOf(scope, 'xray', `group/${name}/${id}`),
      ...checked(settings),
    };
    await store.transaction(async (rows) => {
      if ((await rows.get(groups, scope, name)) !== undefined)
        throw invalidRequest(`Group with name ${name} already exists.`);
      if ((await rows.list(groups, scope)).length >= limits.xrayGroups)
        throw invalidRequest(`There can be at most ${limits.xrayGroups} groups.`);
      const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
      await rows.put(groups, scope, name, { group, tags });
    });
    return { Group: group };
  },

  async UpdateGroup(
    { GroupName, GroupARN, ...settings }: UpdateGroupRequest,
    { scope }: Call,
  ): Promise<UpdateGroupResult> {
    return store.transaction(async (rows) => {
      const row = await needGroup(rows, scope, { GroupName, GroupARN });
      const group = { ...row.group, ...checked({ ...row.group, ...settings }) };
      await rows.put(groups, scope, group.GroupName ?? '', { ...row, group });
      return { Group: group };
    });
  },

  async GetGroup(input: GetGroupRequest, { scope }: Call): Promise<GetGroupResult> {
    return { Group: (await needGroup(store, scope, input)).group };
  },

  async GetGroups(_input: object, { scope }: Call): Promise<GetGroupsResult> {
    return { Groups: (await store.list(groups, scope)).map(({ row }) => row.group) };
  },

  async DeleteGroup(input: DeleteGroupRequest, { scope }: Call) {
    await store.transaction(async (rows) => {
      const { group } = await needGroup(rows, scope, input);
      await rows.delete(groups, scope, group.GroupName ?? '');
    });
    return {};
  },

  async GetEncryptionConfig(): Promise<GetEncryptionConfigResult> {
    return { EncryptionConfig: { Type: 'NONE', Status: 'ACTIVE' } };
  },

  async TagResource({ ResourceARN = '', Tags = [] }: TagResourceRequest, { scope }: Call) {
    const added = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    await store.transaction((rows) =>
      changeTags(rows, scope, ResourceARN, (tags) => ({ ...tags, ...added })),
    );
    return {};
  },

  async UntagResource({ ResourceARN = '', TagKeys = [] }: UntagResourceRequest, { scope }: Call) {
    await store.transaction((rows) =>
      changeTags(rows, scope, ResourceARN, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
      ),
    );
    return {};
  },

  async ListTagsForResource(
    { ResourceARN = '' }: ListTagsForResourceRequest,
    { scope }: Call,
  ): Promise<ListTagsForResourceResponse> {
    const { tags } = (await placeOf(store, scope, ResourceARN)).row;
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});

async function needGroup(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  {
    GroupName,
    GroupARN,
  }: { readonly GroupName?: string | undefined; readonly GroupARN?: string | undefined },
): Promise<GroupRow> {
  const all = (await rows.list(groups, scope)).map(({ row }) => row);
  const found = all.find(
    ({ group }) => group.GroupName === GroupName || (GroupARN !== undefined && group.GroupARN === GroupARN),
  );
  if (found === undefined) throw invalidRequest('Group not found');
  return found;
}

async function placeOf(rows: Pick<Reader, 'get'>, scope: Scope, arn: string) {
  const [kind, name = ''] = (parseArn(arn)?.resource ?? '').split('/');
  const row =
    kind === 'group' ? await rows.get(groups, scope, name) : await rows.get(samplingRules, scope, name);
  if (row === undefined) throw notFound(`Resource ${arn} does not exist.`);
  return { kind, name, row };
}

async function changeTags(
  rows: Transaction,
  scope: Scope,
  arn: string,
  change: (tags: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<void> {
  const { name, row } = await placeOf(rows, scope, arn);
  const tags = change(row.tags);
  if ('group' in row) await rows.put(groups, scope, name, { ...row, tags });
  else await rows.put(samplingRules, scope, name, { ...row, tags });
}
