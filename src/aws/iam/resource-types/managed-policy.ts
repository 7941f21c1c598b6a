/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html */
import type { Policy, PolicyVersion } from '@aws-sdk/client-iam';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { limits } from '../../../base/limits.ts';
import { orUndo } from './principal-policies.ts';
import {
  documentOf,
  gone,
  iam,
  optionalText,
  type Properties,
  type Request,
  tagsOf,
  textOf,
  textsOf,
  without,
} from './request.ts';

const NOUNS = ['Role', 'User', 'Group'] as const;

export const managedPolicyType: ResourceType<Properties> = {
  type: 'AWS::IAM::ManagedPolicy',

  async create(request) {
    const { properties } = request;
    const { Policy: policy } = await iam<{ Policy: Policy }>(request, 'CreatePolicy', {
      PolicyName: textOf(properties.ManagedPolicyName ?? request.physicalName(128)),
      Path: optionalText(properties.Path),
      Description: optionalText(properties.Description),
      PolicyDocument: documentOf(properties.PolicyDocument),
      Tags: tagsOf(request, properties.Tags),
    });
    const arn = textOf(policy.Arn);
    await orUndo(
      () => changeAttachments(request, arn, {}),
      () => remove(request, arn, properties),
    );
    return stateOf(policy);
  },

  async update(request, current) {
    const PolicyArn = current.physicalId;
    const PolicyDocument = documentOf(request.properties.PolicyDocument);
    if (PolicyDocument !== documentOf(current.properties.PolicyDocument)) {
      await makeRoom(request, PolicyArn);
      await iam(request, 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
    }
    await changeAttachments(request, PolicyArn, current.properties);
    return stateOf((await iam<{ Policy: Policy }>(request, 'GetPolicy', { PolicyArn })).Policy);
  },

  delete: (request, current) => remove(request, current.physicalId, current.properties),
};

async function changeAttachments(request: Request, PolicyArn: string, before: Properties): Promise<void> {
  for (const noun of NOUNS) {
    const [old, now] = [textsOf(before[`${noun}s`]), textsOf(request.properties[`${noun}s`])];
    for (const name of without(old, now))
      await gone(iam(request, `Detach${noun}Policy`, { [`${noun}Name`]: name, PolicyArn }));
    for (const name of without(now, old))
      await iam(request, `Attach${noun}Policy`, { [`${noun}Name`]: name, PolicyArn });
  }
}

const versionsOf = async (request: Request, PolicyArn: string): Promise<PolicyVersion[]> =>
  (await iam<{ Versions?: PolicyVersion[] }>(request, 'ListPolicyVersions', { PolicyArn })).Versions ?? [];

/** Five versions are the most: the oldest that is not in force goes. */
async function makeRoom(request: Request, PolicyArn: string): Promise<void> {
  const versions = await versionsOf(request, PolicyArn);
  const oldest = versions.findLast((version) => !version.IsDefaultVersion);
  if (versions.length < limits.iamPolicyVersions || !oldest) return;
  await iam(request, 'DeletePolicyVersion', { PolicyArn, VersionId: oldest.VersionId });
}

async function remove(request: Request, PolicyArn: string, properties: Properties): Promise<void> {
  for (const noun of NOUNS)
    for (const name of textsOf(properties[`${noun}s`]))
      await gone(iam(request, `Detach${noun}Policy`, { [`${noun}Name`]: name, PolicyArn }));
  await gone(removeVersions(request, PolicyArn));
}

async function removeVersions(request: Request, PolicyArn: string): Promise<void> {
  for (const { VersionId, IsDefaultVersion } of await versionsOf(request, PolicyArn))
    if (!IsDefaultVersion) await iam(request, 'DeletePolicyVersion', { PolicyArn, VersionId });
  await iam(request, 'DeletePolicy', { PolicyArn });
}

const stateOf = (policy: Policy): ResourceState => ({
  physicalId: textOf(policy.Arn),
  attributes: {
    PolicyArn: policy.Arn,
    PolicyId: policy.PolicyId,
    AttachmentCount: policy.AttachmentCount,
    CreateDate: policy.CreateDate?.toISOString(),
    DefaultVersionId: policy.DefaultVersionId,
    IsAttachable: policy.IsAttachable,
    PermissionsBoundaryUsageCount: policy.PermissionsBoundaryUsageCount,
    UpdateDate: policy.UpdateDate?.toISOString(),
  },
});
