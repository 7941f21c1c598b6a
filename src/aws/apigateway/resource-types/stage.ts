/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-stage.html */
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, changeTags, gone, type Properties, shaped, tagsOf, textOf } from './request.ts';
import { stagePatches } from './stage-settings.ts';

export const stageType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Stage',

  async create(request) {
    const { properties } = request;
    const { DeploymentId, RestApiId, StageName = 'default' } = properties;
    const stage = { restApiId: RestApiId, stageName: StageName };
    const created = ['Description', 'CacheClusterEnabled', 'CacheClusterSize', 'Variables', 'TracingEnabled'];
    await apiGateway(request, 'CreateStage', {
      ...stage,
      ...shaped(properties, ...created, 'DocumentationVersion'),
      deploymentId: DeploymentId,
      tags: tagsOf(request),
    });
    const made = Object.fromEntries(
      [...created, 'DocumentationVersion', 'DeploymentId'].map((name) => [name, properties[name]]),
    );
    const patchOperations = stagePatches(made, properties);
    try {
      if (patchOperations.length > 0) await apiGateway(request, 'UpdateStage', { ...stage, patchOperations });
    } catch (thrown) {
      await gone(apiGateway(request, 'DeleteStage', stage));
      throw thrown;
    }
    return { physicalId: textOf(StageName) };
  },

  async update(request, current) {
    const { properties } = request;
    const stage = { restApiId: properties['RestApiId'], stageName: current.physicalId };
    const patchOperations = stagePatches(current.properties, properties);
    if (patchOperations.length > 0) await apiGateway(request, 'UpdateStage', { ...stage, patchOperations });
    const path = `/restapis/${textOf(stage.restApiId)}/stages/${stage.stageName}`;
    await changeTags(
      request,
      arnOf({ ...request.scope, account: '' }, 'apigateway', path),
      current.properties['Tags'],
    );
    return { physicalId: current.physicalId };
  },

  async delete(request, current) {
    const restApiId = current.properties['RestApiId'];
    await gone(apiGateway(request, 'DeleteStage', { restApiId, stageName: current.physicalId }));
  },
};
