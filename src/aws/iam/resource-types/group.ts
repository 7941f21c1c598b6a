/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-group.html */
import type { Group } from '@aws-sdk/client-iam';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { changePolicies, dropPolicies, orUndo } from './principal-policies.ts';
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

export const groupType: ResourceType<Properties> = {
  type: 'AWS::IAM::Group',

  async create(request) {
    const { properties } = request;
    const name = textOf(properties.GroupName ?? request.physicalName(128));
    const input = { GroupName: name, Path: optionalText(properties.Path) };
    const { Group: group } = await iam<{ Group: Group }>(request, 'CreateGroup', input);
    await orUndo(
      () => changePolicies(request, { noun: 'Group', name }, {}),
      () => remove(request, name, properties),
    );
    return stateOf(group);
  },

  async update(request, current) {
    const GroupName = current.physicalId;
    await iam(request, 'UpdateGroup', { GroupName, NewPath: textOf(request.properties.Path ?? '/') });
    await changePolicies(request, { noun: 'Group', name: GroupName }, current.properties);
    return stateOf((await iam<{ Group: Group }>(request, 'GetGroup', { GroupName })).Group);
  },

  delete: (request, current) => remove(request, current.physicalId, current.properties),
};

async function remove(request: Request, GroupName: string, given: Properties): Promise<void> {
  await dropPolicies(request, { noun: 'Group', name: GroupName }, given);
  await gone(iam(request, 'DeleteGroup', { GroupName }));
}

const stateOf = (group: Group): ResourceState => ({
  physicalId: textOf(group.GroupName),
  attributes: { Arn: group.Arn },
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-usertogroupaddition.html */
export const userToGroupAdditionType: ResourceType<Properties> = {
  type: 'AWS::IAM::UserToGroupAddition',

  async create(request) {
    await changeMembers(request, []);
    return { physicalId: request.physicalName() };
  },

  async update(request, current) {
    await changeMembers(request, textsOf(current.properties.Users));
    return current;
  },

  async delete(request, current) {
    const { GroupName, Users } = current.properties;
    for (const UserName of textsOf(Users))
      await gone(iam(request, 'RemoveUserFromGroup', { GroupName, UserName }));
  },
};

async function changeMembers(request: Request, before: readonly string[]): Promise<void> {
  const { GroupName, Users } = request.properties;
  const now = textsOf(Users);
  for (const UserName of without(before, now))
    await gone(iam(request, 'RemoveUserFromGroup', { GroupName, UserName }));
  for (const UserName of without(now, before)) await iam(request, 'AddUserToGroup', { GroupName, UserName });
}
