/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplankey.html */
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

/** Every change replaces. */
export const usagePlanKeyType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::UsagePlanKey',

  async create(request) {
    const input = shaped(request.properties, 'KeyId', 'KeyType', 'UsagePlanId');
    await apiGateway(request, 'CreateUsagePlanKey', input);
    const id = `${textOf(input['keyId'])}:${textOf(input['usagePlanId'])}`;
    return { physicalId: id, attributes: { Id: id } };
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteUsagePlanKey', shaped(current.properties, 'KeyId', 'UsagePlanId')));
  },
};
