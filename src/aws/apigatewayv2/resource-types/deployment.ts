/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-deployment.html */
import type { Deployment } from '@aws-sdk/client-apigatewayv2';
import { isFault } from '../../../base/fault.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGatewayV2, gone, type Properties, pick, textOf } from './request.ts';

export const deploymentType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::Deployment',

  async create(request) {
    const input = pick(request.properties, ['ApiId', 'Description', 'StageName']);
    const { DeploymentId } = await apiGatewayV2<Deployment>(request, 'CreateDeployment', input);
    return { physicalId: textOf(DeploymentId), attributes: { DeploymentId } };
  },

  async update(request, current) {
    const { ApiId, StageName, Description = '' } = request.properties;
    const DeploymentId = current.physicalId;
    await apiGatewayV2(request, 'UpdateDeployment', { ApiId, DeploymentId, Description });
    if (StageName !== undefined && StageName !== current.properties.StageName)
      await apiGatewayV2(request, 'UpdateStage', { ApiId, StageName, DeploymentId });
    return current;
  },

  /** One that a stage still serves goes with its stage's API: made by `StageName`, it is deleted before its stage. */
  async delete(request, current) {
    const input = { ApiId: current.properties.ApiId, DeploymentId: current.physicalId };
    try {
      await gone(apiGatewayV2(request, 'DeleteDeployment', input));
    } catch (thrown) {
      if (!isFault(thrown) || !thrown.message.startsWith('Active stages')) throw thrown;
    }
  },
};
