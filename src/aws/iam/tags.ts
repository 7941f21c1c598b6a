/** Tags of roles, users, policies and providers: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */
import type { Tag } from '@aws-sdk/client-iam';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { invalidInput } from './faults.ts';
import { sortedBy } from './page.ts';

/** How a noun compares tag keys: recorded, roles and users fold case, customer managed policies do not. */
export type TagCase = 'folded' | 'exact';

/** `before` with `added` set. Throws InvalidInput for duplicates and LimitExceeded. */
export function taggedWith(
  before: readonly Tag[],
  added: readonly Tag[],
  tagCase: TagCase = 'folded',
): Tag[] {
  const same = comparable(tagCase);
  if (new Set(added.map((tag) => same(tag.Key))).size < added.length) throw invalidInput(DUPLICATE[tagCase]);
  const kept = before.filter((tag) => !added.some((other) => same(other.Key) === same(tag.Key)));
  const tags = sortedBy([...kept, ...added], (tag) => tag.Key ?? '');
  if (tags.length > limits.iamTags)
    throw new Fault('LimitExceededException', 'The number of tags has reached the maximum limit.');
  return tags;
}

export function untagged(
  before: readonly Tag[],
  keys: readonly string[],
  tagCase: TagCase = 'folded',
): Tag[] {
  const same = comparable(tagCase);
  const removed = new Set(keys.map(same));
  return before.filter((tag) => !removed.has(same(tag.Key)));
}

const comparable = (tagCase: TagCase) => (key: string | undefined) =>
  tagCase === 'folded' ? (key ?? '').toLowerCase() : (key ?? '');

const DUPLICATE: Record<TagCase, string> = {
  folded: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  exact: 'Duplicate tag keys found.',
};

/** Shown only when there are some: `CreateRole` answers without the member otherwise. */
export const shownTags = (tags: readonly Tag[]): { readonly Tags?: Tag[] } =>
  tags.length > 0 ? { Tags: [...tags] } : {};
