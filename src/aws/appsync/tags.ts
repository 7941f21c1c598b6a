/** Tags of APIs. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-appsync';
import { limits } from '../../base/limits.ts';
import { parseArn } from '../../base/arn.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest } from './faults.ts';
import { type AppSyncPorts, change, findApi } from './room.ts';
import { apis } from './rows.ts';

const idOf = (arn: string | undefined): string => {
  const [, id] = /^apis\/([^/]+)$/.exec(parseArn(arn ?? '')?.resource ?? '') ?? [];
  if (id === undefined) throw badRequest(`Invalid resource ARN: ${arn}`);
  return id;
};

export const tagOperations = (ports: AppSyncPorts) => ({
  async TagResource({ resourceArn, tags = {} }: TagResourceRequest, { scope }: Call): Promise<object> {
    await change(ports, scope, idOf(resourceArn), async (rows, api) => {
      const all = { ...api.tags, ...tags };
      if (Object.keys(all).length > limits.appsyncTags)
        throw badRequest(`A resource has at most ${limits.appsyncTags} tags.`);
      await rows.put(apis, scope, api.apiId, { ...api, tags: all });
    });
    return {};
  },

  async UntagResource({ resourceArn, tagKeys = [] }: UntagResourceRequest, { scope }: Call): Promise<object> {
    await change(ports, scope, idOf(resourceArn), (rows, api) =>
      rows.put(apis, scope, api.apiId, {
        ...api,
        tags: Object.fromEntries(Object.entries(api.tags).filter(([key]) => !tagKeys.includes(key))),
      }),
    );
    return {};
  },

  async ListTagsForResource(
    { resourceArn }: ListTagsForResourceRequest,
    { scope }: Call,
  ): Promise<ListTagsForResourceResponse> {
    return { tags: { ...(await findApi(ports.store, scope, idOf(resourceArn))).tags } };
  },
});
