/**
 * `dynamodb:LeadingKeys`: the partition keys that a request touches, for policies that give each caller its own items.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import { type AccessCall, type Fields, fieldsOf, listOf, textOf } from '../requirement.ts';

/** The key's attribute of a table or one of its indexes; undefined when there is no such. */
export async function hashKeyOf(
  { lookUp, looksAt }: AccessCall,
  table: string | undefined,
  index?: string,
): Promise<string | undefined> {
  if (!looksAt('dynamodb:leadingkeys')) return undefined;
  const described = await lookUp('dynamodb', 'DescribeTable', { TableName: table });
  const found = fieldsOf(described?.['Table']);
  const indexes = [...listOf(found?.['GlobalSecondaryIndexes']), ...listOf(found?.['LocalSecondaryIndexes'])];
  const source =
    index === undefined ? found : indexes.map(fieldsOf).find((one) => one?.['IndexName'] === index);
  const hash = listOf(source?.['KeySchema'])
    .map(fieldsOf)
    .find((key) => key?.['KeyType'] === 'HASH');
  return textOf(hash?.['AttributeName']);
}

/** Undefined: it cannot be told, and then nobody is let in by it. */
export function leadingKey(item: unknown, hashKey: string | undefined): string | undefined {
  const value = hashKey === undefined ? undefined : fieldsOf(fieldsOf(item)?.[hashKey]);
  return textOf(value?.['S'] ?? value?.['N']);
}

/** From `id = :id`, wherever it stands among the conditions. */
export function queriedKey(input: Fields, hashKey: string | undefined): string | undefined {
  const names = fieldsOf(input['ExpressionAttributeNames']) ?? {};
  const values = fieldsOf(input['ExpressionAttributeValues']) ?? {};
  const condition = textOf(input['KeyConditionExpression']) ?? '';
  for (const [, name = '', value = ''] of condition.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g))
    if (hashKey !== undefined && (textOf(names[name]) ?? name) === hashKey)
      return leadingKey({ [hashKey]: values[value] }, hashKey);
  return undefined;
}

export const leadingKeys = (keys: readonly (string | undefined)[]): Record<string, readonly string[]> => {
  const known = keys.filter((key) => key !== undefined);
  return known.length === keys.length && known.length > 0 ? { 'dynamodb:LeadingKeys': known } : {};
};
