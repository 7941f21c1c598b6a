/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-apikey.html */
import type { ApiKey } from '@aws-sdk/client-api-gateway';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { type Patch, scalarPatches } from '../../kit/patches-between.ts';
import { apiGateway, changeTags, gone, listOf, type Properties, shaped, tagsOf, textOf } from './request.ts';

const PATHS = { CustomerId: '/customerId', Description: '/description', Enabled: '/enabled' };

export const apiKeyType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::ApiKey',

  async create(request) {
    const { properties } = request;
    const { id } = await apiGateway<ApiKey>(request, 'CreateApiKey', {
      ...shaped(
        properties,
        'CustomerId',
        'Description',
        'Enabled',
        'GenerateDistinctId',
        'StageKeys',
        'Value',
      ),
      name: properties['Name'] ?? request.physicalName(),
      tags: tagsOf(request),
    });
    return { physicalId: textOf(id), attributes: { APIKeyId: id } };
  },

  async update(request, current) {
    const before = { Enabled: false, ...current.properties };
    const after = { Enabled: false, ...request.properties };
    const patchOperations = [
      ...scalarPatches(before, after, PATHS),
      ...stagePatches(current.properties, request.properties),
    ];
    if (patchOperations.length > 0)
      await apiGateway(request, 'UpdateApiKey', { apiKey: current.physicalId, patchOperations });
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', `/apikeys/${current.physicalId}`);
    await changeTags(request, arn, current.properties['Tags']);
    return current;
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteApiKey', { apiKey: current.physicalId }));
  },
};

function stagePatches(before: Properties, after: Properties): Patch[] {
  const [old, wanted] = [stagesOf(before), stagesOf(after)];
  const path = '/stages';
  return [
    ...old
      .filter((value) => !wanted.includes(value))
      .map((value) => ({ op: 'remove' as const, path, value })),
    ...wanted.filter((value) => !old.includes(value)).map((value) => ({ op: 'add' as const, path, value })),
  ];
}

const stagesOf = (properties: Properties): string[] =>
  listOf(properties['StageKeys']).map((key) => `${textOf(key['RestApiId'])}/${textOf(key['StageName'])}`);
