/** Puts everything together, once. The only room that knows every room. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { type Now, systemNow } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { createLog, type Log } from '../base/log.ts';
import { createServerMetrics } from '../observe/server-metrics.ts';
import type { ExplainMode } from '../observe/watch.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { ACCOUNT_THROTTLE_VARIABLE, accountRateOf } from './account-rate.ts';
import { createCallbacks } from './callbacks.ts';
import { ACCESS_KEYS_TABLE } from '../aws/iam/access-key-row.ts';
import { type FunctionSettings, readFunctionSettings } from './function-settings.ts';
import { createInternal } from './internal.ts';
import { lazily } from './lazily.ts';
import { listen } from './listener.ts';
import { ROOT_KEY_VARIABLES, takeRootKey } from './root-key.ts';
import { assemble, type System } from './system.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** For HTTPS and HTTP: 0 takes any free one, the same as `port` makes them one, null none. When absent: the one after `port`, or any free one. */
  readonly httpsPort?: number | null;
  /** The data folder; null keeps nothing. */
  readonly data: string | null;
  readonly auth: 'open' | 'enforce';
  /** Where the first administrator's key is looked for with `enforce`; the process's own when absent. */
  readonly environment?: Record<string, string | undefined>;
  /** Whether the steps of the last requests are kept for `explain`, and where; in memory when absent. */
  readonly explain?: ExplainMode;
  readonly log?: Log;
  /** The clock of everything but timers; the system's when absent. */
  readonly now?: Now;
}

export interface RunningServer {
  readonly url: string;
  /** Undefined when there is no port for HTTPS. */
  readonly httpsUrl: string | undefined;
  /** True when the data folder held nothing. */
  readonly isEmpty: boolean;
  /** Drains: no accepted request is lost. */
  close(): Promise<void>;
}

/** Throws an Error that says what and where: a taken port, a corrupt or locked data folder. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  checkExposure(options);
  const environment = options.environment ?? process.env;
  const accountRate = accountRateOf(environment[ACCOUNT_THROTTLE_VARIABLE]);
  const rootKey = options.auth === 'enforce' ? takeRootKey(environment) : undefined;
  const log = options.log ?? createLog('warn', (line) => process.stderr.write(line));
  const functions = readFunctionSettings(environment);
  const isEmpty = options.data === null || !existsSync(join(options.data, 'gatehouse.db'));
  const store: Store = options.data === null ? createMemoryStore() : createSqliteStore(options.data);
  if (options.auth === 'enforce' && rootKey === undefined) await needAccessKeys(store);
  const runDir =
    options.data === null
      ? join(scratchParent(functions), `gatehouse-run-${process.pid}`)
      : join(options.data, 'run');
  const metrics = createServerMetrics();
  let url = '';
  let http2Url: string | undefined;
  const authority = lazily(async () =>
    (await import('../neighbours/acm/local-authority.ts')).openLocalAuthority(
      options.data === null ? null : join(options.data, 'authority.pem'),
      systemNow,
    ),
  );
  const callbacks = createCallbacks(() => url);
  const build = (): System =>
    assemble({
      store,
      callbacks,
      log,
      now: options.now ?? systemNow,
      random: randomBytes,
      metrics,
      authority,
      explain: options.explain ?? 'memory',
      dataDir: options.data,
      runDir,
      functions,
      auth: options.auth,
      environment,
      ...(rootKey && { rootKey }),
      ...(accountRate && { accountRate }),
      url: () => url,
      http2Url: () => http2Url,
      loopback: isLoopback(options.host),
    });
  let system = build();

  const reset = async (): Promise<void> => {
    const before = system;
    await before.stop(0);
    await store.reset();
    system = build();
  };
  const internal = createInternal({
    isOpen: options.auth === 'open',
    reset,
    metrics,
    authority,
    explain: (id) => system.explain(id),
    snsCertificate: () => system.snsCertificate(),
    userPoolMessages: (query) => system.userPoolMessages(query),
  });
  try {
    const listening = await listen({
      host: options.host,
      port: options.port,
      securePort: options.httpsPort === undefined ? 'beside' : options.httpsPort,
      createTls: (onSecure) => (serverName) => system.tlsServer(serverName, onSecure),
      log,
      doors: {
        internal: async (request, response) => {
          if (!(await callbacks.handle(request, response))) await internal(request, response);
        },
        control: (request, response) => system.control(request, response),
        api: (request, response, target) => system.api(request, response, target),
        upgrade: (request, socket, head, target) => system.upgrade(request, socket, head, target),
        connection: (request, response) => system.connection(request, response),
        domainOf: (host) => system.domainOf(host),
        domain: (...call) => system.domain(...call),
        upgradeDomain: (...call) => system.upgradeDomain(...call),
        userPools: (request, response) => system.userPools(request, response),
        functionCode: (request, response) => system.functionCode(request, response),
        functionUrl: (...call) => system.functionUrl(...call),
        graphql: (...call) => system.graphql.serve(...call),
        upgradeGraphql: (...call) => system.graphql.upgrade(...call),
      },
    });
    url = listening.url;
    http2Url = listening.secureUrl?.replace(/^https/, 'http');
    void system.resume();
    return {
      url,
      httpsUrl: listening.secureUrl,
      isEmpty,
      async close() {
        await system.release();
        // What `$disconnect` calls still has to be there.
        await system.closeSockets(limits.drainMs);
        await listening.close(limits.drainMs);
        await system.stop(limits.drainMs);
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Functions that get a /tmp of their own cannot have their code below it. */
const scratchParent = ({ isolation }: FunctionSettings): string =>
  isolation.mode === 'strict' ? '/var/tmp' : tmpdir();

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** In open mode any key is its account's root: nobody but this machine may reach that. */
function checkExposure({ host, auth }: ServerOptions): void {
  if (auth === 'enforce' || isLoopback(host)) return;
  throw new Error(`--host ${host} is reachable from outside: this requires --auth enforce`);
}

/** Without any key nobody could ever sign a call, nor make the first key. */
async function needAccessKeys(store: Store): Promise<void> {
  if (await store.holdsAny([ACCESS_KEYS_TABLE])) return;
  await store.close();
  const { id, secret } = ROOT_KEY_VARIABLES;
  throw new Error(
    `--auth enforce: there is no access key yet. Set ${id} and ${secret} to the first administrator's key, of your own making`,
  );
}
