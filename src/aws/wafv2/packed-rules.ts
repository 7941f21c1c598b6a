/** Rules as rows keep them: JSON, in which the bytes that rules search for are marked base64. */
import type { Rule } from '@aws-sdk/client-wafv2';

const MARK = '$base64';

export const packRules = (rules: readonly Rule[] | undefined): string => JSON.stringify(packed(rules ?? []));

export const unpackRules = (text: string): Rule[] => unpacked(JSON.parse(text)) as Rule[]; // as packRules wrote it

function packed(value: unknown): unknown {
  if (value instanceof Uint8Array) return { [MARK]: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, packed(one)]));
}

function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  const bytes: unknown = Reflect.get(value, MARK);
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unpacked(one)]));
}
