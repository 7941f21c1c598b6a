/**
 * What a function's answer becomes at its URL: an object with a statusCode says everything, any other JSON is the body
 * of a 200. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */

export interface UrlReply {
  readonly status: number;
  /** [name, value, name, value, ...]. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | string;
}

/** Undefined when the answer is none that HTTP can carry. */
export function readAnswer(payload: Uint8Array): UrlReply | undefined {
  const text = Buffer.from(payload).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !('statusCode' in value))
    return { status: 200, headers: JSON_TYPE, body: typeof value === 'string' ? value : text };
  const head = readHead(value);
  const body = value['body'] ?? '';
  if (head === undefined) return undefined;
  const written = typeof body === 'string' ? body : JSON.stringify(body);
  return { ...head, body: value['isBase64Encoded'] === true ? Buffer.from(written, 'base64') : written };
}

const JSON_TYPE = ['Content-Type', 'application/json'];

/** Status, headers and cookies of an answer or of the metadata before a stream. */
export function readHead(
  value: Readonly<Record<string, unknown>>,
): Pick<UrlReply, 'status' | 'headers'> | undefined {
  const status = value['statusCode'] === undefined ? 200 : Number(value['statusCode']);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const given = value['headers'] ?? {};
  const cookies = value['cookies'] ?? [];
  if (!isRecord(given) || !Array.isArray(cookies)) return undefined;
  const headers: string[] = [];
  for (const [name, one] of Object.entries(given)) {
    // Cookies come through `cookies` only; these two are the connection's own.
    if (/^(set-cookie|connection|transfer-encoding|content-length)$/i.test(name)) continue;
    if (!NAME.test(name) || !VALUE.test(String(one))) return undefined;
    headers.push(name, String(one));
  }
  for (const cookie of cookies) {
    if (!VALUE.test(String(cookie))) return undefined;
    headers.push('Set-Cookie', String(cookie));
  }
  if (!headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-type'))
    headers.unshift(...JSON_TYPE);
  return { status, headers };
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
