/** One request to the control plane, from its bytes to a reply: identify, route, who calls, decode, check, run, encode. */
import type { Readable } from 'node:stream';
import { isFault } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { DEFAULT_REGION } from '../base/scope.ts';
import type { Trailers } from './bodies/open.ts';
import type { IdentifyCaller } from './caller.ts';
import { Malformed } from './codecs/malformed.ts';
import type { PlainObject } from './codecs/record.ts';
import { credentialOf, type Credential } from './credential.ts';
import { readHead, type Head } from './head.ts';
import { identify, type Identified } from './identify.ts';
import { malformedFault } from './malformed-fault.ts';
import { onceRead, openRequest, type OnceRead } from './open-request.ts';
import type { OperationPlan, ServicePlan } from './plan.ts';
import { protocols } from './protocols/all.ts';
import { outputObject, type Protocol, type Received, type Reply } from './protocols/protocol.ts';
import { notServed, postObject, unknownOperation } from './refusals.ts';
import { requestIdOf, withIds } from './request-id.ts';
import type { RunOperation } from './run-operation.ts';
import type { Call } from './service.ts';
import type { ProtocolName, ServiceRow } from './services.ts';
import { wireErrorOf } from './wire-error.ts';

export interface Arrived {
  readonly method: string;
  /** Path and query, as they arrived. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Readable;
  /** `http` or `https`. */
  readonly scheme: string;
  /** Of whoever sent it; empty when it is not known. */
  readonly sourceIp?: string;
  readonly signal: AbortSignal;
}

export interface ExchangePorts {
  readonly planOf: (row: ServiceRow) => Promise<ServicePlan>;
  readonly identifyCaller: IdentifyCaller;
  readonly run: RunOperation;
  readonly log: Log;
}

/** Never rejects: what is thrown becomes an answer in the protocol's own form. */
export type Exchange = (arrived: Arrived) => Promise<Reply>;

/** What is known of a request so far: enough to answer an error at any moment. */
interface Context {
  readonly row: ServiceRow;
  readonly protocol: Protocol;
  readonly plan: ServicePlan | undefined;
  readonly requestId: string;
}

export function createExchange(ports: ExchangePorts): Exchange {
  return async (arrived) => {
    let context: Context = contextOf(NOBODY, 'restJson1');
    try {
      const head = readHead(arrived.method, arrived.target, arrived.rawHeaders);
      const credential = credentialOf(head);
      const body = onceRead(arrived.body);
      const found = await identify(head, credential, () => body.whole(limits.wireBodyBytes));
      context = contextOf(found.kind === 'service' ? found.row : NOBODY, found.protocol);
      if (found.kind === 'unknown') throw notServed(found.name);
      const plan = await ports.planOf(found.row);
      context = { ...context, plan };
      const routed = route(plan, found, head);
      const request: Request = { ...routed, head, credential, found, arrived, body };
      const reply = await perform(request, context, ports);
      return withIds(reply, context.row, context.requestId);
    } catch (thrown) {
      return withIds(errorReply(thrown, context, ports.log), context.row, context.requestId);
    }
  };
}

interface Routed {
  readonly operation: OperationPlan;
  readonly labels: Received['labels'];
  readonly literals: Received['literals'];
}

interface Request extends Routed {
  readonly head: Head;
  readonly credential: Credential | undefined;
  readonly found: Identified & { readonly kind: 'service' };
  readonly arrived: Arrived;
  readonly body: OnceRead;
}

async function perform(request: Request, context: Context, ports: ExchangePorts): Promise<Reply> {
  const { operation, head, credential } = request;
  const { protocol } = request.found;
  const opened = await openRequest(
    { operation, protocol, head, credential, body: request.body },
    ports.identifyCaller,
  );
  const received: Received = {
    head: opened.head,
    labels: request.labels,
    literals: request.literals,
    body: opened.body,
    ...(request.found.form && { form: request.found.form }),
  };
  const input = context.protocol.decode(operation, received);
  opened.onTrailers((trailers) => addTrailers(operation, input, trailers));
  const { caller } = opened.identity;
  let status: number | undefined;
  const call: Call = {
    scope: { account: caller.account, region: credential?.region ?? DEFAULT_REGION },
    caller,
    requestId: context.requestId,
    endpoint: `${request.arrived.scheme}://${head.headers.host ?? 'localhost'}`,
    header: (name) => head.headers[name.toLowerCase()],
    setStatus: (code) => {
      status = code;
    },
    signal: request.arrived.signal,
    conditions: conditionsOf(request),
    request: { ...request.arrived, sourceIp: request.arrived.sourceIp ?? '' },
  };
  const output = await ports.run(operation, input, call);
  const reply = context.protocol.encode(operation, outputObject(output), context.requestId);
  return status === undefined ? reply : { ...reply, status };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, "Properties of the request" */
function conditionsOf({ arrived, head }: Request): Record<string, string> {
  const { 'user-agent': agent, referer } = head.headers;
  return {
    'aws:SecureTransport': String(arrived.scheme === 'https'),
    ...(arrived.sourceIp ? { 'aws:SourceIp': arrived.sourceIp } : {}),
    ...(agent === undefined ? {} : { 'aws:UserAgent': agent }),
    ...(referer === undefined ? {} : { 'aws:Referer': referer }),
  };
}

/** Trailers stand for headers that could not be known before the body: they fill the same members. */
function addTrailers(operation: OperationPlan, input: PlainObject, trailers: Trailers): void {
  for (const { member, name } of operation.bindings.request.headers)
    if (trailers[name] !== undefined) input[member.name] = trailers[name];
}

function route(plan: ServicePlan, found: Identified & { kind: 'service' }, head: Head): Routed {
  const routed =
    found.operation === undefined
      ? plan.route(head)
      : { operation: found.operation, labels: {}, literals: [] };
  const operation = routed === undefined ? undefined : plan.operations.get(routed.operation);
  if (routed === undefined && isPostObject(found.row, head)) throw postObject();
  if (routed === undefined || operation === undefined)
    throw unknownOperation(found.row, found.operation, head.method);
  return { ...routed, operation };
}

/** S3's upload by HTML form is no operation of any SDK. */
const isPostObject = (row: ServiceRow, { method, headers }: Head): boolean =>
  row.id === 's3' && method === 'POST' && headers['content-type']?.startsWith('multipart/form-data') === true;

function errorReply(thrown: unknown, context: Context, log: Log): Reply {
  const { protocol, row, plan, requestId } = context;
  const fault = thrown instanceof Malformed ? malformedFault(thrown, protocol.malformedCode, row) : thrown;
  if (!isFault(fault)) {
    const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    log('error', 'operation failed', { service: row.id, requestId, error });
  }
  return protocol.encodeError(wireErrorOf(fault, plan), row, requestId);
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

const contextOf = (row: ServiceRow, protocol: ProtocolName): Context => ({
  row,
  protocol: protocols[protocol],
  plan: undefined,
  requestId: requestIdOf(row),
});
