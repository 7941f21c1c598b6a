import type { Tag } from '@aws-sdk/client-cloudwatch';
import { limits } from '../../base/limits.ts';
import { validation } from './faults.ts';

export const tagRecord = (tags: readonly Tag[] = []): Record<string, string> =>
  checkedTags(Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])));

export function checkedTags(tags: Record<string, string>): Record<string, string> {
  if (Object.keys(tags).length > limits.metricTags)
    throw validation(`A resource can have at most ${limits.metricTags} tags.`);
  return tags;
}
