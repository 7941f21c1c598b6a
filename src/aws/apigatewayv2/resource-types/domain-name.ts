/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-domainname.html */
import type { DomainName } from '@aws-sdk/client-apigatewayv2';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { apiGatewayV2, changeTags, gone, type Properties, pick, tagsOf, textOf } from './request.ts';

const MEMBERS = ['DomainName', 'DomainNameConfigurations', 'MutualTlsAuthentication', 'RoutingMode'];

export const domainNameType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::DomainName',

  async create(request) {
    const input = { ...pick(request.properties, MEMBERS), Tags: tagsOf(request) };
    return stateOf(await apiGatewayV2<DomainName>(request, 'CreateDomainName', input));
  },

  async update(request, current) {
    const { MutualTlsAuthentication: before } = current.properties;
    const left = before !== undefined && request.properties.MutualTlsAuthentication === undefined;
    const removed = left ? { MutualTlsAuthentication: { TruststoreUri: '' } } : {};
    const input = { ...removed, ...pick(request.properties, MEMBERS) };
    const shown = await apiGatewayV2<DomainName>(request, 'UpdateDomainName', input);
    const resource = `/domainnames/${current.physicalId}`;
    await changeTags(
      request,
      arnOf({ ...request.scope, account: '' }, 'apigateway', resource),
      current.properties,
    );
    return stateOf(shown);
  },

  async delete(request, current) {
    await gone(apiGatewayV2(request, 'DeleteDomainName', { DomainName: current.physicalId }));
  },
};

function stateOf(shown: DomainName): ResourceState {
  const [configuration] = shown.DomainNameConfigurations ?? [];
  return {
    physicalId: textOf(shown.DomainName),
    attributes: {
      DomainName: shown.DomainName,
      DomainNameArn: shown.DomainNameArn,
      RegionalDomainName: configuration?.ApiGatewayDomainName,
      RegionalHostedZoneId: configuration?.HostedZoneId,
    },
  };
}
