/** A whole server for a test: nothing kept, any free port, its log silent. */
import { afterAll, beforeAll } from 'bun:test';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';

export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Starts before the file's tests and closes after them. `options()` is what an SDK client needs. */
export function useServer(): {
  readonly url: string;
  readonly httpsUrl: string;
  options(): { endpoint: string; region: string; credentials: typeof credentials };
} {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ host: '127.0.0.1', port: 0, data: null, auth: 'open', log: silentLog });
  });
  afterAll(() => server.close());
  return {
    get url() {
      return server.url;
    },
    get httpsUrl() {
      return server.httpsUrl ?? '';
    },
    options: () => ({ endpoint: server.url, region: 'us-east-1', credentials }),
  };
}
