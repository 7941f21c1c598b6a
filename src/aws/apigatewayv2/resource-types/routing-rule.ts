/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-routingrule.html */
import type { RoutingRule } from '@aws-sdk/client-apigatewayv2';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { apiGatewayV2, gone, type Properties, pick, type Request, textOf } from './request.ts';

export const routingRuleType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::RoutingRule',

  create: (request) => put(request, 'CreateRoutingRule', {}),

  update: (request, current) =>
    put(request, 'PutRoutingRule', { RoutingRuleId: current.attributes?.RoutingRuleId }),

  async delete(request, current) {
    const { DomainNameArn } = current.properties;
    const input = { DomainName: nameOf(DomainNameArn), RoutingRuleId: current.attributes?.RoutingRuleId };
    await gone(apiGatewayV2(request, 'DeleteRoutingRule', input));
  },
};

async function put(request: Request, operation: string, id: object): Promise<ResourceState> {
  const members = pick(request.properties, ['Actions', 'Conditions', 'Priority']);
  const input = { ...members, ...id, DomainName: nameOf(request.properties.DomainNameArn) };
  const { RoutingRuleArn, RoutingRuleId } = await apiGatewayV2<RoutingRule>(request, operation, input);
  return { physicalId: textOf(RoutingRuleArn), attributes: { RoutingRuleArn, RoutingRuleId } };
}

const nameOf = (arn: unknown): string => textOf(arn).split('/domainnames/')[1]?.split('+')[0] ?? '';
