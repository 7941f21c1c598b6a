/** The services the wire can speak for: one row each. */
import type { SchemaModule } from './schema.ts';

export type ProtocolName =
  | 'restJson1'
  | 'restXml'
  | 'awsJson1_0'
  | 'awsJson1_1'
  | 'awsQuery'
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
] as const satisfies readonly ServiceRow[];

export type ServiceId = (typeof services)[number]['id'];

const byId = new Map<string, ServiceRow>(services.map((row) => [row.id, row]));

export const serviceRow = (id: string): ServiceRow | undefined => byId.get(id);
