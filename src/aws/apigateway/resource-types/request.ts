/** What the CloudFormation types of API Gateway share: calling it, forgiving what is gone, tags. */
import { isFault } from '../../../base/fault.ts';
import type { ResourceRequest } from '../../../base/resource-type.ts';
import { sdkShape } from '../../kit/sdk-shape.ts';

export type Properties = Readonly<Record<string, unknown>>;
export type Request = ResourceRequest<Properties>;

/** Members whose keys are the user's own. */
const MAPS = new Set([
  'RequestParameters',
  'RequestTemplates',
  'RequestModels',
  'ResponseParameters',
  'ResponseTemplates',
  'ResponseModels',
  'StageVariableOverrides',
  'Variables',
  'Parameters',
]);

export const apiGateway = <Output = unknown>(
  request: Request,
  operation: string,
  input: object,
): Promise<Output> => request.call<Output>('apigateway', operation, input);

/** Some of the properties as the SDK names them; the operation's own checks tell whether they are right. */
export function shaped(properties: Properties, ...names: readonly string[]): Record<string, unknown> {
  const chosen = Object.fromEntries(
    names.filter((name) => name in properties).map((name) => [name, properties[name]]),
  );
  return sdkShape(chosen, MAPS) as Record<string, unknown>; // an object goes in, an object comes out
}

/** Deleting what is already gone succeeds. */
export async function gone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'NotFoundException') throw thrown;
  }
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));

export const listOf = (value: unknown): readonly Properties[] => (Array.isArray(value) ? value : []);

export const objectOf = (value: unknown): Properties =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** The stack's tags and the resource's own, `[{ Key, Value }]`. */
export function tagsOf(request: Request, tags: unknown = request.properties['Tags']): Record<string, string> {
  const own = listOf(tags).map((tag) => [textOf(tag['Key']), textOf(tag['Value'])]);
  return { ...request.tags, ...Object.fromEntries(own) };
}

/** Brings the tags of a resource to what the template says now; the stack's own stay as they were set. */
export async function changeTags(request: Request, resourceArn: string, before: unknown): Promise<void> {
  const wanted = tagsOf(request);
  const tagKeys = listOf(before)
    .map((tag) => textOf(tag['Key']))
    .filter((key) => !(key in wanted));
  if (tagKeys.length > 0) await apiGateway(request, 'UntagResource', { resourceArn, tagKeys });
  if (Object.keys(wanted).length > 0) await apiGateway(request, 'TagResource', { resourceArn, tags: wanted });
}
