/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-deployment.html */
import type { Deployment, Stage } from '@aws-sdk/client-api-gateway';
import { isFault } from '../../../base/fault.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, gone, objectOf, type Properties, type Request, shaped, textOf } from './request.ts';
import { stagePatches } from './stage-settings.ts';

export const deploymentType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Deployment',

  async create(request) {
    const { properties } = request;
    const { id } = await apiGateway<Deployment>(request, 'CreateDeployment', {
      ...shaped(properties, 'RestApiId', 'Description', 'StageName'),
      canarySettings: shaped(properties, 'DeploymentCanarySettings')['deploymentCanarySettings'],
    });
    await describeStage(request, {});
    return { physicalId: textOf(id), attributes: { DeploymentId: id } };
  },

  async update(request, current) {
    const { properties } = request;
    const deployment = { restApiId: properties['RestApiId'], deploymentId: current.physicalId };
    const value = textOf(properties['Description']);
    if (value !== textOf(current.properties['Description']))
      await apiGateway(request, 'UpdateDeployment', {
        ...deployment,
        patchOperations: [{ op: 'replace', path: '/description', value }],
      });
    const moved = properties['StageName'] !== current.properties['StageName'];
    if (moved && properties['StageName'] !== undefined)
      await apiGateway(request, 'CreateStage', { ...deployment, stageName: properties['StageName'] });
    await describeStage(request, moved ? {} : settingsOf(current.properties));
    return current;
  },

  /** The stage that came with the deployment goes with it, unless another deployment has taken it over. */
  async delete(request, current) {
    const { RestApiId: restApiId, StageName: stageName } = current.properties;
    const deploymentId = current.physicalId;
    if (stageName !== undefined && (await stageServes(request, { restApiId, stageName }, deploymentId)))
      await gone(apiGateway(request, 'DeleteStage', { restApiId, stageName }));
    await gone(apiGateway(request, 'DeleteDeployment', { restApiId, deploymentId }));
  },
};

/** `StageDescription` holds the settings of all methods beside the stage's own members. */
function settingsOf(properties: Properties): Properties {
  const { MethodSettings, Tags: _tags, ...description } = objectOf(properties['StageDescription']);
  const shared = [
    'CacheDataEncrypted',
    'CacheTtlInSeconds',
    'CachingEnabled',
    'DataTraceEnabled',
    'LoggingLevel',
  ];
  const names = [...shared, 'MetricsEnabled', 'ThrottlingBurstLimit', 'ThrottlingRateLimit'];
  const forAll = Object.fromEntries(
    names.filter((name) => name in description).map((name) => [name, description[name]]),
  );
  const settings = Array.isArray(MethodSettings) ? MethodSettings : [];
  const all = Object.keys(forAll).length > 0 ? [{ ...forAll, ResourcePath: '/*', HttpMethod: '*' }] : [];
  const MethodSettingsAll = [...all, ...settings];
  return {
    ...description,
    ...(MethodSettingsAll.length > 0 ? { MethodSettings: MethodSettingsAll } : {}),
  };
}

async function describeStage(request: Request, before: Properties): Promise<void> {
  const { RestApiId: restApiId, StageName: stageName } = request.properties;
  if (stageName === undefined) return;
  const patchOperations = stagePatches(before, settingsOf(request.properties));
  if (patchOperations.length > 0)
    await apiGateway(request, 'UpdateStage', { restApiId, stageName, patchOperations });
}

async function stageServes(request: Request, stage: object, deploymentId: string): Promise<boolean> {
  try {
    const found = await apiGateway<Stage>(request, 'GetStage', stage);
    return found.deploymentId === deploymentId;
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === 'NotFoundException') return false;
    throw thrown;
  }
}
