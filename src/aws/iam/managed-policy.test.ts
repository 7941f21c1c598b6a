import { expect, test } from 'bun:test';
import { catalogue } from './aws-managed-policies.ts';
import { checkIdentityPolicy } from './policy-document.ts';
import { allow, policy, refusal, rootCall as call, startTestIam, trustingLambda } from './testing/iam.ts';

async function startPolicy() {
  const service = startTestIam();
  const input = { PolicyName: 'own', PolicyDocument: policy(allow('sqs:*')) };
  const { Policy } = await service.handlers.CreatePolicy(input, call);
  return { ...service, PolicyArn: Policy?.Arn ?? '' };
}

test('a policy has versions, of which one is in force', async () => {
  const { handlers, PolicyArn } = await startPolicy();
  const document = policy(allow('sns:*'));
  for (let version = 2; version <= 5; version++)
    await handlers.CreatePolicyVersion(
      { PolicyArn, PolicyDocument: document, SetAsDefault: version === 3 },
      call,
    );
  expect(await refusal(handlers.CreatePolicyVersion({ PolicyArn, PolicyDocument: document }, call))).toBe(
    'LimitExceededException: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
  );
  const { Versions = [] } = await handlers.ListPolicyVersions({ PolicyArn }, call);
  expect(Versions.map((one) => `${one.VersionId} ${one.IsDefaultVersion}`)).toEqual([
    'v5 false',
    'v4 false',
    'v3 true',
    'v2 false',
    'v1 false',
  ]);
  expect(await refusal(handlers.DeletePolicyVersion({ PolicyArn, VersionId: 'v3' }, call))).toBe(
    'DeleteConflictException: Cannot delete the default version of a policy.',
  );
  await handlers.DeletePolicyVersion({ PolicyArn, VersionId: 'v5' }, call);
  const { PolicyVersion } = await handlers.CreatePolicyVersion({ PolicyArn, PolicyDocument: document }, call);
  expect(PolicyVersion?.VersionId).toBe('v6');
});

test('a policy in use is not deleted', async () => {
  const { handlers, PolicyArn } = await startPolicy();
  await handlers.CreateRole({ RoleName: 'orders', AssumeRolePolicyDocument: trustingLambda }, call);
  await handlers.AttachRolePolicy({ RoleName: 'orders', PolicyArn }, call);
  const { Policy } = await handlers.GetPolicy({ PolicyArn }, call);
  expect(Policy).toMatchObject({ AttachmentCount: 1, PermissionsBoundaryUsageCount: 0, Tags: [] });
  expect(await handlers.ListEntitiesForPolicy({ PolicyArn }, call)).toMatchObject({
    PolicyRoles: [{ RoleName: 'orders' }],
    PolicyUsers: [],
    PolicyGroups: [],
  });
  expect(await refusal(handlers.DeletePolicy({ PolicyArn }, call))).toBe(
    'DeleteConflictException: Cannot delete a policy attached to entities.',
  );
  await handlers.DetachRolePolicy({ RoleName: 'orders', PolicyArn }, call);
  await handlers.DeletePolicy({ PolicyArn }, call);
});

const UNKNOWN: readonly { arn: string; expected: string }[] = [
  {
    arn: 'arn:aws:iam::aws:policy/NoSuchPolicy',
    expected:
      'NoSuchEntityException: Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.',
  },
  {
    arn: 'arn:aws:iam::123456789012:policy/nope',
    expected:
      'NoSuchEntityException: Policy arn:aws:iam::123456789012:policy/nope does not exist or is not attachable.',
  },
  { arn: 'longpolicynamebutnoarn', expected: 'ValidationError: ARN longpolicynamebutnoarn is not valid.' },
];

for (const { arn, expected } of UNKNOWN)
  test(`attaching ${arn} is refused`, async () => {
    const { handlers } = startTestIam();
    await handlers.CreateRole({ RoleName: 'orders', AssumeRolePolicyDocument: trustingLambda }, call);
    expect(await refusal(handlers.AttachRolePolicy({ RoleName: 'orders', PolicyArn: arn }, call))).toBe(
      expected,
    );
  });

test('every policy of the catalogue is one', () => {
  for (const { statements } of catalogue) checkIdentityPolicy(policy(...statements));
  expect(new Set(catalogue.map((entry) => entry.name)).size).toBe(catalogue.length);
});

test('AWS\u2019s policies are listed apart from one\u2019s own', async () => {
  const { handlers } = await startPolicy();
  const names = async (Scope: 'AWS' | 'Local') =>
    (await handlers.ListPolicies({ Scope, MaxItems: 1000 }, call)).Policies?.map((one) => one.PolicyName);
  expect(await names('Local')).toEqual(['own']);
  expect(await names('AWS')).toHaveLength(catalogue.length);
});
