import type { AttributeValue } from '@aws-sdk/client-dynamodb-streams';

/** Attribute values as events carry them: DynamoDB's own JSON, bytes in Base64. */
export const plainAttributes = (item: Readonly<Record<string, AttributeValue>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainAttribute(value)]));

function plainAttribute(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(plainAttribute) };
  if (value.M !== undefined) return { M: plainAttributes(value.M) };
  return value;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
