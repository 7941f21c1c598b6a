/** EventBridge Scheduler through the official client. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as sqs from '@aws-sdk/client-sqs';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: scheduler.SchedulerClient;
let queues: sqs.SQSClient;
beforeAll(() => {
  client = new scheduler.SchedulerClient(server.options());
  queues = new sqs.SQSClient(server.options());
});

const RoleArn = 'arn:aws:iam::123456789012:role/scheduler';
let made = 0;
async function createQueue(): Promise<{ url: string; arn: string }> {
  const QueueName = `queue-${++made}`;
  const { QueueUrl = '' } = await queues.send(new sqs.CreateQueueCommand({ QueueName }));
  return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:123456789012:${QueueName}` };
}
async function receive(QueueUrl: string): Promise<sqs.Message | undefined> {
  const input = { QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] };
  return (await queues.send(new sqs.ReceiveMessageCommand(input))).Messages?.[0];
}
const create = (
  Name: string,
  ScheduleExpression: string,
  more: Partial<scheduler.CreateScheduleCommandInput> = {},
) =>
  client.send(
    new scheduler.CreateScheduleCommand({
      Name,
      ScheduleExpression,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:aws:sqs:us-east-1:123456789012:none', RoleArn },
      ...more,
    }),
  );
const get = (Name: string) => client.send(new scheduler.GetScheduleCommand({ Name }));
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};
/** The server's own clock, told by what it made last. */
async function inAnHour(): Promise<string> {
  const Name = `clock-${++made}`;
  await create(Name, 'rate(1 day)', { State: 'DISABLED' });
  const { CreationDate } = await get(Name);
  return new Date((CreationDate?.getTime() ?? 0) + 3_600_000).toISOString().slice(0, 19);
}

describe('schedules come', () => {
  test('once at their time, with context, and are deleted then', async () => {
    const { url, arn } = await createQueue();
    const at = await inAnHour();
    const Input =
      '{"arn":"<aws.scheduler.schedule-arn>","time":"<aws.scheduler.scheduled-time>","n":"<aws.scheduler.attempt-number>"}';
    const { ScheduleArn } = await create('once', `at(${at})`, {
      Target: { Arn: arn, RoleArn, Input },
      ActionAfterCompletion: 'DELETE',
    });
    server.pass(3601);
    const message = await receive(url);
    expect(JSON.parse(message?.Body ?? '')).toEqual({ arn: ScheduleArn, time: `${at}Z`, n: '1' });
    expect(await refusal(get('once'))).toBe('ResourceNotFoundException: Schedule once does not exist.');
  });

  test('again and again, by universal target too, until they end', async () => {
    const { url } = await createQueue();
    await create('universal', 'rate(5 minutes)', {
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
        RoleArn,
        Input: JSON.stringify({ QueueUrl: url, MessageBody: 'tick' }),
      },
    });
    for (let round = 0; round < 2; round++) {
      server.pass(300);
      expect((await receive(url))?.Body).toBe('tick');
    }
    await client.send(new scheduler.DeleteScheduleCommand({ Name: 'universal' }));
  });

  test('without an input they tell of themselves', async () => {
    const { url, arn } = await createQueue();
    await create('plain', 'rate(1 hour)', { Target: { Arn: arn, RoleArn } });
    server.pass(3600);
    expect(JSON.parse((await receive(url))?.Body ?? '')).toMatchObject({
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      resources: ['arn:aws:scheduler:us-east-1:123456789012:schedule/default/plain'],
    });
    await client.send(new scheduler.DeleteScheduleCommand({ Name: 'plain' }));
  });

  test('what does not arrive ends in the dead-letter queue', async () => {
    const { url, arn } = await createQueue();
    const gone = 'arn:aws:sqs:us-east-1:123456789012:gone';
    await create('lost', 'rate(1 hour)', {
      Target: { Arn: gone, RoleArn, Input: 'x', DeadLetterConfig: { Arn: arn } },
    });
    server.pass(3600);
    const letter = await receive(url);
    expect(letter?.Body).toBe('x');
    expect(letter?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'QueueDoesNotExist' },
      TARGET_ARN: { StringValue: gone },
    });
    await client.send(new scheduler.DeleteScheduleCommand({ Name: 'lost' }));
  });
});

test('described, changed as a whole, listed', async () => {
  await client.send(
    new scheduler.CreateScheduleGroupCommand({ Name: 'team', Tags: [{ Key: 'a', Value: '1' }] }),
  );
  await create('kept', 'cron(0 9 ? * MON-FRI *)', {
    GroupName: 'team',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    Description: 'first',
  });
  const input = { Name: 'kept', GroupName: 'team' };
  expect(await client.send(new scheduler.GetScheduleCommand(input))).toMatchObject({
    Arn: 'arn:aws:scheduler:us-east-1:123456789012:schedule/team/kept',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    State: 'ENABLED',
    Description: 'first',
  });
  await client.send(
    new scheduler.UpdateScheduleCommand({
      ...input,
      ScheduleExpression: 'rate(1 day)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'DISABLED',
      Target: { Arn: 'arn:aws:sqs:us-east-1:123456789012:q', RoleArn },
    }),
  );
  const changed = await client.send(new scheduler.GetScheduleCommand(input));
  expect([changed.State, changed.Description]).toEqual(['DISABLED', undefined]);
  const listed = await client.send(new scheduler.ListSchedulesCommand({ GroupName: 'team' }));
  expect(listed.Schedules?.map(({ Name }) => Name)).toEqual(['kept']);
  const ResourceArn = 'arn:aws:scheduler:us-east-1:123456789012:schedule-group/team';
  const { Tags } = await client.send(new scheduler.ListTagsForResourceCommand({ ResourceArn }));
  expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
  await client.send(new scheduler.DeleteScheduleGroupCommand({ Name: 'team' }));
  expect(await refusal(client.send(new scheduler.GetScheduleCommand(input)))).toStartWith(
    'ResourceNotFoundException',
  );
});

const REFUSED: [string, Partial<scheduler.CreateScheduleCommandInput>, string][] = [
  ['rate(1 hours)', {}, 'ValidationException: Invalid Schedule Expression rate(1 hours).'],
  [
    'rate(1 hour)',
    { ScheduleExpressionTimezone: 'Mars/Base' },
    'The ScheduleExpressionTimezone Mars/Base is not valid.',
  ],
  [
    'rate(1 hour)',
    { GroupName: 'nowhere' },
    'ResourceNotFoundException: Schedule group nowhere does not exist.',
  ],
  ['rate(1 hour)', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'MaximumWindowInMinutes must be provided'],
  ['rate(1 hour)', { Target: { Arn: 'x', RoleArn } }, 'Provided Arn is not in correct format.'],
  [
    'rate(1 hour)',
    { Target: { Arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/c', RoleArn } },
    'Targets of ecs: not supported by gatehouse',
  ],
];
test.each(REFUSED)('refuses %s %j', async (expression, more, message) => {
  expect(await refusal(create('refused', expression, more))).toContain(message);
});

test('in stacks', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (State: string) => ({
    Resources: {
      Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Tags: [{ Key: 'a', Value: '1' }] } },
      Schedule: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          GroupName: { Ref: 'Group' },
          ScheduleExpression: 'cron(0 10 * * ? *)',
          StartDate: '2026-01-01T00:00:00Z',
          FlexibleTimeWindow: { Mode: 'OFF' },
          State,
          Target: { Arn: 'arn:aws:sqs:us-east-1:123456789012:q', RoleArn },
        },
      },
    },
    Outputs: { Name: { Value: { Ref: 'Schedule' } }, Group: { Value: { Ref: 'Group' } } },
  });
  const { Name, Group: GroupName } = await stacks.create('schedules', template('ENABLED'));
  await stacks.update('schedules', template('DISABLED'));
  expect(await client.send(new scheduler.GetScheduleCommand({ Name, GroupName }))).toMatchObject({
    State: 'DISABLED',
  });
  await stacks.delete('schedules');
  expect(await refusal(client.send(new scheduler.GetScheduleCommand({ Name, GroupName })))).toStartWith(
    'ResourceNotFound',
  );
});
