/** Rules and schedules that invoke a function. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { type FunctionEvent, known, need } from './events.ts';
import { assumeRoleBy } from './role.ts';
import { make, type Resource } from './serverless.ts';
import { permission } from './target.ts';
import { getAtt, present, ref } from './values.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html: an id has at most 64 characters. */
const TARGET_ID_LENGTH = 64;

export function targetId(logicalId: string, suffix = 'LambdaTarget'): string {
  const id = logicalId + suffix;
  return id.length <= TARGET_ID_LENGTH ? id : logicalId.slice(0, TARGET_ID_LENGTH - suffix.length) + suffix;
}

export function scheduleEvent(event: FunctionEvent): Record<string, Resource> {
  known(event, 'Schedule RuleName Input Enabled State Name Description DeadLetterConfig RetryPolicy');
  const { properties } = event;
  return rule(event, {
    ScheduleExpression: need(event, 'Schedule'),
    Name: properties.Name,
    Description: properties.Description,
  });
}

export function ruleEvent(event: FunctionEvent): Record<string, Resource> {
  known(
    event,
    'EventBusName RuleName Pattern DeadLetterConfig RetryPolicy Input InputPath Target Enabled State InputTransformer',
  );
  const { EventBusName, Pattern: EventPattern, RuleName: Name } = event.properties;
  return rule(event, { EventBusName, EventPattern, Name });
}

function rule(event: FunctionEvent, own: Record<string, Json | undefined>): Record<string, Resource> {
  const { properties, target, logicalId } = event;
  const arn = getAtt(logicalId, 'Arn');
  const queue = deadLetterQueue(event, arn);
  const id = isObject(properties.Target) ? properties.Target.Id : undefined;
  const rule = make(
    'AWS::Events::Rule',
    {
      ...own,
      State: stateOf(event),
      Targets: [
        present({
          Arn: target.arn,
          Id: id ?? targetId(logicalId),
          Input: properties.Input,
          InputPath: properties.InputPath,
          DeadLetterConfig: queue && { Arn: queue.arn },
          RetryPolicy: properties.RetryPolicy,
          InputTransformer: properties.InputTransformer,
        }),
      ],
    },
    target.attributes,
  );
  return {
    [logicalId]: rule,
    ...queue?.resources,
    [`${logicalId}Permission`]: permission({ target, principal: 'events.amazonaws.com', sourceArn: arn }),
  };
}

export function stateOf({ properties, fail }: Pick<FunctionEvent, 'properties' | 'fail'>): Json | undefined {
  const { State: state, Enabled: enabled } = properties;
  if (state !== undefined && enabled !== undefined)
    throw fail('State and Enabled Properties cannot both be specified.');
  if (enabled === undefined) return state;
  return enabled ? 'ENABLED' : 'DISABLED';
}

interface Queue {
  readonly arn: Json;
  readonly resources: Record<string, Resource>;
}

type QueueOwner = Pick<FunctionEvent, 'properties' | 'fail' | 'logicalId'> & {
  readonly target: { readonly attributes: JsonObject };
};

export function deadLetterQueue(owner: QueueOwner, ruleArn: Json): Queue | undefined {
  const { properties, fail, logicalId, target } = owner;
  const config = properties.DeadLetterConfig;
  if (!isObject(config)) return undefined;
  if (config.Arn !== undefined && config.Type !== undefined)
    throw fail("You can either define 'Arn' or 'Type' property of DeadLetterConfig.");
  if (config.Arn !== undefined) return { arn: config.Arn, resources: {} };
  if (config.Type === undefined) throw fail("No 'Arn' or 'Type' property provided for DeadLetterConfig.");
  if (config.Type !== 'SQS')
    throw fail("The only valid value for 'Type' property of DeadLetterConfig is 'SQS'.");
  const queueId = String(config.QueueLogicalId ?? `${logicalId}Queue`);
  const arn = getAtt(queueId, 'Arn');
  const policy = make(
    'AWS::SQS::QueuePolicy',
    {
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'sqs:SendMessage',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Resource: arn,
            Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
          },
        ],
      },
      Queues: [ref(queueId)],
    },
    target.attributes,
  );
  return {
    arn,
    resources: {
      [queueId]: make('AWS::SQS::Queue', {}, target.attributes),
      [`${logicalId}QueuePolicy`]: policy,
    },
  };
}

/** What a schedule or a rule sets going: its ARN, and the statement that allows it. */
export interface Invoked {
  readonly arn: Json;
  readonly attributes: JsonObject;
  readonly policyName: string;
  readonly action: string;
}

/** An event of whichever resource: what its making needs to know of it. */
export type EventParts = Pick<FunctionEvent, 'properties' | 'logicalId' | 'type' | 'fail'>;

const SCHEDULE =
  'ScheduleExpression FlexibleTimeWindow Name State Description StartDate EndDate ScheduleExpressionTimezone GroupName KmsKeyArn';

export const schedulerEvent = (event: FunctionEvent): Record<string, Resource> =>
  schedule(event, { ...event.target, policyName: 'LambdaPolicy', action: 'lambda:InvokeFunction' });

/** ScheduleV2: EventBridge Scheduler, which invokes with a role of its own. */
export function schedule(event: EventParts, invoked: Invoked): Record<string, Resource> {
  known(event, `${SCHEDULE} PermissionsBoundary Input RoleArn DeadLetterConfig RetryPolicy OmitName`);
  const { properties, logicalId, fail } = event;
  need(event, 'ScheduleExpression');
  if (properties.OmitName === true && properties.Name !== undefined)
    throw fail('Name cannot be set when OmitName is True');
  const roleId = `${logicalId}Role`;
  const made: Record<string, Resource> = {};
  const queue = schedulerQueue(event, invoked.attributes);
  Object.assign(made, queue?.resources);
  if (properties.RoleArn === undefined) made[roleId] = schedulerRole(event, invoked, queue?.arn);
  made[logicalId] = make(
    'AWS::Scheduler::Schedule',
    {
      ...Object.fromEntries(SCHEDULE.split(' ').map((name) => [name, properties[name]])),
      FlexibleTimeWindow: properties.FlexibleTimeWindow ?? { Mode: 'OFF' },
      ...(properties.Name === undefined && properties.OmitName !== true && { Name: logicalId }),
      Target: present({
        Arn: invoked.arn,
        RoleArn: properties.RoleArn ?? getAtt(roleId, 'Arn'),
        Input: properties.Input,
        DeadLetterConfig: queue && { Arn: queue.arn },
        RetryPolicy: properties.RetryPolicy,
      }),
    },
    invoked.attributes,
  );
  return made;
}

function schedulerQueue(
  { properties, logicalId, fail }: EventParts,
  attributes: JsonObject,
): Queue | undefined {
  const config = properties.DeadLetterConfig;
  if (!isObject(config)) return undefined;
  if (config.Arn !== undefined) return { arn: config.Arn, resources: {} };
  if (config.Type !== 'SQS') throw fail("No 'Arn' or 'Type' property provided for DeadLetterConfig.");
  const queueId = String(config.QueueLogicalId ?? `${logicalId}Queue`);
  return { arn: getAtt(queueId, 'Arn'), resources: { [queueId]: make('AWS::SQS::Queue', {}, attributes) } };
}

export const policyFor = (name: string, action: string, resource: Json): JsonObject => ({
  PolicyName: name,
  PolicyDocument: { Statement: [{ Action: action, Effect: 'Allow', Resource: resource }] },
});

function schedulerRole(
  { properties, logicalId }: EventParts,
  invoked: Invoked,
  queueArn: Json | undefined,
): Resource {
  return make(
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: assumeRoleBy('scheduler.amazonaws.com'),
      Policies: [
        policyFor(`${logicalId}${invoked.policyName}`, invoked.action, invoked.arn),
        ...(queueArn === undefined ? [] : [policyFor(`${logicalId}SQSPolicy`, 'sqs:SendMessage', queueArn)]),
      ],
      PermissionsBoundary: properties.PermissionsBoundary,
    },
    invoked.attributes,
  );
}
