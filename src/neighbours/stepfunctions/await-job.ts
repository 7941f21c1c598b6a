/** `.sync`: the end of the execution that a task began. https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
import { isObject } from '../../lang/states/reference-path.ts';
import { StateError } from '../../lang/states/state-error.ts';
import type { Executions } from './executions.ts';
import { executionKeyOf, type ExecutionRow, machineArn } from './rows.ts';
import type { Run, Task } from './run.ts';

export async function awaitJob(
  run: Run,
  task: Task,
  begun: unknown,
  executions: Executions,
): Promise<unknown> {
  const arn = isObject(begun) ? String(begun['ExecutionArn']) : '';
  const key = executionKeyOf(arn);
  const { signal } = task.line;
  const own = new AbortController();
  const endWithParent = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', endWithParent, { once: true });
  const timer =
    task.timeoutSeconds === undefined
      ? undefined
      : setTimeout(
          () => own.abort(new StateError('States.Timeout', '')),
          Math.min(task.timeoutSeconds * 1000, 2 ** 31 - 1),
        );
  try {
    const row = await executions.ended(run.scope, key, own.signal);
    const told = show(run, arn, row, task.kind.kind === 'service' && task.kind.isSecondSync);
    if (row.status === 'SUCCEEDED') return told;
    throw new StateError('States.TaskFailed', JSON.stringify(told));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', endWithParent);
  }
}

function show(run: Run, arn: string, row: ExecutionRow, asJson: boolean): object {
  const text = (value: string): unknown => (asJson ? (JSON.parse(value) as unknown) : value);
  return {
    ExecutionArn: arn,
    Input: text(row.input),
    InputDetails: { Included: true },
    Name: row.name,
    ...(row.output !== undefined && { Output: text(row.output), OutputDetails: { Included: true } }),
    ...(row.error !== undefined && { Error: row.error }),
    ...(row.cause !== undefined && { Cause: row.cause }),
    StartDate: row.startedAt,
    StateMachineArn: machineArn(run.scope, row.machine),
    Status: row.status,
    StopDate: row.stoppedAt,
  };
}
