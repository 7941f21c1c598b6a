/** What tags of functions, mappings and code signing configurations may be. */
import { invalidParameter } from './fault.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const MAX_TAGS = 50;

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const keys = Object.keys(tags);
  if (keys.length > MAX_TAGS) throw invalidParameter('Number of tags exceeds resource tag limit.');
  if (keys.some((key) => key.toLowerCase().startsWith('aws:') && !key.startsWith('aws:cloudformation:')))
    throw invalidParameter('Tag keys starting with aws: are reserved for system use.');
}
