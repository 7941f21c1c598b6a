/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-domainnameaccessassociation.html */
import type { DomainNameAccessAssociation } from '@aws-sdk/client-api-gateway';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, changeTags, gone, type Properties, shaped, tagsOf, textOf } from './request.ts';

export const accessAssociationType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::DomainNameAccessAssociation',

  async create(request) {
    const names = ['DomainNameArn', 'AccessAssociationSource', 'AccessAssociationSourceType'];
    const made = await apiGateway<DomainNameAccessAssociation>(request, 'CreateDomainNameAccessAssociation', {
      ...shaped(request.properties, ...names),
      tags: tagsOf(request),
    });
    const arn = textOf(made.domainNameAccessAssociationArn);
    return { physicalId: arn, attributes: { DomainNameAccessAssociationArn: arn } };
  },

  async update(request, current) {
    await changeTags(request, current.physicalId, current.properties['Tags']);
    return current;
  },

  async delete(request, current) {
    const input = { domainNameAccessAssociationArn: current.physicalId };
    await gone(apiGateway(request, 'DeleteDomainNameAccessAssociation', input));
  },
};
