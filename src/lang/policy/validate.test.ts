import { expect, test } from 'bun:test';
import { PolicyError } from './document.ts';
import { validatePolicy } from './validate.ts';

const S = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::example_bucket' };
const policy = (statement: unknown, more: object = {}): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statement, ...more });

const SYNTAX = 'Syntax errors in policy.';
const ACTIONS = 'Policy statement must contain actions.';
const RESOURCES = 'Policy statement must contain resources.';
const LEGACY = 'The policy failed legacy parsing';
const VENDOR = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';

const rows: [name: string, text: string, message: string | null][] = [
  ['a good one', policy(S), null],
  ['a list of statements', policy([S, { ...S, Sid: 'a' }]), null],
  ['every resource', policy({ ...S, Resource: '*' }), null],
  ['not JSON', 'This is not a json document', SYNTAX],
  ['JSON but no object', '[]', SYNTAX],
  ['no such version', policy(S, { Version: '2013-10-17' }), SYNTAX],
  ['no statement', JSON.stringify({ Version: '2012-10-17' }), SYNTAX],
  ['no statements', policy([]), SYNTAX],
  ['a statement that is text', policy(['afd']), SYNTAX],
  ['an unknown member', policy(S, { Extra: 'x' }), SYNTAX],
  ['an unknown member of a statement', policy({ ...S, Extra: 'x' }), SYNTAX],
  ['an id that is no text', policy(S, { Id: {} }), SYNTAX],
  ['no effect', policy({ Action: 's3:*', Resource: '*' }), SYNTAX],
  ['another effect', policy({ ...S, Effect: 'invalid' }), SYNTAX],
  ['an action without a vendor', policy({ ...S, Action: 'invalid' }), VENDOR],
  ['an empty action', policy({ Effect: 'Allow', NotAction: '', Resource: '*' }), VENDOR],
  ['a vendor with a blank', policy({ ...S, Action: 'a a:ListBucket' }), 'Vendor a a is not valid'],
  ['two colons', policy({ ...S, Action: 's3:List:Bucket' }), 'Actions/Condition can contain only one colon.'],
  [
    'a resource that is no ARN',
    policy({ ...S, Resource: 'invalid resource' }),
    'Resource invalid resource must be in ARN format or "*".',
  ],
  ['an empty resource', policy({ ...S, Resource: '' }), 'Resource  must be in ARN format or "*".'],
  [
    'a resource before an action',
    policy({ ...S, Action: 's:3:ListBucket', Resource: 'sdfsadf' }),
    'Resource sdfsadf must be in ARN format or "*".',
  ],
  [
    'another partition',
    policy({ ...S, Resource: 'a:bsdfdsafsad' }),
    'Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".',
  ],
  [
    'another partition and a service',
    policy({ ...S, Resource: 'a:b:cadfsdf' }),
    'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".',
  ],
  [
    'another partition and all',
    policy({ ...S, Resource: 'a:b:c:d:e:f:g:h' }),
    'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".',
  ],
  [
    'a service for a partition',
    policy({ ...S, Resource: 'aws:s3:::example_bucket' }),
    'Partition "s3" is not valid for resource "arn:s3:::example_bucket:*".',
  ],
  ['no resources', policy({ Effect: 'Allow', Action: 's3:ListBucket' }), RESOURCES],
  ['an empty list of resources', policy({ ...S, Resource: [] }), RESOURCES],
  ['no actions', policy({ Effect: 'Allow', Resource: '*' }), ACTIONS],
  ['an empty list of actions', policy({ ...S, Action: [] }), ACTIONS],
  ['neither', policy({ Effect: 'Allow' }), ACTIONS],
  ['both Action and NotAction', policy({ ...S, NotAction: 's3:x' }), SYNTAX],
  ['both Resource and NotResource', policy({ ...S, NotResource: [] }), SYNTAX],
  ['a resource that is an object', policy({ ...S, Resource: { a: 'b' } }), SYNTAX],
  ['a list within a list', policy({ ...S, Action: [[]] }), SYNTAX],
  ['conditions as a list', policy({ ...S, Condition: [] }), SYNTAX],
  ['a condition that is text', policy({ ...S, Condition: { a: 'b' } }), SYNTAX],
  ['no such operator', policy({ ...S, Condition: { StringEqual: { k: 'v' } } }), SYNTAX],
  ['a date that is none', policy({ ...S, Condition: { DateGreaterThan: { k: '01T' } } }), LEGACY],
  ['an ARN with too few parts', policy({ ...S, Resource: 'arn:aws:s3::example_bucket' }), LEGACY],
  [
    'an S3 ARN with a region',
    policy({ ...S, Resource: 'arn:aws:s3:us-east-1::b' }),
    'Resource arn:aws:s3:us-east-1::b can not contain region information.',
  ],
  [
    'an IAM ARN with a region',
    policy({ ...S, Resource: 'arn:aws:iam:us-east-1::user/x' }),
    'IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.',
  ],
  [
    'an IAM path',
    policy({ ...S, Resource: 'arn:aws:iam:::example_bucket' }),
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.',
  ],
  [
    'an ARN that ends early',
    policy({ ...S, Resource: 'arn:aws' }),
    'Resource vendor must be fully qualified and cannot contain regexes.',
  ],
  [
    'two statements of one id',
    policy([
      { ...S, Sid: 'a' },
      { ...S, Sid: 'a' },
    ]),
    'Statement IDs (SID) in a single policy must be unique.',
  ],
  ['a principal', policy({ ...S, Principal: '*' }), 'Policy document should not specify a principal.'],
];

for (const [name, text, message] of rows)
  test(name, () => {
    if (message === null) expect(() => validatePolicy(text)).not.toThrow();
    else expect(() => validatePolicy(text)).toThrow(new PolicyError(message));
  });

test('a trust policy', () => {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  expect(() => validatePolicy(policy(trust), 'trust')).not.toThrow();
  expect(() => validatePolicy(policy({ ...trust, Resource: '*' }), 'trust')).toThrow(
    'Has prohibited field Resource',
  );
  expect(() => validatePolicy(policy({ Effect: 'Allow', Action: 'sts:AssumeRole' }), 'trust')).toThrow(
    SYNTAX,
  );
});
