/** Schedules and their groups as they are kept. */
import type { FlexibleTimeWindow, Target } from '@aws-sdk/client-scheduler';
import { arnOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';

export const DEFAULT_GROUP = 'default';

export interface GroupRow {
  readonly name: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. The default group is there without a row. */
export const groups = table<GroupRow>('scheduler.groups');

export interface ScheduleRow {
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly zone: string;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly window: FlexibleTimeWindow;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly target: Target;
  readonly afterCompletion: 'NONE' | 'DELETE';
  readonly description?: string;
  readonly keyArn?: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** When it comes next: by its expression, and within its window. */
  readonly next?: { readonly scheduledMs: number; readonly dueMs: number };
}

/** By group, `/` and name. */
export const schedules = table<ScheduleRow>('scheduler.schedules');
export const scheduleKey = ({ group, name }: Pick<ScheduleRow, 'group' | 'name'>): string =>
  `${group}/${name}`;

export const scheduleArn = (scope: Scope, row: Pick<ScheduleRow, 'group' | 'name'>): string =>
  arnOf(scope, 'scheduler', `schedule/${scheduleKey(row)}`);
export const groupArn = (scope: Scope, name: string): string =>
  arnOf(scope, 'scheduler', `schedule-group/${name}`);

export const invalid = (message: string): Fault => new Fault('ValidationException', message);
export const conflict = (message: string): Fault => new Fault('ConflictException', message);
const notFound = (message: string): Fault => new Fault('ResourceNotFoundException', message);

export async function findGroup(rows: Pick<Reader, 'get'>, scope: Scope, name: string): Promise<GroupRow> {
  const row = await rows.get(groups, scope, name);
  if (row) return row;
  if (name === DEFAULT_GROUP) return { name, createdMs: 0, modifiedMs: 0, tags: {} };
  throw notFound(`Schedule group ${name} does not exist.`);
}

export async function findSchedule(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string | undefined,
  group = DEFAULT_GROUP,
): Promise<ScheduleRow> {
  const row = await rows.get(schedules, scope, scheduleKey({ group, name: name ?? '' }));
  if (row === undefined) throw notFound(`Schedule ${name} does not exist.`);
  return row;
}
