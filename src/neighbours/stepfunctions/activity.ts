/** Activities: work that somebody fetches. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html */
import type {
  CreateActivityInput,
  CreateActivityOutput,
  DeleteActivityInput,
  DescribeActivityInput,
  DescribeActivityOutput,
  GetActivityTaskInput,
  GetActivityTaskOutput,
  ListActivitiesInput,
  ListActivitiesOutput,
  SendTaskFailureInput,
  SendTaskHeartbeatInput,
  SendTaskSuccessInput,
} from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import { activities, activityArn, type ActivityRow, partsOf } from './rows.ts';
import { checkName } from './state-machine.ts';
import { tagsOf } from './tags.ts';
import type { Tokens } from './tokens.ts';

export const activityOperations = (room: StatesRoom, tokens: Tokens) => {
  const { store, now } = room;
  const nameOf = (arn: string | undefined): string => partsOf(arn, ['activity']).parts[0] ?? '';
  return {
    async CreateActivity(input: CreateActivityInput, { scope }: Call): Promise<CreateActivityOutput> {
      const name = checkName(input.name);
      const row = await store.transaction(async (rows) => {
        const before = await rows.get(activities, scope, name);
        if (before !== undefined) return before;
        const made: ActivityRow = { name, createdAt: now(), tags: tagsOf(input.tags) };
        await rows.put(activities, scope, name, made);
        return made;
      });
      return { activityArn: activityArn(scope, name), creationDate: new Date(row.createdAt) };
    },

    async DescribeActivity(
      { activityArn: arn }: DescribeActivityInput,
      { scope }: Call,
    ): Promise<DescribeActivityOutput> {
      const row = await store.get(activities, scope, nameOf(arn));
      if (row === undefined) throw missing(arn);
      return {
        activityArn: activityArn(scope, row.name),
        name: row.name,
        creationDate: new Date(row.createdAt),
        encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
      };
    },

    async DeleteActivity({ activityArn: arn }: DeleteActivityInput, { scope }: Call): Promise<object> {
      const name = nameOf(arn);
      await store.transaction((rows) => rows.delete(activities, scope, name));
      return {};
    },

    async ListActivities(input: ListActivitiesInput, { scope }: Call): Promise<ListActivitiesOutput> {
      const { items, nextToken } = pageOf(await store.list(activities, scope), input);
      return {
        activities: items.map(({ row }) => ({
          activityArn: activityArn(scope, row.name),
          name: row.name,
          creationDate: new Date(row.createdAt),
        })),
        ...(nextToken !== undefined && { nextToken }),
      };
    },

    /** Waits up to a minute; an empty answer says that nothing came. */
    async GetActivityTask(
      { activityArn: arn, workerName }: GetActivityTaskInput,
      { scope, signal }: Call,
    ): Promise<GetActivityTaskOutput> {
      const name = nameOf(arn);
      if ((await store.get(activities, scope, name)) === undefined) throw missing(arn);
      const patience = AbortSignal.any([signal, AbortSignal.timeout(limits.stepFunctionsActivityPollMs)]);
      for (;;) {
        const arrival = tokens.arrival(scope, name, patience);
        const task = await tokens.take(scope, name, workerName);
        if (task !== undefined) return { taskToken: task.token, input: task.input };
        if (patience.aborted) return {};
        await arrival;
      }
    },

    async SendTaskSuccess(
      { taskToken, output = '' }: SendTaskSuccessInput,
      { scope }: Call,
    ): Promise<object> {
      try {
        JSON.parse(output);
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : 'no JSON';
        throw new Fault('InvalidOutput', `Invalid Output: '${reason}'`);
      }
      await tokens.send(scope, taskToken, { kind: 'success', output });
      return {};
    },

    async SendTaskFailure(
      { taskToken, error = '', cause = '' }: SendTaskFailureInput,
      { scope }: Call,
    ): Promise<object> {
      await tokens.send(scope, taskToken, { kind: 'failure', error, cause });
      return {};
    },

    async SendTaskHeartbeat({ taskToken }: SendTaskHeartbeatInput, { scope }: Call): Promise<object> {
      await tokens.heartbeat(scope, taskToken);
      return {};
    },
  };
};

const missing = (arn: string | undefined): Fault =>
  new Fault('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
