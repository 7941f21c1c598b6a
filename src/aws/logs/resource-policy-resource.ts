/** AWS::Logs::ResourcePolicy. */
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

interface ResourcePolicyProperties {
  readonly PolicyName: string;
  readonly PolicyDocument: string | object;
}

export const resourcePolicyResource: ResourceType<ResourcePolicyProperties> = {
  type: 'AWS::Logs::ResourcePolicy',
  create: (request) => putPolicy(request),
  update: (request) => putPolicy(request),

  async delete(request, current) {
    await unlessGone(() => request.call('logs', 'DeleteResourcePolicy', { policyName: current.physicalId }));
  },
};

async function putPolicy({
  properties,
  call,
}: ResourceRequest<ResourcePolicyProperties>): Promise<ResourceState> {
  const { PolicyName: policyName, PolicyDocument: document } = properties;
  const policyDocument = typeof document === 'string' ? document : JSON.stringify(document);
  await call('logs', 'PutResourcePolicy', { policyName, policyDocument });
  return { physicalId: policyName };
}
