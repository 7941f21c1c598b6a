/** `x-amazon-apigateway-documentation`: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-documentation.html */
import type { DocumentationPartLocation, DocumentationPartType } from '@aws-sdk/client-api-gateway';
import { withoutEmpty } from '../shapes.ts';
import { asList, asObject, asText, type Json } from './document.ts';
import type { ImportedPart } from './imported.ts';

export const readDocumentation = (root: Json): ImportedPart[] =>
  asList(asObject(root['x-amazon-apigateway-documentation'])['documentationParts']).map((node) => {
    const part = asObject(node);
    return {
      location: locationOf(asObject(part['location'])),
      properties: JSON.stringify(asObject(part['properties'])),
    };
  });

/** A location may leave out its type and path: what it does say tells the type, and the path is `/`. */
function locationOf(node: Json): DocumentationPartLocation {
  const { method, statusCode, name, path } = node;
  const type = (asText(node['type'])?.toUpperCase() ?? impliedType(node)) as DocumentationPartType; // checked by the part's own rules
  const inResource = type !== 'API' && type !== 'MODEL' && type !== 'AUTHORIZER';
  return withoutEmpty({
    type,
    path: asText(path) ?? (inResource ? '/' : undefined),
    method: asText(method),
    statusCode: asText(statusCode),
    name: asText(name),
  });
}

function impliedType(node: Json): DocumentationPartType {
  if (node['statusCode'] !== undefined) return 'RESPONSE';
  if (node['method'] !== undefined) return 'METHOD';
  return node['path'] === undefined ? 'API' : 'RESOURCE';
}
