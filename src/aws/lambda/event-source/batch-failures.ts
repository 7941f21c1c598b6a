/**
 * What a function says of the records it could not deal with, when its mapping has ReportBatchItemFailures.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */

/** The identifiers it names, none when all is well; undefined when the whole batch counts as failed. */
export function readFailures(payload: Uint8Array): readonly string[] | undefined {
  const text = new TextDecoder().decode(payload);
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null) return [];
  if (typeof value !== 'object') return undefined;
  const list: unknown = Reflect.get(value, 'batchItemFailures') ?? [];
  if (!Array.isArray(list)) return undefined;
  const names: string[] = [];
  for (const one of list) {
    const name: unknown =
      typeof one === 'object' && one !== null ? Reflect.get(one, 'itemIdentifier') : undefined;
    // A bad key, an empty or a missing name: the whole batch.
    if (typeof name !== 'string' || name === '') return undefined;
    names.push(name);
  }
  return names;
}
