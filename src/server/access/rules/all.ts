/** The services whose calls need more than the general reading. */
import type { ServiceRules } from '../requirement.ts';
import { cloudFormationRules } from './cloudformation.ts';
import { dynamoDbRules } from './dynamodb.ts';
import { iamRules } from './iam.ts';
import { kmsRules } from './kms.ts';
import { lambdaRules } from './lambda.ts';
import { logsRules } from './logs.ts';
import { eventsRules, schedulerRules, snsRules, sqsRules } from './messaging.ts';
import { s3Rules } from './s3.ts';
import { secretsManagerRules } from './secrets-manager.ts';
import { ssmRules } from './ssm.ts';

/** STS decides by trust policies, in its own operations; who one is, is told to all: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const stsRules: ServiceRules = {
  free: [
    'AssumeRole',
    'AssumeRoleWithSAML',
    'AssumeRoleWithWebIdentity',
    'GetCallerIdentity',
    'GetSessionToken',
  ],
  operations: {
    GetFederationToken: ({ input, scope }) => [
      {
        action: 'sts:GetFederationToken',
        resources: [`arn:aws:sts::${scope.account}:federated-user/${String(input['Name'])}`],
      },
    ],
  },
};

/** One's own user pool account is reached by its tokens, which the operations check: the caller is nobody IAM knows. */
const cognitoRules: ServiceRules = { members: { UserPoolId: ['UserPoolId'] } };

export const RULES: Readonly<Record<string, ServiceRules>> = {
  cloudformation: cloudFormationRules,
  'cognito-idp': cognitoRules,
  dynamodb: dynamoDbRules,
  events: eventsRules,
  iam: iamRules,
  kms: kmsRules,
  lambda: lambdaRules,
  logs: logsRules,
  s3: s3Rules,
  scheduler: schedulerRules,
  secretsmanager: secretsManagerRules,
  sns: snsRules,
  sqs: sqsRules,
  ssm: ssmRules,
  sts: stsRules,
  stepfunctions: { members: { StateMachineName: ['name'], ActivityName: ['name'] } },
  appsync: { members: { GraphQLAPIId: ['apiId'], ChannelNamespaceName: ['name'], FieldName: ['fieldName'] } },
  route53: { members: { Id: ['HostedZoneId', 'HealthCheckId', 'CollectionId'] } },
  servicediscovery: { members: { ServiceId: ['Id'], NamespaceId: ['Id'] } },
  cloudwatch: { members: { InsightRuleName: ['RuleName'], MetricStreamName: ['Name'] } },
  elbv2: {
    members: {
      TargetGroupName: ['Name'],
      LoadBalancerName: ['Name'],
      TargetGroupId: [],
      TrustStoreName: ['Name'],
    },
  },
  xray: { members: { SamplingRuleName: ['RuleName'] } },
};
