/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-accesskey.html */
import type { AccessKey } from '@aws-sdk/client-iam';
import type { ResourceType } from '../../../base/resource-type.ts';
import { gone, iam, type Properties, type Request, textOf } from './request.ts';

export const accessKeyType: ResourceType<Properties> = {
  type: 'AWS::IAM::AccessKey',

  async create(request) {
    const { UserName } = request.properties;
    const made = await iam<{ AccessKey: AccessKey }>(request, 'CreateAccessKey', { UserName });
    const { AccessKeyId, SecretAccessKey } = made.AccessKey;
    if (request.properties.Status === 'Inactive') await setStatus(request, textOf(AccessKeyId));
    return { physicalId: textOf(AccessKeyId), attributes: { SecretAccessKey } };
  },

  async update(request, current) {
    await setStatus(request, current.physicalId);
    return current;
  },

  async delete(request, current) {
    const { UserName } = current.properties;
    await gone(iam(request, 'DeleteAccessKey', { UserName, AccessKeyId: current.physicalId }));
  },
};

const setStatus = (request: Request, AccessKeyId: string): Promise<Properties> => {
  const { UserName, Status = 'Active' } = request.properties;
  return iam(request, 'UpdateAccessKey', { UserName, AccessKeyId, Status });
};
