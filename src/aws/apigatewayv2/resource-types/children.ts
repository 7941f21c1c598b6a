/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_ApiGatewayV2.html */
import { childType } from './child.ts';
import { listOf, objectOf, type Properties, textOf } from './request.ts';

const ROUTE_TEXTS = [
  'AuthorizerId',
  'ModelSelectionExpression',
  'OperationName',
  'RouteResponseSelectionExpression',
  'Target',
];

export const routeType = childType({
  noun: 'Route',
  id: 'RouteId',
  parents: ['ApiId'],
  members: [
    ...ROUTE_TEXTS,
    'ApiKeyRequired',
    'AuthorizationScopes',
    'AuthorizationType',
    'RequestModels',
    'RequestParameters',
    'RouteKey',
  ],
  clearable: [...ROUTE_TEXTS, 'AuthorizationScopes', 'RequestModels'],
});

const INTEGRATION_TEXTS = [
  'ConnectionId',
  'ContentHandlingStrategy',
  'CredentialsArn',
  'Description',
  'IntegrationUri',
  'TemplateSelectionExpression',
];
const INTEGRATION_MAPS = ['RequestParameters', 'RequestTemplates', 'ResponseParameters'];

export const integrationType = childType({
  noun: 'Integration',
  id: 'IntegrationId',
  parents: ['ApiId'],
  members: [
    ...INTEGRATION_TEXTS,
    ...INTEGRATION_MAPS,
    'ConnectionType',
    'IntegrationMethod',
    'IntegrationSubtype',
    'IntegrationType',
    'PassthroughBehavior',
    'PayloadFormatVersion',
    'TimeoutInMillis',
    'TlsConfig',
  ],
  clearable: [...INTEGRATION_TEXTS, ...INTEGRATION_MAPS],
  shape: (properties) =>
    properties.ResponseParameters === undefined
      ? properties
      : { ...properties, ResponseParameters: responseParametersOf(properties.ResponseParameters) },
});

/** `{ '200': { ResponseParameters: [{ Destination, Source }] } }` in templates, `{ '200': { destination: source } }` in the API. */
function responseParametersOf(value: unknown): Properties {
  const entries = Object.entries(objectOf(value)).map(([status, mapping]) => {
    const { ResponseParameters: list, ...plain } = objectOf(mapping);
    const pairs = listOf(list).map(objectOf);
    return [
      status,
      { ...plain, ...Object.fromEntries(pairs.map((one) => [textOf(one.Destination), textOf(one.Source)])) },
    ];
  });
  return Object.fromEntries(entries) as Properties;
}

export const integrationResponseType = childType({
  noun: 'IntegrationResponse',
  id: 'IntegrationResponseId',
  parents: ['ApiId', 'IntegrationId'],
  members: [
    'ContentHandlingStrategy',
    'IntegrationResponseKey',
    'ResponseParameters',
    'ResponseTemplates',
    'TemplateSelectionExpression',
  ],
  clearable: [
    'ContentHandlingStrategy',
    'ResponseParameters',
    'ResponseTemplates',
    'TemplateSelectionExpression',
  ],
});

export const routeResponseType = childType({
  noun: 'RouteResponse',
  id: 'RouteResponseId',
  parents: ['ApiId', 'RouteId'],
  members: ['ModelSelectionExpression', 'ResponseModels', 'ResponseParameters', 'RouteResponseKey'],
  clearable: ['ModelSelectionExpression', 'ResponseModels'],
});

export const modelType = childType({
  noun: 'Model',
  id: 'ModelId',
  parents: ['ApiId'],
  members: ['ContentType', 'Description', 'Name', 'Schema'],
  clearable: ['Description'],
  shape: (properties) =>
    typeof properties.Schema === 'object'
      ? { ...properties, Schema: JSON.stringify(properties.Schema) }
      : properties,
});

const AUTHORIZER_TEXTS = ['AuthorizerCredentialsArn', 'IdentityValidationExpression'];

export const authorizerType = childType({
  noun: 'Authorizer',
  id: 'AuthorizerId',
  parents: ['ApiId'],
  members: [
    ...AUTHORIZER_TEXTS,
    'AuthorizerPayloadFormatVersion',
    'AuthorizerResultTtlInSeconds',
    'AuthorizerType',
    'AuthorizerUri',
    'EnableSimpleResponses',
    'IdentitySource',
    'JwtConfiguration',
    'Name',
  ],
  clearable: AUTHORIZER_TEXTS,
  shape: (properties) => ({ ...properties, IdentitySource: properties.IdentitySource ?? [] }),
});

export const apiMappingType = childType({
  noun: 'ApiMapping',
  id: 'ApiMappingId',
  parents: ['DomainName'],
  members: ['ApiId', 'ApiMappingKey', 'Stage'],
  clearable: ['ApiMappingKey'],
});
