/**
 * Subscriptions over AppSync's WebSocket protocol.
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Kind } from 'graphql';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { WebSocketConnection, type WebSocketOwner } from '../../websocket/connection.ts';
import { acceptUpgrade, answerPlainly, refuseUpgrade } from '../../websocket/handshake.ts';
import { type GraphqlEngine, type MutationEvent, newRequestId, type OpenApi } from '../engine.ts';
import { RequestError, ResolverError } from '../errors.ts';
import { executeOperation, operationOf } from '../execute.ts';
import type { Identity } from '../identity.ts';
import { webAclRequest } from '../serve.ts';
import { type Claimed, claimed, claimedAtConnect, protocolsOf, signedBy } from './credentials.ts';
import { readFilter } from './filter.ts';
import { createSubscriptions, type Subscription } from './subscriptions.ts';

export interface RealtimeServer {
  /** A socket that asks for a WebSocket; `path` is where the API's HTTP endpoint is: `/graphql`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, apiId: string, path: string): Promise<void>;
  close(): void;
}

interface Client {
  readonly api: OpenApi;
  readonly path: string;
  readonly sourceIp: string;
  /** By the client's own ids. */
  readonly subscriptions: Map<string, Subscription>;
  /** Those that are being set up. */
  readonly starting: Set<string>;
  lastHeard: number;
}

type Connection = WebSocketConnection<Client>;

const SUBPROTOCOL = 'graphql-ws';
/** https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html: "connectionTimeoutMs" */
const TIMEOUT_MS = 300_000;
const KEEP_ALIVE_MS = 60_000;
const RULES = {
  frameBytes: limits.appsyncRequestBytes,
  messageBytes: limits.appsyncRequestBytes,
  acceptsBinary: false,
};

export function createRealtimeServer(engine: GraphqlEngine, log: Log, now: () => number): RealtimeServer {
  const subscriptions = createSubscriptions();
  const connections = new Set<Connection>();
  let timer: ReturnType<typeof setInterval> | undefined;

  const owner: WebSocketOwner<Client> = {
    message(connection, payload) {
      connection.data.lastHeard = now();
      void take(connection, typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8'));
    },
    closed(connection) {
      connections.delete(connection);
      for (const subscription of connection.data.subscriptions.values()) subscriptions.remove(subscription);
      connection.data.subscriptions.clear();
      if (connections.size === 0) clearInterval(timer);
    },
  };
  engine.onMutation((event) => void deliver(event));

  async function take(connection: Connection, text: string): Promise<void> {
    let message: Message;
    try {
      message = JSON.parse(text) as Message; // each member is looked at where it is used
    } catch {
      return send(connection, {
        type: 'error',
        payload: { errors: [{ errorType: 'BadRequestException', message: 'Message is not valid JSON.' }] },
      });
    }
    switch (message.type) {
      case 'connection_init':
        send(connection, { type: 'connection_ack', payload: { connectionTimeoutMs: TIMEOUT_MS } });
        return send(connection, { type: 'ka' });
      case 'start':
        return start(connection, message);
      case 'stop':
        return stop(connection, String(message.id));
      default:
        return send(
          connection,
          refusal(
            message.id,
            new RequestError(400, 'UnsupportedOperation', `Unsupported message type ${String(message.type)}`),
          ),
        );
    }
  }

  async function start(connection: Connection, message: Message): Promise<void> {
    const id = String(message.id ?? '');
    const { data: client } = connection;
    try {
      if (client.subscriptions.has(id) || client.starting.has(id))
        throw new RequestError(400, 'DuplicatedOperationError', `Subscription ${id} is already registered.`);
      if (client.subscriptions.size + client.starting.size >= limits.appsyncSubscriptionsPerConnection)
        throw new RequestError(
          400,
          'MaxSubscriptionsReachedError',
          `Max number of ${limits.appsyncSubscriptionsPerConnection} subscriptions reached`,
        );
      client.starting.add(id);
      const subscription = await subscribe(connection, id, message).finally(() => client.starting.delete(id));
      if (!connection.isOpen) return;
      client.subscriptions.set(id, subscription);
      subscriptions.add(subscription);
      send(connection, { id, type: 'start_ack' });
    } catch (thrown) {
      send(connection, refusal(id, thrown));
      if (!(thrown instanceof RequestError || thrown instanceof ResolverError))
        log('error', 'a subscription failed', { reason: reasonOf(thrown) });
    }
  }

  async function subscribe(connection: Connection, id: string, message: Message): Promise<Subscription> {
    const { api, path, sourceIp } = connection.data;
    const text = message.payload?.data;
    if (typeof text !== 'string')
      throw new RequestError(400, 'BadRequestException', 'The payload has no data.');
    const asked = readData(text);
    const identity = await identify(api, claimed(message.payload?.extensions?.authorization), {
      target: path,
      body: text,
      sourceIp,
      query: asked.query,
    });
    const { document, errors } = api.parse(asked.query);
    if (document === undefined)
      throw new RequestError(
        400,
        'BadRequestException',
        JSON.stringify(errors.map((error) => error.message)),
      );
    const operation = operationOf(document, asked.operationName);
    const [field, ...more] = operation?.selectionSet.selections ?? [];
    if (operation?.operation !== 'subscription' || field?.kind !== Kind.FIELD || more.length > 0)
      throw new RequestError(400, 'UnsupportedOperation', 'A subscription of one field is needed.');
    const request = engine.newRequest(api, identity, {
      ...asked,
      headers: {},
      domainName: null,
      requestId: newRequestId(),
      signal: AbortSignal.timeout(limits.appsyncRequestMs),
    });
    // Its resolver, when it has one, may refuse, and set filters; what it answers is not told.
    const answer = await executeOperation(
      {
        ...request,
        isEvent: api.plan.fields.get(`Subscription.${field.name.value}`)?.resolver === undefined,
      },
      { ...asked, document },
    );
    const [error] = answer.errors ?? [];
    if (error !== undefined && !error.message.startsWith('Cannot return null'))
      throw new RequestError(400, error.errorType ?? 'BadRequestException', error.message);
    const { subscriptionFilter, invalidationFilter } = request.effects;
    const filter = subscriptionFilter === undefined ? undefined : readFilter(subscriptionFilter);
    const subscription: Subscription = {
      api,
      fieldName: field.name.value,
      ...asked,
      identity,
      // A filter set by the resolver takes the place of the arguments.
      wanted: filter === undefined ? argumentsOf(field.arguments ?? [], asked.variables) : {},
      filter,
      invalidation: invalidationFilter === undefined ? undefined : readFilter(invalidationFilter),
      deliver(payload) {
        if (connection.unsentBytes > limits.appsyncUnreadBytes)
          return connection.close(1008, 'the client does not read');
        connection.send(`{"id":${JSON.stringify(id)},"type":"data","payload":${payload}}`);
      },
      end: () => stop(connection, id),
    };
    return subscription;
  }

  function stop(connection: Connection, id: string): void {
    const subscription = connection.data.subscriptions.get(id);
    if (subscription !== undefined) {
      subscriptions.remove(subscription);
      connection.data.subscriptions.delete(id);
    }
    send(connection, { id, type: 'complete' });
  }

  async function identify(
    api: OpenApi,
    who: Claimed,
    from: { target: string; body: string; sourceIp: string; query: string },
  ): Promise<Identity> {
    return engine.authorize(api, {
      headers: who.headers,
      sourceIp: from.sourceIp,
      requestId: newRequestId(),
      signed: signedBy(who, from.target, from.body),
      query: { text: from.query, operationName: undefined, variables: {} },
    });
  }

  /** Subscribers who asked the same as the same caller share one answer. */
  async function deliver({ apiId, fieldName, result, invalidations }: MutationEvent): Promise<void> {
    for (const invalidation of invalidations) {
      const { subscriptionField, payload } = invalidation as {
        subscriptionField?: string;
        payload?: unknown;
      };
      for (const each of subscriptions.invalidated(apiId, String(subscriptionField), payload)) each.end();
    }
    const groups = new Map<string, Subscription[]>();
    for (const each of subscriptions.matching(apiId, fieldName, result)) {
      const key = `${each.identity.key} ${JSON.stringify(each.variables)} ${each.query}`;
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    await Promise.all([...groups.values()].map((group) => deliverTo(group, result)));
  }

  async function deliverTo(group: readonly Subscription[], result: unknown): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    const { api, query, operationName, variables, identity, fieldName } = first;
    const { document } = api.parse(query);
    if (document === undefined) return;
    const request = engine.newRequest(api, identity, {
      query,
      operationName,
      variables,
      headers: {},
      domainName: null,
      requestId: newRequestId(),
      signal: AbortSignal.timeout(limits.appsyncRequestMs),
    });
    const answer = await executeOperation(
      { ...request, isEvent: true },
      { document, operationName, variables, rootValue: { [fieldName]: result } },
    );
    const payload = JSON.stringify(answer);
    if (Buffer.byteLength(payload) > limits.appsyncSubscriptionBytes) {
      log('warn', 'a subscription payload is too large to be delivered', { apiId: api.plan.document.apiId });
      return;
    }
    for (const each of group) each.deliver(payload);
  }

  function keepAlive(): void {
    const silentSince = now() - limits.appsyncConnectionMs;
    for (const connection of connections)
      if (connection.data.lastHeard < silentSince) connection.close(1000, 'the connection lasted 24 hours');
      else send(connection, { type: 'ka' });
  }

  return {
    async upgrade(request, socket, head, apiId, path) {
      const bad = refuseUpgrade(request);
      if (bad !== null)
        return answerPlainly(socket, { status: bad.status, headers: bad.headers, body: bad.reason });
      try {
        if (!protocolsOf(request).includes(SUBPROTOCOL))
          throw new RequestError(400, 'NoProtocolError', 'Sec-WebSocket-Protocol must name graphql-ws.');
        const api = await engine.open(apiId);
        if (api === undefined)
          throw new RequestError(404, 'NotFoundException', `GraphQL API ${apiId} not found.`);
        await engine.inspect(api, webAclRequest(request, new Uint8Array()));
        const who = claimedAtConnect(request);
        if (who === undefined)
          throw new RequestError(401, 'UnauthorizedException', 'Required headers are missing.');
        const sourceIp = 'remoteAddress' in socket ? String(socket.remoteAddress) : '';
        await identify(api, who, { target: `${path}/connect`, body: '{}', sourceIp, query: '' });
        if (socket.destroyed) return;
        acceptUpgrade(socket, request.headers['sec-websocket-key'] ?? '', SUBPROTOCOL);
        const client: Client = {
          api,
          path,
          sourceIp,
          subscriptions: new Map(),
          starting: new Set(),
          lastHeard: now(),
        };
        const connection = new WebSocketConnection(socket, RULES, owner, client);
        if (connections.size === 0) timer = setInterval(keepAlive, KEEP_ALIVE_MS).unref();
        connections.add(connection);
        connection.open(head);
      } catch (thrown) {
        if (!(thrown instanceof RequestError)) throw thrown;
        const body = JSON.stringify({
          payload: {
            errors: [{ errorType: thrown.errorType, message: thrown.message, errorCode: thrown.status }],
          },
          type: 'connection_error',
        });
        answerPlainly(socket, {
          status: thrown.status,
          headers: ['Content-Type', 'application/json', 'x-amzn-ErrorType', thrown.errorType],
          body,
        });
      }
    },
    close() {
      clearInterval(timer);
      for (const connection of connections) connection.close(1001, 'the server stops');
    },
  };
}

interface Message {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly payload?: {
    readonly data?: unknown;
    readonly extensions?: { readonly authorization?: unknown };
  };
}

const send = (connection: Connection, message: object): void => {
  if (connection.isOpen) connection.send(JSON.stringify(message));
};

function refusal(id: unknown, thrown: unknown): object {
  const known = thrown instanceof RequestError || thrown instanceof ResolverError;
  const error = known
    ? { errorType: thrown.errorType ?? 'BadRequestException', message: thrown.message }
    : { errorType: 'InternalFailure', message: 'An internal failure occurred.' };
  return { ...(id !== undefined && { id }), type: 'error', payload: { errors: [error] } };
}

function readData(text: string) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new RequestError(400, 'BadRequestException', 'The data of the payload is not valid JSON.');
  }
  const { query, variables, operationName } = (parsed ?? {}) as Record<string, unknown>;
  if (typeof query !== 'string') throw new RequestError(400, 'BadRequestException', 'The data has no query.');
  return {
    query,
    operationName: typeof operationName === 'string' ? operationName : undefined,
    variables:
      typeof variables === 'object' && variables !== null
        ? (variables as Readonly<Record<string, unknown>>)
        : {},
  };
}

type ArgumentNode = { readonly name: { readonly value: string }; readonly value: ValueNode };
type ValueNode = {
  readonly kind: string;
  readonly value?: unknown;
  readonly name?: { readonly value: string };
  readonly values?: readonly ValueNode[];
};

function argumentsOf(
  nodes: readonly ArgumentNode[],
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(nodes.map(({ name, value }) => [name.value, literal(value, variables)]));
}

function literal(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case 'Variable':
      return variables[node.name?.value ?? ''];
    case 'NullValue':
      return null;
    case 'IntValue':
    case 'FloatValue':
      return Number(node.value);
    case 'ListValue':
      return node.values?.map((each) => literal(each, variables));
    default:
      return node.value;
  }
}
