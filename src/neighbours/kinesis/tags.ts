/** Tags and resource policies of streams and consumers. */
import type {
  AddTagsToStreamInput,
  DeleteResourcePolicyInput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  ListTagsForStreamInput,
  ListTagsForStreamOutput,
  PutResourcePolicyInput,
  RemoveTagsFromStreamInput,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-kinesis';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { consumerOfArn } from './consumer.ts';
import { invalidArgument } from './fault.ts';
import type { KinesisRoom } from './room.ts';
import { consumers, findStream, type StreamNaming, streams } from './stream-row.ts';

type Tags = Readonly<Record<string, string>>;
interface Tagged {
  readonly tags: Tags;
  readonly policy?: string;
}

export const tagOperations = ({ store }: KinesisRoom) => {
  const editStream = (scope: Scope, naming: StreamNaming, edit: (tags: Tags) => Tags) =>
    store.transaction(async (rows) => {
      const stream = await findStream(rows, scope, naming);
      const tags = checkTags(edit(stream.row.tags));
      await rows.put(streams, stream.scope, stream.row.name, { ...stream.row, tags });
      return {};
    });
  const editResource = (scope: Scope, arn: string | undefined, edit: <Row extends Tagged>(row: Row) => Row) =>
    store.transaction(async (rows) => {
      await putResource(rows, scope, arn, edit);
      return {};
    });

  return {
    AddTagsToStream: (input: AddTagsToStreamInput, { scope }: Call): Promise<object> =>
      editStream(scope, input, (tags) => ({ ...tags, ...input.Tags })),

    RemoveTagsFromStream: (input: RemoveTagsFromStreamInput, { scope }: Call): Promise<object> =>
      editStream(scope, input, (tags) => without(tags, input.TagKeys)),

    async ListTagsForStream(
      input: ListTagsForStreamInput,
      { scope }: Call,
    ): Promise<ListTagsForStreamOutput> {
      const { row } = await findStream(store, scope, input);
      const all = Object.entries(row.tags)
        .map(([Key, Value]) => ({ Key, Value }))
        .toSorted((a, b) => (a.Key < b.Key ? -1 : 1))
        .filter(({ Key }) => Key > (input.ExclusiveStartTagKey ?? ''));
      const Tags = all.slice(0, input.Limit ?? limits.kinesisTags);
      return { Tags, HasMoreTags: all.length > Tags.length };
    },

    TagResource: (input: TagResourceInput, { scope }: Call): Promise<object> =>
      editResource(scope, input.ResourceARN, (row) => ({
        ...row,
        tags: checkTags({ ...row.tags, ...input.Tags }),
      })),

    UntagResource: (input: UntagResourceInput, { scope }: Call): Promise<object> =>
      editResource(scope, input.ResourceARN, (row) => ({ ...row, tags: without(row.tags, input.TagKeys) })),

    async ListTagsForResource(
      input: ListTagsForResourceInput,
      { scope }: Call,
    ): Promise<ListTagsForResourceOutput> {
      const { tags } = await readResource(store, scope, input.ResourceARN);
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },

    PutResourcePolicy: (input: PutResourcePolicyInput, { scope }: Call): Promise<object> => {
      const policy = checkPolicy(input.Policy);
      return editResource(scope, input.ResourceARN, (row) => ({ ...row, policy }));
    },

    async GetResourcePolicy(
      input: GetResourcePolicyInput,
      { scope }: Call,
    ): Promise<GetResourcePolicyOutput> {
      const { policy } = await readResource(store, scope, input.ResourceARN);
      return { Policy: policy ?? '{}' };
    },

    DeleteResourcePolicy: (input: DeleteResourcePolicyInput, { scope }: Call): Promise<object> =>
      editResource(scope, input.ResourceARN, ({ policy: _, ...row }) => row as never), // the same row, without an optional member
  };
};

const isConsumer = (arn: string | undefined): boolean => arn?.includes('/consumer/') === true;

async function putResource(
  rows: Transaction,
  scope: Scope,
  arn: string | undefined,
  edit: <Row extends Tagged>(row: Row) => Row,
): Promise<void> {
  if (isConsumer(arn)) {
    const { stream, consumer } = await consumerOfArn(rows, scope, arn);
    return rows.put(consumers, stream.scope, `${stream.row.name}/${consumer.name}`, edit(consumer));
  }
  const stream = await findStream(rows, scope, { StreamARN: arn });
  return rows.put(streams, stream.scope, stream.row.name, edit(stream.row));
}

const readResource = async (
  rows: Pick<Transaction, 'get'>,
  scope: Scope,
  arn: string | undefined,
): Promise<Tagged> =>
  isConsumer(arn)
    ? (await consumerOfArn(rows, scope, arn)).consumer
    : (await findStream(rows, scope, { StreamARN: arn })).row;

const without = (tags: Tags, keys: readonly string[] | undefined): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys?.includes(key)));

function checkTags(tags: Tags): Tags {
  if (Object.keys(tags).length <= limits.kinesisTags) return tags;
  throw invalidArgument(`A resource has at most ${limits.kinesisTags} tags.`);
}

function checkPolicy(text: string | undefined): string {
  try {
    compilePolicy(text, { kind: 'resource' });
    return text ?? '';
  } catch (error) {
    throw invalidArgument(
      `The policy is not valid: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
