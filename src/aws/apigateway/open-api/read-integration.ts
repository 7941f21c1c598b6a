/** `x-amazon-apigateway-integration`: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
import type {
  ConnectionType,
  ContentHandlingStrategy,
  Integration,
  IntegrationResponse,
  IntegrationType,
  ResponseTransferMode,
} from '@aws-sdk/client-api-gateway';
import { filled, withoutEmpty } from '../shapes.ts';
import { asNumber, asObject, asText, asTexts, followed, isObject, type Json } from './document.ts';
import { textMap } from './read-gateway-responses.ts';
import type { OperationPlace } from './read-method.ts';

/** As it stands in the document; defaults and checks come when it is written. */
export function readIntegration(place: OperationPlace): Integration | undefined {
  const given = place.operation['x-amazon-apigateway-integration'];
  if (!isObject(given)) return undefined;
  const node = followed(place.document, given);
  const tls = asObject(node['tlsConfig'])['insecureSkipVerification'];
  return withoutEmpty({
    type: upper<IntegrationType>(node['type']),
    httpMethod: upper<string>(node['httpMethod']),
    uri: asText(node['uri']),
    credentials: asText(node['credentials']),
    connectionType: upper<ConnectionType>(node['connectionType']),
    connectionId: asText(node['connectionId']),
    integrationTarget: asText(node['integrationTarget']),
    passthroughBehavior: upper<string>(node['passthroughBehavior']),
    contentHandling: upper<ContentHandlingStrategy>(node['contentHandling']),
    responseTransferMode: upper<ResponseTransferMode>(node['responseTransferMode']),
    timeoutInMillis: asNumber(node['timeoutInMillis']),
    cacheNamespace: asText(node['cacheNamespace']),
    cacheKeyParameters: node['cacheKeyParameters'] ? asTexts(node['cacheKeyParameters']) : undefined,
    requestParameters: filled(parameters(place, node)),
    requestTemplates: filled(textMap(node['requestTemplates'])),
    integrationResponses: filled(readResponses(node)),
    tlsConfig: tls === undefined ? undefined : { insecureSkipVerification: String(tls) === 'true' },
  });
}

/** Documents write AWS's words in lower case; a word that is none of AWS's is refused when the integration is checked. */
const upper = <Word extends string>(value: unknown): Word | undefined =>
  asText(value)?.toUpperCase() as Word | undefined; // see above

function parameters(place: OperationPlace, node: Json): Record<string, string> {
  const mapped: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(node['requestParameters'])))
    if (typeof value === 'string') mapped[name] = value;
    else
      place.findings.warnings.push(
        `Invalid format for 'requestParameters'. Expected type string for property '${name}' of resource '${place.path}' and method '${place.httpMethod}' but got '${asText(value) ?? JSON.stringify(value)}'`,
      );
  return mapped;
}

/** Keyed by pattern in the document, by status in API Gateway; `default` is the response without a pattern. */
function readResponses(node: Json): Record<string, IntegrationResponse> {
  const responses: Record<string, IntegrationResponse> = {};
  for (const [pattern, value] of Object.entries(asObject(node['responses']))) {
    const response = asObject(value);
    const statusCode = asText(response['statusCode']) ?? '200';
    responses[statusCode] = withoutEmpty({
      statusCode,
      selectionPattern: pattern === 'default' ? undefined : pattern,
      contentHandling: upper<ContentHandlingStrategy>(response['contentHandling']),
      responseParameters: filled(textMap(response['responseParameters'])),
      responseTemplates: filled(textMap(response['responseTemplates'])),
    });
  }
  return responses;
}
