/** GetExecutionHistory. */
import type { GetExecutionHistoryInput, GetExecutionHistoryOutput, HistoryEvent } from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import type { Call } from '../../wire/service.ts';
import type { Executions } from './executions.ts';
import { readEvents, type StoredEvent } from './journal.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import { executionKeyOf, executions as executionRows } from './rows.ts';

export const historyOperations = ({ store }: StatesRoom, executions: Executions) => ({
  async GetExecutionHistory(
    input: GetExecutionHistoryInput,
    { scope }: Call,
  ): Promise<GetExecutionHistoryOutput> {
    const key = executionKeyOf(input.executionArn);
    if ((await store.get(executionRows, scope, key)) === undefined)
      throw new Fault('ExecutionDoesNotExist', `Execution Does Not Exist: '${input.executionArn}'`);
    await executions.flush(scope, key);
    const events = await readEvents(store, scope, key);
    const ordered = input.reverseOrder === true ? events.toReversed() : events;
    const { items, nextToken } = pageOf(ordered, input);
    const withData = input.includeExecutionData !== false;
    return {
      events: items.map((event) => shown(event, withData)),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
});

const DATA = new Set(['input', 'output', 'parameters']);

function shown({ at, ...event }: StoredEvent, withData: boolean): HistoryEvent {
  const told = withData
    ? event
    : (Object.fromEntries(
        Object.entries(event).map(([name, value]) => [
          name,
          isObject(value)
            ? Object.fromEntries(Object.entries(value).filter(([key]) => !DATA.has(key)))
            : value,
        ]),
      ) as typeof event); // the same without data
  return { ...told, timestamp: new Date(at) };
}
