/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-requestvalidator.html */
import type { RequestValidator } from '@aws-sdk/client-api-gateway';
import type { ResourceType } from '../../../base/resource-type.ts';
import { scalarPatches } from '../../kit/patches-between.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

const PATHS = {
  ValidateRequestBody: '/validateRequestBody',
  ValidateRequestParameters: '/validateRequestParameters',
};

export const requestValidatorType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::RequestValidator',

  async create(request) {
    const input = shaped(request.properties, 'RestApiId', 'Name', ...Object.keys(PATHS));
    const { id } = await apiGateway<RequestValidator>(request, 'CreateRequestValidator', input);
    return { physicalId: textOf(id), attributes: { RequestValidatorId: id } };
  },

  async update(request, current) {
    const restApiId = request.properties['RestApiId'];
    const patchOperations = scalarPatches(current.properties, request.properties, PATHS);
    const validator = { restApiId, requestValidatorId: current.physicalId };
    if (patchOperations.length > 0)
      await apiGateway(request, 'UpdateRequestValidator', { ...validator, patchOperations });
    return current;
  },

  async delete(request, current) {
    const restApiId = current.properties['RestApiId'];
    await gone(
      apiGateway(request, 'DeleteRequestValidator', { restApiId, requestValidatorId: current.physicalId }),
    );
  },
};
