/** Schedule groups and their tags. */
import type {
  CreateScheduleGroupInput,
  CreateScheduleGroupOutput,
  DeleteScheduleGroupInput,
  GetScheduleGroupInput,
  GetScheduleGroupOutput,
  ListScheduleGroupsInput,
  ListScheduleGroupsOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-scheduler';
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import {
  conflict,
  DEFAULT_GROUP,
  findGroup,
  groupArn,
  type GroupRow,
  groups,
  invalid,
  schedules,
} from './schedule-row.ts';
import type { Watching } from './watching.ts';

type Tags = Readonly<Record<string, string>>;

const tagsOf = (tags: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

export const groupOperations = ({ store, now }: ServicePorts, watching: Watching) => {
  const editTags = async (
    scope: Scope,
    arn: string | undefined,
    change: (tags: Tags) => Tags,
  ): Promise<object> => {
    await store.transaction(async (rows) => {
      const row = await findGroup(rows, scope, nameOf(arn));
      const tags = change(row.tags);
      if (Object.keys(tags).length > limits.schedulerTags)
        throw invalid(`A group has at most ${limits.schedulerTags} tags.`);
      await rows.put(groups, scope, row.name, { ...row, tags, modifiedMs: now() });
    });
    return {};
  };

  return {
    async CreateScheduleGroup(
      input: CreateScheduleGroupInput,
      { scope }: Call,
    ): Promise<CreateScheduleGroupOutput> {
      const name = input.Name ?? '';
      await store.transaction(async (rows) => {
        if (name === DEFAULT_GROUP || (await rows.get(groups, scope, name)))
          throw conflict(`Schedule group ${name} already exists.`);
        if ((await rows.list(groups, scope)).length >= limits.schedulerGroups)
          throw new Fault('ServiceQuotaExceededException', 'The limit of schedule groups is reached.');
        const row = { name, createdMs: now(), modifiedMs: now(), tags: tagsOf(input.Tags) };
        await rows.put(groups, scope, name, row);
      });
      return { ScheduleGroupArn: groupArn(scope, name) };
    },

    async GetScheduleGroup(input: GetScheduleGroupInput, { scope }: Call): Promise<GetScheduleGroupOutput> {
      return show(scope, await findGroup(store, scope, input.Name ?? ''));
    },

    async ListScheduleGroups(
      input: ListScheduleGroupsInput,
      { scope }: Call,
    ): Promise<ListScheduleGroupsOutput> {
      const kept = (await store.list(groups, scope))
        .map(({ row }) => row)
        .filter(({ name }) => name !== DEFAULT_GROUP);
      const all = [await findGroup(store, scope, DEFAULT_GROUP), ...kept]
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? '') && name > (input.NextToken ?? ''))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const page = all.slice(0, input.MaxResults ?? 100);
      const last = page.at(-1);
      return {
        ScheduleGroups: page.map((row) => show(scope, row)),
        ...(all.length > page.length && last ? { NextToken: last.name } : {}),
      };
    },

    /** With everything in it. */
    async DeleteScheduleGroup(input: DeleteScheduleGroupInput, { scope }: Call): Promise<object> {
      const name = input.Name ?? '';
      if (name === DEFAULT_GROUP) throw invalid('The default schedule group cannot be deleted.');
      const gone = await store.transaction(async (rows) => {
        await findGroup(rows, scope, name);
        const all = await rows.list(schedules, scope, { prefix: `${name}/` });
        await rows.delete(groups, scope, name);
        await rows.deleteRange(schedules, scope, `${name}/`);
        return all;
      });
      for (const { row } of gone) watching.forget(scope, row);
      return {};
    },

    TagResource: (input: TagResourceInput, { scope }: Call) =>
      editTags(scope, input.ResourceArn, (tags) => ({ ...tags, ...tagsOf(input.Tags) })),

    UntagResource: (input: UntagResourceInput, { scope }: Call) =>
      editTags(scope, input.ResourceArn, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
      ),

    async ListTagsForResource(
      input: ListTagsForResourceInput,
      { scope }: Call,
    ): Promise<ListTagsForResourceOutput> {
      const { tags } = await findGroup(store, scope, nameOf(input.ResourceArn));
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
};

/** Groups have tags, schedules have none. */
function nameOf(arn: string | undefined): string {
  const [kind, name] = parseArn(arn ?? '')?.resource.split('/') ?? [];
  if (kind !== 'schedule-group' || name === undefined)
    throw invalid(`Invalid ARN of a schedule group: ${arn}`);
  return name;
}

const show = (scope: Scope, row: GroupRow) => ({
  Arn: groupArn(scope, row.name),
  Name: row.name,
  State: 'ACTIVE' as const,
  CreationDate: new Date(row.createdMs),
  LastModificationDate: new Date(row.modifiedMs),
});
