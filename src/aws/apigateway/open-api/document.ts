/** An OpenAPI document as it arrived: JSON or YAML, version 2 or 3, its local references followed. */
import { limits } from '../../../base/limits.ts';
import { badRequest } from '../faults.ts';

export type Json = { readonly [name: string]: unknown };

export interface OpenApiDocument {
  readonly root: Json;
  readonly version: 2 | 3;
}

/** Throws AWS's refusal when the bytes are no OpenAPI document. */
export async function parseDocument(body: Uint8Array | undefined): Promise<OpenApiDocument> {
  const root = await parseJsonOrYaml(body);
  if (root === undefined) throw badRequest('Invalid OpenAPI input.');
  if (String(root['swagger'] ?? '').startsWith('2')) return { root, version: 2 };
  if (String(root['openapi'] ?? '').startsWith('3')) return { root, version: 3 };
  throw badRequest('Invalid OpenAPI input.');
}

/** The object the bytes spell, or undefined. */
export async function parseJsonOrYaml(body: Uint8Array | undefined): Promise<Json | undefined> {
  if (body === undefined || body.length === 0) return undefined;
  if (body.length > limits.restApiImportBytes)
    throw badRequest(`The import file exceeds the maximum size of ${limits.restApiImportBytes} bytes`);
  const text = Buffer.from(body)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const value = parseJson(text) ?? (await parseYaml(text));
  return isObject(value) ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Loaded on first use: most documents are JSON. A version such as 1.0 keeps its zero, as AWS reads it. */
async function parseYaml(text: string): Promise<unknown> {
  const { isScalar, parseDocument: parse } = await import('yaml');
  const document = parse(text, { logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  const value: unknown = document.toJS();
  const version = document.getIn(['info', 'version'], true);
  if (!isObject(value) || !isScalar(version) || typeof version.value !== 'number') return value;
  return { ...value, info: { ...asObject(value['info']), version: version.source } };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asObject = (value: unknown): Json => (isObject(value) ? value : {});

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Text, or a number or boolean as text: YAML writes `200` where `"200"` is meant. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export const asTexts = (value: unknown): string[] =>
  asList(value)
    .map(asText)
    .filter((text) => text !== undefined);

export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Follows `$ref: '#/...'` until something that is none; references that lead nowhere give an empty object. */
export function followed(document: OpenApiDocument, node: unknown): Json {
  let current = asObject(node);
  for (let steps = 0; steps < 16; steps++) {
    const reference = current['$ref'];
    if (typeof reference !== 'string') return current;
    current = asObject(pointed(document.root, reference));
  }
  return {};
}

function pointed(root: Json, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let node: unknown = root;
  for (const part of reference.slice(2).split('/'))
    node = asObject(node)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  return node;
}
