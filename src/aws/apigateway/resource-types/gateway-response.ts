/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-gatewayresponse.html */
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, gone, type Properties, type Request, shaped, textOf } from './request.ts';

export const gatewayResponseType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::GatewayResponse',
  create: put,
  update: put,
  async delete(request, current) {
    await gone(
      apiGateway(request, 'DeleteGatewayResponse', shaped(current.properties, 'RestApiId', 'ResponseType')),
    );
  },
};

async function put(request: Request): Promise<ResourceState> {
  const { properties } = request;
  await apiGateway(
    request,
    'PutGatewayResponse',
    shaped(properties, 'RestApiId', 'ResponseType', 'StatusCode', 'ResponseParameters', 'ResponseTemplates'),
  );
  const id = `${textOf(properties['RestApiId'])}|${textOf(properties['ResponseType'])}`;
  return { physicalId: id, attributes: { Id: id } };
}
