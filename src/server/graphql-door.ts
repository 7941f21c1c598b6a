/** Where GraphQL APIs answer: by host `{apiId}.appsync-api.{region}...`, or by path `/graphql/{apiId}`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Log } from '../base/log.ts';
import type { Now } from '../base/clock.ts';
import type { GraphqlControl } from '../graphql/config.ts';
import type { GraphqlPorts } from '../graphql/ports.ts';
import { lazily } from './lazily.ts';

export interface GraphqlTarget {
  readonly apiId: string;
  /** Where the API's HTTP endpoint is, as its clients write it: `/graphql`, `/graphql/{apiId}`. */
  readonly path: string;
  readonly isRealtime: boolean;
}

const HOST = /^([^.:]+)\.appsync-(realtime-)?api\./i;
const PATH = /^\/graphql\/([A-Za-z0-9_-]+)(\/realtime)?\/?(?:\?|$)/;

export function graphqlTargetOf(host: string | undefined, url: string): GraphqlTarget | undefined {
  const byHost = HOST.exec(host ?? '');
  if (byHost !== null) {
    const [, apiId = '', realtime] = byHost;
    return {
      apiId: apiId.toLowerCase(),
      path: '/graphql',
      isRealtime: realtime !== undefined || /^\/graphql\/realtime\b/.test(url),
    };
  }
  const [, apiId, realtime] = PATH.exec(url) ?? [];
  return apiId === undefined
    ? undefined
    : { apiId, path: `/graphql/${apiId}`, isRealtime: realtime !== undefined };
}

export interface GraphqlDoor {
  control(): Promise<GraphqlControl>;
  serve(request: IncomingMessage, response: ServerResponse, target: GraphqlTarget): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: GraphqlTarget): Promise<void>;
  closeSockets(): Promise<void>;
}

/** The engine is loaded by the first request, or by the first operation of the control plane that asks it something. */
export function createGraphqlDoor(ports: GraphqlPorts, now: Now, log: Log): GraphqlDoor {
  const parts = lazily(async () => {
    const [{ createGraphqlEngine }, { createGraphqlServer }, { createRealtimeServer }] = await Promise.all([
      import('../graphql/engine.ts'),
      import('../graphql/serve.ts'),
      import('../graphql/realtime/server.ts'),
    ]);
    const engine = createGraphqlEngine(ports);
    return {
      engine,
      serve: createGraphqlServer(engine, log),
      realtime: createRealtimeServer(engine, log, now),
    };
  });
  return {
    async control() {
      const { createGraphqlControl } = await import('../graphql/control.ts');
      return createGraphqlControl((await parts()).engine);
    },
    serve: async (request, response, { apiId }) => (await parts()).serve(request, response, apiId),
    upgrade: async (request, socket, head, { apiId, path }) =>
      (await parts()).realtime.upgrade(request, socket, head, apiId, path),
    closeSockets: async () => (await parts.ifMade())?.realtime.close(),
  };
}
