/** What a function must return to a REST proxy integration, and to an HTTP API's payload format 1.0. */
import { isHeaderName, isHeaderValue } from '../raw-headers.ts';
import { parseObject } from '../../lang/json/json-object.ts';

export interface FunctionAnswer {
  readonly status: number;
  readonly headers: string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const MEMBERS = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded', 'cookies']);

/**
 * Undefined when the answer is malformed. Any member may be absent; REST allows no other member. Booleans become text,
 * numbers do not; values of multiValueHeaders come first and a single value is appended.
 */
export function readProxyAnswer(payload: string, strict: boolean): FunctionAnswer | undefined {
  const answer = parseObject(payload);
  if (answer === undefined) return undefined;
  if (strict && (Object.keys(answer).some((key) => !MEMBERS.has(key)) || 'cookies' in answer))
    return undefined;
  const status = statusOf(answer['statusCode'], strict ? 200 : undefined);
  const headers = headersOf(answer['headers'], answer['multiValueHeaders']);
  const body = answer['body'] ?? '';
  if (status === undefined || headers === undefined || typeof body !== 'string') return undefined;
  return { status, headers, body, isBase64Encoded: answer['isBase64Encoded'] === true };
}

/** A number or its text, as AWS reads it; a status that HTTP does not know is malformed. */
export function statusOf(value: unknown, absent: number | undefined): number | undefined {
  if (value === undefined || value === null) return absent;
  const status = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  return status >= 200 && status <= 599 ? status : undefined;
}

export function headersOf(single: unknown, multiple: unknown): string[] | undefined {
  const headers: string[] = [];
  const seen = new Map<string, string>();
  if (!addMultiple(headers, seen, multiple) || !addSingle(headers, seen, single)) return undefined;
  return headers;
}

function addMultiple(headers: string[], seen: Map<string, string>, multiple: unknown): boolean {
  if (multiple === undefined || multiple === null) return true;
  if (typeof multiple !== 'object' || Array.isArray(multiple)) return false;
  for (const [name, values] of Object.entries(multiple)) {
    seen.set(name.toLowerCase(), name);
    for (const value of Array.isArray(values) ? values : [values])
      if (!addOne(headers, name, value)) return false;
  }
  return true;
}

function addSingle(headers: string[], seen: Map<string, string>, single: unknown): boolean {
  if (single === undefined || single === null) return true;
  if (typeof single !== 'object' || Array.isArray(single)) return false;
  for (const [name, value] of Object.entries(single)) {
    const spelled = seen.get(name.toLowerCase()) ?? name;
    if (holds(headers, spelled, value)) continue;
    if (!addOne(headers, spelled, value)) return false;
  }
  return true;
}

/** A value given in both maps is sent once. */
function holds(headers: readonly string[], name: string, value: unknown): boolean {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] === name && headers[i + 1] === value) return true;
  return false;
}

function addOne(headers: string[], name: string, value: unknown): boolean {
  const text = typeof value === 'boolean' ? String(value) : value;
  if (typeof text !== 'string' || !isHeaderName(name) || !isHeaderValue(text)) return false;
  headers.push(name, text);
  return true;
}
