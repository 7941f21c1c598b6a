/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-basepathmapping.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-basepathmappingv2.html (private names)
 */
import type { ResourceType } from '../../../base/resource-type.ts';
import { scalarPatches } from '../../kit/patches-between.ts';
import { placeOf } from './domain-name.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

const NONE = '(none)';

/** The two types differ in how they name the domain. */
function mappingType(type: string, domainOf: (properties: Properties) => object): ResourceType<Properties> {
  return {
    type,

    async create(request) {
      const { properties } = request;
      await apiGateway(request, 'CreateBasePathMapping', {
        ...domainOf(properties),
        ...shaped(properties, 'BasePath', 'RestApiId', 'Stage'),
      });
      const path = textOf(properties['BasePath'] ?? '');
      const arn = properties['DomainNameArn'];
      if (arn === undefined) return { physicalId: `${textOf(properties['DomainName'])}|${path}` };
      const BasePathMappingArn = `${textOf(arn)}/basepathmappings/${path || NONE}`;
      return { physicalId: BasePathMappingArn, attributes: { BasePathMappingArn } };
    },

    async update(request, current) {
      const paths = { RestApiId: '/restapiId', Stage: '/stage' };
      const patchOperations = scalarPatches(current.properties, request.properties, paths);
      const basePath = request.properties['BasePath'] || NONE;
      if (patchOperations.length > 0)
        await apiGateway(request, 'UpdateBasePathMapping', {
          ...domainOf(request.properties),
          basePath,
          patchOperations,
        });
      return current;
    },

    async delete(request, current) {
      const basePath = current.properties['BasePath'] || NONE;
      await gone(apiGateway(request, 'DeleteBasePathMapping', { ...domainOf(current.properties), basePath }));
    },
  };
}

export const basePathMappingType = mappingType('AWS::ApiGateway::BasePathMapping', (properties) =>
  shaped(properties, 'DomainName'),
);

export const basePathMappingV2Type = mappingType('AWS::ApiGateway::BasePathMappingV2', (properties) =>
  placeOf(textOf(properties['DomainNameArn'])),
);
