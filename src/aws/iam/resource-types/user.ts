/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-user.html */
import type { User } from '@aws-sdk/client-iam';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { changePolicies, dropPolicies, orUndo } from './principal-policies.ts';
import {
  changeTags,
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

export const userType: ResourceType<Properties> = {
  type: 'AWS::IAM::User',

  async create(request) {
    const { properties } = request;
    const name = textOf(properties.UserName ?? request.physicalName(64));
    const { User: user } = await iam<{ User: User }>(request, 'CreateUser', {
      UserName: name,
      Path: optionalText(properties.Path),
      PermissionsBoundary: optionalText(properties.PermissionsBoundary),
      Tags: tagsOf(request),
    });
    await orUndo(
      () => changeCarried(request, name, {}),
      () => remove(request, name, properties),
    );
    return stateOf(user);
  },

  async update(request, current) {
    const UserName = current.physicalId;
    const NewPath = textOf(request.properties.Path ?? '/');
    await iam(request, 'UpdateUser', { UserName, NewPath });
    await changeBoundary(request, UserName, current.properties);
    await changeCarried(request, UserName, current.properties);
    await changeTags(request, 'User', { UserName }, current.properties);
    return stateOf((await iam<{ User: User }>(request, 'GetUser', { UserName })).User);
  },

  delete: (request, current) => remove(request, current.physicalId, current.properties),
};

async function changeCarried(request: Request, UserName: string, before: Properties): Promise<void> {
  await changePolicies(request, { noun: 'User', name: UserName }, before);
  const [old, now] = [textsOf(before.Groups), textsOf(request.properties.Groups)];
  for (const GroupName of without(old, now))
    await gone(iam(request, 'RemoveUserFromGroup', { UserName, GroupName }));
  for (const GroupName of without(now, old)) await iam(request, 'AddUserToGroup', { UserName, GroupName });
  await changeLoginProfile(request, UserName, before);
}

async function changeLoginProfile(request: Request, UserName: string, before: Properties): Promise<void> {
  const profile = request.properties.LoginProfile as Properties | undefined; // the schema says so
  if (profile === undefined) {
    if (before.LoginProfile !== undefined) await gone(iam(request, 'DeleteLoginProfile', { UserName }));
    return;
  }
  const operation = before.LoginProfile === undefined ? 'CreateLoginProfile' : 'UpdateLoginProfile';
  const PasswordResetRequired = textOf(profile.PasswordResetRequired) === 'true';
  await iam(request, operation, { UserName, Password: profile.Password, PasswordResetRequired });
}

async function changeBoundary(request: Request, UserName: string, before: Properties): Promise<void> {
  const PermissionsBoundary = optionalText(request.properties.PermissionsBoundary);
  if (PermissionsBoundary !== undefined)
    await iam(request, 'PutUserPermissionsBoundary', { UserName, PermissionsBoundary });
  else if (before.PermissionsBoundary !== undefined)
    await iam(request, 'DeleteUserPermissionsBoundary', { UserName });
}

async function remove(request: Request, UserName: string, given: Properties): Promise<void> {
  await dropPolicies(request, { noun: 'User', name: UserName }, given);
  await gone(leaveGroups(request, UserName));
  await gone(iam(request, 'DeleteLoginProfile', { UserName }));
  await gone(iam(request, 'DeleteUser', { UserName }));
}

async function leaveGroups(request: Request, UserName: string): Promise<void> {
  const { Groups = [] } = await iam<{ Groups?: Properties[] }>(request, 'ListGroupsForUser', { UserName });
  for (const { GroupName } of Groups)
    await gone(iam(request, 'RemoveUserFromGroup', { UserName, GroupName }));
}

const stateOf = (user: User): ResourceState => ({
  physicalId: textOf(user.UserName),
  attributes: { Arn: user.Arn },
});
