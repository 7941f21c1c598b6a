/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-vpclink.html */
import type { VpcLink } from '@aws-sdk/client-api-gateway';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { scalarPatches } from '../../kit/patches-between.ts';
import { apiGateway, changeTags, gone, type Properties, shaped, tagsOf, textOf } from './request.ts';

export const vpcLinkType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::VpcLink',

  async create(request) {
    const { id } = await apiGateway<VpcLink>(request, 'CreateVpcLink', {
      ...shaped(request.properties, 'Name', 'Description', 'TargetArns'),
      tags: tagsOf(request),
    });
    return { physicalId: textOf(id), attributes: { VpcLinkId: id } };
  },

  async update(request, current) {
    const vpcLinkId = current.physicalId;
    const paths = { Name: '/name', Description: '/description' };
    const patchOperations = scalarPatches(current.properties, request.properties, paths);
    if (patchOperations.length > 0)
      await apiGateway(request, 'UpdateVpcLink', { vpcLinkId, patchOperations });
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', `/vpclinks/${vpcLinkId}`);
    await changeTags(request, arn, current.properties['Tags']);
    return current;
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteVpcLink', { vpcLinkId: current.physicalId }));
  },
};
