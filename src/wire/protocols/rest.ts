/** What the two REST protocols share: labels, queries, headers and payloads around a body of their own kind. */
import { Readable } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import { eventStream } from '../codecs/event-stream.ts';
import { joinHeaderList, splitHeaderList } from '../codecs/header-list.ts';
import { setKey, type PlainObject } from '../codecs/record.ts';
import { textReader, textWriter } from '../codecs/text.ts';
import { responseBindings, type Bound, type HttpBindings } from '../http-bindings.ts';
import type { OperationPlan } from '../plan.ts';
import type { Member, Shape } from '../schema.ts';
import type { ServiceRow } from '../services.ts';
import type { WireError } from '../wire-error.ts';
import { bytesIn, type Protocol, type Received, type Reply } from './protocol.ts';
import { bytesOf } from '../codecs/base64.ts';

/** The part that JSON and XML do each in their way. */
export interface BodyCodec {
  readonly contentType: string;
  /** The members in the body, from bytes; `{}` for no bytes. */
  readonly readMembers: (members: readonly Member[], shape: Shape, bytes: Uint8Array) => PlainObject;
  readonly writeMembers: (
    members: readonly Member[],
    shape: Shape,
    output: PlainObject,
    service: ServiceRow,
  ) => string;
  /** A structure, map, list or document that is the whole body. */
  readonly readPayload: (member: Member, bytes: Uint8Array) => unknown;
  readonly writePayload: (member: Member, value: unknown, service: ServiceRow) => string;
  readonly encodeError: Protocol['encodeError'];
  readonly malformedCode: string;
  /** What a document that must be there and is not is answered with, where it is not left to the constraints. */
  readonly missingPayload?: () => Fault;
}

export function restProtocol(codec: BodyCodec): Protocol {
  return {
    malformedCode: codec.malformedCode,
    encodeError: codec.encodeError,
    decode: (operation, received) => {
      const { request } = operation.bindings;
      const input = readOutside(request, received);
      if (request.payload !== undefined) readPayload(codec, request.payload, received, input);
      else if (request.body.length > 0)
        Object.assign(input, codec.readMembers(request.body, operation.input, bytesIn(received)));
      return input;
    },
    encode: (operation, output) => {
      const { response } = operation.bindings;
      const headers = writeHeaders(response, output);
      const given = response.statusMember === undefined ? undefined : output[response.statusMember.name];
      const status = typeof given === 'number' ? given : response.status;
      return { status, headers, body: bodyOf(codec, operation, output, headers) };
    },
  };
}

function readOutside(request: HttpBindings['request'], received: Received): PlainObject {
  const { headers, query } = received.head;
  const input: PlainObject = {};
  for (const member of request.labels) {
    const text = received.labels[member.name];
    if (text !== undefined) input[member.name] = textReader(member.target)(text);
  }
  for (const { member, name } of request.query) {
    const values = query.filter(([key]) => key === name).map(([, value]) => value);
    if (values.length > 0) input[member.name] = readQuery(member.target, values);
  }
  if (request.queryParams !== undefined) readQueryParams(request, request.queryParams, received, input);
  for (const { member, name } of request.headers) {
    const text = headers[name];
    if (text !== undefined) input[member.name] = readHeader(member.target, text);
  }
  if (request.prefixHeaders !== undefined) readPrefixHeaders(request.prefixHeaders, headers, input);
  return input;
}

function readQuery(shape: Shape, values: readonly string[]): unknown {
  if (shape.kind !== 'list') return textReader(shape)(values[0] ?? '');
  return values.map(textReader(shape.member.target));
}

/** A map of strings, or of lists of strings. Parameters bound to members, or to the operation's name, are left out. */
function readQueryParams(
  request: HttpBindings['request'],
  member: Member,
  received: Received,
  input: PlainObject,
): void {
  const map = member.target;
  if (map.kind !== 'map') return;
  const taken = new Set([...request.query.map(({ name }) => name), ...received.literals]);
  const params: PlainObject = {};
  for (const [name, value] of received.head.query) {
    if (taken.has(name) || name.startsWith('X-Amz-')) continue;
    const before = Object.hasOwn(params, name) ? params[name] : undefined;
    if (map.value.target.kind === 'list')
      setKey(params, name, Array.isArray(before) ? [...before, value] : [value]);
    else if (before === undefined) setKey(params, name, value);
  }
  if (Object.keys(params).length > 0) input[member.name] = params;
}

function readHeader(shape: Shape, text: string): unknown {
  if (shape.kind === 'list')
    return splitHeaderList(text, isHttpDate(shape.member.target)).map(textReader(shape.member.target));
  if (shape.kind === 'string' && shape.traits.mediaType !== undefined)
    return Buffer.from(text, 'base64').toString('utf8');
  return textReader(shape)(text);
}

const isHttpDate = (shape: Shape): boolean =>
  shape.kind === 'timestamp' && (shape.format === undefined || shape.format === 'http-date');

function readPrefixHeaders(
  { member, name: prefix }: Bound,
  headers: Readonly<Record<string, string>>,
  input: PlainObject,
): void {
  const found: PlainObject = {};
  for (const name of Object.keys(headers))
    if (name.startsWith(prefix)) setKey(found, name.slice(prefix.length), headers[name]);
  if (Object.keys(found).length > 0) input[member.name] = found;
}

function readPayload(codec: BodyCodec, member: Member, received: Received, input: PlainObject): void {
  const { kind, traits } = member.target;
  if (kind === 'blob' && traits.streaming === 1) {
    input[member.name] = received.body;
    return;
  }
  if (kind === 'structure' && traits.streaming === 1)
    throw new Fault('NotImplementedException', 'Gatehouse does not read event streams', { status: 501 });
  const bytes = bytesIn(received);
  if (bytes.length === 0) {
    if (member.required && kind === 'structure' && codec.missingPayload) throw codec.missingPayload();
    return;
  }
  if (kind === 'blob') input[member.name] = bytes;
  else if (kind === 'string') input[member.name] = Buffer.from(bytes).toString('utf8');
  else input[member.name] = codec.readPayload(member, bytes);
}

function writeHeaders(
  response: HttpBindings['response'],
  output: Readonly<PlainObject>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { member, name } of response.headers) {
    const value = output[member.name];
    if (value !== undefined && value !== null) headers[name] = writeHeader(member.target, value);
  }
  const prefixed = response.prefixHeaders;
  const values = prefixed === undefined ? undefined : output[prefixed.member.name];
  if (prefixed !== undefined && typeof values === 'object' && values !== null)
    for (const [name, value] of Object.entries(values)) headers[prefixed.name + name] = String(value);
  return headers;
}

function writeHeader(shape: Shape, value: unknown): string {
  if (shape.kind === 'list') {
    const items = [...(value as Iterable<unknown>)]; // the handler's type says so
    return joinHeaderList(
      items.map(textWriter(shape.member.target, 'http-date')),
      isHttpDate(shape.member.target),
    );
  }
  const text = textWriter(shape, 'http-date')(value);
  return shape.kind === 'string' && shape.traits.mediaType !== undefined
    ? Buffer.from(text).toString('base64')
    : text;
}

function bodyOf(
  codec: BodyCodec,
  operation: OperationPlan,
  output: PlainObject,
  headers: Record<string, string>,
): Reply['body'] {
  const { response } = operation.bindings;
  if (response.payload !== undefined)
    return payloadOf(codec, operation, response.payload, output[response.payload.name], headers);
  const [streamed] = response.body;
  if (response.body.length === 1 && streamed?.target.traits.streaming === 1)
    return payloadOf(codec, operation, streamed, output[streamed.name], headers);
  if (response.body.length === 0) return '';
  headers['Content-Type'] ??= codec.contentType;
  return codec.writeMembers(response.body, operation.output, output, operation.service.row);
}

function payloadOf(
  codec: BodyCodec,
  operation: OperationPlan,
  member: Member,
  value: unknown,
  headers: Record<string, string>,
): Reply['body'] {
  const { target } = member;
  if (value === undefined || value === null) return emptyPayload(codec, operation, member, headers);
  if (target.kind === 'structure' && target.traits.streaming === 1) {
    headers['Content-Type'] ??= 'application/vnd.amazon.eventstream';
    return eventStream(target, value as AsyncIterable<PlainObject>, operation.service); // the handler's type says so
  }
  if (target.kind === 'blob') {
    if (!hasHeader(headers, 'content-type'))
      headers['Content-Type'] = target.traits.mediaType ?? 'application/octet-stream';
    return value instanceof Readable ? value : bytesOf(value);
  }
  if (target.kind === 'string') {
    if (!hasHeader(headers, 'content-type'))
      headers['Content-Type'] = target.traits.mediaType ?? 'text/plain';
    return String(value);
  }
  headers['Content-Type'] ??= codec.contentType;
  return codec.writePayload(member, value, operation.service.row);
}

/** S3's clients take an answer without the element for one that broke off. */
function emptyPayload(
  codec: BodyCodec,
  operation: OperationPlan,
  member: Member,
  headers: Record<string, string>,
): string {
  if (member.target.kind !== 'structure' || member.target.traits.streaming === 1) return '';
  headers['Content-Type'] ??= codec.contentType;
  return codec.writePayload(member, {}, operation.service.row);
}

const hasHeader = (headers: Record<string, string>, name: string): boolean =>
  Object.keys(headers).some((key) => key.toLowerCase() === name);

/** The headers of an error whose model binds members to headers (`Retry-After`). */
export function errorHeaders(error: WireError): Record<string, string> {
  if (error.shape === undefined) return {};
  return writeHeaders(responseBindings({ output: error.shape, traits: {} }), error.members);
}
