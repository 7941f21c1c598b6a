/** Executions in CloudWatch Logs, as the state machine's logging configuration asks. */
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import { parseArn } from '../../base/arn.ts';
import type { WriteLogEvents } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import type { StoredEvent } from './journal.ts';
import { isFailure } from './task-events.ts';

export interface LoggedExecution {
  readonly scope: Scope;
  readonly arn: string;
  readonly machine: string;
  readonly redriveCount: number;
  readonly logging: LoggingConfiguration;
}

const FATAL = new Set(['ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);
const DATA = ['input', 'output', 'parameters', 'cause', 'assignedVariables'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
export function createExecutionLog(write: WriteLogEvents, execution: LoggedExecution) {
  const { logging, scope, machine } = execution;
  const { level = 'OFF', includeExecutionData = false } = logging;
  const group = parseArn(logging.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? '')
    ?.resource.replace(/^log-group:/, '')
    .replace(/:\*$/, '');
  if (level === 'OFF' || group === undefined) return () => {};
  return (event: StoredEvent): void => {
    const wanted = level === 'ALL' || FATAL.has(event.type ?? '') || (level === 'ERROR' && isFailure(event));
    if (!wanted) return;
    const day = new Date(event.at).toISOString().slice(0, 13).replace('T', '-');
    write(scope, group, `states/${machine}/${day}`, [
      { timestamp: event.at, message: JSON.stringify(lineOf(event, execution, includeExecutionData)) },
    ]);
  };
}

function lineOf(event: StoredEvent, { arn, redriveCount }: LoggedExecution, withData: boolean): object {
  const details = Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1];
  return {
    id: String(event.id),
    type: event.type,
    details: isObject(details) ? shown(details, withData) : {},
    previous_event_id: String(event.previousEventId),
    event_timestamp: String(event.at),
    execution_arn: arn,
    redrive_count: String(redriveCount),
  };
}

const shown = (details: Readonly<Record<string, unknown>>, withData: boolean): object =>
  withData ? details : Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.includes(name)));
