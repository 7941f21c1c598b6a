/** The AWS::Include transform: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html */
import { readBody } from './body.ts';
import { invalid } from './invalid.ts';
import { readTemplate } from './read.ts';
import { isObject, type Json, type JsonObject, type Template } from './template.ts';
import type { TransformRequest } from './transforms.ts';

export async function expandIncludes(request: TransformRequest): Promise<Template> {
  const expand = async (value: Json): Promise<Json> => {
    if (Array.isArray(value)) return Promise.all(value.map(expand));
    if (!isObject(value)) return value;
    const { 'Fn::Transform': own, ...rest } = value;
    const members = Object.fromEntries(
      await Promise.all(
        Object.entries(rest).map(async ([key, member]) => [key, await expand(member)] as const),
      ),
    );
    return isInclude(own)
      ? { ...(await fetchSnippet(own, request)), ...members }
      : own === undefined
        ? members
        : value;
  };
  const { template } = request;
  const top = [template.Transform ?? []].flat().filter(isInclude);
  let expanded = template;
  for (const include of top) expanded = { ...(await fetchSnippet(include, request)), ...expanded };
  return JSON.stringify(template).includes('Fn::Transform')
    ? ((await expand(expanded as unknown as Json)) as unknown as Template) // the same sections, snippets put in
    : expanded;
}

const isInclude = (value: Json | undefined): value is JsonObject =>
  isObject(value) && value.Name === 'AWS::Include';

async function fetchSnippet(include: JsonObject, request: TransformRequest): Promise<JsonObject> {
  const location = locationOf(include, request);
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
  if (bucket === undefined || key === undefined)
    throw invalid(
      `Transform AWS::Include failed with: The value of parameter Location under transform Include must resolve to a string, number, boolean or a list of any of these.`,
    );
  const object = await request.call('s3', 'GetObject', { Bucket: bucket, Key: decodeURIComponent(key) });
  return readTemplate(await readBody(object)).value;
}

function locationOf(include: JsonObject, request: TransformRequest): string {
  const given = isObject(include.Parameters) ? include.Parameters.Location : undefined;
  if (isObject(given) && typeof given.Ref === 'string')
    return request.parameters.find(({ key }) => key === given.Ref)?.value ?? '';
  return String(given);
}
