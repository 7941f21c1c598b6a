import { expect, test } from 'bun:test';
import { allow, callBy, policy, refusal, rootCall as call, startTestIam } from './testing/iam.ts';

async function startUser() {
  const service = startTestIam();
  const { User } = await service.handlers.CreateUser({ UserName: 'ann' }, call);
  const { AccessKey } = await service.handlers.CreateAccessKey({ UserName: 'ann' }, call);
  return { ...service, User, AccessKey, AccessKeyId: AccessKey?.AccessKeyId ?? '' };
}

test('a key is found by its id while it is active, and is its user\u2019s', async () => {
  const { handlers, findAccessKey, User, AccessKey, AccessKeyId } = await startUser();
  expect(AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  const expected = {
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    caller: {
      kind: 'user',
      account: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/ann',
      userId: User?.UserId ?? '',
      accessKeyId: AccessKeyId,
    },
  } as const;
  expect(await findAccessKey(AccessKeyId)).toEqual(expected);
  await handlers.UpdateAccessKey({ UserName: 'ann', AccessKeyId, Status: 'Inactive' }, call);
  expect(await findAccessKey(AccessKeyId)).toBeUndefined();
  expect(await findAccessKey('AKIAIOSFODNN7EXAMPLE')).toBeUndefined();
});

test('a renamed user keeps keys, groups and policies', async () => {
  const { handlers, findAccessKey, principalPolicies, AccessKeyId } = await startUser();
  await handlers.CreateGroup({ GroupName: 'readers' }, call);
  await handlers.AddUserToGroup({ GroupName: 'readers', UserName: 'ann' }, call);
  await handlers.AttachGroupPolicy(
    { GroupName: 'readers', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    call,
  );
  const inline = policy(allow('s3:GetObject'));
  await handlers.PutUserPolicy({ UserName: 'ann', PolicyName: 'p', PolicyDocument: inline }, call);
  await handlers.UpdateUser({ UserName: 'ann', NewUserName: 'anna', NewPath: '/team/' }, call);
  const key = await findAccessKey(AccessKeyId);
  expect(key?.caller.arn).toBe('arn:aws:iam::123456789012:user/team/anna');
  if (!key) throw new Error('the key is gone');
  expect(await principalPolicies(key.caller)).toMatchObject({
    identity: [inline, policy(allow('*'))],
    conditions: { 'aws:username': 'anna' },
  });
});

test('a user is deleted only when nothing is left of it', async () => {
  const { handlers, AccessKeyId } = await startUser();
  await handlers.CreateGroup({ GroupName: 'readers' }, call);
  await handlers.AddUserToGroup({ GroupName: 'readers', UserName: 'ann' }, call);
  await handlers.CreateLoginProfile({ UserName: 'ann', Password: 'x' }, call);
  const refused = () => refusal(handlers.DeleteUser({ UserName: 'ann' }, call));
  expect(await refused()).toBe(
    'DeleteConflictException: Cannot delete entity, must remove users from group first.',
  );
  expect(await refusal(handlers.DeleteGroup({ GroupName: 'readers' }, call))).toBe(
    'DeleteConflictException: Cannot delete entity, must remove users from group first.',
  );
  await handlers.RemoveUserFromGroup({ GroupName: 'readers', UserName: 'ann' }, call);
  expect(await refused()).toBe(
    'DeleteConflictException: Cannot delete entity, must delete access keys first.',
  );
  await handlers.DeleteAccessKey({ UserName: 'ann', AccessKeyId }, call);
  expect(await refused()).toBe(
    'DeleteConflictException: Cannot delete entity, must delete login profile first.',
  );
  await handlers.DeleteLoginProfile({ UserName: 'ann' }, call);
  await handlers.DeleteUser({ UserName: 'ann' }, call);
});

test('a call without a user\u2019s name means the caller', async () => {
  const { handlers, findAccessKey, AccessKeyId } = await startUser();
  const caller = (await findAccessKey(AccessKeyId))?.caller;
  if (!caller) throw new Error('the key is gone');
  expect((await handlers.GetUser({}, callBy(caller))).User?.UserName).toBe('ann');
  expect(await refusal(handlers.CreateAccessKey({}, call))).toBe(
    'ValidationError: Must specify userName when calling with non-User credentials',
  );
  await handlers.CreateAccessKey({}, callBy(caller));
  expect(await refusal(handlers.CreateAccessKey({}, callBy(caller)))).toBe(
    'LimitExceededException: Cannot exceed quota for AccessKeysPerUser: 2',
  );
});

test('tags: keys are the same in any case', async () => {
  const { handlers } = await startUser();
  const tag = (Key: string, Value: string) => ({ Key, Value });
  await handlers.TagUser({ UserName: 'ann', Tags: [tag('b', '1'), tag('a', '2')] }, call);
  await handlers.TagUser({ UserName: 'ann', Tags: [tag('B', '3')] }, call);
  expect((await handlers.ListUserTags({ UserName: 'ann' }, call)).Tags).toEqual([
    tag('B', '3'),
    tag('a', '2'),
  ]);
  expect(await refusal(handlers.TagUser({ UserName: 'ann', Tags: [tag('c', ''), tag('C', '')] }, call))).toBe(
    'InvalidInputException: Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  );
});
