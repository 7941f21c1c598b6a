/** Models as a document's schemas, their references made local again. */
import type { ExportSource } from './export-source.ts';

const MODEL_URL = /^https:\/\/apigateway\.amazonaws\.com\/restapis\/[^/]+\/models\/([^/#]+)$/;

export const schemaReference = (source: Pick<ExportSource, 'version'>, model: string): { $ref: string } => ({
  $ref: `${source.version === 2 ? '#/definitions/' : '#/components/schemas/'}${model}`,
});

/**
 * The models that methods name, and those that these refer to. With API Gateway's own extensions the others too, so
 * that the document makes the same API again; the two that every API begins with only where they are used.
 */
export function writeSchemas(source: ExportSource): Record<string, unknown> {
  const byName = new Map(source.definition.models.map((model) => [model.name ?? '', model.schema ?? '{}']));
  const schemas: Record<string, unknown> = {};
  const visit = (name: string): void => {
    const text = byName.get(name);
    if (text === undefined || name in schemas) return;
    const found: string[] = [];
    schemas[name] = {};
    schemas[name] = withLocalReferences(parsed(text), source, found);
    for (const other of found) visit(other);
  };
  for (const name of namedByMethods(source)) visit(name);
  if (source.extensions.apigateway) for (const name of byName.keys()) if (!GIVEN.has(name)) visit(name);
  return schemas;
}

const GIVEN = new Set(['Empty', 'Error']);

function namedByMethods({ definition }: ExportSource): Set<string> {
  const methods = definition.resources.flatMap((resource) => Object.values(resource.resourceMethods ?? {}));
  return new Set(
    methods.flatMap((method) => [
      ...Object.values(method.requestModels ?? {}),
      ...Object.values(method.methodResponses ?? {}).flatMap((response) =>
        Object.values(response.responseModels ?? {}),
      ),
    ]),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** `$schema` is no word of OpenAPI's, and goes. */
function withLocalReferences(schema: unknown, source: ExportSource, found: string[]): unknown {
  if (Array.isArray(schema)) return schema.map((one) => withLocalReferences(one, source, found));
  if (typeof schema !== 'object' || schema === null) return schema;
  const written: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    const name = key === '$ref' && typeof value === 'string' ? MODEL_URL.exec(value)?.[1] : undefined;
    if (name !== undefined) {
      found.push(name);
      Object.assign(written, schemaReference(source, name));
    } else if (key !== '$schema') written[key] = withLocalReferences(value, source, found);
  }
  return written;
}
