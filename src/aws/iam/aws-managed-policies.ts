/**
 * What AWS's managed policies allow, after https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 * Only what this catalogue has can be attached: a policy that nobody wrote down here cannot be judged.
 */
export interface CatalogueEntry {
  /** Path and name: `service-role/AWSLambdaBasicExecutionRole`. */
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
}

interface PolicyStatement {
  readonly Effect: 'Allow';
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

type More = Pick<PolicyStatement, 'Condition'> & { readonly Resource?: PolicyStatement['Resource'] };

const allow = (actions: string, { Resource = '*', Condition }: More = {}): PolicyStatement => {
  const list = actions.split(/\s+/).filter((action) => action !== '');
  const Action = list.length === 1 ? (list[0] ?? '') : list;
  return { Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) };
};

const entry = (
  name: string,
  version: number,
  description: string,
  ...statements: PolicyStatement[]
): CatalogueEntry => ({ name, version, description, statements });

const LOGS = 'logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents';

const passedTo = (services: readonly string[]): PolicyStatement['Condition'] => ({
  StringLike: { 'iam:PassedToService': services },
});

const lambdaExecution: readonly CatalogueEntry[] = [
  entry(
    'service-role/AWSLambdaBasicExecutionRole',
    1,
    'Provides write permissions to CloudWatch Logs.',
    allow(LOGS),
  ),
  entry(
    'service-role/AWSLambdaVPCAccessExecutionRole',
    3,
    'Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC - create, describe, delete network interfaces and write permissions to CloudWatch Logs.',
    allow(
      `${LOGS} ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface
       ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses`,
    ),
  ),
  entry(
    'service-role/AWSLambdaENIManagementAccess',
    2,
    'Provides minimum permissions for a Lambda function to manage ENIs (create, describe, delete) used by a VPC-enabled Lambda Function.',
    allow(
      `ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface
       ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses`,
    ),
  ),
  entry(
    'service-role/AWSLambdaDynamoDBExecutionRole',
    1,
    'Provides list and read access to DynamoDB streams and write permissions to CloudWatch logs.',
    allow(
      `dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams ${LOGS}`,
    ),
  ),
  entry(
    'service-role/AWSLambdaKinesisExecutionRole',
    2,
    'Provides list and read access to Kinesis streams and write permissions to CloudWatch logs.',
    allow(
      `kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator
       kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard ${LOGS}`,
    ),
  ),
  entry(
    'service-role/AWSLambdaSQSQueueExecutionRole',
    1,
    'Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.',
    allow(`sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes ${LOGS}`),
  ),
  entry(
    'service-role/AWSLambdaMSKExecutionRole',
    1,
    'Provides permissions required to access MSK Cluster within a VPC, manage ENIs (create, describe, delete) in the VPC and write permissions to CloudWatch Logs.',
    allow(
      `kafka:DescribeCluster kafka:DescribeClusterV2 kafka:GetBootstrapBrokers ec2:CreateNetworkInterface
       ec2:DescribeNetworkInterfaces ec2:DescribeVpcs ec2:DeleteNetworkInterface ec2:DescribeSubnets
       ec2:DescribeSecurityGroups ${LOGS}`,
    ),
  ),
  entry(
    'service-role/AWSLambdaRole',
    1,
    'Default policy for AWS Lambda service role.',
    allow('lambda:InvokeFunction'),
  ),
  entry(
    'AWSLambdaExecute',
    1,
    'Provides Put, Get access to S3 and full access to CloudWatch Logs.',
    allow('logs:*', { Resource: 'arn:aws:logs:*:*:*' }),
    allow('s3:GetObject s3:PutObject', { Resource: 'arn:aws:s3:::*' }),
  ),
  entry(
    'AWSLambdaInvocation-DynamoDB',
    1,
    'Provides read access to DynamoDB Streams.',
    allow('lambda:InvokeFunction'),
    allow('dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams'),
  ),
  entry(
    'CloudWatchLambdaInsightsExecutionRolePolicy',
    1,
    'Policy required for the Lambda Insights Extension',
    allow('logs:CreateLogGroup'),
    allow('logs:CreateLogStream logs:PutLogEvents', {
      Resource: 'arn:aws:logs:*:*:log-group:/aws/lambda-insights:*',
    }),
  ),
  entry(
    'service-role/AWSCodeDeployRoleForLambda',
    3,
    'Provides CodeDeploy service access to perform a Lambda deployment on your behalf.',
    allow(
      `cloudwatch:DescribeAlarms lambda:UpdateAlias lambda:GetAlias lambda:GetProvisionedConcurrencyConfig
       sns:Publish`,
    ),
    allow('s3:GetObject s3:GetObjectVersion', { Resource: 'arn:aws:s3:::*/CodeDeploy/*' }),
    allow('lambda:InvokeFunction', { Resource: 'arn:aws:lambda:*:*:function:CodeDeployHook_*' }),
  ),
];

const gateway: readonly CatalogueEntry[] = [
  entry(
    'service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    1,
    'Allows API Gateway to push logs to user\u2019s account.',
    allow(
      `logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogGroups logs:DescribeLogStreams logs:PutLogEvents
       logs:GetLogEvents logs:FilterLogEvents`,
    ),
  ),
  entry(
    'AmazonAPIGatewayAdministrator',
    1,
    'Provides full access to create/edit/delete APIs in Amazon API Gateway via the AWS Management Console.',
    allow('apigateway:*', { Resource: 'arn:aws:apigateway:*::/*' }),
  ),
  entry(
    'AmazonAPIGatewayInvokeFullAccess',
    2,
    'Provides full access to invoke APIs in Amazon API Gateway.',
    allow('execute-api:Invoke execute-api:ManageConnections', { Resource: 'arn:aws:execute-api:*:*:*' }),
  ),
  entry(
    'service-role/AWSAppSyncPushToCloudWatchLogs',
    1,
    'Allows AppSync to push logs to user\u2019s CloudWatch account.',
    allow(LOGS),
  ),
  entry(
    'AWSAppSyncInvokeFullAccess',
    1,
    'Provides full invoking access to the AppSync service - both through the console and independently',
    allow('appsync:GraphQL appsync:GetGraphqlApi appsync:ListGraphqlApis appsync:ListApiKeys'),
  ),
];

const administration: readonly CatalogueEntry[] = [
  entry('AdministratorAccess', 1, 'Provides full access to AWS services and resources.', allow('*')),
  entry(
    'IAMFullAccess',
    2,
    'Provides full access to IAM via the AWS Management Console.',
    allow(
      `iam:* organizations:DescribeAccount organizations:DescribeOrganization
       organizations:DescribeOrganizationalUnit organizations:DescribePolicy organizations:ListChildren
       organizations:ListParents organizations:ListPoliciesForTarget organizations:ListRoots
       organizations:ListPolicies organizations:ListTargetsForPolicy`,
    ),
  ),
  entry(
    'IAMReadOnlyAccess',
    4,
    'Provides read only access to IAM via the AWS Management Console.',
    allow(
      'iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* iam:List* iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy',
    ),
  ),
  entry(
    'IAMUserChangePassword',
    5,
    'Provides the ability for an IAM user to change their own password.',
    allow('iam:ChangePassword', {
      Resource: ['arn:aws:iam::*:user/${aws:username}', 'arn:aws:iam::*:user/*/${aws:username}'],
    }),
    allow('iam:GetAccountPasswordPolicy'),
  ),
];

/** `service:*` on everything. */
const full = (name: string, version: number, description: string, actions: string) =>
  entry(name, version, description, allow(actions));

const neighbours: readonly CatalogueEntry[] = [
  full(
    'AmazonDynamoDBFullAccess',
    15,
    'Provides full access to Amazon DynamoDB via the AWS Management Console.',
    `dynamodb:* dax:* application-autoscaling:DeleteScalingPolicy
     application-autoscaling:DeregisterScalableTarget application-autoscaling:DescribeScalableTargets
     application-autoscaling:DescribeScalingActivities application-autoscaling:DescribeScalingPolicies
     application-autoscaling:PutScalingPolicy application-autoscaling:RegisterScalableTarget
     cloudwatch:DeleteAlarms cloudwatch:DescribeAlarmHistory cloudwatch:DescribeAlarms
     cloudwatch:DescribeAlarmsForMetric cloudwatch:GetMetricStatistics cloudwatch:ListMetrics
     cloudwatch:PutMetricAlarm cloudwatch:GetMetricData iam:GetRole iam:ListRoles kms:DescribeKey kms:ListAliases
     sns:CreateTopic sns:DeleteTopic sns:ListSubscriptions sns:ListSubscriptionsByTopic sns:ListTopics
     sns:Subscribe sns:Unsubscribe sns:SetTopicAttributes lambda:CreateFunction lambda:ListFunctions
     lambda:ListEventSourceMappings lambda:CreateEventSourceMapping lambda:DeleteEventSourceMapping
     lambda:GetFunctionConfiguration lambda:DeleteFunction kinesis:ListStreams kinesis:DescribeStream
     kinesis:DescribeStreamSummary tag:GetResources`,
  ),
  full('AmazonDynamoDBFullAccess_v2', 1, 'Provides full access to Amazon DynamoDB.', 'dynamodb:* dax:*'),
  full(
    'AmazonDynamoDBReadOnlyAccess',
    13,
    'Provides read only access to Amazon DynamoDB via the AWS Management Console.',
    `dynamodb:BatchGetItem dynamodb:Describe* dynamodb:List* dynamodb:GetAbacStatus dynamodb:GetItem
     dynamodb:GetResourcePolicy dynamodb:Query dynamodb:Scan dynamodb:PartiQLSelect dax:Describe* dax:List*
     dax:GetItem dax:BatchGetItem dax:Query dax:Scan cloudwatch:DescribeAlarms cloudwatch:GetMetricStatistics
     cloudwatch:ListMetrics kms:DescribeKey kms:ListAliases tag:GetResources`,
  ),
  full(
    'AmazonS3FullAccess',
    2,
    'Provides full access to all buckets via the AWS Management Console.',
    's3:* s3-object-lambda:*',
  ),
  full(
    'AmazonS3ReadOnlyAccess',
    3,
    'Provides read only access to all buckets via the AWS Management Console.',
    's3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*',
  ),
  full(
    'AmazonSQSFullAccess',
    1,
    'Provides full access to Amazon SQS via the AWS Management Console.',
    'sqs:*',
  ),
  full(
    'AmazonSQSReadOnlyAccess',
    2,
    'Provides read only access to Amazon SQS via the AWS Management Console.',
    'sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListDeadLetterSourceQueues sqs:ListQueues sqs:ListMessageMoveTasks sqs:ListQueueTags',
  ),
  full(
    'AmazonSNSFullAccess',
    2,
    'Provides full access to Amazon SNS via the AWS Management Console.',
    'sns:* sms-voice:*',
  ),
  full(
    'AmazonSNSReadOnlyAccess',
    2,
    'Provides read only access to Amazon SNS via the AWS Management Console.',
    'sns:GetTopicAttributes sns:List* sns:CheckIfPhoneNumberIsOptedOut sns:GetEndpointAttributes sns:GetDataProtectionPolicy sns:GetPlatformApplicationAttributes sns:GetSMSAttributes sns:GetSMSSandboxAccountStatus sns:GetSubscriptionAttributes',
  ),
  full(
    'AmazonEventBridgeFullAccess',
    2,
    'Provides full access to Amazon EventBridge.',
    'events:* schemas:* scheduler:* pipes:*',
  ),
  full(
    'AWSStepFunctionsFullAccess',
    1,
    'An access policy for providing a user/role/etc access to the AWS StepFunctions APIs.',
    'states:*',
  ),
  full(
    'AmazonKinesisFullAccess',
    1,
    'Provides full access to all streams via the AWS Management Console.',
    'kinesis:*',
  ),
  full(
    'AmazonKinesisReadOnlyAccess',
    1,
    'Provides read only access to all streams via the AWS Management Console.',
    'kinesis:Get* kinesis:List* kinesis:Describe*',
  ),
  full(
    'AmazonSSMFullAccess',
    4,
    'Provides full access to Amazon SSM.',
    'cloudwatch:PutMetricData ds:CreateComputer ds:DescribeDirectories ec2:DescribeInstanceStatus logs:* ssm:* ec2messages:*',
  ),
  full(
    'AmazonSSMReadOnlyAccess',
    1,
    'Provides read only access to Amazon SSM.',
    'ssm:Describe* ssm:Get* ssm:List*',
  ),
  full(
    'CloudWatchLogsFullAccess',
    2,
    'Provides full access to CloudWatch Logs',
    'logs:* cloudwatch:GenerateQuery cloudwatch:GenerateQueryResultsSummary',
  ),
  full(
    'CloudWatchLogsReadOnlyAccess',
    7,
    'Provides read only access to CloudWatch Logs',
    `logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter logs:FilterLogEvents
     logs:StartLiveTail logs:StopLiveTail cloudwatch:GenerateQuery`,
  ),
  full(
    'CloudWatchFullAccess',
    5,
    'Provides full access to CloudWatch.',
    'autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy iam:GetPolicyVersion iam:GetRole oam:ListSinks',
  ),
  full(
    'AWSXRayDaemonWriteAccess',
    2,
    'Allow the AWS X-Ray Daemon to relay raw trace segments data to the service\u2019s API and retrieve sampling data (rules, targets, etc.) to be used by the X-Ray SDK.',
    `xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets
     xray:GetSamplingStatisticSummaries`,
  ),
  full(
    'AWSXrayWriteOnlyAccess',
    2,
    'AWS X-Ray write only managed policy',
    `xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets
     xray:GetSamplingStatisticSummaries`,
  ),
  full('AWSXrayFullAccess', 1, 'AWS X-Ray full access managed policy', 'xray:*'),
  full(
    'AmazonCognitoPowerUser',
    6,
    'Provides administrative access to existing Amazon Cognito resources.',
    'cognito-identity:* cognito-idp:* cognito-sync:* iam:ListRoles iam:ListOpenIdConnectProviders iam:GetRole iam:ListSAMLProviders iam:GetSAMLProvider kinesis:ListStreams lambda:GetPolicy lambda:ListFunctions sns:GetSMSSandboxAccountStatus sns:ListPlatformApplications ses:ListIdentities ses:GetIdentityVerificationAttributes mobiletargeting:GetApps acm:ListCertificates',
  ),
  full(
    'AmazonCognitoReadOnly',
    4,
    'Provides read only access to Amazon Cognito resources.',
    'cognito-identity:Describe* cognito-identity:Get* cognito-identity:List* cognito-idp:Describe* cognito-idp:AdminGet* cognito-idp:AdminList* cognito-idp:List* cognito-idp:Get* cognito-sync:Describe* cognito-sync:Get* cognito-sync:List* iam:ListOpenIdConnectProviders iam:ListRoles sns:ListPlatformApplications',
  ),
  entry(
    'SecretsManagerReadWrite',
    5,
    'Provides read/write access to AWS Secrets Manager via the AWS Management Console.',
    allow(
      `secretsmanager:* cloudformation:CreateChangeSet cloudformation:DescribeChangeSet
       cloudformation:DescribeStackResource cloudformation:DescribeStacks cloudformation:ExecuteChangeSet
       ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:DescribeKey kms:ListAliases kms:ListKeys
       lambda:ListFunctions rds:DescribeDBClusters rds:DescribeDBInstances tag:GetResources`,
    ),
    allow(
      'lambda:AddPermission lambda:CreateFunction lambda:GetFunction lambda:InvokeFunction lambda:UpdateFunctionConfiguration',
      {
        Resource: 'arn:aws:lambda:*:*:function:SecretsManager*',
      },
    ),
    allow('s3:GetObject', {
      Resource: [
        'arn:aws:s3:::awsserverlessrepo-changesets*',
        'arn:aws:s3:::secrets-manager-rotation-apps-*/*',
      ],
    }),
  ),
  entry(
    'AWSLambda_FullAccess',
    4,
    'Grants full access to AWS Lambda service, AWS Lambda console features, and other related AWS services.',
    allow(
      `cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:ListMetrics
       cloudwatch:GetMetricData ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:ListAliases
       iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies
       iam:ListRolePolicies iam:ListRoles lambda:* logs:DescribeLogGroups states:DescribeStateMachine
       states:ListStateMachines tag:GetResources xray:GetTraceSummaries xray:BatchGetTraces`,
    ),
    allow('iam:PassRole', { Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } }),
    allow('logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents', {
      Resource: 'arn:aws:logs:*:*:log-group:/aws/lambda/*',
    }),
  ),
  full(
    'AWSLambda_ReadOnlyAccess',
    2,
    'Grants read-only access to AWS Lambda service, AWS Lambda console features, and other related AWS services.',
    `cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:GetMetricData
     cloudwatch:ListMetrics ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs kms:ListAliases
     iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies
     iam:ListRolePolicies iam:ListRoles lambda:Get* lambda:List* logs:DescribeLogGroups tag:GetResources`,
  ),
  entry(
    'AWSCloudFormationFullAccess',
    1,
    'Provides full access to AWS CloudFormation.',
    allow('cloudformation:*'),
  ),
  full(
    'AWSCloudFormationReadOnlyAccess',
    2,
    'Provides access to AWS CloudFormation via the AWS Management Console.',
    'cloudformation:Describe* cloudformation:EstimateTemplateCost cloudformation:Get* cloudformation:List* cloudformation:ValidateTemplate cloudformation:Detect*',
  ),
  entry(
    'AmazonEC2ContainerRegistryReadOnly',
    3,
    'Provides read-only access to Amazon EC2 Container Registry repositories.',
    allow(
      `ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer
       ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages ecr:DescribeImages ecr:BatchGetImage
       ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview ecr:ListTagsForResource ecr:DescribeImageScanFindings`,
    ),
  ),
  entry(
    'AmazonSSMManagedInstanceCore',
    2,
    'The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality.',
    allow(
      `ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument ssm:DescribeDocument
       ssm:GetManifest ssm:GetParameter ssm:GetParameters ssm:ListAssociations ssm:ListInstanceAssociations
       ssm:PutInventory ssm:PutComplianceItems ssm:PutConfigurePackageResult ssm:UpdateAssociationStatus
       ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation`,
    ),
    allow(
      'ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel',
    ),
    allow(
      `ec2messages:AcknowledgeMessage ec2messages:DeleteMessage ec2messages:FailMessage ec2messages:GetEndpoint
       ec2messages:GetMessages ec2messages:SendReply`,
    ),
  ),
  full(
    'AmazonEC2FullAccess',
    5,
    'Provides full access to Amazon EC2 via the AWS Management Console.',
    'ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:*',
  ),
  full(
    'AmazonVPCFullAccess',
    13,
    'Provides full access to Amazon VPC via the AWS Management Console.',
    'ec2:*Vpc* ec2:*Subnet* ec2:*Route* ec2:*SecurityGroup* ec2:*NetworkAcl* ec2:*Gateway* ec2:*Address* ec2:*NetworkInterface* ec2:*FlowLogs ec2:*DhcpOptions ec2:CreateTags ec2:DeleteTags ec2:Describe*',
  ),
];

/** What `ReadOnlyAccess` allows, for the services here: AWS's own list names hundreds. */
const readOnly = entry(
  'ReadOnlyAccess',
  136,
  'Provides read-only access to AWS services and resources.',
  allow(
    `acm:Describe* acm:Get* acm:List* apigateway:GET appsync:Get* appsync:List* cloudformation:Describe*
     cloudformation:Get* cloudformation:List* cloudformation:ValidateTemplate cloudwatch:Describe* cloudwatch:Get*
     cloudwatch:List* cognito-identity:Describe* cognito-identity:List* cognito-idp:Describe* cognito-idp:Get*
     cognito-idp:List* dynamodb:BatchGet* dynamodb:Describe* dynamodb:Get* dynamodb:List* dynamodb:Query
     dynamodb:Scan dynamodb:PartiQLSelect ec2:Describe* ec2:Get* ec2:Search* elasticloadbalancing:Describe*
     events:Describe* events:List* events:Test* firehose:Describe* firehose:List* iam:Generate* iam:Get* iam:List*
     iam:Simulate* kinesis:Describe* kinesis:Get* kinesis:List* kms:Describe* kms:Get* kms:List* lambda:Get*
     lambda:List* logs:Describe* logs:FilterLogEvents logs:Get* logs:ListTagsLogGroup logs:StartQuery
     logs:StopQuery logs:TestMetricFilter route53:Get* route53:List* s3:DescribeJob s3:Get* s3:List*
     scheduler:Get* scheduler:List* secretsmanager:Describe* secretsmanager:GetResourcePolicy
     secretsmanager:List* sns:Get* sns:List* sns:Check* sqs:Get* sqs:List* sqs:Receive* ssm:Describe* ssm:Get*
     ssm:List* states:Describe* states:Get* states:List* sts:GetAccessKeyInfo sts:GetCallerIdentity
     sts:GetSessionToken tag:Get* xray:BatchGet* xray:Get*`,
  ),
);

const powerUser = entry(
  'PowerUserAccess',
  6,
  'Provides full access to AWS services and resources, but does not allow management of Users and groups.',
  {
    Effect: 'Allow',
    NotAction: ['iam:*', 'organizations:*', 'account:*'],
    Resource: '*',
  },
  allow(
    `account:GetAccountInformation account:GetGovCloudAccountInformation account:GetPrimaryEmail
     account:ListRegions iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:ListRoles
     organizations:DescribeEffectivePolicy organizations:DescribeOrganization`,
  ),
);

const scheduling: readonly CatalogueEntry[] = [
  entry(
    'AmazonEventBridgeSchedulerFullAccess',
    1,
    'Grants full access to the Amazon EventBridge Scheduler.',
    allow('scheduler:*'),
    allow('iam:PassRole', {
      Resource: 'arn:aws:iam::*:role/*',
      Condition: passedTo(['scheduler.amazonaws.com']),
    }),
  ),
];

export const catalogue: readonly CatalogueEntry[] = [
  ...lambdaExecution,
  ...gateway,
  ...administration,
  readOnly,
  powerUser,
  ...neighbours,
  ...scheduling,
];
