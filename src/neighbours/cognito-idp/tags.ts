/** Tags of user pools. */
import type {
  ListTagsForResourceRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { parseArn } from '../../base/arn.ts';
import type { Call } from '../../wire/service.ts';
import { needPool } from './places.ts';
import { changePool } from './pool.ts';
import { checkTags } from './pool-settings.ts';
import type { CognitoPorts } from './ports.ts';

const poolIdOf = (arn: string | undefined): string =>
  parseArn(arn ?? '')?.resource.replace(/^userpool\//, '') ?? '';

export const tagOperations = (ports: CognitoPorts) => ({
  TagResource: async (input: TagResourceRequest, { scope }: Call) => {
    await changePool(ports, scope, poolIdOf(input.ResourceArn), (row) => ({
      ...row,
      tags: checkTags({ ...row.tags, ...input.Tags }),
    }));
    return {};
  },

  UntagResource: async (input: UntagResourceRequest, { scope }: Call) => {
    const gone = new Set(input.TagKeys);
    await changePool(ports, scope, poolIdOf(input.ResourceArn), (row) => ({
      ...row,
      tags: Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.has(key))),
    }));
    return {};
  },

  ListTagsForResource: async (input: ListTagsForResourceRequest, { scope }: Call) => ({
    Tags: { ...(await needPool(ports.store, scope, poolIdOf(input.ResourceArn))).tags },
  }),
});
