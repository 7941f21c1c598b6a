/** Policies that resources carry, found by their ARN: through the operation that shows them to their owner. */
import { parseArn } from '../../base/arn.ts';
import { fieldsOf, type LookUp, textOf } from './requirement.ts';

type Find = (arn: string, lookUp: LookUp) => Promise<string | undefined>;

const lambda: Find = async (arn, lookUp) => {
  const [kind, name = '', qualifier] = (parseArn(arn)?.resource ?? '').split(':');
  if (kind !== 'function') return undefined;
  const input =
    qualifier === undefined ? { FunctionName: name } : { FunctionName: name, Qualifier: qualifier };
  return textOf((await lookUp('lambda', 'GetPolicy', input))?.['Policy']);
};

const s3: Find = async (arn, lookUp) => {
  const [bucket = ''] = (parseArn(arn)?.resource ?? '').split('/');
  return textOf((await lookUp('s3', 'GetBucketPolicy', { Bucket: bucket }))?.['Policy']);
};

const sqs: Find = async (arn, lookUp) => {
  const { account = '', resource = '' } = parseArn(arn) ?? {};
  const input = { QueueUrl: `http://localhost/${account}/${resource}`, AttributeNames: ['Policy'] };
  return textOf(fieldsOf((await lookUp('sqs', 'GetQueueAttributes', input))?.['Attributes'])?.['Policy']);
};

const sns: Find = async (arn, lookUp) => {
  const found = await lookUp('sns', 'GetTopicAttributes', { TopicArn: arn });
  return textOf(fieldsOf(found?.['Attributes'])?.['Policy']);
};

const kms: Find = async (arn, lookUp) => {
  if (parseArn(arn)?.resource.startsWith('key/') !== true) return undefined;
  return textOf((await lookUp('kms', 'GetKeyPolicy', { KeyId: arn, PolicyName: 'default' }))?.['Policy']);
};

const secretsManager: Find = async (arn, lookUp) =>
  textOf((await lookUp('secretsmanager', 'GetResourcePolicy', { SecretId: arn }))?.['ResourcePolicy']);

const events: Find = async (arn, lookUp) => {
  const resource = parseArn(arn)?.resource ?? '';
  if (!resource.startsWith('event-bus/')) return undefined;
  return textOf((await lookUp('events', 'DescribeEventBus', { Name: arn }))?.['Policy']);
};

/** A table's indexes and streams: the table's policy does not reach its streams. */
const dynamodb: Find = async (arn, lookUp) => {
  const ResourceArn = arn.replace(/\/index\/.*$/, '');
  return textOf((await lookUp('dynamodb', 'GetResourcePolicy', { ResourceArn }))?.['Policy']);
};

const kinesis: Find = async (arn, lookUp) =>
  textOf((await lookUp('kinesis', 'GetResourcePolicy', { ResourceARN: arn }))?.['Policy']);

const FINDERS: Readonly<Record<string, Find>> = {
  lambda,
  s3,
  sqs,
  sns,
  kms,
  secretsmanager: secretsManager,
  events,
  dynamodb,
  kinesis,
};

/** Undefined: it has none, or there is no such resource. */
export const findResourcePolicy: Find = async (arn, lookUp) => {
  const service = parseArn(arn)?.service ?? '';
  if (arn.includes('*') && service !== 's3') return undefined;
  return Object.hasOwn(FINDERS, service) ? FINDERS[service]?.(arn, lookUp) : undefined;
};
