/** Random policies and requests that have much to do with one another, so that most rules are met. Seeded. */
import type { Principal } from '../principal.ts';
import type { ReferencePolicies, ReferenceRequest } from './reference.ts';

export interface Case {
  readonly policies: ReferencePolicies;
  readonly request: ReferenceRequest & { readonly principal: Principal };
}

const ACCOUNT = '111122223333';
const OTHER = '444455556666';
const USER = `arn:aws:iam::${ACCOUNT}:user/ann`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/Deploy/s1`;

const PRINCIPALS: readonly Principal[] = [
  { kind: 'user', account: ACCOUNT, arn: USER, userId: 'AIDAANN' },
  { kind: 'user', account: OTHER, arn: `arn:aws:iam::${OTHER}:user/bob`, userId: 'AIDABOB' },
  { kind: 'assumed-role', account: ACCOUNT, arn: SESSION, userId: 'AROADEPLOY:s1' },
  { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` },
  { kind: 'service', service: 'apigateway.amazonaws.com' },
  { kind: 'federated', provider: 'arn:aws:iam::111122223333:oidc-provider/issuer' },
  { kind: 'anonymous' },
];
const PRINCIPAL_ELEMENTS: readonly unknown[] = [
  '*',
  { AWS: '*' },
  { AWS: ACCOUNT },
  { AWS: [`arn:aws:iam::${ACCOUNT}:root`, USER] },
  { AWS: USER },
  { AWS: ['AIDABOB', SESSION] },
  { AWS: `arn:aws:iam::${ACCOUNT}:role/path/Deploy` },
  { AWS: 'AROADEPLOY' },
  { Service: 'apigateway.amazonaws.com', AWS: OTHER },
  { Federated: 'arn:aws:iam::111122223333:oidc-provider/issuer' },
];
const ACTIONS = ['s3:GetObject', 's3:PutObject', 'execute-api:Invoke', 'iam:PassRole'];
const ACTION_PATTERNS = [
  ...ACTIONS,
  '*',
  's3:*',
  'S3:get*',
  's3:?utObject',
  '*:Invoke',
  's3:GetObject*',
  'x:*',
];
const RESOURCES = [
  'arn:aws:s3:::bucket/ann/a.txt',
  'arn:aws:s3:::bucket/bob/*',
  `arn:aws:execute-api:us-east-1:${ACCOUNT}:abc/prod/GET/pets`,
  `arn:aws:execute-api:us-east-1:${ACCOUNT}:abc/prod/POST/pets/1:2`,
  `arn:aws:iam::${ACCOUNT}:role/Deploy`,
  '*',
];
const RESOURCE_PATTERNS = [
  ...RESOURCES,
  'arn:aws:s3:::bucket/*',
  'arn:aws:s3:::*/a.txt',
  'arn:aws:s3:::bucket/${aws:username}/*',
  "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'bob'}/?",
  'arn:aws:s3:::bucket/${*}',
  'arn:aws:execute-api:*:*:abc/prod/*/pets',
  'arn:aws:execute-api:us-east-1:*:abc/*',
  `arn:*:execute-api:us-????-1:${ACCOUNT}:*`,
  'arn:aws:s3',
  '*a*',
  'arn:aws:*:::*',
];
const CONTEXT: Readonly<Record<string, readonly (string | readonly string[])[]>> = {
  'aws:username': ['ann', 'bob', 'Ann'],
  'aws:PrincipalTag/team': ['red', 'blue'],
  'aws:SourceIp': ['10.1.2.3', '192.168.0.9'],
  'aws:SecureTransport': ['true', 'false'],
  'aws:CurrentTime': ['2026-01-01T00:00:00Z', '2026-06-01T12:00:00Z'],
  's3:max-keys': ['1', '10', '100'],
  'aws:TagKeys': [['a', 'b'], ['a'], ['c']],
  'aws:SourceArn': [`arn:aws:execute-api:us-east-1:${ACCOUNT}:abc/prod`, 'arn:aws:s3:::bucket'],
};
/** Operators by the key they make sense with, with values. */
const CONDITIONS: readonly [key: string, operators: readonly string[], values: readonly string[]][] = [
  [
    'aws:username',
    [
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'StringNotLike',
      'StringEqualsIgnoreCase',
      'StringNotEqualsIgnoreCase',
    ],
    ['ann', 'BOB', 'a*', '${aws:username}', '${aws:PrincipalTag/team}', '?nn'],
  ],
  [
    'AWS:PrincipalTag/TEAM',
    ['StringEquals', 'StringNotEquals', 'StringLike'],
    ['red', 'b*', '${aws:username}'],
  ],
  ['aws:SourceIp', ['IpAddress', 'NotIpAddress'], ['10.0.0.0/8', '192.168.0.9', '0.0.0.0/0']],
  ['aws:SecureTransport', ['Bool'], ['true', 'False']],
  [
    'aws:CurrentTime',
    ['DateLessThan', 'DateGreaterThan', 'DateEquals', 'DateNotEquals'],
    ['2026-03-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ],
  [
    's3:max-keys',
    [
      'NumericEquals',
      'NumericNotEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
    ['1', '10', '50'],
  ],
  ['aws:TagKeys', ['StringEquals', 'StringNotEquals', 'StringLike'], ['a', 'b', '?', 'c*']],
  [
    'aws:SourceArn',
    ['ArnLike', 'ArnEquals', 'ArnNotLike'],
    ['arn:aws:execute-api:*:*:abc/*', 'arn:aws:s3:::bucket', 'arn:aws:s3:::*'],
  ],
];

/** mulberry32. */
export function randomCases(seed: number): () => Case {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // never empty
  const some = <T>(list: readonly T[]): T | T[] => (chance(0.6) ? pick(list) : [pick(list), pick(list)]);

  const condition = (): object => {
    const [key, operators, values] = pick(CONDITIONS);
    if (chance(0.1)) return { Null: { [key]: pick(['true', 'false']) } };
    const set = key === 'aws:TagKeys' || chance(0.1) ? pick(['ForAllValues:', 'ForAnyValue:', '']) : '';
    return { [`${set}${pick(operators)}${chance(0.2) ? 'IfExists' : ''}`]: { [key]: some(values) } };
  };
  const statement = (kind: 'identity' | 'resource'): object => ({
    Effect: chance(0.75) ? 'Allow' : 'Deny',
    [chance(0.9) ? 'Action' : 'NotAction']: chance(0.35) ? '*' : some(ACTION_PATTERNS),
    ...(kind === 'identity' || chance(0.9)
      ? { [chance(0.9) ? 'Resource' : 'NotResource']: chance(0.35) ? '*' : some(RESOURCE_PATTERNS) }
      : {}),
    ...(kind === 'resource'
      ? { [chance(0.85) ? 'Principal' : 'NotPrincipal']: pick(PRINCIPAL_ELEMENTS) }
      : {}),
    ...(chance(0.4) ? { Condition: { ...condition(), ...(chance(0.3) ? condition() : {}) } } : {}),
  });
  const policy = (kind: 'identity' | 'resource') => ({
    ...(chance(0.85) ? { Version: '2012-10-17' } : {}),
    Statement: chance(0.3)
      ? statement(kind)
      : Array.from({ length: 1 + Math.floor(random() * 3) }, () => statement(kind)),
  });
  const context = (): Record<string, string | readonly string[]> =>
    Object.fromEntries(
      Object.entries(CONTEXT).flatMap(([key, values]) => (chance(0.7) ? [[key, pick(values)]] : [])),
    );

  return () => ({
    policies: {
      identity: Array.from({ length: Math.floor(random() * 3) }, () => policy('identity')),
      resource: chance(0.5) ? policy('resource') : undefined,
      boundary: chance(0.2) ? policy('identity') : undefined,
      session: chance(0.2)
        ? Array.from({ length: Math.floor(random() * 2) }, () => policy('identity'))
        : undefined,
      sameAccount: chance(0.7),
    },
    request: {
      action: pick(ACTIONS),
      resource: pick(RESOURCES),
      principal: pick(PRINCIPALS),
      context: context(),
    },
  });
}
