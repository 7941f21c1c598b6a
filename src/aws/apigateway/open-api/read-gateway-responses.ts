/** `x-amazon-apigateway-gateway-responses`: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html */
import type { GatewayResponseType } from '@aws-sdk/client-api-gateway';
import { badRequest } from '../faults.ts';
import { DEFAULT_STATUS, type GatewayResponseRow } from '../gateway-response.ts';
import { asObject, asText, type Json } from './document.ts';

export const readGatewayResponses = (root: Json): GatewayResponseRow[] =>
  Object.entries(asObject(root['x-amazon-apigateway-gateway-responses'])).map(([type, node]) => {
    const response = asObject(node);
    return {
      responseType: knownType(type),
      ...optional('statusCode', asText(response['statusCode'])),
      ...optional('responseParameters', textMap(response['responseParameters'])),
      ...optional('responseTemplates', textMap(response['responseTemplates'])),
    };
  });

function knownType(type: string): GatewayResponseType {
  if (!(type in DEFAULT_STATUS))
    throw badRequest(`Errors found during import:\n\tInvalid gateway response type: ${type}`);
  return type as GatewayResponseType; // a key of the record of all types
}

const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  value === undefined ? {} : ({ [name]: value } as Record<Name, Value>); // one member, named so

/** The texts of a map; undefined when there is no map. */
export function textMap(node: unknown): Record<string, string> | undefined {
  if (node === undefined || node === null) return undefined;
  const map: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(node))) {
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : asText(value);
    if (text !== undefined) map[name] = text;
  }
  return map;
}
