/** The generic AWS server: a request in, its operation's handler, a reply out. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Now } from '../base/clock.ts';
import { Fault, isFault, reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Caller, CallOperation } from '../base/ports.ts';
import { DEFAULT_REGION } from '../base/scope.ts';
import { readWhole } from './body.ts';
import { Malformed } from './codecs/malformed.ts';
import type { PlainObject } from './codecs/record.ts';
import { accountOfKey, credentialOf, type Credential } from './credential.ts';
import { readHead, type Head } from './head.ts';
import { identify, type Identified } from './identify.ts';
import { malformedFault } from './malformed-fault.ts';
import { loadService, type OperationPlan, type ServicePlan } from './plan.ts';
import { awsJson1_0, awsJson1_1 } from './protocols/aws-json.ts';
import { awsQuery, ec2Query } from './protocols/aws-query.ts';
import { outputObject, type Protocol, type Received, type Reply } from './protocols/protocol.ts';
import { restJson } from './protocols/rest-json.ts';
import { hostId, restXml } from './protocols/rest-xml.ts';
import { rpcCbor } from './protocols/rpc-cbor.ts';
import type { Call, ServiceInstance } from './service.ts';
import { serviceRow, type ProtocolName, type ServiceRow } from './services.ts';
import { wireErrorOf } from './wire-error.ts';

export interface WirePorts {
  /** The running service of an id in `services.ts`; undefined when this server has none. Asked at each call. */
  readonly services: (id: string) => Promise<ServiceInstance | undefined>;
  readonly now: Now;
  readonly log: Log;
}

export interface Wire {
  /** Answers a request to the AWS control plane. Never rejects. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The same operations from inside: no bytes, the same checks. */
  readonly call: CallOperation;
}

const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  restJson1: restJson,
  restXml,
  awsJson1_0,
  awsJson1_1,
  awsQuery,
  ec2Query,
  rpcv2Cbor: rpcCbor,
};

export function createWire(ports: WirePorts): Wire {
  const plans = new Map<string, Promise<ServicePlan>>();
  const planOf = (row: ServiceRow): Promise<ServicePlan> => {
    let plan = plans.get(row.id);
    if (plan === undefined) {
      plan = loadService(row);
      plans.set(row.id, plan);
    }
    return plan;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const aborter = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) aborter.abort(new Error('the client went away'));
    });
    const { method = 'GET', url = '/' } = request;
    const reply = await answer(
      { method, url, rawHeaders: request.rawHeaders, body: request },
      aborter.signal,
    );
    await send(reply, method, response).catch((thrown: unknown) => {
      if (!aborter.signal.aborted) ports.log('warn', 'reply broke off', { reason: reasonOf(thrown) });
      response.destroy();
    });
  }

  interface Arrived {
    readonly method: string;
    readonly url: string;
    readonly rawHeaders: readonly string[];
    readonly body: Readable;
  }

  async function answer(arrived: Arrived, signal: AbortSignal): Promise<Reply> {
    let state: ErrorContext = { row: NOBODY, protocol: restJson, plan: undefined, requestId: randomUUID() };
    try {
      const head = readHead(arrived.method, arrived.url, arrived.rawHeaders);
      const credential = credentialOf(head);
      let whole: Uint8Array | undefined;
      const readBody = async (limitBytes: number): Promise<Uint8Array> =>
        (whole ??= await readWhole(arrived.body, limitBytes));
      const found = await identify(head, credential, () => readBody(limits.wireBodyBytes));
      state = contextOf(found);
      if (found.kind === 'unknown') throw notServed(found.name);
      const plan = await planOf(found.row);
      state = { ...state, plan };
      const { operation, labels, literals } = route(plan, found, head);
      const body = operation.streamsInput ? arrived.body : await readBody(bodyLimit(found.row));
      const received: Received = { head, labels, body, literals, ...(found.form && { form: found.form }) };
      const input = decode(state.protocol, operation, received);
      const caller = rootOf(credential);
      const headers: Record<string, string> = {};
      const call: Call = {
        scope: { account: caller.account, region: credential?.region ?? DEFAULT_REGION },
        caller,
        requestId: state.requestId,
        endpoint: `http://${head.headers.host ?? 'localhost'}`,
        header: (name) => head.headers[name.toLowerCase()],
        setHeader: (name, value) => {
          headers[name] = value;
        },
        signal,
      };
      const output = await run(operation, input, call);
      const reply = state.protocol.encode(operation, outputObject(output), state.requestId);
      return withIds({ ...reply, headers: { ...reply.headers, ...headers } }, state);
    } catch (thrown) {
      return withIds(errorReply(thrown, state), state);
    }
  }

  async function run(operation: OperationPlan, input: PlainObject, call: Call): Promise<unknown> {
    const { row } = operation.service;
    const instance = await ports.services(row.id);
    if (instance === undefined) throw notServed(row.id);
    const handler = Object.hasOwn(instance.handlers, operation.name)
      ? instance.handlers[operation.name]
      : undefined;
    if (handler === undefined) throw notImplemented(operation);
    return handler(input as never, call); // the codec has read it as this operation's input
  }

  function errorReply(thrown: unknown, state: ErrorContext): Reply {
    const fault =
      thrown instanceof Malformed ? malformedFault(thrown, state.protocol.malformedCode, state.row) : thrown;
    if (!isFault(fault))
      ports.log('error', 'operation failed', {
        service: state.row.id,
        requestId: state.requestId,
        error: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
      });
    return state.protocol.encodeError(wireErrorOf(fault, state.plan), state.row, state.requestId);
  }

  const call: CallOperation = async ({ service, operation: name, input, scope, caller }) => {
    const row = serviceRow(service);
    if (row === undefined) throw notServed(service);
    const operation = (await planOf(row)).operations.get(name);
    if (operation === undefined) throw unknownOperation(row, name);
    return run(operation, input as PlainObject, {
      // an SDK input is an object with string keys
      scope,
      caller,
      requestId: randomUUID(),
      endpoint: '',
      header: () => undefined,
      setHeader: () => {},
      signal: NEVER,
    });
  };

  return { handle, call };
}

const NEVER = new AbortController().signal;

interface ErrorContext {
  readonly row: ServiceRow;
  readonly protocol: Protocol;
  readonly plan: ServicePlan | undefined;
  readonly requestId: string;
}

/** Stands for the service of requests that name none, so that they get an answer in some protocol's form. */
const NOBODY: ServiceRow = {
  id: '',
  signingName: '',
  serviceId: '',
  endpointPrefix: '',
  apiVersion: '',
  protocol: 'restJson1',
  loadSchemas: () => Promise.resolve({}),
};

function contextOf(found: Identified): ErrorContext {
  const row = found.kind === 'service' ? found.row : NOBODY;
  return { row, protocol: PROTOCOLS[found.protocol], plan: undefined, requestId: requestIdOf(row) };
}

/** S3's ids are 16 characters, DynamoDB's 52, all others are UUIDs. */
function requestIdOf(row: ServiceRow): string {
  const id = randomUUID();
  if (row.id === 's3') return id.replace(/-/g, '').slice(0, 16).toUpperCase();
  if (row.id === 'dynamodb') return (id + randomUUID()).replace(/-/g, '').slice(0, 52).toUpperCase();
  return id;
}

function withIds(reply: Reply, { row, requestId }: ErrorContext): Reply {
  const ids: Record<string, string> =
    row.id === 's3'
      ? { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(requestId) }
      : { 'x-amzn-RequestId': requestId };
  return { ...reply, headers: { ...reply.headers, ...ids } };
}

interface Found {
  readonly operation: OperationPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly literals: readonly string[];
}

function route(plan: ServicePlan, found: Identified & { kind: 'service' }, head: Head): Found {
  const routed =
    found.operation === undefined
      ? plan.route(head)
      : { operation: found.operation, labels: {}, literals: [] };
  const operation = routed === undefined ? undefined : plan.operations.get(routed.operation);
  if (routed === undefined || operation === undefined)
    throw unknownOperation(found.row, found.operation, head);
  return { operation, labels: routed.labels, literals: routed.literals };
}

function decode(protocol: Protocol, operation: OperationPlan, received: Received): PlainObject {
  return protocol.decode(operation, received);
}

function bodyLimit(row: ServiceRow): number {
  if (row.id === 'lambda') return limits.wireLambdaBodyBytes;
  return row.id === 's3' ? limits.wireS3DocumentBytes : limits.wireBodyBytes;
}

function rootOf(credential: Credential | undefined): Caller {
  const accessKeyId = credential?.accessKeyId ?? '';
  const account = accountOfKey(accessKeyId);
  return { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, accessKeyId };
}

const notServed = (name: string): Fault =>
  new Fault(
    'NotImplementedException',
    name === ''
      ? 'Gatehouse cannot tell which AWS service this request is for: it has no credential scope, no X-Amz-Target, no Action and no path of a service it knows'
      : `Gatehouse does not implement the service ${name}`,
    { status: 501 },
  );

/** 501 is none of the statuses that SDKs retry (500, 502, 503, 504). S3 has a code of its own for it. */
const notImplemented = ({ service: { row }, name }: OperationPlan): Fault =>
  new Fault(
    row.id === 's3' ? 'NotImplemented' : 'NotImplementedException',
    `Gatehouse does not implement ${row.id} ${name}`,
    { status: 501 },
  );

/** What each kind of service answers to an operation AWS does not have. */
function unknownOperation(row: ServiceRow, name: string | undefined, head?: Head): Fault {
  if (row.id === 's3')
    return new Fault('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
      members: { Method: head?.method ?? '', ResourceType: 'SERVICE' },
    });
  if (row.protocol.endsWith('Query'))
    return new Fault(
      'InvalidAction',
      `Could not find operation ${name ?? ''} for version ${row.apiVersion}`,
      {
        status: 400,
      },
    );
  if (name !== undefined)
    return new Fault('UnknownOperationException', `Unknown operation: ${name}`, { status: 400 });
  if (row.signingName === 'apigateway')
    return new Fault('MissingAuthenticationTokenException', 'Missing Authentication Token', { status: 403 });
  return new Fault(
    'UnknownOperationException',
    `Unable to determine service/operation name to be authorized`,
    {
      status: 404,
    },
  );
}

async function send(reply: Reply, method: string, response: ServerResponse): Promise<void> {
  const { status, headers, body } = reply;
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (!bodiless) headers['Content-Length'] = String(bytes.length);
    response.writeHead(status, headers);
    response.end(bodiless ? undefined : bytes);
    return;
  }
  response.writeHead(status, headers);
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  if (bodiless) {
    source.destroy();
    response.end();
  } else await pipeline(source, response);
}
