/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-authorizer.html */
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import type { ResourceType } from '../../../base/resource-type.ts';
import { type Patch, scalarPatches } from '../../kit/patches-between.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

const PATHS = {
  Name: '/name',
  Type: '/type',
  AuthType: '/authType',
  AuthorizerUri: '/authorizerUri',
  AuthorizerCredentials: '/authorizerCredentials',
  AuthorizerResultTtlInSeconds: '/authorizerResultTtlInSeconds',
  IdentitySource: '/identitySource',
  IdentityValidationExpression: '/identityValidationExpression',
};

export const authorizerType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Authorizer',

  async create(request) {
    const input = shaped(request.properties, 'RestApiId', ...Object.keys(PATHS));
    const providerARNs = request.properties['ProviderARNs'];
    const { id } = await apiGateway<Authorizer>(request, 'CreateAuthorizer', { ...input, providerARNs });
    return { physicalId: textOf(id), attributes: { AuthorizerId: id } };
  },

  async update(request, current) {
    const { properties } = request;
    const authorizer = { restApiId: properties['RestApiId'], authorizerId: current.physicalId };
    const after = { AuthorizerResultTtlInSeconds: 300, ...properties };
    const before = { AuthorizerResultTtlInSeconds: 300, ...current.properties };
    const patchOperations = [
      ...scalarPatches(before, after, PATHS),
      ...providerPatches(current.properties['ProviderARNs'], properties['ProviderARNs']),
    ];
    if (patchOperations.length > 0)
      await apiGateway(request, 'UpdateAuthorizer', { ...authorizer, patchOperations });
    return current;
  },

  async delete(request, current) {
    const restApiId = current.properties['RestApiId'];
    await gone(apiGateway(request, 'DeleteAuthorizer', { restApiId, authorizerId: current.physicalId }));
  },
};

function providerPatches(before: unknown, after: unknown): Patch[] {
  const [old, wanted] = [textsOf(before), textsOf(after)];
  const path = '/providerARNs';
  return [
    ...wanted.filter((value) => !old.includes(value)).map((value) => ({ op: 'add' as const, path, value })),
    ...old
      .filter((value) => !wanted.includes(value))
      .map((value) => ({ op: 'remove' as const, path, value })),
  ];
}

const textsOf = (list: unknown): string[] => (Array.isArray(list) ? list.map(textOf) : []);
