/** EventInvokeConfig of a function: where its asynchronous results go, with queues and topics made when none is named. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import type { Alias } from './function.ts';
import { SamFault } from './faults.ts';
import {
  inherited,
  make,
  objectIn,
  refuse,
  type Resource,
  type SamResource,
  type Serverless,
  withParameters,
} from './serverless.ts';
import { getAtt, ref } from './values.ts';

export interface InvokeConfig {
  readonly resources: Record<string, Resource>;
  readonly policies: Json[];
}

const MADE: Readonly<
  Record<
    string,
    {
      readonly type: string;
      readonly suffix: string;
      readonly name: string;
      readonly arn: (id: string) => JsonObject;
    }
  >
> = {
  SQS: { type: 'AWS::SQS::Queue', suffix: 'Queue', name: 'DestinationQueue', arn: (id) => getAtt(id, 'Arn') },
  SNS: { type: 'AWS::SNS::Topic', suffix: 'Topic', name: 'DestinationTopic', arn: ref },
};

const ACTIONS: Readonly<Record<string, readonly [policy: string, action: string]>> = {
  SQS: ['SQSPolicy', 'sqs:SendMessage'],
  SNS: ['SNSPolicy', 'sns:publish'],
  EventBridge: ['EventBridgePolicy', 'events:PutEvents'],
  Lambda: ['LambdaPolicy', 'lambda:InvokeFunction'],
  S3Bucket: ['S3Policy', 's3:PutObject'],
};

export function eventInvokeConfig(
  resource: SamResource,
  alias: Alias | undefined,
  serverless: Serverless,
): InvokeConfig {
  const given = objectIn(resource, 'EventInvokeConfig');
  if (given === undefined) return { resources: {}, policies: [] };
  const config = withParameters(given, serverless.parameters) as JsonObject; // an object stays one
  const logicalId = `${resource.logicalId}EventInvokeConfig`;
  const resources: Record<string, Resource> = {};
  const policies: Json[] = [];
  const destinations: JsonObject = {};
  const wanted = isObject(config.DestinationConfig) ? config.DestinationConfig : {};
  for (const event of ['OnSuccess', 'OnFailure']) {
    const destination = wanted[event];
    if (!isObject(destination)) continue;
    const id = `${logicalId}${event}`;
    const arn = destinationArn(resource, destination, id, { resources, serverless });
    destinations[event] = { Destination: arn };
    policies.push(policyFor(String(destination.Type), id, arn));
  }
  resources[logicalId] = make(
    'AWS::Lambda::EventInvokeConfig',
    {
      FunctionName: ref(resource.logicalId),
      Qualifier: alias?.name ?? '$LATEST',
      DestinationConfig: destinations,
      MaximumEventAgeInSeconds: config.MaximumEventAgeInSeconds,
      MaximumRetryAttempts: config.MaximumRetryAttempts,
    },
    alias === undefined ? inherited(resource) : { DependsOn: [alias.aliasId], ...inherited(resource) },
  );
  return { resources, policies };
}

function destinationArn(
  resource: SamResource,
  destination: JsonObject,
  id: string,
  { resources, serverless }: { resources: Record<string, Resource>; serverless: Serverless },
): Json {
  const type = String(destination.Type);
  if (ACTIONS[type] === undefined)
    throw new SamFault(
      resource.logicalId,
      `'Type: ${destination.Type === undefined ? 'None' : type}' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', 'S3Bucket']`,
    );
  const arn = destination.Destination;
  if (isObject(arn) && arn['Fn::If'] !== undefined)
    refuse(resource, 'EventInvokeConfig with Fn::If as Destination');
  if (arn !== undefined) return arn;
  const made = MADE[type];
  if (made === undefined)
    throw new SamFault(resource.logicalId, "Destination is required if Type is not ['SQS', 'SNS']");
  const madeId = id + made.suffix;
  resources[madeId] = make(made.type, {}, inherited(resource));
  serverless.names.set(`${resource.logicalId}.${made.name}`, madeId);
  return made.arn(madeId);
}

export function policyFor(type: string, id: string, arn: Json): JsonObject {
  const [policy, action] = ACTIONS[type] ?? ['', ''];
  const statement = (Action: string, Resource: Json): JsonObject => ({ Action, Effect: 'Allow', Resource });
  const statements =
    type === 'S3Bucket'
      ? [statement(action, { 'Fn::Join': ['/', [arn, '*']] }), statement('s3:ListBucket', arn)]
      : [statement(action, arn)];
  return { PolicyName: `${id}${policy}`, PolicyDocument: { Statement: statements } };
}
