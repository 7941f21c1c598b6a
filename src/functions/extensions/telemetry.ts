/**
 * The Telemetry API and the older Logs API: what happens in an environment goes to those that subscribed, in batches
 * over HTTP or TCP. https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
 */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { type ApiRoute, readBody, refuse } from '../environment-api.ts';
import type { TelemetryEvent } from '../platform-events.ts';
import type { ExtensionRegistry } from './extension.ts';
import { readSubscription, type Subscription, type TelemetryType } from './subscription.ts';

export interface Telemetry {
  readonly route: ApiRoute;
  /** Somebody has subscribed, or still may. */
  readonly listens: boolean;
  emit(event: TelemetryEvent): void;
  /** Sends what is buffered now. */
  flush(): Promise<void>;
  /** While the environment is frozen nobody would take anything. */
  hold(isHeld: boolean): void;
  close(): void;
}

const PATHS = { '/2022-07-01/telemetry': 'Telemetry', '/2020-08-15/logs': 'Logs' } as const;
const BODY_BYTES = 64 * 1024;
const DELIVERY_MS = 2000;
const MOST_EARLY = 1000;

interface Subscriber extends Subscription {
  buffer: TelemetryEvent[];
  bytes: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export function createTelemetry(
  registry: ExtensionRegistry,
  isInitializing: () => boolean,
  onSubscribed: (name: string, types: readonly TelemetryType[]) => void,
): Telemetry {
  const subscribers = new Map<string, Subscriber>();
  /** What happened before anybody could subscribe. */
  let early: TelemetryEvent[] = [];
  let isHeld = false;

  const flushOne = async (one: Subscriber): Promise<void> => {
    clearTimeout(one.timer);
    one.timer = undefined;
    if (one.buffer.length === 0) return;
    const batch = one.buffer;
    one.buffer = [];
    one.bytes = 0;
    await deliver(one, batch);
  };
  const take = (one: Subscriber, event: TelemetryEvent): void => {
    if (!one.types.includes(kindOf(event.type))) return;
    one.buffer.push(event);
    one.bytes += JSON.stringify(event).length;
    if (isHeld) return;
    if (one.buffer.length >= one.maxItems || one.bytes >= one.maxBytes) void flushOne(one);
    else one.timer ??= setTimeout(() => void flushOne(one), one.timeoutMs);
  };
  const route: ApiRoute = async (request, response, path) => {
    if (!(path in PATHS) || request.method !== 'PUT') return false;
    await subscribe(request, response);
    return true;
  };
  const subscribe = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, BODY_BYTES);
    const id = request.headers['lambda-extension-identifier'];
    const extension = registry.byId(typeof id === 'string' ? id : undefined);
    if (extension === undefined)
      return refuse(response, 403, 'Unknown extension', 'Extension.UnknownExtensionIdentifier');
    if (!isInitializing())
      return refuse(
        response,
        403,
        'Telemetry API subscription is closed already',
        'Telemetry.SubscriptionClosed',
      );
    const read = readSubscription(body);
    if (typeof read === 'string') return refuse(response, 400, read, 'ValidationError');
    const one: Subscriber = { ...read, buffer: [], bytes: 0, timer: undefined };
    subscribers.set(extension.id, one);
    for (const event of early) take(one, event);
    onSubscribed(extension.name, read.types);
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.end('OK');
  };
  return {
    route,
    get listens() {
      return subscribers.size > 0 || isInitializing();
    },
    emit(event) {
      if (!isInitializing()) early = [];
      else if (early.length < MOST_EARLY) early.push(event);
      for (const one of subscribers.values()) take(one, event);
    },
    async flush() {
      await Promise.all([...subscribers.values()].map(flushOne));
    },
    hold(next) {
      isHeld = next;
      for (const one of subscribers.values()) {
        clearTimeout(one.timer);
        one.timer = undefined;
        if (!isHeld && one.buffer.length > 0) one.timer = setTimeout(() => void flushOne(one), one.timeoutMs);
      }
    },
    close() {
      for (const one of subscribers.values()) clearTimeout(one.timer);
      subscribers.clear();
    },
  };
}

const kindOf = (type: string): TelemetryType =>
  type === 'function' || type === 'extension' ? type : 'platform';

/** What cannot be delivered is dropped, as on AWS: telemetry holds up nothing. */
function deliver(one: Subscriber, batch: readonly TelemetryEvent[]): Promise<void> {
  const { destination } = one;
  return new Promise((resolve) => {
    if (destination.protocol === 'TCP') {
      const socket = connect(destination.port, '127.0.0.1');
      socket.setTimeout(DELIVERY_MS, () => socket.destroy());
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.end(batch.map((event) => `${JSON.stringify(event)}\n`).join(''));
      return;
    }
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port: destination.port,
        path: destination.path,
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        timeout: DELIVERY_MS,
      },
      (answer) => {
        answer.resume();
        answer.on('close', resolve);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve());
    outgoing.end(JSON.stringify(batch));
  });
}
