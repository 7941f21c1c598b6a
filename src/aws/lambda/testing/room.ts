/** For tests: Lambda over a store in memory, a clock that stands still until moved, and a runner that is a function. */
import { zipSync } from 'fflate';
import { isFault } from '../../../base/fault.ts';
import { silentLog } from '../../../base/log.ts';
import type { OperationCall } from '../../../base/ports.ts';
import type { FunctionConfig, RunAnswer, RunRequest } from '../../../functions/config.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Store } from '../../../store/store.ts';
import type { Call } from '../../../wire/service.ts';
import type { LambdaPorts } from '../ports.ts';
import { createLambda } from '../service.ts';

export const scope = { account: '123456789012', region: 'us-east-1' };
export const ROLE = 'arn:aws:iam::123456789012:role/orders';
export const zip = zipSync({ 'index.js': new TextEncoder().encode('exports.handler = async () => 1;') });

export type FakeRun = (
  config: FunctionConfig,
  request: RunRequest,
) => Partial<RunAnswer> | Promise<Partial<RunAnswer>>;

export interface Timer {
  readonly at: number;
  readonly work: () => void;
}

export function openRoom(
  more: Partial<LambdaPorts> & { readonly run?: FakeRun; readonly store?: Store } = {},
) {
  const store = more.store ?? createMemoryStore();
  const runs: { config: FunctionConfig; request: RunRequest }[] = [];
  const calls: OperationCall[] = [];
  const retired: string[] = [];
  const timers = new Set<Timer>();
  const clock = { now: Date.UTC(2026, 10, 1, 12) };
  const run = more.run ?? (() => ({}));
  const lambda = createLambda({
    store,
    now: () => clock.now,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: async (call) => void calls.push(call),
    roleCredentials: async () => ({ accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token' }),
    allowFolders: false,
    after: (delayMs, work) => {
      const timer = { at: clock.now + delayMs, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    runner: {
      run: async (config, request) => {
        runs.push({ config, request });
        const answer = await run(config, request);
        return { payload: new TextEncoder().encode('null'), durationMs: 1, billedDurationMs: 1, ...answer };
      },
      provision: async (_, count) => count,
      retire: (arn) => void retired.push(arn),
      close: async () => {},
    },
    ...more,
  });
  /** Moves the clock and fires the timers that came due. */
  const advance = (milliseconds: number) => {
    clock.now += milliseconds;
    for (const timer of timers)
      if (timer.at <= clock.now) {
        timers.delete(timer);
        timer.work();
      }
  };
  // Handlers are as many types as operations; a test names the one it calls.
  const handlers = lambda.handlers as Record<string, (input: object, call: Call) => Promise<unknown>>;
  async function call<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> {
    const handler = handlers[operation];
    if (handler === undefined) throw new Error(`no operation ${operation}`);
    return (await handler(input, testCall())) as Output;
  }
  const createFunction = (name: string, input: object = {}) =>
    call('CreateFunction', {
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: ROLE,
      Code: { ZipFile: zip },
      ...input,
    });
  return { lambda, store, clock, runs, calls, retired, timers, advance, call, createFunction };
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

/** `Code: message` of the fault a promise ends with. */
export async function faultOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (thrown) {
    if (isFault(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'no fault';
}

/** Resolves when the condition holds; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

export const text = (payload: Uint8Array | undefined): string => new TextDecoder().decode(payload);
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
