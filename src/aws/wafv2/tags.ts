/** Tags of everything that has a name. */
import type {
  ListTagsForResourceRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-wafv2';
import { byArn, tagsOf } from './named.ts';
import type { WafPorts } from './ports.ts';

export const tagOperations = ({ store }: WafPorts) => ({
  TagResource: async (input: TagResourceRequest) => {
    await store.transaction(async (rows) => {
      const { table, scope, row } = await byArn(rows, input.ResourceARN);
      await rows.put(table, scope, row.id, { ...row, tags: { ...row.tags, ...tagsOf(input.Tags) } });
    });
    return {};
  },

  UntagResource: async (input: UntagResourceRequest) => {
    const gone = new Set(input.TagKeys);
    await store.transaction(async (rows) => {
      const { table, scope, row } = await byArn(rows, input.ResourceARN);
      const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.has(key)));
      await rows.put(table, scope, row.id, { ...row, tags });
    });
    return {};
  },

  ListTagsForResource: async (input: ListTagsForResourceRequest) => {
    const { row } = await byArn(store, input.ResourceARN);
    return {
      TagInfoForResource: {
        ResourceARN: row.arn,
        TagList: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })),
      },
    };
  },
});
