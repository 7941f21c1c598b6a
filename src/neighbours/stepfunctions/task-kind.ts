/** What a task's `Resource` asks for. https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html */
import { parseArn } from '../../base/arn.ts';

/** `request`: the answer is the result. `sync`: the job's end is awaited. `token`: somebody's word is awaited. */
export type Pattern = 'request' | 'sync' | 'token';

export type TaskKind =
  | { readonly kind: 'function'; readonly pattern: 'request'; readonly arn: string }
  | { readonly kind: 'activity'; readonly pattern: 'token'; readonly name: string }
  | ServiceTask;

export interface ServiceTask {
  readonly kind: 'service';
  readonly pattern: Pattern;
  /** As in the history: `lambda`, `aws-sdk:dynamodb`. */
  readonly resourceType: string;
  /** As in the history: `invoke.waitForTaskToken`. */
  readonly resource: string;
  /** Through the service's own operation, or one of the integrations with rules of their own. */
  readonly isSdk: boolean;
  /** Our id of the service. */
  readonly service: string;
  /** `SendMessage`. */
  readonly operation: string;
  /** Before the dot in error names. */
  readonly errorPrefix: string;
  /** `.sync:2` gives the child's output as JSON, `.sync` as text. */
  readonly isSecondSync: boolean;
}

interface Optimised {
  readonly service: string;
  readonly errorPrefix: string;
  readonly operations: Readonly<Record<string, readonly Pattern[]>>;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html, as far as the services are here. */
const OPTIMISED: Readonly<Record<string, Optimised>> = {
  lambda: { service: 'lambda', errorPrefix: 'Lambda', operations: { invoke: ['request', 'token'] } },
  sqs: { service: 'sqs', errorPrefix: 'SQS', operations: { sendMessage: ['request', 'token'] } },
  sns: { service: 'sns', errorPrefix: 'SNS', operations: { publish: ['request', 'token'] } },
  events: { service: 'events', errorPrefix: 'EventBridge', operations: { putEvents: ['request', 'token'] } },
  dynamodb: {
    service: 'dynamodb',
    errorPrefix: 'DynamoDB',
    operations: {
      getItem: ['request'],
      putItem: ['request'],
      updateItem: ['request'],
      deleteItem: ['request'],
    },
  },
  states: {
    service: 'stepfunctions',
    errorPrefix: 'StepFunctions',
    operations: { startExecution: ['request', 'sync', 'token'] },
  },
  apigateway: {
    service: 'apigateway',
    errorPrefix: 'ApiGateway',
    operations: { invoke: ['request', 'token'] },
  },
};

/** By the names of AWS's Java SDK in lower case, and the prefix of its exceptions. */
const SDK: Readonly<Record<string, readonly [service: string, errorPrefix: string]>> = {
  acm: ['acm', 'Acm'],
  apigateway: ['apigateway', 'ApiGateway'],
  apigatewayv2: ['apigatewayv2', 'ApiGatewayV2'],
  appsync: ['appsync', 'AppSync'],
  cloudformation: ['cloudformation', 'CloudFormation'],
  cloudwatch: ['cloudwatch', 'CloudWatch'],
  cloudwatchlogs: ['logs', 'CloudWatchLogs'],
  cognitoidentityprovider: ['cognito-idp', 'CognitoIdentityProvider'],
  dynamodb: ['dynamodb', 'DynamoDb'],
  dynamodbstreams: ['dynamodbstreams', 'DynamoDbStreams'],
  ec2: ['ec2', 'Ec2'],
  elasticloadbalancingv2: ['elbv2', 'ElasticLoadBalancingV2'],
  eventbridge: ['events', 'EventBridge'],
  iam: ['iam', 'Iam'],
  kinesis: ['kinesis', 'Kinesis'],
  kms: ['kms', 'Kms'],
  lambda: ['lambda', 'Lambda'],
  rdsdata: ['rds-data', 'RdsData'],
  resourcegroupstaggingapi: ['resourcegroupstaggingapi', 'ResourceGroupsTaggingApi'],
  route53: ['route53', 'Route53'],
  s3: ['s3', 'S3'],
  scheduler: ['scheduler', 'Scheduler'],
  secretsmanager: ['secretsmanager', 'SecretsManager'],
  servicediscovery: ['servicediscovery', 'ServiceDiscovery'],
  sfn: ['stepfunctions', 'Sfn'],
  sns: ['sns', 'Sns'],
  sqs: ['sqs', 'Sqs'],
  ssm: ['ssm', 'Ssm'],
  sts: ['sts', 'Sts'],
  wafv2: ['wafv2', 'Wafv2'],
  xray: ['xray', 'XRay'],
};

/** Undefined: there is no such integration here. */
export function kindOf(resource: string): TaskKind | undefined {
  const arn = parseArn(resource);
  if (arn?.service === 'lambda') return { kind: 'function', pattern: 'request', arn: resource };
  if (arn?.service !== 'states') return undefined;
  if (arn.resource.startsWith('activity:'))
    return { kind: 'activity', pattern: 'token', name: arn.resource.slice('activity:'.length) };
  const [first = '', ...rest] = arn.resource.split(':');
  return first === 'aws-sdk' ? sdkKind(rest) : optimisedKind(first, rest);
}

function sdkKind([name = '', action = '', ...more]: readonly string[]): ServiceTask | undefined {
  const [operation = '', suffix] = action.split('.');
  const known = Object.hasOwn(SDK, name) ? SDK[name] : undefined;
  if (known === undefined || more.length > 0 || operation === '') return undefined;
  if (suffix !== undefined && suffix !== 'waitForTaskToken') return undefined;
  const [service, errorPrefix] = known;
  return {
    kind: 'service',
    pattern: suffix === undefined ? 'request' : 'token',
    resourceType: `aws-sdk:${name}`,
    resource: action,
    isSdk: true,
    service,
    operation: upperFirst(operation),
    errorPrefix,
    isSecondSync: false,
  };
}

function optimisedKind(name: string, rest: readonly string[]): ServiceTask | undefined {
  const resource = rest.join(':');
  const [, operation = '', suffix] =
    /^([A-Za-z]+)(?:\.(sync|sync:2|waitForTaskToken))?$/.exec(resource) ?? [];
  const known = Object.hasOwn(OPTIMISED, name) ? OPTIMISED[name] : undefined;
  const pattern: Pattern = suffix === undefined ? 'request' : suffix.startsWith('sync') ? 'sync' : 'token';
  if (known?.operations[operation]?.includes(pattern) !== true) return undefined;
  return {
    kind: 'service',
    pattern,
    resourceType: name,
    resource,
    isSdk: false,
    service: known.service,
    operation: upperFirst(operation),
    errorPrefix: known.errorPrefix,
    isSecondSync: suffix === 'sync:2',
  };
}

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
