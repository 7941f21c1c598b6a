/** Schedules: made, described, changed as a whole, deleted. */
import type {
  CreateScheduleInput,
  CreateScheduleOutput,
  DeleteScheduleInput,
  GetScheduleInput,
  GetScheduleOutput,
  ListSchedulesInput,
  ListSchedulesOutput,
  UpdateScheduleInput,
  UpdateScheduleOutput,
} from '@aws-sdk/client-scheduler';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { parseSchedule } from '../../lang/cron/schedule.ts';
import { isTimeZone } from '../../lang/cron/time-zone.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import {
  conflict,
  DEFAULT_GROUP,
  findGroup,
  findSchedule,
  invalid,
  scheduleArn,
  scheduleKey,
  type ScheduleRow,
  schedules,
} from './schedule-row.ts';
import { checkTarget } from './target-check.ts';
import { type Watching, withNext } from './watching.ts';

export const scheduleOperations = ({ store, now }: ServicePorts, watching: Watching) => {
  /** `before` is told what is there already. */
  const write = async (
    input: CreateScheduleInput,
    scope: Scope,
    createdMs: (before: ScheduleRow | undefined) => number,
  ): Promise<string> => {
    const wanted = rowOf(input, now());
    const row = await store.transaction(async (rows) => {
      await findGroup(rows, scope, wanted.group);
      const before = await rows.get(schedules, scope, scheduleKey(wanted));
      const whole = withNext({ ...wanted, createdMs: createdMs(before) }, now());
      await rows.put(schedules, scope, scheduleKey(whole), whole);
      return whole;
    });
    watching.watch(scope, row);
    return scheduleArn(scope, row);
  };

  return {
    async CreateSchedule(input: CreateScheduleInput, { scope }: Call): Promise<CreateScheduleOutput> {
      const ScheduleArn = await write(input, scope, (before) => {
        if (before) throw conflict(`Schedule ${input.Name} already exists.`);
        return now();
      });
      return { ScheduleArn };
    },

    async UpdateSchedule(input: UpdateScheduleInput, { scope }: Call): Promise<UpdateScheduleOutput> {
      const { createdMs } = await findSchedule(store, scope, input.Name, input.GroupName);
      return { ScheduleArn: await write(input, scope, () => createdMs) };
    },

    async GetSchedule(input: GetScheduleInput, { scope }: Call): Promise<GetScheduleOutput> {
      return show(scope, await findSchedule(store, scope, input.Name, input.GroupName));
    },

    async ListSchedules(input: ListSchedulesInput, { scope }: Call): Promise<ListSchedulesOutput> {
      const prefix = input.GroupName === undefined ? '' : `${input.GroupName}/`;
      const all = await store.list(schedules, scope, { prefix });
      const wanted = all.filter(
        ({ key, row }) =>
          row.name.startsWith(input.NamePrefix ?? '') &&
          row.state === (input.State ?? row.state) &&
          key > (input.NextToken ?? ''),
      );
      const page = wanted.slice(0, input.MaxResults ?? 100);
      const last = page.at(-1);
      return {
        Schedules: page.map(({ row }) => ({
          Arn: scheduleArn(scope, row),
          Name: row.name,
          GroupName: row.group,
          State: row.state,
          CreationDate: new Date(row.createdMs),
          LastModificationDate: new Date(row.modifiedMs),
          Target: { Arn: row.target.Arn },
        })),
        ...(wanted.length > page.length && last ? { NextToken: last.key } : {}),
      };
    },

    async DeleteSchedule(input: DeleteScheduleInput, { scope }: Call): Promise<object> {
      const row = await store.transaction(async (rows) => {
        const found = await findSchedule(rows, scope, input.Name, input.GroupName);
        await rows.delete(schedules, scope, scheduleKey(found));
        return found;
      });
      watching.forget(scope, row);
      return {};
    },
  };
};

function rowOf(input: CreateScheduleInput, now: number): ScheduleRow {
  const {
    ScheduleExpression: expression = '',
    ScheduleExpressionTimezone: zone = 'UTC',
    Target: target,
  } = input;
  if (parseSchedule(expression) === undefined) throw invalid(`Invalid Schedule Expression ${expression}.`);
  if (!isTimeZone(zone)) throw invalid(`The ScheduleExpressionTimezone ${zone} is not valid.`);
  const window = input.FlexibleTimeWindow ?? { Mode: 'OFF' };
  const minutes = window.MaximumWindowInMinutes;
  if (window.Mode === 'FLEXIBLE' && minutes === undefined)
    throw invalid('MaximumWindowInMinutes must be provided when Mode is set to FLEXIBLE.');
  if (window.Mode === 'OFF' && minutes !== undefined)
    throw invalid('MaximumWindowInMinutes must not be provided when Mode is set to OFF.');
  if (target === undefined) throw invalid('Target is required.');
  checkTarget(target);
  const { StartDate: start, EndDate: end } = input;
  if (start && end && start.getTime() >= end.getTime())
    throw invalid('The EndDate must come after the StartDate.');
  if (end && end.getTime() <= now) throw invalid('The EndDate you specify must be in the future.');
  if (Buffer.byteLength(target.Input ?? '') > limits.schedulerInputBytes)
    throw new Fault('ValidationException', 'The input of the target is over the limit.');
  return {
    name: input.Name ?? '',
    group: input.GroupName ?? DEFAULT_GROUP,
    expression,
    zone,
    window,
    target,
    state: input.State ?? 'ENABLED',
    afterCompletion: input.ActionAfterCompletion ?? 'NONE',
    ...(start ? { startMs: start.getTime() } : {}),
    ...(end ? { endMs: end.getTime() } : {}),
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.KmsKeyArn === undefined ? {} : { keyArn: input.KmsKeyArn }),
    createdMs: now,
    modifiedMs: now,
  };
}

const show = (scope: Scope, row: ScheduleRow): GetScheduleOutput => ({
  Arn: scheduleArn(scope, row),
  Name: row.name,
  GroupName: row.group,
  ScheduleExpression: row.expression,
  ScheduleExpressionTimezone: row.zone,
  ...(row.startMs === undefined ? {} : { StartDate: new Date(row.startMs) }),
  ...(row.endMs === undefined ? {} : { EndDate: new Date(row.endMs) }),
  FlexibleTimeWindow: row.window,
  State: row.state,
  Target: row.target,
  ActionAfterCompletion: row.afterCompletion,
  ...(row.description === undefined ? {} : { Description: row.description }),
  ...(row.keyArn === undefined ? {} : { KmsKeyArn: row.keyArn }),
  CreationDate: new Date(row.createdMs),
  LastModificationDate: new Date(row.modifiedMs),
});
