/**
 * Which of a model's constraints a service's front end really enforces, and with which code. A model says more than
 * AWS holds its callers to, and some services check in words of their own, further in.
 */

export type ConstraintKind = 'required' | 'length' | 'range' | 'pattern' | 'enum';

export interface Policy {
  readonly code: string;
  readonly enforced: readonly ConstraintKind[];
  readonly why: string;
  /** Before every path in the texts. */
  readonly pathPrefix?: (operation: string) => string;
  /** Shapes that are left to the service, with the reason. */
  readonly exempt?: Readonly<Record<string, string>>;
  /** What AWS enforces although its model does not say so: laid over the model's shapes by `scripts/models`. */
  readonly added?: Readonly<
    Record<string, { readonly min?: number; readonly max?: number; readonly pattern?: string }>
  >;
  /** A whole text in place of the usual one, where AWS has another. */
  readonly ownText?: (violation: Violation) => string | undefined;
}

export interface Violation {
  readonly operation: string;
  readonly kind: ConstraintKind;
  /** As shown: `tableName`, `tags.1.member.key`. */
  readonly path: string;
  readonly pattern: string | undefined;
}

const ALL: readonly ConstraintKind[] = ['required', 'length', 'range', 'pattern', 'enum'];

const policies: Readonly<Record<string, Policy>> = {
  apigateway: {
    code: 'ValidationException',
    enforced: ['required', 'enum'],
    why: 'The model has neither lengths nor patterns; the service checks values itself and answers BadRequestException. Enumerations are checked before it, with the operation in the path (recorded: putIntegrationInput.type).',
    pathPrefix: (operation) => `${lowerFirst(operation)}Input.`,
    exempt: {
      Op: 'Patch operations are checked with their path: "Invalid patch operation specified".',
    },
  },
  apigatewayv2: {
    code: 'BadRequestException',
    enforced: ['required', 'enum'],
    why: 'Lengths, ranges and patterns of this model are documentation: the service answers them in words of its own.',
  },
  lambda: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Recorded for functionName, role, handler, memorySize, timeout.',
    exempt: {
      Runtime: 'Answered by the service as InvalidParameterValueException, "... or be a valid ARN".',
    },
  },
  iam: {
    code: 'ValidationError',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html',
    ownText: ({ kind, path, pattern }) =>
      kind === 'pattern' && pattern === '[\\w+=,.@-]+'
        ? `The specified value for ${path} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`
        : undefined,
  },
  sts: {
    code: 'ValidationError',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html',
  },
  logs: {
    code: 'InvalidParameterException',
    enforced: ALL,
    why: 'Recorded for logGroupName and retentionInDays; the older operations know no ValidationException.',
  },
  cloudformation: {
    code: 'ValidationError',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html; the pattern of stack names is recorded in its answers.',
    added: { StackName: { min: 1, pattern: '[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*' } },
  },
  dynamodb: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Recorded in the tests of its emulators.',
    ownText: ({ operation, kind, path }) =>
      operation === 'CreateTable' && kind === 'required' && path === 'tableName'
        ? "The parameter 'TableName' is required but was not present in the request"
        : undefined,
  },
  acm: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Seen in the reports of its callers: https://github.com/hashicorp/terraform-provider-aws/issues/8525',
  },
  kinesis: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Recorded in the tests of its emulators.',
    exempt: {
      Data: 'How large a record may be is a setting of its stream.',
    },
  },
  dynamodbstreams: { code: 'ValidationException', enforced: ALL, why: 'As DynamoDB itself.' },
  events: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Recorded in the tests of its emulators.',
  },
  scheduler: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/scheduler/latest/APIReference/CommonErrors.html',
  },
  ssm: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Recorded in the tests of its emulators.',
  },
  secretsmanager: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html',
  },
  kms: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Recorded in the tests of its emulators.',
  },
  // SQS and SNS are left out: they check in words of their own.
  'cognito-idp': {
    code: 'InvalidParameterException',
    enforced: ALL,
    why: 'Seen in the reports of its callers: "1 validation error detected: Value ... at \'userPoolId\' failed to satisfy constraint" comes as InvalidParameterException.',
  },
  wafv2: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'Seen in the reports of its callers; what the service itself checks is WAFInvalidParameterException.',
  },
  stepfunctions: {
    code: 'ValidationException',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html',
    exempt: { Arn: 'Answered by the service as InvalidArn, with the ARN.' },
  },
  cloudwatch: {
    code: 'ValidationError',
    enforced: ALL,
    why: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html',
    exempt: { ExtendedStatistic: 'Checked by the service, which knows more of them than the pattern says.' },
  },
  xray: {
    code: 'InvalidRequestException',
    enforced: ALL,
    why: 'The one error for wrong input that its model has.',
  },
  // S3 is left out: it holds callers to nothing of its model before the operation itself does, in its own words.
};

export const policyOf = (serviceId: string): Policy | undefined => policies[serviceId];

/** AWS's front ends show member names as Java fields: the first letter small. */
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
