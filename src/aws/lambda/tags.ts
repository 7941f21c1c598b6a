/** Tags of functions. */
import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../base/arn.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, unsupported, validation } from './fault.ts';
import { changeFunction, needFunction } from './function-change.ts';
import { type FunctionReference, readFunctionArn, readReference } from './function-reference.ts';
import type { LambdaRoom } from './ports.ts';
import { functions } from './rows.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const MAX_TAGS = 50;

export const tagOperations = (room: LambdaRoom) => ({
  ListTags: async (input: ListTagsRequest, call: Call): Promise<ListTagsResponse> => {
    const row = await needFunction(room.store, readTagged(input.Resource, call));
    return { Tags: row.tags };
  },

  TagResource: async (input: TagResourceRequest, call: Call) => {
    const reference = readTagged(input.Resource, call);
    await changeFunction(room, reference, async (row, rows) => {
      const tags = { ...row.tags, ...input.Tags };
      checkTags(tags);
      await rows.put(functions, reference.scope, reference.name, { ...row, tags });
    });
    return {};
  },

  UntagResource: async (input: UntagResourceRequest, call: Call) => {
    const reference = readTagged(input.Resource, call);
    await changeFunction(room, reference, async (row, rows) => {
      const gone = new Set(input.TagKeys);
      const tags = Object.fromEntries(Object.entries(row.tags).filter(([key]) => !gone.has(key)));
      await rows.put(functions, reference.scope, reference.name, { ...row, tags });
    });
    return {};
  },
});

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const keys = Object.keys(tags);
  if (keys.length > MAX_TAGS) throw invalidParameter('Number of tags exceeds resource tag limit.');
  if (keys.some((key) => key.toLowerCase().startsWith('aws:') && !key.startsWith('aws:cloudformation:')))
    throw invalidParameter('Tag keys starting with aws: are reserved for system use.');
}

function readTagged(arn: string | undefined, call: Call): FunctionReference {
  const resource = arn ?? '';
  const kind = parseArn(resource)?.resource.split(':')[0];
  if (kind === 'event-source-mapping' || kind === 'code-signing-config')
    throw unsupported(`Tags of a ${kind}`);
  const reference = readFunctionArn(resource);
  if (reference === undefined)
    throw validation(
      `Value '${resource}' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})`,
    );
  // Recorded from AWS.
  if (reference.qualifier !== undefined)
    throw invalidParameter(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    );
  return readReference(resource, undefined, call.scope);
}
