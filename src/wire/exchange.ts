/** One request to the control plane, from its bytes to a reply: identify, route, who calls, decode, check, run, encode. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { isFault } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { DEFAULT_REGION } from '../base/scope.ts';
import { gunzipWhole } from './bodies/gzip.ts';
import { openS3Body, type Trailers } from './bodies/open.ts';
import { readWhole } from './bodies/read-whole.ts';
import type { Identity, IdentifyCaller } from './caller.ts';
import { crc32 } from './codecs/crc.ts';
import { Malformed } from './codecs/malformed.ts';
import type { PlainObject } from './codecs/record.ts';
import { credentialOf, type Credential } from './credential.ts';
import { queryValue, readHead, type Head } from './head.ts';
import { withPresignedHeaders } from './presigned-headers.ts';
import { identify, type Identified } from './identify.ts';
import { malformedFault } from './malformed-fault.ts';
import type { OperationPlan, ServicePlan } from './plan.ts';
import { protocols } from './protocols/all.ts';
import { outputObject, type Protocol, type Received, type Reply } from './protocols/protocol.ts';
import { hostId } from './protocols/rest-xml.ts';
import { notServed, unknownOperation } from './refusals.ts';
import type { RunOperation } from './run-operation.ts';
import type { Call } from './service.ts';
import type { ProtocolName, ServiceRow } from './services.ts';
import { sha256 } from './sigv4/canonical.ts';
import { wireErrorOf } from './wire-error.ts';

export interface Arrived {
  readonly method: string;
  /** Path and query, as they arrived. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Readable;
  /** `http` or `https`. */
  readonly scheme: string;
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
      return withIds(reply, context);
    } catch (thrown) {
      return withIds(errorReply(thrown, context, ports.log), context);
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
  const s3 = operation.service.row.id === 's3';
  const { identity, opened } = await (s3 ? openStreamed(request, ports) : openWhole(request, ports));
  const received: Received = {
    head: opened.head,
    labels: request.labels,
    literals: request.literals,
    body: opened.body,
    ...(request.found.form && { form: request.found.form }),
  };
  const input = context.protocol.decode(operation, received);
  opened.onTrailers((trailers) => addTrailers(operation, input, trailers));
  const { caller } = identity;
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
  };
  const output = await ports.run(operation, input, call);
  const reply = context.protocol.encode(operation, outputObject(output), context.requestId);
  return status === undefined ? reply : { ...reply, status };
}

interface Opened {
  readonly identity: Identity;
  readonly opened: {
    readonly head: Head;
    readonly body: Received['body'];
    readonly onTrailers: (listen: (trailers: Trailers) => void) => void;
  };
}

/** Every service but S3: the signature covers the body's own hash, which takes the whole of it. */
async function openWhole(request: Request, ports: ExchangePorts): Promise<Opened> {
  const { operation, head, credential, found } = request;
  const limitBytes = bodyLimit(operation.service.row);
  const bytes = await request.body.whole(limitBytes);
  const payloadHash = (): string => sha256(bytes);
  const identity = await ports.identifyCaller({
    head,
    credential,
    operation,
    protocol: found.protocol,
    payloadHash,
  });
  const gzipped = head.headers['content-encoding'] === 'gzip';
  const body = gzipped ? await gunzipWhole(bytes, limitBytes) : bytes;
  return {
    identity,
    opened: { head, body: operation.streamsInput ? readableOf(body) : body, onTrailers: () => {} },
  };
}

/** S3: the signature covers what the header says of the body, which is held against the bytes as they come. */
async function openStreamed(request: Request, ports: ExchangePorts): Promise<Opened> {
  const { operation, head, credential, found } = request;
  const payloadHash = (): string =>
    head.headers['x-amz-content-sha256'] ?? queryValue(head, 'X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
  const identity = await ports.identifyCaller({
    head,
    credential,
    operation,
    protocol: found.protocol,
    payloadHash,
  });
  const checksumsOfBody = operation.name !== 'CompleteMultipartUpload';
  const opened = openS3Body(withPresignedHeaders(head), {
    source: await request.body.stream(),
    checksumsOfBody,
    seed: identity.seed,
  });
  if (operation.streamsInput) return { identity, opened };
  const body = await readWhole(opened.body, limits.wireS3DocumentBytes);
  return { identity, opened: { ...opened, body } };
}

const readableOf = (bytes: Uint8Array): Readable => Readable.from([bytes], { objectMode: false });

/** A body that identifying the request may have read already. */
interface OnceRead {
  readonly whole: (limitBytes: number) => Promise<Uint8Array>;
  readonly stream: () => Promise<Readable>;
}

function onceRead(body: Readable): OnceRead {
  let bytes: Promise<Uint8Array> | undefined;
  return {
    whole: (limitBytes) => (bytes ??= readWhole(body, limitBytes)),
    stream: async () => (bytes === undefined ? body : readableOf(await bytes)),
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
  if (routed === undefined || operation === undefined)
    throw unknownOperation(found.row, found.operation, head.method);
  return { ...routed, operation };
}

function bodyLimit(row: ServiceRow): number {
  return row.id === 'lambda' ? limits.wireLambdaBodyBytes : limits.wireBodyBytes;
}

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

/** S3's ids are 16 characters, DynamoDB's 52, all others are UUIDs. */
function requestIdOf(row: ServiceRow): string {
  const id = randomUUID();
  if (row.id === 's3') return id.replace(/-/g, '').slice(0, 16).toUpperCase();
  if (row.id === 'dynamodb') return (id + randomUUID()).replace(/-/g, '').slice(0, 52).toUpperCase();
  return id;
}

function withIds(reply: Reply, { row, requestId }: Context): Reply {
  const { headers, body } = reply;
  if (row.id === 's3') {
    headers['x-amz-request-id'] = requestId;
    headers['x-amz-id-2'] = hostId(requestId);
  } else headers['x-amzn-RequestId'] = requestId;
  if (row.crc32 === true && typeof body === 'string')
    headers['x-amz-crc32'] = String(crc32(Buffer.from(body)));
  return reply;
}
