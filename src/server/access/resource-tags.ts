/** The tags of the resource that a call is about, for `aws:ResourceTag/...`: read only when a policy asks. */
import { parseArn } from '../../base/arn.ts';
import { type Fields, fieldsOf, type LookUp } from './requirement.ts';
import { requestTags } from './request-tags.ts';

type Find = (arn: string, lookUp: LookUp) => Promise<unknown>;

const listed =
  (service: string, operation: string, argument: string, member: string): Find =>
  async (arn, lookUp) =>
    (await lookUp(service, operation, { [argument]: arn }))?.[member];

const iam: Find = async (arn, lookUp) => {
  const resource = parseArn(arn)?.resource ?? '';
  const name = resource.split('/').at(-1) ?? '';
  if (resource.startsWith('role/'))
    return (await lookUp('iam', 'ListRoleTags', { RoleName: name }))?.['Tags'];
  if (resource.startsWith('user/'))
    return (await lookUp('iam', 'ListUserTags', { UserName: name }))?.['Tags'];
  if (resource.startsWith('policy/'))
    return (await lookUp('iam', 'ListPolicyTags', { PolicyArn: arn }))?.['Tags'];
  return undefined;
};

/** `.../restapis/{id}/...`: the tags of the API. */
const apigateway: Find = async (arn, lookUp) => {
  const owner = /^(.*::\/(?:restapis|apis|apikeys|usageplans|domainnames|vpclinks)\/[^/]+)/.exec(arn)?.[1];
  if (owner === undefined) return undefined;
  const service = owner.includes('/apis/') ? 'apigatewayv2' : 'apigateway';
  return service === 'apigateway'
    ? (await lookUp(service, 'GetTags', { resourceArn: owner }))?.['tags']
    : (await lookUp(service, 'GetTags', { ResourceArn: owner }))?.['Tags'];
};

/** An object's tags go by a name of S3's own. */
const s3: Find = async (arn, lookUp) => {
  const [bucket = '', ...key] = (parseArn(arn)?.resource ?? '').split('/');
  if (key.length === 0) return undefined;
  return (await lookUp('s3', 'GetObjectTagging', { Bucket: bucket, Key: key.join('/') }))?.['TagSet'];
};

const FINDERS: Readonly<Record<string, Find>> = {
  lambda: async (arn, lookUp) =>
    (await lookUp('lambda', 'ListTags', { Resource: arn.split(':').slice(0, 7).join(':') }))?.['Tags'],
  iam,
  s3,
  apigateway,
  dynamodb: async (arn, lookUp) =>
    (
      await lookUp('dynamodb', 'ListTagsOfResource', {
        ResourceArn: arn.replace(/\/(index|stream)\/.*$/, ''),
      })
    )?.['Tags'],
  sqs: async (arn, lookUp) => {
    const { account = '', resource = '' } = parseArn(arn) ?? {};
    return (await lookUp('sqs', 'ListQueueTags', { QueueUrl: `http://localhost/${account}/${resource}` }))?.[
      'Tags'
    ];
  },
  sns: listed('sns', 'ListTagsForResource', 'ResourceArn', 'Tags'),
  events: listed('events', 'ListTagsForResource', 'ResourceARN', 'Tags'),
  states: listed('stepfunctions', 'ListTagsForResource', 'resourceArn', 'tags'),
  logs: async (arn, lookUp) =>
    (await lookUp('logs', 'ListTagsForResource', { resourceArn: arn.replace(/:(\*|log-stream:.*)$/, '') }))?.[
      'tags'
    ],
  kms: listed('kms', 'ListResourceTags', 'KeyId', 'Tags'),
  secretsmanager: listed('secretsmanager', 'DescribeSecret', 'SecretId', 'Tags'),
  acm: listed('acm', 'ListTagsForCertificate', 'CertificateArn', 'Tags'),
  'cognito-idp': listed('cognito-idp', 'ListTagsForResource', 'ResourceArn', 'Tags'),
  appsync: listed('appsync', 'ListTagsForResource', 'resourceArn', 'tags'),
  cloudformation: async (arn, lookUp) => {
    const stack = /:stack\/([^/]+)/.exec(arn)?.[1];
    const found =
      stack === undefined
        ? undefined
        : await lookUp('cloudformation', 'DescribeStacks', { StackName: stack });
    const [first] = Array.isArray(found?.['Stacks']) ? found['Stacks'] : [];
    return fieldsOf(first)?.['Tags'];
  },
};

/** Under which names a service's tags are asked for. */
function familiesOf(service: string): readonly string[] {
  if (service === 's3') return ['s3:ExistingObjectTag/'];
  const own = service === 'iam' || service === 'secretsmanager' ? [`${service}:ResourceTag/`] : [];
  return ['aws:ResourceTag/', ...own];
}

/** By `aws:ResourceTag/{key}`; null where tags of such resources cannot be read here. */
export async function resourceTags(arn: string, lookUp: LookUp): Promise<Record<string, string> | null> {
  const service = parseArn(arn)?.service ?? '';
  const find = Object.hasOwn(FINDERS, service) ? FINDERS[service] : undefined;
  if (find === undefined) return null;
  const found: Fields = { Tags: await find(arn, lookUp) };
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(requestTags(found)))
    if (typeof value === 'string')
      for (const family of familiesOf(service)) tags[key.replace('aws:RequestTag/', family)] = value;
  return tags;
}
