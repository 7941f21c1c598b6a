/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html */
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import {
  apiGatewayV2,
  changeTags,
  cleared,
  gone,
  objectOf,
  type Properties,
  pick,
  type Request,
  tagsOf,
  textOf,
} from './request.ts';

const MEMBERS = [
  'AccessLogSettings',
  'AutoDeploy',
  'ClientCertificateId',
  'DefaultRouteSettings',
  'DeploymentId',
  'Description',
  'RouteSettings',
  'StageVariables',
];

export const stageType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::Stage',
  unsupported: ['AccessPolicyId'],

  async create(request) {
    const input = { ...pick(request.properties, ['ApiId', 'StageName', ...MEMBERS]), Tags: tagsOf(request) };
    await apiGatewayV2(request, 'CreateStage', input);
    return { physicalId: textOf(request.properties.StageName) };
  },

  async update(request, current) {
    const where = { ApiId: request.properties.ApiId, StageName: current.physicalId };
    await removeSettings(request, current.properties, where);
    const removed = cleared(current.properties, request.properties, ['Description', 'ClientCertificateId']);
    const variables = cleared(current.properties, request.properties, ['StageVariables']).StageVariables;
    const members = pick(request.properties, MEMBERS);
    const StageVariables = { ...objectOf(variables), ...objectOf(members.StageVariables) };
    await apiGatewayV2(request, 'UpdateStage', { ...where, ...removed, ...members, StageVariables });
    const resource = `/apis/${textOf(where.ApiId)}/stages/${encodeURIComponent(where.StageName)}`;
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', resource);
    await changeTags(request, arn, current.properties);
    return current;
  },

  async delete(request, current) {
    const where = { ApiId: current.properties.ApiId, StageName: current.physicalId };
    await gone(apiGatewayV2(request, 'DeleteStage', where));
  },
};

/** What an update cannot take away has operations of its own. */
async function removeSettings(request: Request, before: Properties, where: object): Promise<void> {
  if (before.AccessLogSettings !== undefined && request.properties.AccessLogSettings === undefined)
    await gone(apiGatewayV2(request, 'DeleteAccessLogSettings', where));
  const kept = objectOf(request.properties.RouteSettings);
  for (const RouteKey of Object.keys(objectOf(before.RouteSettings)))
    if (!(RouteKey in kept)) await gone(apiGatewayV2(request, 'DeleteRouteSettings', { ...where, RouteKey }));
}
