/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-documentationversion.html */
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

export const documentationVersionType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::DocumentationVersion',

  async create(request) {
    const input = shaped(request.properties, 'RestApiId', 'DocumentationVersion', 'Description');
    await apiGateway(request, 'CreateDocumentationVersion', input);
    return { physicalId: textOf(input['documentationVersion']) };
  },

  async update(request, current) {
    const value = textOf(request.properties['Description']);
    await apiGateway(request, 'UpdateDocumentationVersion', {
      ...shaped(request.properties, 'RestApiId', 'DocumentationVersion'),
      patchOperations: [{ op: 'replace', path: '/description', value }],
    });
    return current;
  },

  async delete(request, current) {
    const input = shaped(current.properties, 'RestApiId', 'DocumentationVersion');
    await gone(apiGateway(request, 'DeleteDocumentationVersion', input));
  },
};
