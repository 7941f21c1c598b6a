/** IAM's principals have paths in their ARNs that calls do not name. */
import {
  type AccessCall,
  type Fields,
  type Requirement,
  type Rule,
  type ServiceRules,
  textOf,
} from '../requirement.ts';

const READERS = {
  role: ['GetRole', 'RoleName', 'Role'],
  user: ['GetUser', 'UserName', 'User'],
  group: ['GetGroup', 'GroupName', 'Group'],
  'instance-profile': ['GetInstanceProfile', 'InstanceProfileName', 'InstanceProfile'],
} as const;

/** Its ARN with its path; without, when there is none of that name. */
async function arnOfNamed(call: AccessCall, noun: keyof typeof READERS): Promise<string> {
  const [operation, member, shown] = READERS[noun];
  const name = textOf(call.input[member]);
  if (name === undefined) return noun === 'user' && call.caller.kind === 'user' ? call.caller.arn : '*';
  const given = textOf(call.input['Path']);
  const plain = (path: string): string => `arn:aws:iam::${call.scope.account}:${noun}${path}${name}`;
  if (given !== undefined && call.operation.startsWith('Create')) return plain(given);
  const found = (await call.lookUp('iam', operation, { [member]: name }))?.[shown] as Fields | undefined; // IAM's own answer
  return textOf(found?.['Arn']) ?? plain('/');
}

const on =
  (...nouns: (keyof typeof READERS)[]): Rule =>
  async (call) => {
    const resources = await Promise.all(nouns.map((noun) => arnOfNamed(call, noun)));
    return [{ action: `iam:${call.operation}`, resources, context: keysOf(call.input) }];
  };

function keysOf(input: Fields): Record<string, string> {
  const keys: Record<string, string> = {};
  const policyArn = textOf(input['PolicyArn']);
  const boundary = textOf(input['PermissionsBoundary']);
  const service = textOf(input['AWSServiceName']);
  if (policyArn !== undefined) keys['iam:PolicyARN'] = policyArn;
  if (boundary !== undefined) keys['iam:PermissionsBoundary'] = boundary;
  if (service !== undefined) keys['iam:AWSServiceName'] = service;
  return keys;
}

const policy: Rule = ({ input, operation, scope }) => {
  const made = `arn:aws:iam::${scope.account}:policy${textOf(input['Path']) ?? '/'}${textOf(input['PolicyName']) ?? '*'}`;
  return [{ action: `iam:${operation}`, resources: [textOf(input['PolicyArn']) ?? made] }];
};

/** The role goes into the hands of EC2. */
const addRole: Rule = async (call) => {
  const profile = await arnOfNamed(call, 'instance-profile');
  const pass: Requirement = {
    action: 'iam:PassRole',
    resources: [await arnOfNamed(call, 'role')],
    context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
  };
  return [{ action: 'iam:AddRoleToInstanceProfile', resources: [profile] }, pass];
};

const provider =
  (kind: 'oidc' | 'saml'): Rule =>
  ({ input, operation, scope }) => {
    const arn = textOf(input['OpenIDConnectProviderArn']) ?? textOf(input['SAMLProviderArn']);
    const name = kind === 'oidc' ? textOf(input['Url'])?.replace(/^https?:\/\//, '') : textOf(input['Name']);
    return [
      {
        action: `iam:${operation}`,
        resources: [arn ?? `arn:aws:iam::${scope.account}:${kind}-provider/${name ?? '*'}`],
      },
    ];
  };

const each = (rule: Rule, ...operations: string[]): Record<string, Rule> =>
  Object.fromEntries(operations.map((operation) => [operation, rule]));

export const iamRules: ServiceRules = {
  operations: {
    ...each(
      on('role'),
      'AttachRolePolicy',
      'CreateRole',
      'DeleteRole',
      'DeleteRolePermissionsBoundary',
      'DeleteRolePolicy',
      'DetachRolePolicy',
      'GetRole',
      'GetRolePolicy',
      'ListAttachedRolePolicies',
      'ListInstanceProfilesForRole',
      'ListRolePolicies',
      'ListRoleTags',
      'PutRolePermissionsBoundary',
      'PutRolePolicy',
      'TagRole',
      'UntagRole',
      'UpdateAssumeRolePolicy',
      'UpdateRole',
      'UpdateRoleDescription',
    ),
    ...each(
      on('user'),
      'AttachUserPolicy',
      'ChangePassword',
      'CreateAccessKey',
      'CreateLoginProfile',
      'CreateUser',
      'DeleteAccessKey',
      'DeleteLoginProfile',
      'DeleteUser',
      'DeleteUserPermissionsBoundary',
      'DeleteUserPolicy',
      'DetachUserPolicy',
      'GetLoginProfile',
      'GetUser',
      'GetUserPolicy',
      'ListAccessKeys',
      'ListAttachedUserPolicies',
      'ListGroupsForUser',
      'ListUserPolicies',
      'ListUserTags',
      'PutUserPermissionsBoundary',
      'PutUserPolicy',
      'TagUser',
      'UntagUser',
      'UpdateAccessKey',
      'UpdateLoginProfile',
      'UpdateUser',
    ),
    ...each(
      on('group'),
      'AddUserToGroup',
      'AttachGroupPolicy',
      'CreateGroup',
      'DeleteGroup',
      'DeleteGroupPolicy',
      'DetachGroupPolicy',
      'GetGroup',
      'GetGroupPolicy',
      'ListAttachedGroupPolicies',
      'ListGroupPolicies',
      'PutGroupPolicy',
      'RemoveUserFromGroup',
      'UpdateGroup',
    ),
    ...each(
      on('instance-profile'),
      'CreateInstanceProfile',
      'DeleteInstanceProfile',
      'GetInstanceProfile',
      'ListInstanceProfileTags',
      'RemoveRoleFromInstanceProfile',
      'TagInstanceProfile',
      'UntagInstanceProfile',
    ),
    ...each(
      policy,
      'CreatePolicy',
      'CreatePolicyVersion',
      'DeletePolicy',
      'DeletePolicyVersion',
      'GetPolicy',
      'GetPolicyVersion',
      'ListEntitiesForPolicy',
      'ListPolicyTags',
      'ListPolicyVersions',
      'SetDefaultPolicyVersion',
      'TagPolicy',
      'UntagPolicy',
    ),
    ...each(
      provider('oidc'),
      'AddClientIDToOpenIDConnectProvider',
      'CreateOpenIDConnectProvider',
      'DeleteOpenIDConnectProvider',
      'GetOpenIDConnectProvider',
      'ListOpenIDConnectProviderTags',
      'RemoveClientIDFromOpenIDConnectProvider',
      'TagOpenIDConnectProvider',
      'UntagOpenIDConnectProvider',
      'UpdateOpenIDConnectProviderThumbprint',
    ),
    ...each(
      provider('saml'),
      'CreateSAMLProvider',
      'DeleteSAMLProvider',
      'GetSAMLProvider',
      'ListSAMLProviderTags',
      'TagSAMLProvider',
      'UntagSAMLProvider',
      'UpdateSAMLProvider',
    ),
    AddRoleToInstanceProfile: addRole,
    CreateServiceLinkedRole: ({ input, scope }) => {
      const service = textOf(input['AWSServiceName']) ?? '*';
      return [
        {
          action: 'iam:CreateServiceLinkedRole',
          resources: [`arn:aws:iam::${scope.account}:role/aws-service-role/${service}/*`],
          context: keysOf(input),
        },
      ];
    },
  },
};
