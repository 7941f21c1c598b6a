/** Tags of log groups, by both of AWS's APIs. */
import type {
  ListTagsForResourceRequest,
  ListTagsLogGroupRequest,
  TagLogGroupRequest,
  TagResourceRequest,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { Fault } from '../../base/fault.ts';
import { parseArn } from '../../base/arn.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, unsupported } from './fault.ts';
import { changeGroup } from './log-group.ts';
import { nameOfIdentifier, needGroup } from './log-group-access.ts';
import type { LogsRoom } from './ports.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html */
const MAX_TAGS = 50;

export const tagOperations = (room: LogsRoom) => ({
  TagResource: async (input: TagResourceRequest, call: Call) =>
    addTags(room, call, readTagged(input.resourceArn, call), input.tags ?? {}),
  UntagResource: async (input: UntagResourceRequest, call: Call) =>
    removeTags(room, call, readTagged(input.resourceArn, call), input.tagKeys ?? []),
  ListTagsForResource: async (input: ListTagsForResourceRequest, call: Call) =>
    listTags(room, call, readTagged(input.resourceArn, call)),
  TagLogGroup: async (input: TagLogGroupRequest, call: Call) =>
    addTags(room, call, input.logGroupName, input.tags ?? {}),
  UntagLogGroup: async (input: UntagLogGroupRequest, call: Call) =>
    removeTags(room, call, input.logGroupName, input.tags ?? []),
  ListTagsLogGroup: async (input: ListTagsLogGroupRequest, call: Call) =>
    listTags(room, call, input.logGroupName),
});

async function addTags(room: LogsRoom, call: Call, group: string | undefined, tags: Record<string, string>) {
  await changeGroup(room, call.scope, group, (row) => {
    const all = { ...row.tags, ...tags };
    checkTags(all);
    return { ...row, tags: all };
  });
  return {};
}

async function removeTags(room: LogsRoom, call: Call, group: string | undefined, keys: readonly string[]) {
  await changeGroup(room, call.scope, group, (row) => ({
    ...row,
    tags: Object.fromEntries(Object.entries(row.tags).filter(([key]) => !keys.includes(key))),
  }));
  return {};
}

async function listTags(room: LogsRoom, call: Call, group: string | undefined) {
  await room.buffer.flush();
  return { tags: { ...(await needGroup(room.store, call.scope, group)).tags } };
}

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const keys = Object.keys(tags);
  if (keys.length > MAX_TAGS)
    throw new Fault('TooManyTagsException', 'A resource can have no more than 50 tags.', { status: 400 });
  if (keys.some((key) => key.toLowerCase().startsWith('aws:') && !key.startsWith('aws:cloudformation:')))
    throw invalidParameter('Tag keys starting with aws: are reserved for system use.');
}

function readTagged(arn: string | undefined, call: Call): string {
  const kind = parseArn(arn ?? '')?.resource.split(':')[0];
  if (kind === undefined) throw invalidParameter('Invalid ARN.');
  if (kind !== 'log-group') throw unsupported(`Tags of a ${kind}`);
  return nameOfIdentifier(arn ?? '', call.scope);
}
