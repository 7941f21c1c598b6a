/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-instanceprofile.html */
import type { InstanceProfile } from '@aws-sdk/client-iam';
import type { ResourceType } from '../../../base/resource-type.ts';
import { orUndo } from './principal-policies.ts';
import {
  gone,
  iam,
  optionalText,
  type Properties,
  type Request,
  textOf,
  textsOf,
  without,
} from './request.ts';

export const instanceProfileType: ResourceType<Properties> = {
  type: 'AWS::IAM::InstanceProfile',

  async create(request) {
    const { properties } = request;
    const InstanceProfileName = textOf(properties.InstanceProfileName ?? request.physicalName(128));
    const input = { InstanceProfileName, Path: optionalText(properties.Path) };
    const made = await iam<{ InstanceProfile: InstanceProfile }>(request, 'CreateInstanceProfile', input);
    await orUndo(
      () => changeRoles(request, InstanceProfileName, []),
      () => remove(request, InstanceProfileName, textsOf(properties.Roles)),
    );
    return { physicalId: InstanceProfileName, attributes: { Arn: made.InstanceProfile.Arn } };
  },

  async update(request, current) {
    await changeRoles(request, current.physicalId, textsOf(current.properties.Roles));
    return current;
  },

  delete: (request, current) => remove(request, current.physicalId, textsOf(current.properties.Roles)),
};

async function changeRoles(
  request: Request,
  InstanceProfileName: string,
  before: readonly string[],
): Promise<void> {
  const now = textsOf(request.properties.Roles);
  for (const RoleName of without(before, now))
    await gone(iam(request, 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }));
  for (const RoleName of without(now, before))
    await iam(request, 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
}

async function remove(
  request: Request,
  InstanceProfileName: string,
  roles: readonly string[],
): Promise<void> {
  for (const RoleName of roles)
    await gone(iam(request, 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }));
  await gone(iam(request, 'DeleteInstanceProfile', { InstanceProfileName }));
}
