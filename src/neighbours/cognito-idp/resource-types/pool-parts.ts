/** What hangs from a user pool: domain, group, resource server, identity provider. */
import type {
  CreateGroupRequest,
  CreateIdentityProviderRequest,
  CreateResourceServerRequest,
  CreateUserPoolDomainRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { ResourceType } from '../../../base/resource-type.ts';
import { unlessGone } from './unless-gone.ts';

export const userPoolDomainResource: ResourceType<CreateUserPoolDomainRequest> = {
  type: 'AWS::Cognito::UserPoolDomain',
  unsupported: ['Routing'],
  async create(request) {
    const made = await request.call<{ readonly CloudFrontDomain?: string }>(
      'cognito-idp',
      'CreateUserPoolDomain',
      request.properties,
    );
    return {
      physicalId: request.properties.Domain ?? '',
      attributes: { CloudFrontDistribution: made.CloudFrontDomain ?? '' },
    };
  },
  async update(request, current) {
    await request.call('cognito-idp', 'UpdateUserPoolDomain', request.properties);
    return current;
  },
  async delete(request, { physicalId: Domain, properties: { UserPoolId } }) {
    await unlessGone(async () => {
      const found = await request.call<{ readonly DomainDescription?: { readonly UserPoolId?: string } }>(
        'cognito-idp',
        'DescribeUserPoolDomain',
        { Domain },
      );
      if (found.DomainDescription?.UserPoolId === UserPoolId)
        await request.call('cognito-idp', 'DeleteUserPoolDomain', { Domain, UserPoolId });
    });
  },
};

type GroupProperties = Omit<CreateGroupRequest, 'GroupName'> & { readonly GroupName?: string };

export const userPoolGroupResource: ResourceType<GroupProperties> = {
  type: 'AWS::Cognito::UserPoolGroup',
  async create(request) {
    const GroupName = request.properties.GroupName ?? request.physicalName(128);
    await request.call('cognito-idp', 'CreateGroup', { ...request.properties, GroupName });
    return { physicalId: GroupName };
  },
  async update(request, { physicalId: GroupName }) {
    await request.call('cognito-idp', 'UpdateGroup', { ...request.properties, GroupName });
    return { physicalId: GroupName };
  },
  async delete(request, { physicalId: GroupName, properties: { UserPoolId } }) {
    await unlessGone(() => request.call('cognito-idp', 'DeleteGroup', { UserPoolId, GroupName }));
  },
};

export const userPoolResourceServerResource: ResourceType<CreateResourceServerRequest> = {
  type: 'AWS::Cognito::UserPoolResourceServer',
  async create(request) {
    await request.call('cognito-idp', 'CreateResourceServer', request.properties);
    return { physicalId: request.properties.Identifier ?? '' };
  },
  async update(request, { physicalId }) {
    await request.call('cognito-idp', 'UpdateResourceServer', request.properties);
    return { physicalId };
  },
  async delete(request, { physicalId: Identifier, properties: { UserPoolId } }) {
    await unlessGone(() => request.call('cognito-idp', 'DeleteResourceServer', { UserPoolId, Identifier }));
  },
};

export const userPoolIdentityProviderResource: ResourceType<CreateIdentityProviderRequest> = {
  type: 'AWS::Cognito::UserPoolIdentityProvider',
  async create(request) {
    await request.call('cognito-idp', 'CreateIdentityProvider', request.properties);
    return { physicalId: request.properties.ProviderName ?? '' };
  },
  async update(request, { physicalId }) {
    const { ProviderType: _, ...properties } = request.properties;
    await request.call('cognito-idp', 'UpdateIdentityProvider', properties);
    return { physicalId };
  },
  async delete(request, { physicalId: ProviderName, properties: { UserPoolId } }) {
    await unlessGone(() =>
      request.call('cognito-idp', 'DeleteIdentityProvider', { UserPoolId, ProviderName }),
    );
  },
};
