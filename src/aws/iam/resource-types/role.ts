/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html */
import type { Role } from '@aws-sdk/client-iam';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { changePolicies, dropPolicies, orUndo } from './principal-policies.ts';
import {
  changeTags,
  documentOf,
  gone,
  iam,
  optionalNumber,
  optionalText,
  type Properties,
  type Request,
  tagsOf,
  textOf,
} from './request.ts';

export const roleType: ResourceType<Properties> = {
  type: 'AWS::IAM::Role',

  async create(request) {
    const { properties } = request;
    const name = textOf(properties.RoleName ?? request.physicalName(64));
    const { Role: role } = await iam<{ Role: Role }>(request, 'CreateRole', {
      RoleName: name,
      Path: optionalText(properties.Path),
      AssumeRolePolicyDocument: documentOf(properties.AssumeRolePolicyDocument),
      Description: optionalText(properties.Description),
      MaxSessionDuration: optionalNumber(properties.MaxSessionDuration),
      PermissionsBoundary: optionalText(properties.PermissionsBoundary),
      Tags: tagsOf(request),
    });
    await orUndo(
      () => changePolicies(request, { noun: 'Role', name }, {}),
      () => remove(request, name, properties),
    );
    return stateOf(role);
  },

  async update(request, current) {
    const { properties } = request;
    const RoleName = current.physicalId;
    const PolicyDocument = documentOf(properties.AssumeRolePolicyDocument);
    await iam(request, 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    await iam(request, 'UpdateRole', {
      RoleName,
      Description: textOf(properties.Description),
      MaxSessionDuration: optionalNumber(properties.MaxSessionDuration) ?? 3600,
    });
    await changeBoundary(request, RoleName, current.properties);
    await changePolicies(request, { noun: 'Role', name: RoleName }, current.properties);
    await changeTags(request, 'Role', { RoleName }, current.properties);
    return stateOf((await iam<{ Role: Role }>(request, 'GetRole', { RoleName })).Role);
  },

  delete: (request, current) => remove(request, current.physicalId, current.properties),
};

async function changeBoundary(request: Request, RoleName: string, before: Properties): Promise<void> {
  const PermissionsBoundary = optionalText(request.properties.PermissionsBoundary);
  if (PermissionsBoundary !== undefined)
    await iam(request, 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
  else if (before.PermissionsBoundary !== undefined)
    await iam(request, 'DeleteRolePermissionsBoundary', { RoleName });
}

async function remove(request: Request, RoleName: string, given: Properties): Promise<void> {
  await dropPolicies(request, { noun: 'Role', name: RoleName }, given);
  await gone(iam(request, 'DeleteRole', { RoleName }));
}

const stateOf = (role: Role): ResourceState => ({
  physicalId: textOf(role.RoleName),
  attributes: { Arn: role.Arn, RoleId: role.RoleId },
});
