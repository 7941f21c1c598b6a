/** IAM over a memory store, for the tests beside the nouns. */
import { isFault } from '../../../base/fault.ts';
import { silentLog } from '../../../base/log.ts';
import type { Caller } from '../../../base/ports.ts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from '../../../base/scope.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Call, ServicePorts } from '../../../wire/service.ts';
import { createIam } from '../service.ts';

export function startTestIam() {
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) };
  const ports: ServicePorts = {
    store: createMemoryStore(),
    now: () => clock.ms,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: () => Promise.reject(new Error('nobody is called')),
  };
  return { ...createIam(ports), ports, clock };
}

const rootCaller: Caller = {
  kind: 'root',
  account: DEFAULT_ACCOUNT,
  arn: `arn:aws:iam::${DEFAULT_ACCOUNT}:root`,
  accessKeyId: 'test',
};

export const callBy = (caller: Caller): Call => ({
  scope: { account: caller.account, region: DEFAULT_REGION },
  caller,
  requestId: 'test-request',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
});

export const rootCall = callBy(rootCaller);

/** What a call was refused with, `Code: message`; a call that succeeds fails the test. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (thrown) {
    if (isFault(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  throw new Error('the call was not refused');
}

/** A policy's text. */
export const policy = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const allow = (Action: string | string[], Resource = '*') => ({ Effect: 'Allow', Action, Resource });

export const trusting = (Principal: object | string, more: object = {}): string =>
  policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...more });

export const trustingLambda = trusting({ Service: 'lambda.amazonaws.com' });
