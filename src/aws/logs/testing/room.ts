/** For tests: CloudWatch Logs over a store in memory and a clock that stands still until moved. */
import { isFault } from '../../../base/fault.ts';
import { silentLog } from '../../../base/log.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Call } from '../../../wire/service.ts';
import type { LogsPorts } from '../ports.ts';
import { createLogs } from '../service.ts';

/** `Code: message` of the fault the work ends with. */
export async function faultOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (thrown) {
    if (isFault(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'no fault';
}

export const scope = { account: '123456789012', region: 'us-east-1' };

export function openLogs(more: Partial<LogsPorts> = {}) {
  const store = more.store ?? createMemoryStore();
  const clock = { now: Date.UTC(2026, 10, 1, 12) };
  const logs = createLogs({
    store,
    now: () => clock.now,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: async () => undefined,
    invoke: async () => {
      throw new Error('no function is subscribed');
    },
    ...more,
  });
  // Handlers are as many types as operations; a test names the one it calls.
  const handlers = logs.handlers as Record<string, (input: object, call: Call) => Promise<unknown>>;
  async function call<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> {
    const handler = handlers[operation];
    if (handler === undefined) throw new Error(`no operation ${operation}`);
    return (await handler(input, testCall())) as Output;
  }
  const write = (stream: string, ...lines: [timestamp: number, message: string][]) =>
    logs.writeLogEvents(
      scope,
      '/aws/lambda/orders',
      stream,
      lines.map(([timestamp, message]) => ({ timestamp, message })),
    );
  return { logs, store, clock, call, write };
}

const testCall = (): Call => ({
  scope,
  caller: {
    kind: 'root',
    account: scope.account,
    arn: `arn:aws:iam::${scope.account}:root`,
    accessKeyId: 'test',
  },
  requestId: 'request',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
});
