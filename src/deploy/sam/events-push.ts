/** Sources that call the function themselves: topics, buckets, log groups, user pools. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { type FunctionEvent, known, need } from './events.ts';
import { grantQueue } from './events-polling.ts';
import { make, type Resource, withParameters } from './serverless.ts';
import { permission } from './target.ts';
import { getAtt, ref, sub, when } from './values.ts';

export function topicEvent(event: FunctionEvent): Record<string, Resource> {
  known(event, 'Topic Region FilterPolicy FilterPolicyScope SqsSubscription RedrivePolicy');
  const { properties, target, logicalId } = event;
  const topic = need(event, 'Topic');
  const through = properties.SqsSubscription;
  const subscription = (protocol: string, endpoint: Json): Resource =>
    make(
      'AWS::SNS::Subscription',
      {
        Protocol: protocol,
        Endpoint: endpoint,
        TopicArn: topic,
        Region: properties.Region,
        FilterPolicy: properties.FilterPolicy,
        FilterPolicyScope: properties.FilterPolicyScope,
        RedrivePolicy: properties.RedrivePolicy,
      },
      target.attributes,
    );
  if (!through)
    return {
      [`${logicalId}Permission`]: permission({ target, principal: 'sns.amazonaws.com', sourceArn: topic }),
      [logicalId]: subscription('lambda', target.arn),
    };
  return {
    ...topicThroughQueue(event, topic, through),
    [logicalId]: subscription('sqs', queueOf(event, through).arn),
  };
}

function queueOf({ logicalId, fail }: FunctionEvent, through: Json): { arn: Json; url: Json } {
  if (!isObject(through)) return { arn: getAtt(`${logicalId}Queue`, 'Arn'), url: ref(`${logicalId}Queue`) };
  const { QueueArn: arn, QueueUrl: url } = through;
  if (arn === undefined || url === undefined) throw fail('No QueueARN or QueueURL provided.');
  return { arn, url };
}

function topicThroughQueue(event: FunctionEvent, topic: Json, through: Json): Record<string, Resource> {
  const { logicalId, target, serverless } = event;
  const { arn, url } = queueOf(event, through);
  const given = isObject(through) ? through : {};
  const topicId = isObject(topic) && typeof topic.Ref === 'string' ? topic.Ref : '';
  const fifo = withParameters(
    serverless.resources[topicId]?.Properties?.FifoTopic ?? false,
    serverless.parameters,
  );
  const policyId = given.QueuePolicyLogicalId ?? `${logicalId}QueuePolicy`;
  grantQueue(event);
  return {
    ...(!isObject(through) && {
      [`${logicalId}Queue`]: make('AWS::SQS::Queue', fifo ? { FifoQueue: true } : {}, target.attributes),
    }),
    [String(policyId)]: make(
      'AWS::SQS::QueuePolicy',
      {
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Action: 'sqs:SendMessage',
              Effect: 'Allow',
              Principal: '*',
              Resource: arn,
              Condition: { ArnEquals: { 'aws:SourceArn': topic } },
            },
          ],
        },
        Queues: [url],
      },
      target.attributes,
    ),
    [`${logicalId}EventSourceMapping`]: make(
      'AWS::Lambda::EventSourceMapping',
      { FunctionName: target.name, EventSourceArn: arn, BatchSize: given.BatchSize ?? 10, Enabled: true },
      target.attributes,
    ),
  };
}

/** The bucket gets the notification, and waits for the permission. */
export function bucketEvent(event: FunctionEvent): Record<string, Resource> {
  known(event, 'Bucket Events Filter');
  const { properties, target, logicalId, serverless, fail } = event;
  const bucket = need(event, 'Bucket');
  const bucketId = isObject(bucket) ? bucket.Ref : undefined;
  const resource = typeof bucketId === 'string' ? serverless.resources[bucketId] : undefined;
  if (resource === undefined) throw fail('S3 events must reference an S3 bucket in the same template.');
  const permissionId = `${logicalId}Permission`;
  dependOn(resource, permissionId, target.condition);
  const own = resource.Properties ?? {};
  resource.Properties = own;
  const configuration = isObject(own.NotificationConfiguration) ? own.NotificationConfiguration : {};
  own.NotificationConfiguration = configuration;
  const all = Array.isArray(configuration.LambdaConfigurations) ? configuration.LambdaConfigurations : [];
  for (const name of [need(event, 'Events')].flat()) {
    const mapping: JsonObject = {
      Function: target.arn,
      ...(properties.Filter !== undefined && { Filter: properties.Filter }),
      Event: name,
    };
    const entry = target.condition === undefined ? mapping : when(target.condition, mapping);
    if (!all.some((one) => JSON.stringify(one) === JSON.stringify(entry))) all.push(entry);
  }
  configuration.LambdaConfigurations = all;
  return {
    [permissionId]: permission({
      target,
      principal: 's3.amazonaws.com',
      sourceAccount: ref('AWS::AccountId'),
    }),
  };
}

/** DependsOn takes no condition; a tag with Fn::If makes the same arrow. */
function dependOn(bucket: Resource, permissionId: string, condition: string | undefined): void {
  if (condition === undefined) {
    const before = [bucket.DependsOn ?? []].flat();
    bucket.DependsOn = [...new Set([...before, permissionId])];
    return;
  }
  const own = bucket.Properties ?? {};
  bucket.Properties = own;
  const tags = Array.isArray(own.Tags) ? own.Tags : [];
  own.Tags = [
    ...tags,
    {
      Key: `sam:ConditionalDependsOn:${permissionId}`,
      Value: { 'Fn::If': [condition, ref(permissionId), 'no dependency'] },
    },
  ];
}

export function logsEvent(event: FunctionEvent): Record<string, Resource> {
  known(event, 'LogGroupName FilterPattern');
  const { target, logicalId, serverless } = event;
  const group = need(event, 'LogGroupName');
  const permissionId = `${logicalId}Permission`;
  return {
    [permissionId]: permission({
      target,
      principal: 'logs.amazonaws.com',
      sourceArn: sub(
        `arn:${serverless.partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${__LogGroupName__}:*`,
        { __LogGroupName__: group },
      ),
    }),
    [logicalId]: make(
      'AWS::Logs::SubscriptionFilter',
      { LogGroupName: group, FilterPattern: need(event, 'FilterPattern'), DestinationArn: target.arn },
      { DependsOn: [permissionId], ...target.attributes },
    ),
  };
}

export function cognitoEvent(event: FunctionEvent): Record<string, Resource> {
  known(event, 'UserPool Trigger');
  const { target, serverless, fail } = event;
  const pool = need(event, 'UserPool');
  const poolId = isObject(pool) ? pool.Ref : undefined;
  const resource = typeof poolId === 'string' ? serverless.resources[poolId] : undefined;
  if (resource === undefined || typeof poolId !== 'string')
    throw fail('Cognito events must reference a Cognito UserPool in the same template.');
  const own = resource.Properties ?? {};
  resource.Properties = own;
  const config = isObject(own.LambdaConfig) ? own.LambdaConfig : {};
  own.LambdaConfig = config;
  for (const trigger of [need(event, 'Trigger')].flat().map(String)) {
    if (config[trigger] !== undefined) throw fail(`Cognito trigger "${trigger}" defined multiple times.`);
    config[trigger] = target.arn;
  }
  const id = isObject(target.name) ? String(target.name.Ref) : target.logicalId;
  return {
    [`${id}CognitoPermission`]: permission({
      target,
      principal: 'cognito-idp.amazonaws.com',
      sourceArn: getAtt(poolId, 'Arn'),
    }),
  };
}
