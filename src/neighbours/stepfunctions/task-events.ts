/** The events that a task leaves in the history, by its kind. */
import type { Scope } from '../../base/scope.ts';
import type { Emit, StoredEvent } from './journal.ts';
import type { Prepared } from './run-task.ts';
import type { ServiceTask, TaskKind } from './task-kind.ts';

export type Settled =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: string; readonly cause: string };

const WHOLE = { truncated: false };

export function emitScheduled(kind: TaskKind, scope: Scope, task: Prepared, emit: Emit): void {
  const input = JSON.stringify(task.given);
  const times = {
    ...(task.timeoutSeconds !== undefined && { timeoutInSeconds: task.timeoutSeconds }),
    ...(task.heartbeatSeconds !== undefined && { heartbeatInSeconds: task.heartbeatSeconds }),
  };
  switch (kind.kind) {
    case 'function':
      emit('LambdaFunctionScheduled', {
        lambdaFunctionScheduledEventDetails: { resource: kind.arn, input, inputDetails: WHOLE, ...times },
      });
      emit('LambdaFunctionStarted');
      return;
    case 'activity':
      emit('ActivityScheduled', {
        activityScheduledEventDetails: { resource: kind.name, input, inputDetails: WHOLE, ...times },
      });
      return;
    case 'service': {
      const { resourceType, resource } = kind;
      emit('TaskScheduled', {
        taskScheduledEventDetails: {
          resourceType,
          resource,
          region: scope.region,
          parameters: input,
          ...times,
        },
      });
      emit('TaskStarted', { taskStartedEventDetails: { resourceType, resource } });
    }
  }
}

export function emitSubmitted({ resourceType, resource }: ServiceTask, result: unknown, emit: Emit): void {
  emit('TaskSubmitted', {
    taskSubmittedEventDetails: {
      resourceType,
      resource,
      output: JSON.stringify(result),
      outputDetails: WHOLE,
    },
  });
}

export function emitSettled(kind: TaskKind, settled: Settled, emit: Emit): void {
  if (settled.ok) return emitSucceeded(kind, JSON.stringify(settled.result), emit);
  const { error, cause } = settled;
  const timedOut = error === 'States.Timeout' || error === 'States.HeartbeatTimeout';
  const details = { error, cause };
  switch (kind.kind) {
    case 'function':
      return timedOut
        ? emit('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: details })
        : emit('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: details });
    case 'activity':
      return timedOut
        ? emit('ActivityTimedOut', { activityTimedOutEventDetails: details })
        : emit('ActivityFailed', { activityFailedEventDetails: details });
    case 'service': {
      const { resourceType, resource } = kind;
      return timedOut
        ? emit('TaskTimedOut', { taskTimedOutEventDetails: { resourceType, resource, ...details } })
        : emit('TaskFailed', { taskFailedEventDetails: { resourceType, resource, ...details } });
    }
  }
}

function emitSucceeded(kind: TaskKind, output: string, emit: Emit): void {
  const told = { output, outputDetails: WHOLE };
  const details: Record<TaskKind['kind'], () => void> = {
    function: () => emit('LambdaFunctionSucceeded', { lambdaFunctionSucceededEventDetails: told }),
    activity: () => emit('ActivitySucceeded', { activitySucceededEventDetails: told }),
    service: () => {
      if (kind.kind !== 'service') return;
      const { resourceType, resource } = kind;
      emit('TaskSucceeded', { taskSucceededEventDetails: { resourceType, resource, ...told } });
    },
  };
  details[kind.kind]();
}

export const isFailure = ({ type }: StoredEvent): boolean => /Failed|TimedOut|Aborted/.test(type ?? '');
