/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-account.html */
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { apiGateway, type Properties, type Request, textOf } from './request.ts';

export const accountType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Account',
  create: setRole,
  async update(request, current) {
    await setRole(request);
    return current;
  },

  /** The account stays as it is: the role is the account's, not the stack's. */
  async delete() {},
};

async function setRole(request: Request): Promise<ResourceState> {
  const value = textOf(request.properties['CloudWatchRoleArn']);
  await apiGateway(request, 'UpdateAccount', {
    patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value }],
  });
  const id = request.physicalName();
  return { physicalId: id, attributes: { Id: id } };
}
