/** An execution goes on where it was when the server ended, whatever it was in. */
import { expect, test } from 'bun:test';
import { silentLog } from '../../base/log.ts';
import type { OperationCall } from '../../base/ports.ts';
import { createMemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { createStepFunctions } from './service.ts';

const scope = { account: '123456789012', region: 'us-east-1' };
const roleArn = 'arn:aws:iam::123456789012:role/states';

/** A server's Step Functions over a store that outlives it; time passes only when told. */
function open(store: Store, onCall: (call: OperationCall) => Promise<unknown>, clock: { now: number }) {
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  const service = createStepFunctions({
    store,
    now: () => clock.now,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: onCall,
    writeLogEvents: () => {},
    endpoint: () => '',
    after(delayMs, work) {
      const timer = { at: clock.now + delayMs, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const handlers = service.handlers as Record<string, (input: object, call: Call) => Promise<unknown>>;
  return {
    start: () => service.start?.(),
    stop: () => service.stop?.(),
    /** Time until the moment the first timer waits for, and its work. */
    async pass(): Promise<void> {
      for (;;) {
        const [next] = [...timers].toSorted((one, other) => one.at - other.at);
        if (next !== undefined) {
          clock.now = Math.max(clock.now, next.at);
          timers.delete(next);
          return next.work();
        }
        await new Promise((turn) => setImmediate(turn));
      }
    },
    async call<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> {
      return (await handlers[operation]?.(input, testCall)) as Output;
    },
    async status(executionArn: string, wanted: string): Promise<Record<string, unknown>> {
      for (;;) {
        const row = await this.call('DescribeExecution', { executionArn });
        if (row['status'] === wanted) return row;
        expect(row['status']).toBe('RUNNING');
        await new Promise((turn) => setImmediate(turn));
      }
    },
  };
}

const testCall: Call = {
  scope,
  caller: {
    kind: 'root',
    account: scope.account,
    arn: `arn:aws:iam::${scope.account}:root`,
    accessKeyId: 'test',
  },
  requestId: 'request',
  endpoint: '',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};

test('what was done is not done again; a wait waits for what is left', async () => {
  const store = createMemoryStore();
  const clock = { now: Date.UTC(2026, 10, 1) };
  const sent: string[] = [];
  const answer = async ({ operation, input }: OperationCall): Promise<unknown> => {
    sent.push(`${operation} ${(input as { TableName: string }).TableName}`);
    return {};
  };
  const put = (TableName: string) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:putItem',
    Parameters: { TableName, Item: {} },
    ResultPath: null,
  });
  const definition = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'Put', States: { Put: { ...put('items'), End: true } } },
        ResultPath: null,
        Next: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: 3600, Next: 'Last' },
      Last: { ...put('last'), End: true },
    },
  };
  const before = open(store, answer, clock);
  const { stateMachineArn } = await before.call('CreateStateMachine', {
    name: 'restarted',
    definition: JSON.stringify(definition),
    roleArn,
  });
  const { executionArn } = (await before.call('StartExecution', { stateMachineArn, input: '[1,2]' })) as {
    executionArn: string;
  };
  const entered = async (): Promise<string[]> => {
    const { events } = await before.call<{ events: { type: string }[] }>('GetExecutionHistory', {
      executionArn,
    });
    return events.map(({ type }) => type);
  };
  while (!(await entered()).includes('WaitStateEntered')) await new Promise((turn) => setImmediate(turn));
  await before.stop();
  expect(sent).toEqual(['PutItem items', 'PutItem items']);

  const after = open(store, answer, clock);
  await after.start();
  clock.now += 1_800_000;
  await after.pass();
  const row = await after.status(executionArn, 'SUCCEEDED');
  expect(sent).toEqual(['PutItem items', 'PutItem items', 'PutItem last']);
  expect((row['stopDate'] as Date).getTime() - (row['startDate'] as Date).getTime()).toBe(3_600_000);
  const { events } = await after.call<{ events: { id: number; type: string }[] }>('GetExecutionHistory', {
    executionArn,
  });
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'TaskSucceeded')).toHaveLength(3);
  await after.stop();
});

test('a word that was acknowledged is heard after a restart', async () => {
  const store = createMemoryStore();
  const clock = { now: Date.UTC(2026, 10, 1) };
  let token = '';
  const answer = async ({ input }: OperationCall): Promise<unknown> => {
    token = (JSON.parse((input as { MessageBody: string }).MessageBody) as { token: string }).token;
    return { MessageId: 'm' };
  };
  const before = open(store, answer, clock);
  const { stateMachineArn } = await before.call('CreateStateMachine', {
    name: 'called-back',
    roleArn,
    definition: JSON.stringify({
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } },
          End: true,
        },
      },
    }),
  });
  const { executionArn } = (await before.call('StartExecution', { stateMachineArn })) as {
    executionArn: string;
  };
  while (token === '') await new Promise((turn) => setImmediate(turn));
  await before.stop();

  const between = open(store, answer, clock);
  await between.call('SendTaskSuccess', { taskToken: token, output: '"heard"' });
  await between.stop();

  const after = open(store, answer, clock);
  await after.start();
  expect((await after.status(executionArn, 'SUCCEEDED'))['output']).toBe('"heard"');
  await after.stop();
});
