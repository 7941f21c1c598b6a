/** AWS::Cognito::UserPoolClient. */
import type {
  CreateUserPoolClientRequest,
  CreateUserPoolClientResponse,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { unlessGone } from './unless-gone.ts';

type Properties = Omit<CreateUserPoolClientRequest, 'ClientName'> & { readonly ClientName?: string };

export const userPoolClientResource: ResourceType<Properties> = {
  type: 'AWS::Cognito::UserPoolClient',
  unsupported: ['AnalyticsConfiguration'],

  async create(request) {
    const { UserPoolClient } = await request.call<CreateUserPoolClientResponse>(
      'cognito-idp',
      'CreateUserPoolClient',
      { ...request.properties, ClientName: request.properties.ClientName ?? request.physicalName(128) },
    );
    return stateOf(UserPoolClient);
  },

  async update(request, current) {
    const { GenerateSecret: _, ...properties } = request.properties;
    const { UserPoolClient } = await request.call<CreateUserPoolClientResponse>(
      'cognito-idp',
      'UpdateUserPoolClient',
      { ...properties, ClientId: current.physicalId },
    );
    return stateOf(UserPoolClient);
  },

  async delete(request, current) {
    await unlessGone(() =>
      request.call('cognito-idp', 'DeleteUserPoolClient', {
        UserPoolId: current.properties.UserPoolId,
        ClientId: current.physicalId,
      }),
    );
  },
};

const stateOf = (client: UserPoolClientType | undefined): ResourceState => ({
  physicalId: client?.ClientId ?? '',
  attributes: {
    ClientId: client?.ClientId,
    Name: client?.ClientName,
    ...(client?.ClientSecret && { ClientSecret: client.ClientSecret }),
  },
});
