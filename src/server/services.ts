/**
 * The services of one system, one row each: made and started at its first call, so that what nobody uses costs nothing.
 * A service with work of its own in the background (retries, schedules, expiry) names the tables whose rows mean such
 * work: it is also started with the server when any of them holds a row.
 */
import type { CloudFormationPorts } from '../aws/cloudformation/ports.ts';
import type { LambdaPorts } from '../aws/lambda/ports.ts';
import type { Invoke, WriteLogEvents } from '../base/ports.ts';
import type { DomainControl } from '../gateway/config.ts';
import type { WafPorts } from '../aws/wafv2/ports.ts';
import type { Gateway } from '../gateway/serve.ts';
import type { GraphqlControl } from '../graphql/config.ts';
import type { FetchDocument } from '../lang/jwt/issuer-keys.ts';
import type { AcmPorts } from '../neighbours/acm/ports.ts';
import type { CloudWatchPorts } from '../neighbours/cloudwatch/ports.ts';
import type { XRayPorts } from '../neighbours/xray/ports.ts';
import type { CognitoPorts } from '../neighbours/cognito-idp/ports.ts';
import type { ServiceInstance, ServicePorts } from '../wire/service.ts';
import { type Lazy, lazily } from './lazily.ts';

/** What services are handed beside the ports that every one of them has. */
export interface ServiceWiring {
  readonly ports: ServicePorts;
  readonly writeLogEvents: WriteLogEvents;
  readonly graphqlControl: () => Promise<GraphqlControl>;
  readonly invoke: Invoke;
  readonly runner: LambdaPorts['runner'];
  readonly roleCredentials: LambdaPorts['roleCredentials'];
  readonly principalPolicies: LambdaPorts['principalPolicies'];
  /** Only where IAM is enforced: whether a function's role trusts Lambda. */
  readonly roleIsAssumable?: LambdaPorts['roleIsAssumable'];
  readonly retiredRuntimes: LambdaPorts['retiredRuntimes'];
  readonly observeIteratorAge: LambdaPorts['observeIteratorAge'];
  /** Whether functions may be run in place, from a folder of this machine. */
  readonly allowFolders: boolean;
  readonly gateway: Gateway;
  readonly domains: DomainControl;
  readonly authority: AcmPorts['authority'];
  /** What this server measured of itself since it was last asked. */
  readonly drain: CloudWatchPorts['drain'];
  /** What this server traced of itself since it was last asked. */
  readonly drainSpans: XRayPorts['drain'];
  readonly samplingChanged: XRayPorts['rulesChanged'];
  readonly engine: CloudFormationPorts['engine'];
  readonly callbacks: CloudFormationPorts['callbacks'];
  /** This server as others reach it. */
  readonly url: () => string;
  readonly userPoolIssuer: CognitoPorts['issuer'];
  readonly fetchDocument: FetchDocument;
  readonly webAcls: Pick<WafPorts, 'countryHeader' | 'setStageWebAcl' | 'stageWebAcl'>;
  /** The web ACL in front of what is no stage of an API. */
  readonly inspectResource: NonNullable<CognitoPorts['inspect']>;
}

export interface ServiceRegistration {
  readonly get: Lazy<ServiceInstance>;
  /** Names of the tables whose rows mean work in the background. */
  readonly wakesFor: readonly string[];
}

export function createServices({ ports, ...wiring }: ServiceWiring) {
  const rows: ServiceRegistration[] = [];
  const service = <T extends ServiceInstance>(
    make: () => Promise<T>,
    wakesFor: readonly string[] = [],
  ): Lazy<T> => {
    const lazy = lazily(async () => {
      const instance = await make();
      await instance.start?.();
      return instance;
    });
    rows.push({ get: lazy, wakesFor });
    return lazy;
  };
  const {
    invoke,
    runner,
    roleCredentials,
    principalPolicies,
    retiredRuntimes,
    observeIteratorAge,
    allowFolders,
    gateway,
    engine,
    callbacks,
  } = wiring;
  const { domains, authority, drain, url, userPoolIssuer, writeLogEvents, webAcls, inspectResource } = wiring;
  const services = {
    // Stopped from the last to the first: what others write to comes first.
    logs: service(
      async () => (await import('../aws/logs/service.ts')).createLogs({ ...ports, invoke }),
      ['logs.groups'],
    ),
    dynamodb: service(
      async () => (await import('../neighbours/dynamodb/service.ts')).createDynamoDb(ports),
      ['dynamodb.tables', 'dynamodb.transaction-tokens'],
    ),
    dynamodbstreams: service(async () =>
      (await import('../neighbours/dynamodb/streams-service.ts')).createDynamoDbStreams(ports),
    ),
    sqs: service(
      async () => (await import('../neighbours/sqs/service.ts')).createSqs(ports),
      ['sqs.message-move-tasks'],
    ),
    kms: service(async () =>
      (await import('../neighbours/kms/service.ts')).createKms({ ...ports, authority }),
    ),
    ssm: service(async () => (await import('../neighbours/ssm/service.ts')).createSsm(ports)),
    secretsmanager: service(
      async () =>
        (await import('../neighbours/secretsmanager/service.ts')).createSecretsManager({ ...ports, invoke }),
      ['secretsmanager.secrets'],
    ),
    resourcegroupstaggingapi: service(async () =>
      (await import('../neighbours/resourcegroupstaggingapi/service.ts')).createTaggingApi(ports),
    ),
    kinesis: service(async () => (await import('../neighbours/kinesis/service.ts')).createKinesis(ports)),
    sns: service(
      async () =>
        (await import('../neighbours/sns/service.ts')).createSns({ ...ports, invoke, authority, url }),
      ['sns.deliveries'],
    ),
    events: service(
      async () =>
        (await import('../neighbours/events/service.ts')).createEvents({ ...ports, invoke, authority, url }),
      ['events.rules', 'events.deliveries'],
    ),
    scheduler: service(
      async () => (await import('../neighbours/scheduler/service.ts')).createScheduler({ ...ports, invoke }),
      ['scheduler.schedules', 'scheduler.deliveries'],
    ),
    acm: service(async () =>
      (await import('../neighbours/acm/service.ts')).createAcm({
        ...ports,
        authority,
        changed: domains.changed,
      }),
    ),
    appsync: service(async () =>
      (await import('../aws/appsync/service.ts')).createAppSync({
        ...ports,
        graphql: await wiring.graphqlControl(),
      }),
    ),
    stepfunctions: service(
      async () =>
        (await import('../neighbours/stepfunctions/service.ts')).createStepFunctions({
          ...ports,
          writeLogEvents: wiring.writeLogEvents,
          endpoint: url,
        }),
      ['stepfunctions.running', 'stepfunctions.express'],
    ),
    iam: service(async () => (await import('../aws/iam/service.ts')).createIam(ports)),
    s3: service(async () => {
      const { createNotifications } = await import('../neighbours/s3-notifications/notifications.ts');
      const notifications = createNotifications({ ...ports, invoke });
      return (await import('../aws/s3/service.ts')).createS3({ ...ports, notifications });
    }, ['s3.orphans', 's3.notifications']),
    sts: service(async () =>
      (await import('../aws/sts/service.ts')).createSts({ ...ports, fetchDocument: wiring.fetchDocument }),
    ),
    lambda: service(
      async () =>
        (await import('../aws/lambda/service.ts')).createLambda({
          ...ports,
          runner,
          roleCredentials,
          principalPolicies,
          ...(wiring.roleIsAssumable && { roleIsAssumable: wiring.roleIsAssumable }),
          retiredRuntimes,
          observeIteratorAge,
          allowFolders,
        }),
      [
        'lambda.events',
        'lambda.event-source-mappings',
        'lambda.orphan-code',
        'lambda.provisioned-concurrency',
      ],
    ),
    cloudwatch: service(
      async () =>
        (await import('../neighbours/cloudwatch/service.ts')).createCloudWatch({ ...ports, invoke, drain }),
      ['cloudwatch.alarms', 'cloudwatch.pending-actions'],
    ),
    xray: service(async () =>
      (await import('../neighbours/xray/service.ts')).createXRay({
        ...ports,
        drain: wiring.drainSpans,
        rulesChanged: wiring.samplingChanged,
      }),
    ),
    apigateway: service(async () =>
      (await import('../aws/apigateway/service.ts')).createApiGateway({
        ...ports,
        gateway,
        domains,
        testInvoke: gateway.testInvoke,
        testInvokeAuthorizer: gateway.testInvokeAuthorizer,
      }),
    ),
    apigatewayv2: service(async () =>
      (await import('../aws/apigatewayv2/service.ts')).createApiGatewayV2({ ...ports, gateway, domains }),
    ),
    'cognito-idp': service(
      async () =>
        (await import('../neighbours/cognito-idp/service.ts')).createCognito({
          ...ports,
          invoke,
          url,
          issuer: userPoolIssuer,
          inspect: inspectResource,
        }),
      ['cognito-idp.sessions', 'cognito-idp.refresh-tokens', 'cognito-idp.revocations'],
    ),
    wafv2: service(async () =>
      (await import('../aws/wafv2/service.ts')).createWaf({
        ...ports,
        writeLogEvents,
        ...webAcls,
      }),
    ),
    cloudformation: service(
      async () =>
        (await import('../aws/cloudformation/service.ts')).createCloudFormation({
          ...ports,
          engine,
          callbacks,
        }),
      ['cloudformation.stacks-under-way', 'cloudformation.wait-handles'],
    ),
  };
  return { services, rows };
}

export type Services = ReturnType<typeof createServices>['services'];

/** Which service's operations carry out the types of a namespace: `AWS::ApiGateway::*`. */
export const SERVICE_OF_NAMESPACE: Readonly<Record<string, string>> = {
  ApiGateway: 'apigateway',
  AppSync: 'appsync',
  ApiGatewayV2: 'apigatewayv2',
  CertificateManager: 'acm',
  CloudFormation: 'cloudformation',
  Cognito: 'cognito-idp',
  CloudWatch: 'cloudwatch',
  DynamoDB: 'dynamodb',
  Events: 'events',
  IAM: 'iam',
  KMS: 'kms',
  Kinesis: 'kinesis',
  Lambda: 'lambda',
  Logs: 'logs',
  S3: 's3',
  Scheduler: 'scheduler',
  SecretsManager: 'secretsmanager',
  SNS: 'sns',
  SQS: 'sqs',
  SSM: 'ssm',
  StepFunctions: 'stepfunctions',
  WAFv2: 'wafv2',
};
