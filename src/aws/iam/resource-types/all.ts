/** Every `AWS::IAM::*` type there is. */
import type { ResourceType } from '../../../base/resource-type.ts';
import { accessKeyType } from './access-key.ts';
import { groupType, userToGroupAdditionType } from './group.ts';
import { instanceProfileType } from './instance-profile.ts';
import { managedPolicyType } from './managed-policy.ts';
import { groupPolicyType, policyType, rolePolicyType, userPolicyType } from './policy.ts';
import { oidcProviderType, samlProviderType } from './provider.ts';
import { roleType } from './role.ts';
import { serviceLinkedRoleType } from './service-linked-role.ts';
import { userType } from './user.ts';

export const resourceTypes: readonly ResourceType[] = [
  accessKeyType,
  groupPolicyType,
  groupType,
  instanceProfileType,
  managedPolicyType,
  oidcProviderType,
  policyType,
  rolePolicyType,
  roleType,
  samlProviderType,
  serviceLinkedRoleType,
  userPolicyType,
  userToGroupAdditionType,
  userType,
];
