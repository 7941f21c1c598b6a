/** The services the wire can speak for: one row each. */
import type { SchemaModule } from './schema.ts';

export type ProtocolName =
  | 'restJson1'
  | 'restXml'
  | 'awsJson1_0'
  | 'awsJson1_1'
  | 'awsQuery'
  /** The same question, answered in JSON: what query services do for `Accept: application/json`. */
  | 'awsQueryJson'
  | 'ec2Query'
  | 'rpcv2Cbor';

export interface ServiceRow {
  /** The id used in calls between services and in the registry: the signing name, where that is unique. */
  readonly id: string;
  /** The name in SigV4 credential scopes. */
  readonly signingName: string;
  /** Further names its clients sign with. */
  readonly otherSigningNames?: readonly string[];
  /** What clients call themselves in Smithy RPC paths and what error texts call the service. */
  readonly serviceId: string;
  /** As AWS's endpoint names it, for `{prefix}.{region}.amazonaws.com` hosts. */
  readonly endpointPrefix: string;
  readonly apiVersion: string;
  /** The protocol its own clients speak; others are recognised by the request. */
  readonly protocol: ProtocolName;
  /** Before the dot in `X-Amz-Target`. */
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string;
  /** Put before the code in `__type`; AWS's SDKs cut it off, other clients compare it whole. */
  readonly errorTypePrefix?: string;
  /** JSON errors also carry `x-amzn-query-error`: clients that once spoke the query protocol read it. */
  readonly queryCompatible?: true;
  /** Answers carry their CRC-32 in `x-amz-crc32`, which some clients check. */
  readonly crc32?: true;
  /** Operations that carry no signature: what they are given proves who calls. */
  readonly unsigned?: readonly string[];
  /** Paths that are this service's when nothing else tells: used for unsigned requests and where two share a signing name. */
  readonly paths?: RegExp;
  /** Calls of the query protocol may be sent to these paths, which then are a member of the input: a queue's URL. */
  readonly pathMember?: { readonly pattern: RegExp; readonly member: string };
  readonly loadSchemas: () => Promise<SchemaModule>;
}

/** A package's schemas, and nothing else of it: a client is 30 times the size. */
const from = (load: () => Promise<unknown>) => async (): Promise<SchemaModule> =>
  (await load()) as SchemaModule; // the package ships no types for this file

export const services = [
  {
    id: 'apigateway',
    signingName: 'apigateway',
    serviceId: 'API Gateway',
    endpointPrefix: 'apigateway',
    apiVersion: '2015-07-09',
    protocol: 'restJson1',
    targetPrefix: 'BackplaneControlService',
    paths:
      /^\/(restapis|apikeys|account|clientcertificates|domainnames|domainnameaccessassociations|rejectdomainnameaccessassociations|sdktypes|tags|usageplans|vpclinks)(\/|$)/,
    loadSchemas: from(() => import('@aws-sdk/client-api-gateway/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'apigatewayv2',
    signingName: 'apigateway',
    serviceId: 'ApiGatewayV2',
    endpointPrefix: 'apigateway',
    apiVersion: '2018-11-29',
    protocol: 'restJson1',
    targetPrefix: 'ApiGatewayV2',
    paths: /^\/v2\//,
    loadSchemas: from(() => import('@aws-sdk/client-apigatewayv2/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'lambda',
    signingName: 'lambda',
    serviceId: 'Lambda',
    endpointPrefix: 'lambda',
    apiVersion: '2015-03-31',
    protocol: 'restJson1',
    targetPrefix: 'AWSGirApiService',
    paths:
      /^\/20\d\d-\d\d-\d\d\/(functions|layers|layers-by-arn|event-source-mappings|account-settings|code-signing-configs|tags|capacity-providers|durable-[a-z-]+)(\/|$|\?)/,
    loadSchemas: from(() => import('@aws-sdk/client-lambda/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'iam',
    signingName: 'iam',
    serviceId: 'IAM',
    endpointPrefix: 'iam',
    apiVersion: '2010-05-08',
    protocol: 'awsQuery',
    targetPrefix: 'AWSIdentityManagementV20100508',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    loadSchemas: from(() => import('@aws-sdk/client-iam/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'sts',
    signingName: 'sts',
    serviceId: 'STS',
    endpointPrefix: 'sts',
    apiVersion: '2011-06-15',
    protocol: 'awsQuery',
    targetPrefix: 'AWSSecurityTokenServiceV20110615',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    unsigned: ['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'],
    loadSchemas: from(() => import('@aws-sdk/client-sts/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 's3',
    signingName: 's3',
    otherSigningNames: ['s3express', 's3-object-lambda'],
    serviceId: 'S3',
    endpointPrefix: 's3',
    apiVersion: '2006-03-01',
    protocol: 'restXml',
    targetPrefix: 'AmazonS3',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    loadSchemas: from(() => import('@aws-sdk/client-s3/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'logs',
    signingName: 'logs',
    serviceId: 'CloudWatch Logs',
    endpointPrefix: 'logs',
    apiVersion: '2014-03-28',
    protocol: 'awsJson1_1',
    targetPrefix: 'Logs_20140328',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2014-03-28/',
    loadSchemas: from(() => import('@aws-sdk/client-cloudwatch-logs/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'cloudformation',
    signingName: 'cloudformation',
    serviceId: 'CloudFormation',
    endpointPrefix: 'cloudformation',
    apiVersion: '2010-05-15',
    protocol: 'awsQuery',
    targetPrefix: 'CloudFormation',
    xmlNamespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    loadSchemas: from(() => import('@aws-sdk/client-cloudformation/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'dynamodb',
    signingName: 'dynamodb',
    serviceId: 'DynamoDB',
    endpointPrefix: 'dynamodb',
    apiVersion: '2012-08-10',
    protocol: 'awsJson1_0',
    targetPrefix: 'DynamoDB_20120810',
    errorTypePrefix: 'com.amazonaws.dynamodb.v20120810#',
    crc32: true,
    loadSchemas: from(() => import('@aws-sdk/client-dynamodb/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'acm',
    signingName: 'acm',
    serviceId: 'ACM',
    endpointPrefix: 'acm',
    apiVersion: '2015-12-08',
    protocol: 'awsJson1_1',
    targetPrefix: 'CertificateManager',
    loadSchemas: from(() => import('@aws-sdk/client-acm/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'sqs',
    signingName: 'sqs',
    serviceId: 'SQS',
    endpointPrefix: 'sqs',
    apiVersion: '2012-11-05',
    protocol: 'awsJson1_0',
    targetPrefix: 'AmazonSQS',
    errorTypePrefix: 'com.amazonaws.sqs#',
    queryCompatible: true,
    xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    pathMember: { pattern: /^\/(queue\/)?(\d{12}|queue)\/[\w-]+(\.fifo)?\/?$/, member: 'QueueUrl' },
    loadSchemas: from(() => import('@aws-sdk/client-sqs/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'sns',
    signingName: 'sns',
    serviceId: 'SNS',
    endpointPrefix: 'sns',
    apiVersion: '2010-03-31',
    protocol: 'awsQuery',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    unsigned: ['ConfirmSubscription'],
    loadSchemas: from(() => import('@aws-sdk/client-sns/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'events',
    signingName: 'events',
    serviceId: 'EventBridge',
    endpointPrefix: 'events',
    apiVersion: '2015-10-07',
    protocol: 'awsJson1_1',
    targetPrefix: 'AWSEvents',
    loadSchemas: from(() => import('@aws-sdk/client-eventbridge/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'scheduler',
    signingName: 'scheduler',
    serviceId: 'Scheduler',
    endpointPrefix: 'scheduler',
    apiVersion: '2021-06-30',
    protocol: 'restJson1',
    paths: /^\/(schedules|schedule-groups)(\/|$)/,
    loadSchemas: from(() => import('@aws-sdk/client-scheduler/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'stepfunctions',
    signingName: 'states',
    serviceId: 'SFN',
    endpointPrefix: 'states',
    apiVersion: '2016-11-23',
    protocol: 'awsJson1_0',
    targetPrefix: 'AWSStepFunctions',
    loadSchemas: from(() => import('@aws-sdk/client-sfn/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'kinesis',
    signingName: 'kinesis',
    serviceId: 'Kinesis',
    endpointPrefix: 'kinesis',
    apiVersion: '2013-12-02',
    protocol: 'awsJson1_1',
    targetPrefix: 'Kinesis_20131202',
    loadSchemas: from(() => import('@aws-sdk/client-kinesis/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'dynamodbstreams',
    signingName: 'dynamodb',
    serviceId: 'DynamoDB Streams',
    endpointPrefix: 'streams.dynamodb',
    apiVersion: '2012-08-10',
    protocol: 'awsJson1_0',
    targetPrefix: 'DynamoDBStreams_20120810',
    loadSchemas: from(() => import('@aws-sdk/client-dynamodb-streams/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'ssm',
    signingName: 'ssm',
    serviceId: 'SSM',
    endpointPrefix: 'ssm',
    apiVersion: '2014-11-06',
    protocol: 'awsJson1_1',
    targetPrefix: 'AmazonSSM',
    loadSchemas: from(() => import('@aws-sdk/client-ssm/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'secretsmanager',
    signingName: 'secretsmanager',
    serviceId: 'Secrets Manager',
    endpointPrefix: 'secretsmanager',
    apiVersion: '2017-10-17',
    protocol: 'awsJson1_1',
    targetPrefix: 'secretsmanager',
    loadSchemas: from(() => import('@aws-sdk/client-secrets-manager/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'kms',
    signingName: 'kms',
    serviceId: 'KMS',
    endpointPrefix: 'kms',
    apiVersion: '2014-11-01',
    protocol: 'awsJson1_1',
    targetPrefix: 'TrentService',
    loadSchemas: from(() => import('@aws-sdk/client-kms/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'cloudwatch',
    signingName: 'monitoring',
    serviceId: 'CloudWatch',
    endpointPrefix: 'monitoring',
    apiVersion: '2010-08-01',
    protocol: 'rpcv2Cbor',
    targetPrefix: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
    loadSchemas: from(() => import('@aws-sdk/client-cloudwatch/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'cognito-idp',
    signingName: 'cognito-idp',
    serviceId: 'Cognito Identity Provider',
    endpointPrefix: 'cognito-idp',
    apiVersion: '2016-04-18',
    protocol: 'awsJson1_1',
    targetPrefix: 'AWSCognitoIdentityProviderService',
    unsigned: [
      'AssociateSoftwareToken',
      'ChangePassword',
      'CompleteWebAuthnRegistration',
      'ConfirmDevice',
      'ConfirmForgotPassword',
      'ConfirmSignUp',
      'DeleteUser',
      'DeleteUserAttributes',
      'DeleteWebAuthnCredential',
      'ForgetDevice',
      'ForgotPassword',
      'GetDevice',
      'GetTokensFromRefreshToken',
      'GetUser',
      'GetUserAttributeVerificationCode',
      'GetUserAuthFactors',
      'GlobalSignOut',
      'InitiateAuth',
      'ListDevices',
      'ListWebAuthnCredentials',
      'ResendConfirmationCode',
      'RespondToAuthChallenge',
      'RevokeToken',
      'SetUserMFAPreference',
      'SetUserSettings',
      'SignUp',
      'StartWebAuthnRegistration',
      'UpdateAuthEventFeedback',
      'UpdateDeviceStatus',
      'UpdateUserAttributes',
      'VerifySoftwareToken',
      'VerifyUserAttribute',
    ],
    loadSchemas: from(() => import('@aws-sdk/client-cognito-identity-provider/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'appsync',
    signingName: 'appsync',
    serviceId: 'AppSync',
    endpointPrefix: 'appsync',
    apiVersion: '2017-07-25',
    protocol: 'restJson1',
    paths:
      /^\/v[12]\/(apis|domainnames|tags|mergedApis|sourceApis|datasources|dataplane-evaluatecode|dataplane-evaluatetemplate)(\/|$)/,
    loadSchemas: from(() => import('@aws-sdk/client-appsync/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'ec2',
    signingName: 'ec2',
    serviceId: 'EC2',
    endpointPrefix: 'ec2',
    apiVersion: '2016-11-15',
    protocol: 'ec2Query',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
    loadSchemas: from(() => import('@aws-sdk/client-ec2/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'elbv2',
    signingName: 'elasticloadbalancing',
    serviceId: 'Elastic Load Balancing v2',
    endpointPrefix: 'elasticloadbalancing',
    apiVersion: '2015-12-01',
    protocol: 'awsQuery',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    loadSchemas: from(() => import('@aws-sdk/client-elastic-load-balancing-v2/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'route53',
    signingName: 'route53',
    serviceId: 'Route 53',
    endpointPrefix: 'route53',
    apiVersion: '2013-04-01',
    protocol: 'restXml',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
    paths: /^\/2013-04-01\//,
    loadSchemas: from(() => import('@aws-sdk/client-route-53/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'servicediscovery',
    signingName: 'servicediscovery',
    serviceId: 'ServiceDiscovery',
    endpointPrefix: 'servicediscovery',
    apiVersion: '2017-03-14',
    protocol: 'awsJson1_1',
    targetPrefix: 'Route53AutoNaming_v20170314',
    loadSchemas: from(() => import('@aws-sdk/client-servicediscovery/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'wafv2',
    signingName: 'wafv2',
    serviceId: 'WAFV2',
    endpointPrefix: 'wafv2',
    apiVersion: '2019-07-29',
    protocol: 'awsJson1_1',
    targetPrefix: 'AWSWAF_20190729',
    loadSchemas: from(() => import('@aws-sdk/client-wafv2/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'apigatewaymanagementapi',
    signingName: 'execute-api',
    serviceId: 'ApiGatewayManagementApi',
    endpointPrefix: 'execute-api',
    apiVersion: '2018-11-29',
    protocol: 'restJson1',
    paths: /^\/@connections\//,
    loadSchemas: from(() => import('@aws-sdk/client-apigatewaymanagementapi/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'rds-data',
    signingName: 'rds-data',
    serviceId: 'RDS Data',
    endpointPrefix: 'rds-data',
    apiVersion: '2018-08-01',
    protocol: 'restJson1',
    loadSchemas: from(() => import('@aws-sdk/client-rds-data/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'xray',
    signingName: 'xray',
    serviceId: 'XRay',
    endpointPrefix: 'xray',
    apiVersion: '2016-04-12',
    protocol: 'restJson1',
    loadSchemas: from(() => import('@aws-sdk/client-xray/dist-es/schemas/schemas_0.js')),
  },
  {
    id: 'resourcegroupstaggingapi',
    signingName: 'tagging',
    serviceId: 'Resource Groups Tagging API',
    endpointPrefix: 'tagging',
    apiVersion: '2017-01-26',
    protocol: 'awsJson1_1',
    targetPrefix: 'ResourceGroupsTaggingAPI_20170126',
    loadSchemas: from(
      () => import('@aws-sdk/client-resource-groups-tagging-api/dist-es/schemas/schemas_0.js'),
    ),
  },
] as const satisfies readonly ServiceRow[];

export type ServiceId = (typeof services)[number]['id'];

const byId = new Map<string, ServiceRow>(services.map((row) => [row.id, row]));

export const serviceRow = (id: string): ServiceRow | undefined => byId.get(id);
