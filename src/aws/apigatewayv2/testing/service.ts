/** A service over a memory store, for the tests beside the nouns. */
import { silentLog } from '../../../base/log.ts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from '../../../base/scope.ts';
import { Fault, isFault } from '../../../base/fault.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Call } from '../../../wire/service.ts';
import { createApiGatewayV2 } from '../service.ts';

export function startTestService() {
  const store = createMemoryStore();
  const forgotten: string[] = [];
  const clock = { ms: Date.UTC(2026, 0, 2, 3, 4, 5) };
  const service = createApiGatewayV2({
    store,
    now: () => clock.ms++,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: async ({ operation, input }) => {
      // Any certificate is there, and good for any name.
      if (operation === 'DescribeCertificate')
        return { Certificate: { ...input, Status: 'ISSUED', DomainName: '*.example.com' } };
      throw new Fault('NotFoundException', 'Invalid API identifier specified');
    },
    gateway: { forget: (apiId) => forgotten.push(apiId) },
  });
  return { ...service, store, forgotten, clock };
}

export const testCall: Call = {
  scope: { account: DEFAULT_ACCOUNT, region: DEFAULT_REGION },
  caller: {
    kind: 'root',
    account: DEFAULT_ACCOUNT,
    arn: `arn:aws:iam::${DEFAULT_ACCOUNT}:root`,
    accessKeyId: 'test',
  },
  requestId: 'test-request',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};

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
