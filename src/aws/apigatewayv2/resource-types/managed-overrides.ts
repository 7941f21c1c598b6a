/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-apigatewaymanagedoverrides.html */
import { Fault } from '../../../base/fault.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGatewayV2, objectOf, type Properties, pick, type Request } from './request.ts';

/** By property: the noun whose managed one is changed, and what of it. */
const OVERRIDES = [
  {
    property: 'Integration',
    list: 'GetIntegrations',
    update: 'UpdateIntegration',
    id: 'IntegrationId',
    members: ['Description', 'IntegrationMethod', 'PayloadFormatVersion', 'TimeoutInMillis'],
  },
  {
    property: 'Route',
    list: 'GetRoutes',
    update: 'UpdateRoute',
    id: 'RouteId',
    members: ['AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'OperationName', 'Target'],
  },
  {
    property: 'Stage',
    list: 'GetStages',
    update: 'UpdateStage',
    id: 'StageName',
    members: [
      'AccessLogSettings',
      'AutoDeploy',
      'DefaultRouteSettings',
      'Description',
      'RouteSettings',
      'StageVariables',
    ],
  },
] as const;

export const managedOverridesType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::ApiGatewayManagedOverrides',

  async create(request) {
    await override(request);
    return { physicalId: request.physicalName() };
  },

  async update(request, current) {
    await override(request);
    return current;
  },

  /** What was overridden goes with the API. */
  async delete() {},
};

async function override(request: Request): Promise<void> {
  const { ApiId } = request.properties;
  for (const { property, list, update, id, members } of OVERRIDES) {
    const changes = pick(objectOf(request.properties[property]), members);
    if (Object.keys(changes).length === 0) continue;
    const { Items = [] } = await apiGatewayV2<{ Items?: Properties[] }>(request, list, { ApiId });
    const managed = Items.find((item) => item.ApiGatewayManaged === true);
    if (!managed)
      throw new Fault('BadRequestException', `The API has no ${property} that is managed by API Gateway`);
    await apiGatewayV2(request, update, { ApiId, [id]: managed[id], ...changes });
  }
}
