import type { Tag } from '@aws-sdk/client-acm';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';

export function tagRecord(tags: readonly Tag[] | undefined): Record<string, string> {
  const record: Record<string, string> = {};
  for (const { Key = '', Value = '' } of tags ?? []) {
    if (/^aws:/i.test(Key))
      throw new Fault('InvalidTagException', 'Tag keys that begin with aws: are reserved for AWS.');
    record[Key] = Value;
  }
  return checkedTags(record);
}

export function checkedTags(tags: Record<string, string>): Record<string, string> {
  if (Object.keys(tags).length > limits.acmTags)
    throw new Fault('TooManyTagsException', `A certificate can have at most ${limits.acmTags} tags.`);
  return tags;
}

export const tagList = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
