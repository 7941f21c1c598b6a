/** One operation as a method: parameters, bodies, responses, security, integration. */
import type { Method, MethodResponse } from '@aws-sdk/client-api-gateway';
import { filled, withoutEmpty } from '../shapes.ts';
import { asList, asObject, asText, asTexts, followed, type Json, type OpenApiDocument } from './document.ts';
import type { Findings, ImportedMethod } from './imported.ts';
import { readIntegration } from './read-integration.ts';
import { readSecurity } from './read-security.ts';

export interface OperationPlace {
  readonly document: OpenApiDocument;
  readonly path: string;
  readonly httpMethod: string;
  readonly item: Json;
  readonly operation: Json;
  readonly findings: Findings;
}

export function readMethod(place: OperationPlace): ImportedMethod {
  const { document, operation, httpMethod } = place;
  const parameters = readParameters(place);
  const security = readSecurity(document, operation);
  const method: Method = withoutEmpty({
    httpMethod,
    authorizationType: security.authorizationType,
    authorizationScopes: security.authorizationScopes,
    apiKeyRequired: security.apiKeyRequired,
    operationName: asText(operation['operationId']),
    requestParameters: filled(requestParameters(parameters)),
    requestModels: filled(requestModels(place, parameters)),
    methodResponses: filled(methodResponses(place)),
  });
  return {
    httpMethod,
    method,
    authorizerName: security.authorizerName,
    validatorName: asText(
      operation['x-amazon-apigateway-request-validator'] ??
        document.root['x-amazon-apigateway-request-validator'],
    ),
    integration: readIntegration(place),
  };
}

/** The operation's parameters over the path's, references followed. */
function readParameters({ document, item, operation }: OperationPlace): Json[] {
  const byPlace = new Map<string, Json>();
  for (const node of [...asList(item['parameters']), ...asList(operation['parameters'])]) {
    const parameter = followed(document, node);
    byPlace.set(`${asText(parameter['in'])} ${asText(parameter['name'])}`, parameter);
  }
  return [...byPlace.values()];
}

const LOCATIONS: Readonly<Record<string, string>> = { path: 'path', query: 'querystring', header: 'header' };

function requestParameters(parameters: readonly Json[]): Record<string, boolean> {
  const declared: Record<string, boolean> = {};
  for (const parameter of parameters) {
    const location = LOCATIONS[asText(parameter['in']) ?? ''];
    if (location !== undefined)
      declared[`method.request.${location}.${asText(parameter['name'])}`] =
        String(parameter['required'] ?? false) === 'true';
  }
  return declared;
}

const JSON_TYPE = 'application/json';

function requestModels(place: OperationPlace, parameters: readonly Json[]): Record<string, string> {
  const { document, operation } = place;
  if (document.version === 3)
    return contentModels(place, followed(document, operation['requestBody'])['content']);
  const body = parameters.find((parameter) => parameter['in'] === 'body');
  const model = body && modelName(place, body['schema']);
  if (model === undefined) return {};
  const types = asTexts(operation['consumes'] ?? document.root['consumes']);
  return Object.fromEntries((types.length > 0 ? types : [JSON_TYPE]).map((type) => [type, model]));
}

function contentModels(place: OperationPlace, content: unknown): Record<string, string> {
  const named: Record<string, string> = {};
  for (const [type, media] of Object.entries(asObject(content))) {
    const model = modelName(place, asObject(media)['schema']);
    if (model !== undefined) named[type] = model;
  }
  return named;
}

/** A reference's model, or a new one for a schema written in place. */
function modelName(place: OperationPlace, schema: unknown): string | undefined {
  const node = asObject(schema);
  const reference = asText(node['$ref']);
  if (reference !== undefined) return /^#\/(?:definitions|components\/schemas)\/(.+)$/.exec(reference)?.[1];
  if (Object.keys(node).length === 0) return undefined;
  const name = place.findings.nextModelName();
  place.findings.inlineModels.push({ name, description: asText(node['description']), schema: node });
  return name;
}

/** `default` is no status and makes no method response. */
function methodResponses(place: OperationPlace): Record<string, MethodResponse> {
  const { document, operation } = place;
  const responses: Record<string, MethodResponse> = {};
  for (const [statusCode, node] of Object.entries(asObject(operation['responses']))) {
    if (!/^[1-5]\d\d$/.test(statusCode)) continue;
    const response = followed(document, node);
    const headers = Object.keys(asObject(response['headers']));
    responses[statusCode] = withoutEmpty({
      statusCode,
      responseModels: filled(responseModels(place, response)),
      responseParameters: filled(
        Object.fromEntries(headers.map((name) => [`method.response.header.${name}`, false])),
      ),
    });
  }
  return responses;
}

function responseModels(place: OperationPlace, response: Json): Record<string, string> {
  const { document, operation } = place;
  if (document.version === 3) return contentModels(place, response['content']);
  const model = modelName(place, response['schema']);
  if (model === undefined) return {};
  const types = asTexts(operation['produces'] ?? document.root['produces']);
  return Object.fromEntries((types.length > 0 ? types : [JSON_TYPE]).map((type) => [type, model]));
}
