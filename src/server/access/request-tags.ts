/**
 * The tags that a request brings, in each of the forms that services take them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html#access_tags_control-requests
 */
import { type Fields, fieldsOf, listOf, textOf } from './requirement.ts';

export type RequestTags = Readonly<Record<`aws:RequestTag/${string}`, string>> & {
  readonly 'aws:TagKeys'?: readonly string[];
};

const MEMBERS = ['Tags', 'tags', 'TagList', 'tagging', 'AddTags', 'NewTags'];
const KEY_MEMBERS = ['TagKeys', 'tagKeys', 'RemoveTagKeys'];

/** Empty when it brings none: then the keys are absent, as AWS has it. */
export function requestTags(input: Fields): RequestTags {
  const tags = [
    ...MEMBERS.flatMap((member) => tagsOf(input[member])),
    ...listOf(input['TagSpecifications']).flatMap((one) => tagsOf(fieldsOf(one)?.['Tags'])),
    ...tagsOf(fieldsOf(input['Tagging'])?.['TagSet']),
  ];
  const keys = [
    ...tags.map(([key]) => key),
    ...KEY_MEMBERS.flatMap((member) => listOf(input[member]).filter((key) => typeof key === 'string')),
  ];
  if (keys.length === 0) return {};
  const named = tags.map(([key, value]) => [`aws:RequestTag/${key}`, value] as const);
  return { ...Object.fromEntries(named), 'aws:TagKeys': [...new Set(keys.map(String))] };
}

/** A map, or a list of keys and values in whatever case. */
function tagsOf(value: unknown): [string, string][] {
  if (Array.isArray(value))
    return value.flatMap((one) => {
      const tag = fieldsOf(one);
      const key = textOf(tag?.['Key'] ?? tag?.['key'] ?? tag?.['TagKey']);
      const text = tag?.['Value'] ?? tag?.['value'] ?? tag?.['TagValue'] ?? '';
      return key === undefined ? [] : [[key, String(text)] as [string, string]];
    });
  return Object.entries(fieldsOf(value) ?? {}).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text] as [string, string]] : [],
  );
}
