/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-method.html */
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import {
  apiGateway,
  gone,
  listOf,
  objectOf,
  type Properties,
  type Request,
  shaped,
  textOf,
} from './request.ts';

export const methodType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Method',

  create: putMethod,

  /** The method is written anew: stages serve their deployments meanwhile. */
  async update(request, current) {
    await gone(apiGateway(request, 'DeleteMethod', placeOf(current.properties)));
    return putMethod(request);
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteMethod', placeOf(current.properties)));
  },
};

const placeOf = (properties: Properties) => shaped(properties, 'RestApiId', 'ResourceId', 'HttpMethod');

async function putMethod(request: Request): Promise<ResourceState> {
  const { properties } = request;
  const place = placeOf(properties);
  await apiGateway(request, 'PutMethod', {
    ...place,
    authorizationType: properties['AuthorizationType'] ?? 'NONE',
    ...shaped(properties, 'ApiKeyRequired', 'AuthorizationScopes', 'AuthorizerId', 'OperationName'),
    ...shaped(properties, 'RequestModels', 'RequestValidatorId'),
    requestParameters: booleansOf(properties['RequestParameters']),
  });
  try {
    await putRest(request, place);
  } catch (thrown) {
    await gone(apiGateway(request, 'DeleteMethod', place));
    throw thrown;
  }
  return {
    physicalId: `${textOf(place['restApiId'])}|${textOf(place['resourceId'])}|${textOf(place['httpMethod'])}`,
  };
}

/** Method responses come before the integration's: those must name a status that is declared. */
async function putRest(request: Request, place: object): Promise<void> {
  const { properties } = request;
  for (const response of listOf(properties['MethodResponses']))
    await apiGateway(request, 'PutMethodResponse', {
      ...place,
      ...shaped(response, 'StatusCode', 'ResponseModels'),
      responseParameters: booleansOf(response['ResponseParameters']),
    });
  if (properties['Integration'] === undefined) return;
  const { IntegrationResponses, ...integration } = objectOf(properties['Integration']);
  await apiGateway(request, 'PutIntegration', { ...place, ...integrationInput(integration) });
  for (const response of listOf(IntegrationResponses))
    await apiGateway(request, 'PutIntegrationResponse', {
      ...place,
      ...shaped(response, 'StatusCode', 'SelectionPattern', 'ContentHandling'),
      ...shaped(response, 'ResponseParameters', 'ResponseTemplates'),
    });
}

/** Seen: HTTP integrations that CloudFormation made say how they connect. */
function integrationInput(integration: Properties): object {
  const input = shaped(integration, ...Object.keys(integration));
  const isHttp = integration['Type'] === 'HTTP' || integration['Type'] === 'HTTP_PROXY';
  return isHttp ? { connectionType: 'INTERNET', ...input } : input;
}

/** Templates write `true` and `"true"` alike. */
function booleansOf(map: unknown): Record<string, boolean> | undefined {
  if (map === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(objectOf(map)).map(([name, value]) => [name, String(value) === 'true']),
  );
}
