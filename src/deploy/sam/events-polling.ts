/** Sources that Lambda polls: event source mappings, and what the role needs to read them. */
import { isObject, type Json } from '../template.ts';
import { policyFor } from './event-invoke-config.ts';
import { type FunctionEvent, known, need } from './events.ts';
import { managedPolicyArn } from './role.ts';
import { make, type Resource } from './serverless.ts';

/** The property that names the source, and the managed policy that reads it. */
export const POLLED = {
  SQS: { source: 'Queue', policy: 'AWSLambdaSQSQueueExecutionRole', starts: false },
  Kinesis: { source: 'Stream', policy: 'AWSLambdaKinesisExecutionRole', starts: true },
  DynamoDB: { source: 'Stream', policy: 'AWSLambdaDynamoDBExecutionRole', starts: true },
} as const;

const MAPPED =
  'StartingPosition StartingPositionTimestamp BatchSize Enabled MaximumBatchingWindowInSeconds MaximumRetryAttempts BisectBatchOnFunctionError MaximumRecordAgeInSeconds ParallelizationFactor TumblingWindowInSeconds FunctionResponseTypes FilterCriteria KmsKeyArn ScalingConfig ProvisionedPollerConfig MetricsConfig LoggingConfig';

export function pollingEvent(event: FunctionEvent): Record<string, Resource> {
  const { type, properties, target, logicalId, role, serverless } = event;
  const kind = POLLED[type as keyof typeof POLLED]; // the table of events is made from its keys
  known(event, `${kind.source} ${MAPPED} DestinationConfig`);
  const source = need(event, kind.source);
  if (kind.starts) need(event, 'StartingPosition');
  grant(role, managedPolicyArn(serverless.partition, `service-role/${kind.policy}`));
  const destination = destinationConfig(event);
  const mapping = make(
    'AWS::Lambda::EventSourceMapping',
    {
      FunctionName: target.name,
      EventSourceArn: source,
      ...Object.fromEntries(MAPPED.split(' ').map((name) => [name, properties[name]])),
      DestinationConfig: destination,
    },
    target.attributes,
  );
  return { [logicalId]: mapping };
}

function grant(role: Resource, arn: Json): void {
  const own = role.Properties ?? {};
  const arns = Array.isArray(own.ManagedPolicyArns) ? own.ManagedPolicyArns : [];
  if (!arns.includes(arn)) own.ManagedPolicyArns = [...arns, arn];
}

/** `Type` is SAM's own: it says which policy the role needs to send there. */
function destinationConfig({ properties, logicalId, role, fail }: FunctionEvent): Json | undefined {
  const config = properties.DestinationConfig;
  if (!isObject(config) || !isObject(config.OnFailure)) return config;
  const { Type: type, ...onFailure } = config.OnFailure;
  if (type === undefined) return config;
  if (!['SQS', 'SNS', 'S3', 'Kafka'].includes(String(type)))
    throw fail("The only valid values for 'Type' are 'SQS', 'SNS', 'S3', and 'Kafka'");
  const policy = policyFor(
    type === 'S3' ? 'S3Bucket' : String(type),
    logicalId,
    onFailure.Destination ?? null,
  );
  const own = role.Properties ?? {};
  const policies = Array.isArray(own.Policies) ? own.Policies : [];
  if (type !== 'Kafka') own.Policies = [...policies, policy];
  return { ...config, OnFailure: onFailure };
}

/** A queue that SAM puts between a topic and the function is polled like any other. */
export const grantQueue = ({ role, serverless }: FunctionEvent): void =>
  grant(role, managedPolicyArn(serverless.partition, `service-role/${POLLED.SQS.policy}`));
