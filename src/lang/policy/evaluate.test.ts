import { describe, expect, test } from 'bun:test';
import { compilePolicy } from './compile.ts';
import { evaluate, type PolicyRequest } from './evaluate.ts';
import type { Principal } from './principal.ts';

const ACCOUNT = '111122223333';
const user: Principal = {
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/div/ann`,
  userId: 'AIDAANN',
};
const session: Principal = {
  kind: 'assumed-role',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/s1`,
  userId: 'AROAREADER:s1',
};
const root: Principal = { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` };
const anonymous: Principal = { kind: 'anonymous' };
const lambdaService: Principal = { kind: 'service', service: 'apigateway.amazonaws.com' };

const document = (statement: object | object[], version = '2012-10-17'): object => ({
  Version: version,
  Statement: statement,
});

const request = (more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::bucket/a/b.txt',
  principal: user,
  ...more,
});

type Row = [name: string, statement: object | object[], expected: string, more?: Partial<PolicyRequest>];

const A = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const on = (Condition: object): object => ({ ...A, Condition });
const withContext = (context: PolicyRequest['context']): Partial<PolicyRequest> => ({ context });

const identityRows: Row[] = [
  ['exact action', A, 'Allow'],
  ['action in another case', { ...A, Action: 'S3:getobject' }, 'Allow'],
  ['action with a star', { ...A, Action: 's3:Get*' }, 'Allow'],
  ['action with a question mark', { ...A, Action: 's3:GetObjec?' }, 'Allow'],
  ['every action', { ...A, Action: '*' }, 'Allow'],
  ['another action', { ...A, Action: 's3:PutObject' }, 'ImplicitDeny'],
  ['a list of actions', { ...A, Action: ['s3:PutObject', 's3:Get*'] }, 'Allow'],
  ['NotAction names it', { Effect: 'Allow', NotAction: 's3:Get*', Resource: '*' }, 'ImplicitDeny'],
  ['NotAction names another', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }, 'Allow'],
  ['exact resource', { ...A, Resource: 'arn:aws:s3:::bucket/a/b.txt' }, 'Allow'],
  ['resource in another case', { ...A, Resource: 'arn:aws:s3:::Bucket/a/b.txt' }, 'ImplicitDeny'],
  ['a star crosses slashes', { ...A, Resource: 'arn:aws:s3:::bucket/*' }, 'Allow'],
  ['a star in the middle', { ...A, Resource: 'arn:aws:s3:::bucket/*.txt' }, 'Allow'],
  ['two stars', { ...A, Resource: 'arn:aws:s3:::b*/*/b.t?t' }, 'Allow'],
  [
    'a star does not cross the parts of an ARN',
    { ...A, Resource: 'arn:aws:*bucket/a/b.txt' },
    'ImplicitDeny',
  ],
  ['an incomplete ARN is completed', { ...A, Resource: 'arn:aws:s3' }, 'Allow'],
  ['an incomplete ARN with a star', { ...A, Resource: 'arn:aws:s*' }, 'Allow'],
  ['a star for the partition', { ...A, Resource: 'arn:*:s3:::bucket/*' }, 'Allow'],
  ['another resource', { ...A, Resource: 'arn:aws:s3:::other/*' }, 'ImplicitDeny'],
  [
    'NotResource names it',
    { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::bucket/*' },
    'ImplicitDeny',
  ],
  [
    'NotResource names another',
    { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::other/*' },
    'Allow',
  ],
  ['deny after allow', [A, { ...A, Effect: 'Deny' }], 'ExplicitDeny'],
  ['deny before allow', [{ ...A, Effect: 'Deny' }, A], 'ExplicitDeny'],
  ['deny of another action', [A, { ...A, Effect: 'Deny', Action: 's3:Put*' }], 'Allow'],
  [
    'variable in a resource',
    { ...A, Resource: 'arn:aws:s3:::bucket/${aws:username}/*' },
    'Allow',
    withContext({ 'aws:username': 'a' }),
  ],
  [
    'variable of another value',
    { ...A, Resource: 'arn:aws:s3:::bucket/${aws:username}/*' },
    'ImplicitDeny',
    withContext({ 'aws:username': 'z' }),
  ],
  ['variable without a value', { ...A, Resource: 'arn:aws:s3:::bucket/${aws:username}/*' }, 'ImplicitDeny'],
  ['variable with a default', { ...A, Resource: "arn:aws:s3:::bucket/${aws:username, 'a'}/*" }, 'Allow'],
  [
    'a value stands before the default',
    { ...A, Resource: "arn:aws:s3:::bucket/${aws:username, 'a'}/*" },
    'ImplicitDeny',
    withContext({ 'aws:username': 'z' }),
  ],
  [
    'a star in a value is only a star',
    { ...A, Resource: 'arn:aws:s3:::bucket/${aws:username}' },
    'ImplicitDeny',
    withContext({ 'aws:username': '*' }),
  ],
  [
    'a key of many values is no variable',
    { ...A, Resource: 'arn:aws:s3:::bucket/${aws:TagKeys}/*' },
    'ImplicitDeny',
    withContext({ 'aws:TagKeys': ['a', 'b'] }),
  ],
  ['${*} is a star', { ...A, Resource: 'arn:aws:s3:::bucket/${*}' }, 'ImplicitDeny'],
  [
    '${*} matches a star',
    { ...A, Resource: 'arn:aws:s3:::bucket/${*}' },
    'Allow',
    { resource: 'arn:aws:s3:::bucket/*' },
  ],
  [
    '${$} is a dollar',
    { ...A, Resource: 'arn:aws:s3:::bucket/${$}x' },
    'Allow',
    { resource: 'arn:aws:s3:::bucket/$x' },
  ],
];

describe('identity policies', () => {
  for (const [name, statement, expected, more] of identityRows)
    test(name, () => {
      const policy = compilePolicy(document(statement));
      expect(evaluate({ identity: [policy] }, request(more)).effect).toBe(expected as 'Allow');
    });

  test('policies of 2008 have no variables', () => {
    const policy = compilePolicy(
      document({ ...A, Resource: 'arn:aws:s3:::bucket/${aws:username}' }, '2008-10-17'),
    );
    const literal = request({
      resource: 'arn:aws:s3:::bucket/${aws:username}',
      context: { 'aws:username': 'x' },
    });
    expect(evaluate({ identity: [policy] }, literal).effect).toBe('Allow');
  });
});

/** Operator, value in the policy, value in the request, whether it holds. */
const operatorRows: [
  operator: string,
  policy: unknown,
  given: string | string[] | undefined,
  holds: boolean,
][] = [
  ['StringEquals', 'a', 'a', true],
  ['StringEquals', 'a', 'A', false],
  ['StringEquals', ['b', 'a'], 'a', true],
  ['StringEquals', 'a*', 'ab', false],
  ['StringEquals', 'a', undefined, false],
  ['StringNotEquals', 'a', 'b', true],
  ['StringNotEquals', ['a', 'b'], 'b', false],
  ['StringNotEquals', 'a', undefined, true],
  ['StringEqualsIgnoreCase', 'aB', 'Ab', true],
  ['StringNotEqualsIgnoreCase', 'aB', 'Ab', false],
  ['StringLike', 'a*c', 'abbc', true],
  ['StringLike', 'a?c', 'abbc', false],
  ['StringLike', '*', '', true],
  ['StringNotLike', 'a*', 'abc', false],
  ['StringNotLike', 'a*', undefined, true],
  ['StringEqualsIfExists', 'a', undefined, true],
  ['StringEqualsIfExists', 'a', 'b', false],
  ['StringNotEqualsIfExists', 'a', 'a', false],
  ['NumericEquals', '10', '10.0', true],
  ['NumericEquals', 10, '10', true],
  ['NumericEquals', '10', 'ten', false],
  ['NumericNotEquals', '10', '11', true],
  ['NumericNotEquals', '10', undefined, true],
  ['NumericLessThan', '10', '9', true],
  ['NumericLessThan', '10', '10', false],
  ['NumericLessThanEquals', '10', '10', true],
  ['NumericGreaterThan', '10', '11', true],
  ['NumericGreaterThan', '10', '9', false],
  ['NumericGreaterThanEquals', '10', '10', true],
  ['NumericGreaterThan', '10', undefined, false],
  ['DateEquals', '2026-01-01T00:00:00Z', '1767225600', true],
  ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', true],
  ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
  ['DateLessThanEquals', '2026-01-01', '2026-01-01T00:00:00Z', true],
  ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', false],
  ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', true],
  ['DateGreaterThanEquals', '2026', '2026-01-01T00:00:00Z', true],
  ['DateGreaterThan', '2026-01-01T00:00:00Z', 'soon', false],
  ['Bool', 'true', 'true', true],
  ['Bool', 'true', 'True', true],
  ['Bool', true, 'true', true],
  ['Bool', 'true', 'false', false],
  ['Bool', 'true', undefined, false],
  ['BoolIfExists', 'true', undefined, true],
  ['Null', 'true', undefined, true],
  ['Null', 'true', 'x', false],
  ['Null', 'false', 'x', true],
  ['Null', 'false', undefined, false],
  ['Null', 'true', [], true],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', true],
  ['BinaryEquals', 'QmluYXJ5', 'qmluYXJ5', false],
  ['IpAddress', '203.0.113.0/24', '203.0.113.77', true],
  ['IpAddress', '203.0.113.0/24', '203.0.114.1', false],
  ['IpAddress', '203.0.113.7', '203.0.113.7', true],
  ['IpAddress', ['10.0.0.0/8', '203.0.113.0/24'], '10.1.2.3', true],
  ['IpAddress', '2001:db8::/32', '2001:db8:1::1', true],
  ['IpAddress', '2001:db8::/32', '2001:db9::1', false],
  ['IpAddress', '0.0.0.0/0', '2001:db8::1', false],
  ['IpAddress', '::/0', '2001:db8::1', true],
  ['IpAddress', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1', true],
  ['IpAddress', '::ffff:1.2.3.4', '::ffff:102:304', true],
  ['IpAddress', '203.0.113.0/24', 'no address', false],
  ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', true],
  ['NotIpAddress', '203.0.113.0/24', '203.0.113.1', false],
  ['ArnLike', 'arn:aws:sns:*:111122223333:topic*', 'arn:aws:sns:eu-west-1:111122223333:topic-a', true],
  ['ArnLike', 'arn:aws:sns:*', 'arn:aws:sns:eu-west-1:111122223333:t', true],
  ['ArnLike', 'arn:aws:*:t', 'arn:aws:sns:eu-west-1:111122223333:t', false],
  ['ArnEquals', 'arn:aws:sns:*:*:t', 'arn:aws:sns:eu-west-1:111122223333:t', true],
  ['ArnNotLike', 'arn:aws:sns:*:*:t', 'arn:aws:sns:eu-west-1:111122223333:t', false],
  ['ArnNotEquals', 'arn:aws:sns:*:*:t', 'arn:aws:sns:eu-west-1:111122223333:u', true],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
  ['ForAllValues:StringEquals', ['a'], undefined, true],
  ['ForAllValues:StringEquals', ['a'], [], true],
  ['ForAllValues:StringNotEquals', ['a'], ['b', 'c'], true],
  ['ForAllValues:StringNotEquals', ['a'], ['a', 'c'], false],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'], true],
  ['ForAnyValue:StringEquals', ['a'], ['c', 'b'], false],
  ['ForAnyValue:StringEquals', ['a'], undefined, false],
  ['ForAnyValue:StringLike', ['a*'], ['c', 'ab'], true],
  ['ForAnyValue:StringNotEquals', ['a'], ['a', 'b'], true],
  ['ForAnyValue:StringNotEquals', ['a'], ['a'], false],
  ['ForAnyValue:StringNotEquals', ['a'], undefined, false],
  ['ForAnyValue:StringEqualsIfExists', ['a'], undefined, true],
  ['StringEquals', ['a'], ['b', 'a'], true],
  ['StringNotEquals', ['a'], ['b', 'a'], false],
  ['stringequals', 'a', 'a', true],
];

describe('condition operators', () => {
  for (const [operator, value, given, holds] of operatorRows)
    test(`${operator} ${JSON.stringify(value)} of ${JSON.stringify(given)}`, () => {
      const policy = compilePolicy(document(on({ [operator]: { 'Aws:TheKey': value } })));
      const context: PolicyRequest['context'] = given === undefined ? {} : { 'aws:thekey': given };
      expect(evaluate({ identity: [policy] }, request({ context })).effect).toBe(
        holds ? 'Allow' : 'ImplicitDeny',
      );
    });

  test('every operator and every key must hold', () => {
    const policy = compilePolicy(document(on({ StringEquals: { k: 'a', l: 'b' }, Bool: { m: 'true' } })));
    const effect = (context: Record<string, string>): string =>
      evaluate({ identity: [policy] }, request({ context })).effect;
    expect(effect({ k: 'a', l: 'b', m: 'true' })).toBe('Allow');
    expect(effect({ k: 'a', l: 'x', m: 'true' })).toBe('ImplicitDeny');
    expect(effect({ k: 'a', l: 'b', m: 'false' })).toBe('ImplicitDeny');
  });

  test('variables in values', () => {
    const policy = compilePolicy(document(on({ StringLike: { 's3:prefix': ['${aws:username}/*'] } })));
    const context = { 's3:prefix': 'ann/x', 'aws:username': 'ann' };
    expect(evaluate({ identity: [policy] }, request({ context })).effect).toBe('Allow');
    expect(evaluate({ identity: [policy] }, request({ context: { 's3:prefix': 'ann/x' } })).effect).toBe(
      'ImplicitDeny',
    );
  });
});

type Principals = [
  name: string,
  principal: unknown,
  who: Principal,
  sameAccount: boolean,
  identity: boolean,
  expected: string,
];

const principalRows: Principals[] = [
  ['everyone, a stranger', '*', anonymous, false, false, 'Allow'],
  ['everyone, in words', { AWS: '*' }, anonymous, false, false, 'Allow'],
  ['everyone, a user of the account', '*', user, true, false, 'Allow'],
  ['everyone, a user of another account', '*', user, false, false, 'ImplicitDeny'],
  ['everyone, a user whom his account lets', '*', user, false, true, 'Allow'],
  ['a user by ARN', { AWS: user.kind === 'user' ? user.arn : '' }, user, true, false, 'Allow'],
  ['a user by id', { AWS: 'AIDAANN' }, user, true, false, 'Allow'],
  ['another user', { AWS: `arn:aws:iam::${ACCOUNT}:user/bob` }, user, true, false, 'ImplicitDeny'],
  ['the account lets nobody in by itself', { AWS: ACCOUNT }, user, true, false, 'ImplicitDeny'],
  ['the account and an identity policy', { AWS: ACCOUNT }, user, true, true, 'Allow'],
  ['the account from outside', { AWS: `arn:aws:iam::${ACCOUNT}:root` }, user, false, true, 'Allow'],
  ['the account from outside, no identity policy', { AWS: ACCOUNT }, user, false, false, 'ImplicitDeny'],
  ['root of the account', { AWS: ACCOUNT }, root, true, false, 'Allow'],
  ['root of another account', { AWS: ACCOUNT }, root, false, false, 'Allow'],
  ['a role, its session', { AWS: `arn:aws:iam::${ACCOUNT}:role/path/Reader` }, session, true, false, 'Allow'],
  ['another role', { AWS: `arn:aws:iam::${ACCOUNT}:role/Writer` }, session, true, false, 'ImplicitDeny'],
  [
    'a session by ARN',
    { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/s1` },
    session,
    true,
    false,
    'Allow',
  ],
  [
    'another session',
    { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/s2` },
    session,
    true,
    false,
    'ImplicitDeny',
  ],
  ['a service', { Service: 'apigateway.amazonaws.com' }, lambdaService, true, false, 'Allow'],
  ['another service', { Service: 'events.amazonaws.com' }, lambdaService, true, false, 'ImplicitDeny'],
  ['a service is not an AWS principal', { AWS: ACCOUNT }, lambdaService, true, true, 'ImplicitDeny'],
  [
    'a federated principal',
    { Federated: 'accounts.google.com' },
    { kind: 'federated', provider: 'accounts.google.com' },
    true,
    false,
    'Allow',
  ],
  [
    'several kinds',
    { AWS: '999999999999', Service: ['events.amazonaws.com', 'apigateway.amazonaws.com'] },
    lambdaService,
    true,
    false,
    'Allow',
  ],
];

describe('resource policies', () => {
  const identityPolicy = compilePolicy(document(A));
  for (const [name, Principal, who, sameAccount, identity, expected] of principalRows)
    test(name, () => {
      const resource = compilePolicy(document({ ...A, Principal }), { kind: 'resource' });
      const policies = { resource, sameAccount, identity: identity ? [identityPolicy] : [] };
      expect(evaluate(policies, request({ principal: who })).effect).toBe(expected as 'Allow');
    });

  test('NotPrincipal denies all others, and a user whose account is not spared with it', () => {
    const arn = user.kind === 'user' ? user.arn : '';
    const sparing = (AWS: string[]) =>
      compilePolicy(
        document([
          { ...A, Principal: '*' },
          { ...A, Effect: 'Deny', NotPrincipal: { AWS } },
        ]),
        { kind: 'resource' },
      );
    const both = sparing([arn, arn.split(':')[4] ?? '']);
    expect(evaluate({ resource: both }, request()).effect).toBe('Allow');
    expect(evaluate({ resource: both }, request({ principal: session })).effect).toBe('ExplicitDeny');
    expect(evaluate({ resource: sparing([arn]) }, request()).effect).toBe('ExplicitDeny');
  });

  test('a key that cannot be read: no allow by it, and a deny all the same', () => {
    const unreadable = (key: string) => key === 's3:authtype';
    const allowing = compilePolicy(
      document({ ...A, Resource: '*', Condition: { StringNotEquals: { 's3:authType': 'x' } } }),
    );
    const denying = compilePolicy(
      document([
        { ...A, Resource: '*' },
        { ...A, Effect: 'Deny', Resource: '*', Condition: { StringEquals: { 's3:authType': 'x' } } },
      ]),
    );
    expect(evaluate({ identity: [allowing] }, request()).effect).toBe('Allow');
    expect(evaluate({ identity: [allowing] }, request({ unreadable })).effect).toBe('ImplicitDeny');
    expect(evaluate({ identity: [denying] }, request()).effect).toBe('Allow');
    expect(evaluate({ identity: [denying] }, request({ unreadable })).effect).toBe('ExplicitDeny');
  });

  test('a policy without resources means its own', () => {
    const resource = compilePolicy(document({ Effect: 'Allow', Principal: '*', Action: '*' }), {
      kind: 'resource',
    });
    expect(evaluate({ resource }, request()).effect).toBe('Allow');
  });

  test("Lambda's permission for one API", () => {
    const resource = compilePolicy(
      document({
        Sid: 'api',
        Effect: 'Allow',
        Principal: { Service: 'apigateway.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource: 'arn:aws:lambda:us-east-1:111122223333:function:f',
        Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:execute-api:us-east-1:111122223333:abc/*/GET/*' } },
      }),
      { kind: 'resource', name: 'f' },
    );
    const ask = (method: string): unknown =>
      evaluate(
        { resource },
        {
          action: 'lambda:InvokeFunction',
          resource: 'arn:aws:lambda:us-east-1:111122223333:function:f',
          principal: lambdaService,
          context: { 'aws:SourceArn': `arn:aws:execute-api:us-east-1:111122223333:abc/prod/${method}/x` },
        },
      );
    expect(ask('GET')).toEqual({
      effect: 'Allow',
      policy: 'resource',
      statement: { policyName: 'f', sid: 'api', index: 0 },
    });
    expect(ask('POST')).toEqual({ effect: 'ImplicitDeny', policy: 'resource' });
  });
});

describe('boundary and session', () => {
  const allow = compilePolicy(document(A));
  const other = compilePolicy(document({ ...A, Action: 's3:Put*' }));
  const deny = compilePolicy(document({ ...A, Effect: 'Deny', Sid: 'no' }));
  const granting = (Principal: unknown) => compilePolicy(document({ ...A, Principal }), { kind: 'resource' });
  const rows: [name: string, policies: Parameters<typeof evaluate>[0], who: Principal, expected: object][] = [
    ['both allow', { identity: [allow], boundary: allow }, user, { effect: 'Allow', policy: 'identity' }],
    [
      'the boundary does not allow',
      { identity: [allow], boundary: other },
      user,
      { effect: 'ImplicitDeny', policy: 'boundary' },
    ],
    [
      'the boundary allows alone',
      { identity: [other], boundary: allow },
      user,
      { effect: 'ImplicitDeny', policy: 'identity' },
    ],
    [
      'the boundary denies',
      { identity: [allow], boundary: deny },
      user,
      { effect: 'ExplicitDeny', policy: 'boundary' },
    ],
    [
      'the session allows too',
      { identity: [allow], session: [allow] },
      session,
      { effect: 'Allow', policy: 'identity' },
    ],
    [
      'the session does not allow',
      { identity: [allow], session: [other] },
      session,
      { effect: 'ImplicitDeny', policy: 'session' },
    ],
    [
      'the session denies',
      { identity: [allow], session: [deny] },
      session,
      { effect: 'ExplicitDeny', policy: 'session' },
    ],
    [
      'the resource names the user past the boundary',
      { resource: granting({ AWS: 'AIDAANN' }), boundary: other },
      user,
      { effect: 'Allow', policy: 'resource' },
    ],
    [
      'the resource names the session past both',
      {
        resource: granting({ AWS: 'arn:aws:sts::111122223333:assumed-role/Reader/s1' }),
        boundary: other,
        session: [other],
      },
      session,
      { effect: 'Allow', policy: 'resource' },
    ],
    [
      'the resource names the role, the boundary limits',
      { resource: granting({ AWS: `arn:aws:iam::${ACCOUNT}:role/Reader` }), boundary: other },
      session,
      { effect: 'ImplicitDeny', policy: 'identity' },
    ],
    [
      'the resource names the role, the session limits',
      {
        identity: [allow],
        resource: granting({ AWS: `arn:aws:iam::${ACCOUNT}:role/Reader` }),
        session: [other],
      },
      session,
      { effect: 'ImplicitDeny', policy: 'session' },
    ],
    [
      'a deny beats what the resource grants',
      { identity: [deny], resource: granting({ AWS: 'AIDAANN' }) },
      user,
      { effect: 'ExplicitDeny', policy: 'identity' },
    ],
    ['nothing at all', {}, user, { effect: 'ImplicitDeny', policy: 'identity' }],
    ['root needs no policy', {}, root, { effect: 'Allow', policy: 'identity' }],
    [
      'root of the account can be denied by the resource',
      { resource: compilePolicy(document({ ...A, Effect: 'Deny', Principal: '*' }), { kind: 'resource' }) },
      root,
      { effect: 'ExplicitDeny', policy: 'resource' },
    ],
  ];
  for (const [name, policies, principal, expected] of rows)
    test(name, () => expect(evaluate(policies, request({ principal }))).toMatchObject(expected));
});
