/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
import type { ConnectionType, IntegrationType } from '@aws-sdk/client-apigatewayv2';
import { badRequest } from '../faults.ts';
import type { NewIntegration } from '../integration.ts';
import { isObject, type JsonObject, numberAt, objectAt, textAt, textMapAt } from './json.ts';

const EXTENSION = 'x-amazon-apigateway-integration';
/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integrations.html */
const SHARED = /^#\/components\/x-amazon-apigateway-integrations\/([^/]+)$/;

/** The operation's integration, whether written there or shared by reference. Throws BadRequestException. */
export function integrationAt(
  operation: JsonObject,
  document: JsonObject,
  routeKey: string,
): { readonly shared?: string; readonly members: NewIntegration } | undefined {
  const extension = operation[EXTENSION];
  if (extension === undefined) return undefined;
  if (!isObject(extension)) throw malformed(routeKey);
  const reference = textAt(extension.$ref);
  if (reference === undefined) return { members: membersOf(extension, routeKey) };
  const shared = SHARED.exec(reference)?.[1];
  const components = objectAt(objectAt(document.components)['x-amazon-apigateway-integrations']);
  const component = components[shared ?? ''];
  if (shared === undefined || !isObject(component)) throw malformed(routeKey);
  return { shared, members: membersOf(component, routeKey) };
}

const malformed = (routeKey: string) =>
  badRequest(`Unable to parse API definition because of a malformed integration at route ${routeKey}.`);

function membersOf(extension: JsonObject, routeKey: string): NewIntegration {
  const type = textAt(extension.type)?.toUpperCase();
  if (type === undefined) throw malformed(routeKey);
  const serverName = textAt(objectAt(extension.tlsConfig).serverNameToVerify);
  return {
    IntegrationType: type as IntegrationType, // an unknown one is refused when the integration is made
    IntegrationUri: textAt(extension.uri),
    IntegrationMethod: methodOf(extension),
    IntegrationSubtype: textAt(extension.integrationSubtype),
    // The page says an HTTP API needs it; documents without it are read as the only version all types know.
    PayloadFormatVersion: versionOf(extension.payloadFormatVersion),
    ConnectionType: textAt(extension.connectionType)?.toUpperCase() as ConnectionType | undefined, // checked then, too
    ConnectionId: textAt(extension.connectionId),
    CredentialsArn: textAt(extension.credentials),
    Description: textAt(extension.description),
    TimeoutInMillis: numberAt(extension.timeoutInMillis),
    RequestParameters: textMapAt(extension.requestParameters),
    ResponseParameters: responseParametersAt(extension.responseParameters),
    TlsConfig: serverName === undefined ? undefined : { ServerNameToVerify: serverName },
  };
}

/** `x-amazon-apigateway-any-method` is how some documents write ANY. */
const methodOf = ({ httpMethod }: JsonObject): string | undefined =>
  textAt(httpMethod)
    ?.toUpperCase()
    .replace(/^X-AMAZON-APIGATEWAY-ANY-METHOD$/, 'ANY');

/** YAML readers turn 2.0 into 2. */
function versionOf(value: unknown): string {
  if (typeof value === 'number') return value.toFixed(1);
  return textAt(value) ?? '1.0';
}

function responseParametersAt(value: unknown): Record<string, Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([status, map]) => [status, textMapAt(map) ?? {}]));
}
