/** Tags of functions, event source mappings and code signing configurations. */
import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../base/arn.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { codeSigningId, needConfig } from './code-signing.ts';
import { needMapping } from './event-source/mapping.ts';
import { mappings } from './event-source/rows.ts';
import { mappingId } from './event-source/shown-mapping.ts';
import { invalidParameter, unsupported, validation } from './fault.ts';
import { needFunction } from './function-change.ts';
import { readFunctionArn, readReference } from './function-reference.ts';
import type { LambdaRoom } from './ports.ts';
import { codeSigningConfigs, functions } from './rows.ts';
import { checkTags } from './tag-rules.ts';

type Tags = Readonly<Record<string, string>>;

export const tagOperations = (room: LambdaRoom) => {
  const change = async (resource: string | undefined, call: Call, work: (tags: Tags) => Tags) => {
    const tagged = readTagged(room, resource ?? '', call);
    await room.store.transaction(async (rows) => {
      const tags = work(await tagged.read(rows));
      checkTags(tags);
      await tagged.write(rows, tags);
    });
    tagged.changed();
    return {};
  };
  return {
    ListTags: async (input: ListTagsRequest, call: Call): Promise<ListTagsResponse> => ({
      Tags: await readTagged(room, input.Resource ?? '', call).read(room.store),
    }),

    TagResource: (input: TagResourceRequest, call: Call) =>
      change(input.Resource, call, (tags) => ({ ...tags, ...input.Tags })),

    UntagResource: (input: UntagResourceRequest, call: Call) => {
      const gone = new Set(input.TagKeys);
      return change(input.Resource, call, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
      );
    },
  };
};

interface Tagged {
  read(rows: Pick<Reader, 'get'>): Promise<Tags>;
  write(rows: Transaction, tags: Tags): Promise<void>;
  changed(): void;
}

function readTagged(room: LambdaRoom, arn: string, call: Call): Tagged {
  switch (parseArn(arn)?.resource.split(':')[0]) {
    case 'event-source-mapping':
      return taggedMapping(arn, call);
    case 'code-signing-config':
      return taggedConfig(arn, call);
    case 'layer':
      throw unsupported('Tags of a layer');
    default:
      return taggedFunction(room, arn, call);
  }
}

function taggedMapping(arn: string, { scope }: Call): Tagged {
  const id = mappingId(scope, arn);
  return {
    read: async (rows) => (await needMapping(rows, scope, id)).tags,
    async write(rows, tags) {
      await rows.put(mappings, scope, id, { ...(await needMapping(rows, scope, id)), tags });
    },
    changed: () => {},
  };
}

function taggedConfig(arn: string, { scope }: Call): Tagged {
  return {
    read: async (rows) => (await needConfig(rows, scope, arn)).tags,
    async write(rows, tags) {
      const row = await needConfig(rows, scope, arn);
      await rows.put(codeSigningConfigs, scope, codeSigningId(scope, arn), { ...row, tags });
    },
    changed: () => {},
  };
}

function taggedFunction(room: LambdaRoom, arn: string, call: Call): Tagged {
  const reference = readFunctionArn(arn);
  if (reference === undefined)
    throw validation(
      `Value '${arn}' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})`,
    );
  // Recorded from AWS.
  if (reference.qualifier !== undefined)
    throw invalidParameter(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    );
  const { scope, name } = readReference(arn, undefined, call.scope);
  return {
    read: async (rows) => (await needFunction(rows, { scope, name })).tags,
    async write(rows, tags) {
      await rows.put(functions, scope, name, { ...(await needFunction(rows, { scope, name })), tags });
    },
    changed: () => room.catalog.forget(scope, name),
  };
}
