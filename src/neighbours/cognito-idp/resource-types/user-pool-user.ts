/** AWS::Cognito::UserPoolUser and AWS::Cognito::UserPoolUserToGroupAttachment: both are replaced by every change. */
import type {
  AdminCreateUserRequest,
  AdminCreateUserResponse,
} from '@aws-sdk/client-cognito-identity-provider';
import type { ResourceType } from '../../../base/resource-type.ts';
import { unlessGone } from './unless-gone.ts';

type Properties = Omit<AdminCreateUserRequest, 'Username'> & { readonly Username?: string };

export const userPoolUserResource: ResourceType<Properties> = {
  type: 'AWS::Cognito::UserPoolUser',
  async create(request) {
    const Username = request.properties.Username ?? request.physicalName(128);
    const { User } = await request.call<AdminCreateUserResponse>('cognito-idp', 'AdminCreateUser', {
      ...request.properties,
      Username,
    });
    return { physicalId: User?.Username ?? Username };
  },
  async delete(request, { physicalId: Username, properties: { UserPoolId } }) {
    await unlessGone(() => request.call('cognito-idp', 'AdminDeleteUser', { UserPoolId, Username }));
  },
};

interface AttachmentProperties {
  readonly UserPoolId: string;
  readonly GroupName: string;
  readonly Username: string;
}

export const userToGroupResource: ResourceType<AttachmentProperties> = {
  type: 'AWS::Cognito::UserPoolUserToGroupAttachment',
  async create(request) {
    const { UserPoolId, GroupName, Username } = request.properties;
    await request.call('cognito-idp', 'AdminAddUserToGroup', { UserPoolId, GroupName, Username });
    return { physicalId: `${UserPoolId}|${GroupName}|${Username}` };
  },
  async delete(request, { properties: { UserPoolId, GroupName, Username } }) {
    await unlessGone(() =>
      request.call('cognito-idp', 'AdminRemoveUserFromGroup', { UserPoolId, GroupName, Username }),
    );
  },
};
