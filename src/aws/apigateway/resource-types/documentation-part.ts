/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-documentationpart.html */
import type { DocumentationPart } from '@aws-sdk/client-api-gateway';
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

export const documentationPartType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::DocumentationPart',

  async create(request) {
    const { id } = await apiGateway<DocumentationPart>(request, 'CreateDocumentationPart', {
      ...shaped(request.properties, 'RestApiId', 'Location'),
      properties: propertiesText(request.properties['Properties']),
    });
    return { physicalId: textOf(id), attributes: { DocumentationPartId: id } };
  },

  async update(request, current) {
    const value = propertiesText(request.properties['Properties']);
    await apiGateway(request, 'UpdateDocumentationPart', {
      restApiId: request.properties['RestApiId'],
      documentationPartId: current.physicalId,
      patchOperations: [{ op: 'replace', path: '/properties', value }],
    });
    return current;
  },

  async delete(request, current) {
    const restApiId = current.properties['RestApiId'];
    await gone(
      apiGateway(request, 'DeleteDocumentationPart', { restApiId, documentationPartId: current.physicalId }),
    );
  },
};

const propertiesText = (properties: unknown): string =>
  typeof properties === 'string' ? properties : JSON.stringify(properties);
