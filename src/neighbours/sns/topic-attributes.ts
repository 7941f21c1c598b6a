/** Attributes of topics. https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html */
import type { Scope } from '../../base/scope.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import { invalidParameter, invalidReason } from './fault.ts';
import { topicArn } from './topic-row.ts';

export type Attributes = Readonly<Record<string, string>>;

const bool = (value: string): boolean => value === 'true' || value === 'false';
const json = (value: string): boolean => {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
};
const policy = (value: string): boolean => {
  try {
    compilePolicy(value, { kind: 'resource' });
    return true;
  } catch {
    return false;
  }
};
const any = (): boolean => true;
const rate = (value: string): boolean => /^\d+$/.test(value) && Number(value) <= 100;

/** Logs of deliveries are settings that are recorded: nothing is written for them. */
const FEEDBACK = ['HTTP', 'SQS', 'Lambda', 'Firehose', 'Application'].flatMap((kind) => [
  [`${kind}SuccessFeedbackRoleArn`, any] as const,
  [`${kind}FailureFeedbackRoleArn`, any] as const,
  [`${kind}SuccessFeedbackSampleRate`, rate] as const,
]);

const CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  DisplayName: (value) => value.length <= 100,
  Policy: policy,
  DeliveryPolicy: (value) => value === '' || json(value),
  KmsMasterKeyId: any,
  SignatureVersion: (value) => value === '1' || value === '2',
  TracingConfig: (value) => value === 'PassThrough' || value === 'Active',
  FifoTopic: bool,
  ContentBasedDeduplication: bool,
  FifoThroughputScope: (value) => value === 'Topic' || value === 'MessageGroup',
  ...Object.fromEntries(FEEDBACK),
};

const FIFO_ONLY = new Set(['ContentBasedDeduplication', 'FifoThroughputScope']);

/** Throws InvalidParameter; an archive is refused by name. */
export function checkAttribute(name: string, value: string, isFifo: boolean): void {
  if (name === 'ArchivePolicy' && value !== '' && value !== '{}')
    throw invalidReason('ArchivePolicy', 'archives of messages: not supported by gatehouse');
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (check === undefined || (FIFO_ONLY.has(name) && !isFifo)) throw invalidParameter('AttributeName');
  if (!check(value))
    throw invalidReason(name, `Invalid value [${value.slice(0, 200)}] for attribute ${name}`);
}

/** What a topic without a policy has: its own account may do everything. */
export const defaultPolicy = (scope: Scope, name: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: topicArn(scope, name),
        Condition: { StringEquals: { 'AWS:SourceOwner': scope.account } },
      },
    ],
  });

export const EFFECTIVE_DELIVERY_POLICY = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
});
