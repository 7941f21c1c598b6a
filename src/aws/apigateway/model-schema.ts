/** A model's schema with its references followed, and the mapping template AWS samples from it. */
import { badRequest } from './faults.ts';
import type { ModelRow } from './model-row.ts';

type Json = { readonly [name: string]: unknown };

const MODEL_URL = /^https:\/\/apigateway\.amazonaws\.com\/restapis\/[^/]+\/models\/([^/#]+)$/;

/** The schema with every model it refers to under `definitions`, references made local. */
export function flattenedSchema(model: ModelRow, all: readonly ModelRow[]): string {
  const definitions = new Map<string, unknown>();
  const local = (schema: unknown): unknown =>
    mapReferences(schema, (name) => {
      if (!definitions.has(name)) {
        definitions.set(name, {});
        definitions.set(name, local(parsedSchema(all.find((one) => one.name === name))));
      }
      return `#/definitions/${name}`;
    });
  const schema = local(parsedSchema(model));
  if (definitions.size === 0 || typeof schema !== 'object') return model.schema ?? '';
  return JSON.stringify({ ...schema, definitions: Object.fromEntries(definitions) });
}

function mapReferences(schema: unknown, rename: (model: string) => string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => mapReferences(one, rename));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      const name = key === '$ref' && typeof value === 'string' ? MODEL_URL.exec(value)?.[1] : undefined;
      return [key, name === undefined ? mapReferences(value, rename) : rename(name)];
    }),
  );
}

function parsedSchema(model: ModelRow | undefined): unknown {
  try {
    return JSON.parse(model?.schema ?? '{}');
  } catch {
    throw badRequest(`Invalid model schema specified: ${model?.name}`);
  }
}

const MAX_DEPTH = 32;

/** The sample template: an object assembled from `$input.path('$')`, arrays by `#foreach`. */
export function modelTemplate(model: ModelRow, all: readonly ModelRow[]): string {
  const body = sample(parsedSchema(model), '$inputRoot', all, 0);
  return `#set($inputRoot = $input.path('$'))\n${body}`;
}

function sample(schema: unknown, path: string, all: readonly ModelRow[], depth: number): string {
  const node = resolved(schema, all);
  const indent = '  '.repeat(depth);
  if (depth >= MAX_DEPTH) return '{}';
  if (node['type'] === 'array') {
    const item = sample(node['items'], '$elem', all, depth + 1);
    return `[\n#foreach($elem in ${path})\n${indent}  ${item}#if($foreach.hasNext),#end\n#end\n${indent}]`;
  }
  if (node['type'] === 'object' || node['properties']) {
    const members = Object.entries(asJson(node['properties'])).map(
      ([name, value]) => `${indent}  "${name}" : ${sample(value, `${path}.${name}`, all, depth + 1)}`,
    );
    return `{\n${members.join(',\n')}${members.length > 0 ? '\n' : ''}${indent}}`;
  }
  return node['type'] === 'string' ? `"${path}"` : path;
}

function resolved(schema: unknown, all: readonly ModelRow[]): Json {
  const node = asJson(schema);
  const name = typeof node['$ref'] === 'string' ? node['$ref'].split('/').at(-1) : undefined;
  return name === undefined ? node : asJson(parsedSchema(all.find((one) => one.name === name)));
}

const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {}); // an object read from JSON
