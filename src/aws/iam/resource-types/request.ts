/** What the CloudFormation types of IAM share. */
import type { Tag } from '@aws-sdk/client-iam';
import { isFault } from '../../../base/fault.ts';
import type { ResourceRequest } from '../../../base/resource-type.ts';

export type Properties = Readonly<Record<string, unknown>>;
export type Request = ResourceRequest<Properties>;

export const iam = <Output = Properties>(
  request: Request,
  operation: string,
  input: object,
): Promise<Output> => request.call<Output>('iam', operation, input);

/** Deleting what is already gone succeeds. */
export async function gone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'NoSuchEntityException') throw thrown;
  }
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));

export const optionalText = (value: unknown): string | undefined =>
  value === undefined ? undefined : textOf(value);

export const optionalNumber = (value: unknown): number | undefined =>
  value === undefined ? undefined : Number(value);

export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(textOf) : value === undefined ? [] : [textOf(value)];

export const objectsOf = (value: unknown): readonly Properties[] =>
  Array.isArray(value) ? (value as Properties[]) : []; // the schema says that they are objects

export const documentOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** The stack's tags and the resource's own. */
export function tagsOf(request: Request, own: unknown = request.properties.Tags): Tag[] {
  const named = objectsOf(own).map((tag) => [textOf(tag.Key), textOf(tag.Value)]);
  const all = { ...request.tags, ...(Object.fromEntries(named) as Record<string, string>) };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}

/** `where` names the tagged one; `noun` is in the operations' names: `TagRole`. */
export async function changeTags(
  request: Request,
  noun: string,
  where: object,
  before: Properties,
): Promise<void> {
  const Tags = tagsOf(request);
  const TagKeys = objectsOf(before.Tags)
    .map((tag) => textOf(tag.Key))
    .filter((key) => !Tags.some((tag) => tag.Key === key));
  if (TagKeys.length > 0) await iam(request, `Untag${noun}`, { ...where, TagKeys });
  if (Tags.length > 0) await iam(request, `Tag${noun}`, { ...where, Tags });
}

export const without = (all: readonly string[], removed: readonly string[]): string[] =>
  all.filter((one) => !removed.includes(one));
