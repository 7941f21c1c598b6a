/** Tags of parameters. */
import type {
  AddTagsToResourceRequest,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  RemoveTagsFromResourceRequest,
  Tag,
} from '@aws-sdk/client-ssm';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { findParameter, parameters, plainName } from './parameter-row.ts';

type Tags = Readonly<Record<string, string>>;

export const tagsOf = (tags: readonly Tag[] | undefined): Tags =>
  checkTags(Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])));

function checkTags(tags: Tags): Tags {
  if (Object.keys(tags).length <= limits.ssmTags) return tags;
  throw new Fault(
    'TooManyTagsError',
    `The Targets parameter includes too many tags. Remove one or more tags and try the command again.`,
  );
}

export const tagOperations = ({ store, now }: ServicePorts) => {
  const edit = async (
    scope: Scope,
    id: string | undefined,
    change: (tags: Tags) => Tags,
  ): Promise<object> => {
    await store.transaction(async (rows) => {
      const row = await find(id, (name) => findParameter(rows, scope, name, now()));
      await rows.put(parameters, scope, row.name, { ...row, tags: change(row.tags) });
    });
    return {};
  };
  return {
    AddTagsToResource: (input: AddTagsToResourceRequest, { scope }: Call) => {
      checkType(input.ResourceType);
      return edit(scope, input.ResourceId, (tags) => checkTags({ ...tags, ...tagsOf(input.Tags) }));
    },

    RemoveTagsFromResource: (input: RemoveTagsFromResourceRequest, { scope }: Call) => {
      checkType(input.ResourceType);
      return edit(scope, input.ResourceId, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
      );
    },

    async ListTagsForResource(
      input: ListTagsForResourceRequest,
      { scope }: Call,
    ): Promise<ListTagsForResourceResult> {
      checkType(input.ResourceType);
      const { tags } = await find(input.ResourceId, (name) => findParameter(store, scope, name, now()));
      return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
  };
};

/** Tags have an error of their own for what is not there. */
async function find<Row>(id: string | undefined, read: (name: string) => Promise<Row>): Promise<Row> {
  try {
    return await read(plainName(id ?? ''));
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'ParameterNotFound') throw thrown;
    throw new Fault(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
    );
  }
}

function checkType(type: string | undefined): void {
  if (type === 'Parameter') return;
  throw new Fault('InvalidResourceType', `Tags of ${type}: not supported by gatehouse`);
}
