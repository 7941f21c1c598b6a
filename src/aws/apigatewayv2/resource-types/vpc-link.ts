/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-vpclink.html */
import type { VpcLink } from '@aws-sdk/client-apigatewayv2';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGatewayV2, changeTags, gone, type Properties, pick, tagsOf, textOf } from './request.ts';

export const vpcLinkType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::VpcLink',

  async create(request) {
    const input = {
      ...pick(request.properties, ['Name', 'SecurityGroupIds', 'SubnetIds']),
      Tags: tagsOf(request),
    };
    const { VpcLinkId } = await apiGatewayV2<VpcLink>(request, 'CreateVpcLink', input);
    return { physicalId: textOf(VpcLinkId), attributes: { VpcLinkId } };
  },

  async update(request, current) {
    const VpcLinkId = current.physicalId;
    await apiGatewayV2(request, 'UpdateVpcLink', { VpcLinkId, Name: request.properties.Name });
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', `/vpclinks/${VpcLinkId}`);
    await changeTags(request, arn, current.properties);
    return current;
  },

  async delete(request, current) {
    await gone(apiGatewayV2(request, 'DeleteVpcLink', { VpcLinkId: current.physicalId }));
  },
};
