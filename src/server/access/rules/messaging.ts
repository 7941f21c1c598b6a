/** SQS, SNS, EventBridge, Scheduler: queues by address, topics and rules by name. */
import { arnOf, partitionOf } from '../../../base/arn.ts';
import { type AccessCall, fieldsOf, listOf, type Rule, type ServiceRules, textOf } from '../requirement.ts';

/** `http://.../123456789012/orders`. */
function queueArn({ input, scope }: AccessCall): string {
  const url = textOf(input['QueueUrl']);
  if (url === undefined) {
    const name = textOf(input['QueueName']);
    const owner = textOf(input['QueueOwnerAWSAccountId']) ?? scope.account;
    return (
      textOf(input['SourceArn']) ??
      (name === undefined ? '*' : arnOf({ ...scope, account: owner }, 'sqs', name))
    );
  }
  const [account = scope.account, name = '*'] = url
    .replace(/[?#].*$/, '')
    .split('/')
    .slice(-2);
  return arnOf({ ...scope, account: /^\d{12}$/.test(account) ? account : scope.account }, 'sqs', name);
}

const queue =
  (action?: string): Rule =>
  (call) => [{ action: `sqs:${action ?? call.operation}`, resources: [queueArn(call)] }];

const each = (rule: Rule, ...operations: string[]): Record<string, Rule> =>
  Object.fromEntries(operations.map((operation) => [operation, rule]));

export const sqsRules: ServiceRules = {
  operations: {
    ...each(
      queue(),
      'AddPermission',
      'ChangeMessageVisibility',
      'CreateQueue',
      'DeleteMessage',
      'DeleteQueue',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ListDeadLetterSourceQueues',
      'ListQueueTags',
      'PurgeQueue',
      'ReceiveMessage',
      'RemovePermission',
      'SendMessage',
      'SetQueueAttributes',
      'TagQueue',
      'UntagQueue',
      'StartMessageMoveTask',
      'ListMessageMoveTasks',
    ),
    CancelMessageMoveTask: () => [{ action: 'sqs:CancelMessageMoveTask', resources: ['*'] }],
    SendMessageBatch: queue('SendMessage'),
    DeleteMessageBatch: queue('DeleteMessage'),
    ChangeMessageVisibilityBatch: queue('ChangeMessageVisibility'),
  },
};

/** A subscription's ARN is its topic's and an id. */
const subscription: Rule = ({ input, operation }) => {
  const arn = textOf(input['SubscriptionArn']);
  return [{ action: `sns:${operation}`, resources: [arn?.split(':').slice(0, 6).join(':') ?? '*'] }];
};

export const snsRules: ServiceRules = {
  members: { TopicName: ['Name'] },
  actions: { PublishBatch: 'Publish' },
  operations: {
    ...each(subscription, 'Unsubscribe', 'GetSubscriptionAttributes', 'SetSubscriptionAttributes'),
    Publish: ({ input }) => [
      { action: 'sns:Publish', resources: [textOf(input['TopicArn']) ?? textOf(input['TargetArn']) ?? '*'] },
    ],
    Subscribe: ({ input }) => {
      const endpoint = textOf(input['Endpoint']);
      const protocol = textOf(input['Protocol']);
      return [
        {
          action: 'sns:Subscribe',
          resources: [textOf(input['TopicArn']) ?? '*'],
          context: {
            ...(endpoint === undefined ? {} : { 'sns:Endpoint': endpoint }),
            ...(protocol === undefined ? {} : { 'sns:Protocol': protocol }),
          },
        },
      ];
    },
  },
};

/** The default bus is not in its rules' ARNs. */
function ruleArn({ input, scope }: AccessCall): string {
  const name = textOf(input['Name']) ?? textOf(input['Rule']) ?? '*';
  const bus = (textOf(input['EventBusName']) ?? 'default').replace(/^.*event-bus\//, '');
  return arnOf(scope, 'events', `rule/${bus === 'default' ? '' : `${bus}/`}${name}`);
}

const eventRule: Rule = (call) => [{ action: `events:${call.operation}`, resources: [ruleArn(call)] }];

function busArn(scope: AccessCall['scope'], named: unknown): string {
  const bus = textOf(named) ?? 'default';
  return bus.startsWith('arn:') ? bus : arnOf(scope, 'events', `event-bus/${bus}`);
}

const onBus =
  (member: string): Rule =>
  ({ input, operation, scope }) => [
    { action: `events:${operation}`, resources: [busArn(scope, input[member])] },
  ];

const putEvents: Rule = ({ input, scope }) =>
  listOf(input['Entries']).map((entry) => {
    const { EventBusName: bus, Source: source, DetailType: type } = fieldsOf(entry) ?? {};
    return {
      action: 'events:PutEvents',
      resources: [busArn(scope, bus)],
      context: {
        ...(typeof source === 'string' ? { 'events:source': source } : {}),
        ...(typeof type === 'string' ? { 'events:detail-type': type } : {}),
      },
    };
  });

export const eventsRules: ServiceRules = {
  members: {
    ApiDestinationName: ['Name'],
    ConnectionName: ['Name'],
    EndpointName: ['Name'],
    ReplayName: ['ReplayName'],
    EventSourceName: ['Name'],
  },
  operations: {
    ...each(
      eventRule,
      'PutRule',
      'DeleteRule',
      'DescribeRule',
      'DisableRule',
      'EnableRule',
      'PutTargets',
      'RemoveTargets',
      'ListTargetsByRule',
    ),
    ...each(onBus('Name'), 'CreateEventBus', 'DeleteEventBus', 'DescribeEventBus', 'UpdateEventBus'),
    ...each(onBus('EventBusName'), 'PutPermission', 'RemovePermission'),
    PutEvents: putEvents,
  },
};

export const schedulerRules: ServiceRules = {
  operations: Object.fromEntries(
    ['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule', 'GetSchedule'].map((operation): [string, Rule] => [
      operation,
      ({ input, scope }) => {
        const group = textOf(input['GroupName']) ?? 'default';
        const name = textOf(input['Name']) ?? '*';
        const arn = `arn:${partitionOf(scope.region)}:scheduler:${scope.region}:${scope.account}:schedule/${group}/${name}`;
        return [{ action: `scheduler:${operation}`, resources: [arn] }];
      },
    ]),
  ),
  members: { GroupName: ['Name'] },
};
