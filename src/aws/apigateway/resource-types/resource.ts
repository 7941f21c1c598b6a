/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-resource.html */
import type { Resource } from '@aws-sdk/client-api-gateway';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

/** Every change replaces. */
export const resourceType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Resource',

  async create(request) {
    const input = shaped(request.properties, 'RestApiId', 'ParentId', 'PathPart');
    const { id } = await apiGateway<Resource>(request, 'CreateResource', input);
    return { physicalId: textOf(id), attributes: { ResourceId: id } };
  },

  async delete(request, current) {
    const restApiId = current.properties['RestApiId'];
    await gone(apiGateway(request, 'DeleteResource', { restApiId, resourceId: current.physicalId }));
  },
};
