/** Raw references as JSON that can be read: bytes as text, maps as objects, secrets masked. */
import type { CutBody } from '../base/observation.ts';
import { isSecretName, MASK, type Mask } from './mask.ts';

const DEEPEST = 16;
/** Never shown: sockets' facts of a backend that its URL says already. */
const HIDDEN = new Set(['backend', 'selection']);

export function shown(value: unknown, mask: Mask, depth = 0): unknown {
  if (typeof value === 'string') return mask.text(value);
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return bytesShown(value, mask);
  if (depth > DEEPEST) return '...';
  if (isCut(value)) return `${String(shown(value.head, mask))}... (${value.bytes} bytes)`;
  if (value instanceof Map) return members([...value], mask, depth);
  if (Array.isArray(value)) return value.map((item) => shown(item, mask, depth + 1));
  return members(Object.entries(value), mask, depth);
}

function members(entries: readonly (readonly [unknown, unknown])[], mask: Mask, depth: number): object {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    const name = String(key);
    if (value === undefined || HIDDEN.has(name)) continue;
    if (name === 'headers' && isFlat(value)) object[name] = headersShown(value, mask);
    else if (isSecretName(name) && !(name === 'apiKey' && typeof value === 'object'))
      object[name] = value === null ? null : MASK;
    else if (name === 'apiKey') object[name] = apiKeyShown(value);
    else object[name] = shown(value, mask, depth + 1);
  }
  return object;
}

/** The id is no secret, the value is. */
const apiKeyShown = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'apiKeyId' in value
    ? { apiKeyId: value.apiKeyId, value: MASK }
    : null;

const isFlat = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string');

/** Order, case and duplicates as they were. */
function headersShown(raw: readonly string[], mask: Mask): string[] {
  const lines: string[] = [];
  for (let at = 0; at < raw.length; at += 2)
    lines.push(`${raw[at]}: ${mask.named(raw[at] ?? '', raw[at + 1] ?? '')}`);
  return lines;
}

const isCut = (value: object): value is CutBody => 'head' in value && 'bytes' in value;

function bytesShown(bytes: Uint8Array, mask: Mask): string {
  try {
    return mask.text(new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }));
  } catch {
    return `${bytes.length} bytes, not text: ${Buffer.from(bytes.subarray(0, 32)).toString('hex')}...`;
  }
}
