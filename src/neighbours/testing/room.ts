/** A server whose clock a test moves, spoken to by the official clients: nothing kept, any free port, its log silent. */
import { afterAll, beforeAll } from 'bun:test';
import { silentLog } from '../../base/log.ts';
import { type RunningServer, startServer } from '../../server/start.ts';

export interface TestServer {
  readonly url: string;
  /** What an SDK client needs. `account`: twelve digits as the key id. */
  options(account?: string): {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Moves the server's clock forward. */
  pass(seconds: number): void;
}

export function useTestServer(): TestServer {
  let server: RunningServer;
  let aheadMs = 0;
  beforeAll(async () => {
    const now = (): number => Date.now() + aheadMs;
    server = await startServer({ host: '127.0.0.1', port: 0, data: null, auth: 'open', log: silentLog, now });
  });
  afterAll(() => server.close());
  return {
    get url() {
      return server.url;
    },
    options: (account = 'test') => ({
      endpoint: server.url,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: account, secretAccessKey: 'test' },
    }),
    pass(seconds) {
      aheadMs += seconds * 1000;
    },
  };
}
