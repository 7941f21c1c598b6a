/** Tags of state machines and activities. */
import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import type { StatesRoom } from './room.ts';
import { activities, partsOf, stateMachines } from './rows.ts';

type Tags = Readonly<Record<string, string>>;

export function tagsOf(tags: readonly Tag[] | undefined): Tags {
  const made = Object.fromEntries((tags ?? []).map(({ key = '', value = '' }) => [key, value]));
  if (Object.keys(made).length > limits.stepFunctionsTags)
    throw new Fault('TooManyTags', `Too many tags: at most ${limits.stepFunctionsTags}`);
  return made;
}

export const tagOperations = ({ store }: StatesRoom) => {
  const change = (scope: Scope, arn: string | undefined, edit: (tags: Tags) => Tags): Promise<void> =>
    store.transaction(async (rows) => {
      const { kind, parts } = partsOf(arn, ['stateMachine', 'activity']);
      const [name = ''] = parts;
      if (kind === 'activity') {
        const row = await rows.get(activities, scope, name);
        if (row === undefined) throw notFound(arn);
        await rows.put(activities, scope, name, { ...row, tags: edit(row.tags) });
      } else {
        const row = await rows.get(stateMachines, scope, name);
        if (row === undefined) throw notFound(arn);
        await rows.put(stateMachines, scope, name, { ...row, tags: edit(row.tags) });
      }
    });
  return {
    async TagResource({ resourceArn, tags }: TagResourceInput, { scope }: Call): Promise<object> {
      await change(scope, resourceArn, (before) => {
        const after = { ...before, ...tagsOf(tags) };
        return tagsOf(Object.entries(after).map(([key, value]) => ({ key, value })));
      });
      return {};
    },

    async UntagResource({ resourceArn, tagKeys }: UntagResourceInput, { scope }: Call): Promise<object> {
      await change(scope, resourceArn, (before) =>
        Object.fromEntries(Object.entries(before).filter(([key]) => tagKeys?.includes(key) !== true)),
      );
      return {};
    },

    async ListTagsForResource(
      { resourceArn }: ListTagsForResourceInput,
      { scope }: Call,
    ): Promise<ListTagsForResourceOutput> {
      const { kind, parts } = partsOf(resourceArn, ['stateMachine', 'activity']);
      const row = await store.get(kind === 'activity' ? activities : stateMachines, scope, parts[0] ?? '');
      if (row === undefined) throw notFound(resourceArn);
      return { tags: Object.entries(row.tags).map(([key, value]) => ({ key, value })) };
    },
  };
};

const notFound = (arn: string | undefined): Fault =>
  new Fault('ResourceNotFound', `Resource not found: '${arn}'`, { members: { resourceName: arn } });
