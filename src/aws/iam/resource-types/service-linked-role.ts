/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-servicelinkedrole.html */
import type { Role } from '@aws-sdk/client-iam';
import type { ResourceType } from '../../../base/resource-type.ts';
import { gone, iam, type Properties, textOf } from './request.ts';

export const serviceLinkedRoleType: ResourceType<Properties> = {
  type: 'AWS::IAM::ServiceLinkedRole',

  async create(request) {
    const { AWSServiceName, CustomSuffix, Description } = request.properties;
    const input = { AWSServiceName, CustomSuffix, Description };
    const { Role: role } = await iam<{ Role: Role }>(request, 'CreateServiceLinkedRole', input);
    return { physicalId: textOf(role.RoleName), attributes: { RoleName: role.RoleName } };
  },

  async update(request, current) {
    const { Description = '' } = request.properties;
    await iam(request, 'UpdateRole', { RoleName: current.physicalId, Description });
    return current;
  },

  async delete(request, current) {
    await gone(iam(request, 'DeleteServiceLinkedRole', { RoleName: current.physicalId }));
  },
};
