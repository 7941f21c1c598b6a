import { expect, test } from 'bun:test';
import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import {
  allow,
  callBy,
  policy,
  refusal,
  rootCall,
  startTestIam,
  trusting,
  trustingLambda,
} from '../iam/testing/iam.ts';
import { createSts } from './service.ts';

const ROLE = 'arn:aws:iam::123456789012:role/svc/orders';

async function start(trust: string) {
  const iam = startTestIam();
  const sts = createSts(iam.ports);
  await iam.handlers.CreateUser({ UserName: 'ann' }, rootCall);
  const { AccessKey } = await iam.handlers.CreateAccessKey({ UserName: 'ann' }, rootCall);
  const ann = (await iam.findAccessKey(AccessKey?.AccessKeyId ?? ''))?.caller;
  if (!ann) throw new Error('no key');
  const role = { RoleName: 'orders', Path: '/svc/', AssumeRolePolicyDocument: trust };
  await iam.handlers.CreateRole({ ...role, Tags: [{ Key: 'team', Value: 'x' }] }, rootCall);
  const assume = (more: Partial<AssumeRoleRequest> = {}, call = callBy(ann)) =>
    sts.handlers.AssumeRole({ RoleArn: ROLE, RoleSessionName: 'job', ...more }, call);
  return { iam, sts, ann, assume };
}

const ANN = 'arn:aws:iam::123456789012:user/ann';

test('an assumed role has credentials that are found, its role\u2019s policies and its own tags', async () => {
  const { iam, assume } = await start(
    trusting({ AWS: 'arn:aws:iam::123456789012:root' }, { Action: ['sts:AssumeRole', 'sts:TagSession'] }),
  );
  const document = policy(allow('s3:GetObject'));
  await iam.handlers.PutRolePolicy(
    { RoleName: 'orders', PolicyName: 'p', PolicyDocument: document },
    rootCall,
  );
  const answer = await assume(
    { Tags: [{ Key: 'step', Value: '1' }], Policy: policy(allow('s3:*')) },
    rootCall,
  );
  const key = await iam.findAccessKey(answer.Credentials?.AccessKeyId ?? '');
  expect(answer).toMatchObject({
    AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/orders/job' },
    Credentials: {
      AccessKeyId: expect.stringMatching(/^ASIA/),
      Expiration: new Date('2026-01-02T04:04:05Z'),
    },
  });
  expect(key).toMatchObject({
    secretAccessKey: answer.Credentials?.SecretAccessKey ?? '',
    sessionToken: answer.Credentials?.SessionToken ?? '',
    expiresAt: iam.clock.ms + 3_600_000,
    caller: {
      kind: 'assumed-role',
      arn: answer.AssumedRoleUser?.Arn ?? '',
      userId: answer.AssumedRoleUser?.AssumedRoleId ?? '',
    },
  });
  if (!key) throw new Error('no key');
  expect(await iam.principalPolicies(key.caller)).toEqual({
    identity: [document],
    session: [policy(allow('s3:*'))],
    conditions: expect.objectContaining({
      'aws:PrincipalTag/team': 'x',
      'aws:PrincipalTag/step': '1',
      'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/svc/orders',
      'aws:PrincipalType': 'AssumedRole',
      'aws:MultiFactorAuthPresent': 'false',
    }),
  });
});

const TRUST: readonly {
  name: string;
  trust: string;
  input?: Partial<AssumeRoleRequest>;
  allowed: boolean;
}[] = [
  { name: 'the user itself is trusted', trust: trusting({ AWS: ANN }), allowed: true },
  {
    name: 'only the account is trusted, and the user has no policy',
    trust: trusting({ AWS: '123456789012' }),
    allowed: false,
  },
  { name: 'only a service is trusted', trust: trustingLambda, allowed: false },
  {
    name: 'the external id is right',
    trust: trusting({ AWS: ANN }, { Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } }),
    input: { ExternalId: 'x1' },
    allowed: true,
  },
  {
    name: 'the external id is wrong',
    trust: trusting({ AWS: ANN }, { Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } }),
    input: { ExternalId: 'x2' },
    allowed: false,
  },
  {
    name: 'the role is not there',
    trust: trusting({ AWS: ANN }),
    input: { RoleArn: `${ROLE}2` },
    allowed: false,
  },
];

for (const { name, trust, input, allowed } of TRUST)
  test(`${name}: ${allowed ? 'assumed' : 'refused'}`, async () => {
    // The user exists before the role that trusts it.
    const { assume } = await start(trust);
    const refused = `AccessDenied: User: ${ANN} is not authorized to perform: sts:AssumeRole on resource: ${input?.RoleArn ?? ROLE}`;
    if (allowed) expect(await assume(input)).toHaveProperty('Credentials');
    else expect(await refusal(assume(input))).toBe(refused);
  });

test('an account that is trusted leaves it to its users\u2019 policies', async () => {
  const { iam, assume } = await start(trusting({ AWS: 'arn:aws:iam::123456789012:root' }));
  const PolicyDocument = policy(allow('sts:AssumeRole', ROLE));
  await iam.handlers.PutUserPolicy({ UserName: 'ann', PolicyName: 'p', PolicyDocument }, rootCall);
  expect(await assume()).toHaveProperty('Credentials');
});

test('a session lasts no longer than the role allows, and an hour in a chain', async () => {
  const { assume, iam } = await start(trusting('*'));
  expect(await refusal(assume({ DurationSeconds: 3601 }))).toBe(
    'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
  await iam.handlers.UpdateRole({ RoleName: 'orders', MaxSessionDuration: 7200 }, rootCall);
  const { Credentials } = await assume({ DurationSeconds: 7200 });
  const first = await iam.findAccessKey(Credentials?.AccessKeyId ?? '');
  if (!first) throw new Error('no key');
  expect(await refusal(assume({ DurationSeconds: 7200 }, callBy(first.caller)))).toBe(
    'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
  );
});

test('sessions of a role that was deleted do not live on in a new one', async () => {
  const { iam, assume } = await start(trusting('*'));
  const { Credentials } = await assume();
  await iam.handlers.DeleteRole({ RoleName: 'orders' }, rootCall);
  const again = { RoleName: 'orders', Path: '/svc/', AssumeRolePolicyDocument: trusting('*') };
  await iam.handlers.CreateRole(again, rootCall);
  const PolicyDocument = policy(allow('*'));
  await iam.handlers.PutRolePolicy({ RoleName: 'orders', PolicyName: 'p', PolicyDocument }, rootCall);
  const key = await iam.findAccessKey(Credentials?.AccessKeyId ?? '');
  if (!key) throw new Error('no key');
  expect((await iam.principalPolicies(key.caller)).identity).toEqual([]);
});

test('a function\u2019s environments share credentials of their role', async () => {
  const { iam, sts } = await start(trustingLambda);
  const first = await sts.roleCredentials(ROLE, 'fn');
  expect(await sts.roleCredentials(ROLE, 'fn')).toEqual(first);
  expect(await sts.roleCredentials(ROLE, 'other')).not.toEqual(first);
  expect((await iam.findAccessKey(first.accessKeyId))?.caller.arn).toBe(
    'arn:aws:sts::123456789012:assumed-role/orders/fn',
  );
  iam.clock.ms += 13 * 3600 * 1000;
  expect(await sts.roleCredentials(ROLE, 'fn')).not.toEqual(first);
  expect(await sts.roleTrusts(ROLE, 'lambda.amazonaws.com')).toBe(true);
  expect(await sts.roleTrusts(ROLE, 'events.amazonaws.com')).toBe(false);
  expect(await sts.roleTrusts(`${ROLE}2`, 'lambda.amazonaws.com')).toBe(false);
});

test('sessions that are long over are swept', async () => {
  const { iam, assume } = await start(trusting('*'));
  const { Credentials } = await assume();
  const id = Credentials?.AccessKeyId ?? '';
  iam.clock.ms += 24 * 3600 * 1000;
  await assume();
  expect(await iam.findAccessKey(id)).toBeDefined();
  iam.clock.ms += 3600 * 1000;
  await assume();
  expect(await iam.findAccessKey(id)).toBeUndefined();
});

test('who calls: root, user, session', async () => {
  const { sts, ann } = await start(trustingLambda);
  expect(await sts.handlers.GetCallerIdentity({}, rootCall)).toEqual({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:root',
    UserId: '123456789012',
  });
  expect(await sts.handlers.GetCallerIdentity({}, callBy(ann))).toMatchObject({ Arn: ANN });
});

test('a federated user may do nothing without a policy of its own', async () => {
  const { iam, sts, ann } = await start(trustingLambda);
  const { Credentials, FederatedUser } = await sts.handlers.GetFederationToken(
    { Name: 'guest' },
    callBy(ann),
  );
  expect(FederatedUser?.Arn).toBe('arn:aws:sts::123456789012:federated-user/guest');
  const key = await iam.findAccessKey(Credentials?.AccessKeyId ?? '');
  if (!key) throw new Error('no key');
  expect((await iam.principalPolicies(key.caller)).session).toEqual([]);
  expect(await refusal(sts.handlers.GetSessionToken({}, callBy(key.caller)))).toBe(
    'AccessDenied: Cannot call GetSessionToken with session credentials',
  );
});
