/** What the CloudFormation types of API Gateway v2 share. */
import { isFault } from '../../../base/fault.ts';
import type { ResourceRequest } from '../../../base/resource-type.ts';

export type Properties = Readonly<Record<string, unknown>>;
export type Request = ResourceRequest<Properties>;

export const apiGatewayV2 = <Output = Properties>(
  request: Request,
  operation: string,
  input: object,
): Promise<Output> => request.call<Output>('apigatewayv2', operation, input);

/** Deleting what is already gone succeeds. */
export async function gone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'NotFoundException') throw thrown;
  }
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));

export const objectOf = (value: unknown): Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The named properties that the template gives, with booleans and numbers as such. */
export const pick = (properties: Properties, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    names
      .filter((name) => properties[name] !== undefined)
      .map((name) => [name, typed(name, properties[name])]),
  );

const FLAGS = new Set([
  'AllowCredentials',
  'ApiKeyRequired',
  'AutoDeploy',
  'DataTraceEnabled',
  'DetailedMetricsEnabled',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'EnableSimpleResponses',
  'FailOnWarnings',
  'Required',
  'StripBasePath',
]);
const NUMBERS = new Set([
  'AuthorizerResultTtlInSeconds',
  'MaxAge',
  'Priority',
  'ThrottlingBurstLimit',
  'ThrottlingRateLimit',
  'TimeoutInMillis',
]);

/** Templates may write `"true"` and `"10"`; the keys of these maps are the user's own. */
const MAPS = new Set(['RequestParameters', 'RequestTemplates', 'StageVariables', 'Tags', 'RequestModels']);

function typed(name: string, value: unknown): unknown {
  if (FLAGS.has(name) && typeof value === 'string') return value.toLowerCase() === 'true';
  if (NUMBERS.has(name) && typeof value === 'string') return Number(value);
  if (Array.isArray(value)) return value.map((item: unknown) => typed('', item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]: [string, unknown]) => [
    key,
    MAPS.has(name) && typeof member !== 'object' ? textOf(member) : typed(key, member),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/**
 * What an update has to send so that members which left the template go: an empty text, an empty list, or a map with
 * its old keys emptied.
 */
export function cleared(
  before: Properties,
  after: Properties,
  names: readonly string[],
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const name of names) {
    const [old, now] = [before[name], after[name]];
    if (isMap(old)) {
      const removed = Object.keys(old).filter((key) => !(key in objectOf(now)));
      if (removed.length > 0)
        changes[name] = Object.fromEntries(removed.map((key) => [key, emptied(old[key])]));
    } else if (old !== undefined && now === undefined) changes[name] = Array.isArray(old) ? [] : '';
  }
  return changes;
}

const isMap = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const emptied = (value: unknown): unknown => (isMap(value) ? {} : '');

/** The stack's tags and the resource's own, which this service's types write as a map. */
export const tagsOf = (request: Request): Record<string, string> => ({
  ...request.tags,
  ...Object.fromEntries(
    Object.entries(objectOf(request.properties.Tags)).map(([key, value]) => [key, textOf(value)]),
  ),
});

/** Brings tags to what the template says now. */
export async function changeTags(request: Request, ResourceArn: string, before: Properties): Promise<void> {
  const Tags = tagsOf(request);
  const TagKeys = Object.keys(objectOf(before.Tags)).filter((key) => !(key in Tags));
  if (TagKeys.length > 0) await apiGatewayV2(request, 'UntagResource', { ResourceArn, TagKeys });
  if (Object.keys(Tags).length > 0) await apiGatewayV2(request, 'TagResource', { ResourceArn, Tags });
}
