import { expect, test } from 'bun:test';
import {
  allow,
  policy,
  refusal,
  rootCall as call,
  startTestIam,
  trusting,
  trustingLambda,
} from './testing/iam.ts';

const role = { RoleName: 'orders', AssumeRolePolicyDocument: trustingLambda } as const;

test('each operation shows a role as AWS does', async () => {
  const { handlers } = startTestIam();
  const boundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const input = { ...role, Path: '/svc/', Description: 'd', PermissionsBoundary: boundary };
  const created = await handlers.CreateRole({ ...input, Tags: [{ Key: 'a', Value: 'b' }] }, call);
  const brief = {
    Arn: 'arn:aws:iam::123456789012:role/svc/orders',
    AssumeRolePolicyDocument: encodeURIComponent(trustingLambda),
    CreateDate: new Date('2026-01-02T03:04:05Z'),
    Path: '/svc/',
    RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    RoleName: 'orders',
  };
  const more = {
    PermissionsBoundary: { PermissionsBoundaryArn: boundary, PermissionsBoundaryType: 'Policy' },
    Tags: [{ Key: 'a', Value: 'b' }],
  };
  expect<object | undefined>(created.Role).toEqual({ ...brief, ...more });
  const full = { ...brief, ...more, Description: 'd', MaxSessionDuration: 3600, RoleLastUsed: {} };
  expect<object | undefined>((await handlers.GetRole({ RoleName: 'orders' }, call)).Role).toEqual(full);
  const listed = { ...brief, Description: 'd', MaxSessionDuration: 3600 };
  expect<object>(await handlers.ListRoles({ PathPrefix: '/svc/' }, call)).toEqual({
    Roles: [listed],
    IsTruncated: false,
  });
});

const MISSING = 'NoSuchEntityException: The role with name nope cannot be found.';

test('a role is deleted only when nothing is left of it', async () => {
  const { handlers } = startTestIam();
  const where = { RoleName: 'orders' };
  const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  const profile = { InstanceProfileName: 'p' };
  await handlers.CreateRole(role, call);
  await handlers.PutRolePolicy({ ...where, PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) }, call);
  await handlers.AttachRolePolicy({ ...where, PolicyArn }, call);
  await handlers.CreateInstanceProfile(profile, call);
  await handlers.AddRoleToInstanceProfile({ ...profile, ...where }, call);
  const refused = () => refusal(handlers.DeleteRole(where, call));
  expect(await refused()).toBe(
    'DeleteConflictException: Cannot delete entity, must remove roles from instance profile first.',
  );
  await handlers.RemoveRoleFromInstanceProfile({ ...profile, ...where }, call);
  expect(await refused()).toBe(
    'DeleteConflictException: Cannot delete entity, must detach all policies first.',
  );
  await handlers.DetachRolePolicy({ ...where, PolicyArn }, call);
  expect(await refused()).toBe('DeleteConflictException: Cannot delete entity, must delete policies first.');
  await handlers.DeleteRolePolicy({ ...where, PolicyName: 'p' }, call);
  await handlers.DeleteRole(where, call);
  expect(await refusal(handlers.GetRole({ RoleName: 'nope' }, call))).toBe(MISSING);
});

const REFUSED: readonly { name: string; document: string; expected: string }[] = [
  { name: 'what is no JSON', document: '{', expected: 'This policy contains invalid Json' },
  {
    name: 'an action of another service',
    document: policy({ Effect: 'Allow', Action: 's3:GetObject', Principal: '*' }),
    expected: 'AssumeRole policy may only specify STS AssumeRole actions.',
  },
  {
    name: 'a resource',
    document: trusting('*', { Resource: '*' }),
    expected: 'Has prohibited field Resource',
  },
  {
    name: 'a role that is not there',
    document: trusting({ AWS: 'arn:aws:iam::123456789012:role/nope' }),
    expected: 'Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/nope"',
  },
];

for (const { name, document, expected } of REFUSED)
  test(`a trust policy with ${name} is refused`, async () => {
    const { handlers } = startTestIam();
    const input = { RoleName: 'orders', AssumeRolePolicyDocument: document };
    expect(await refusal(handlers.CreateRole(input, call))).toBe(
      `MalformedPolicyDocumentException: ${expected}`,
    );
  });

test('names are the same in any case; another account has its own', async () => {
  const { handlers } = startTestIam();
  await handlers.CreateRole(role, call);
  expect(await refusal(handlers.CreateRole({ ...role, RoleName: 'Orders' }, call))).toBe(
    'EntityAlreadyExistsException: Role with name Orders already exists.',
  );
  const elsewhere = { ...call, scope: { account: '999999999999', region: 'eu-west-1' } };
  const { Role } = await handlers.CreateRole(role, elsewhere);
  expect(Role?.Arn).toBe('arn:aws:iam::999999999999:role/orders');
});

test('lists are paged in the order of names', async () => {
  const { handlers } = startTestIam();
  for (const RoleName of ['c', 'A', 'b']) await handlers.CreateRole({ ...role, RoleName }, call);
  const first = await handlers.ListRoles({ MaxItems: 2 }, call);
  expect(first.Roles?.map((one) => one.RoleName)).toEqual(['A', 'b']);
  const second = await handlers.ListRoles({ MaxItems: 2, Marker: first.Marker }, call);
  expect([second.Roles?.map((one) => one.RoleName), second.IsTruncated]).toEqual([['c'], false]);
});

test('a service-linked role is its service\u2019s', async () => {
  const { handlers } = startTestIam();
  const { Role } = await handlers.CreateServiceLinkedRole(
    { AWSServiceName: 'ops.apigateway.amazonaws.com' },
    call,
  );
  expect(Role?.Arn).toBe(
    'arn:aws:iam::123456789012:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway',
  );
  const { RoleName = '' } = Role ?? {};
  expect(await refusal(handlers.DeleteRole({ RoleName }, call))).toBe(
    "UnmodifiableEntityException: Cannot perform the operation on the protected role 'AWSServiceRoleForAPIGateway' - this role is only modifiable by AWS",
  );
  const { DeletionTaskId = '' } = await handlers.DeleteServiceLinkedRole({ RoleName }, call);
  expect(await handlers.GetServiceLinkedRoleDeletionStatus({ DeletionTaskId })).toEqual({
    Status: 'SUCCEEDED',
  });
});
