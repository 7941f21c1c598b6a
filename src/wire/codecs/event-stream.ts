/** Output event streams, frame by frame: https://smithy.io/2.0/aws/amazon-eventstream.html */
import { isFault } from '../../base/fault.ts';
import type { Member, Shape, StructureShape } from '../schema.ts';
import type { ServicePlan } from '../plan.ts';
import { bytesOf } from './base64.ts';
import { crc32 } from './crc.ts';
import { createJsonCodec } from './json.ts';
import type { PlainObject } from './record.ts';
import { dateOf } from './timestamp.ts';
import { escapeXml, xmlBody } from './xml-write.ts';

const json = createJsonCodec(false);

/**
 * `events` are the union's values, one member each (`{ PayloadChunk: { Payload } }`); `initial` the other output
 * members, which the RPC protocols send as the first frame.
 */
export async function* eventStream(
  union: StructureShape,
  events: AsyncIterable<PlainObject>,
  service: ServicePlan,
  initial?: PlainObject,
): AsyncGenerator<Uint8Array> {
  const xml = service.row.protocol === 'restXml';
  if (initial !== undefined)
    yield frame(eventHeaders('initial-response', 'application/json'), JSON.stringify(initial));
  try {
    for await (const event of events) {
      const member = union.members.find(({ name }) => event[name] !== undefined);
      if (member !== undefined) yield eventFrame(member, event[member.name], xml);
    }
  } catch (thrown) {
    yield errorFrame(union, thrown, xml);
  }
}

type HeaderValue = string | number | boolean | Date | Uint8Array;
type Headers = Record<string, HeaderValue>;

const eventHeaders = (type: string, contentType: string): Headers => ({
  ':event-type': type,
  ':content-type': contentType,
  ':message-type': 'event',
});

function eventFrame(member: Member, value: unknown, xml: boolean): Uint8Array {
  const shape = member.target;
  const source = value as PlainObject; // the handler's type says so
  if (shape.kind !== 'structure') return frame(eventHeaders(member.name, 'application/json'), '');
  const headers: Headers = {};
  for (const { name, traits } of shape.members)
    if (traits.eventHeader === 1 && source[name] !== undefined) headers[name] = source[name] as HeaderValue; // as above
  const payload = shape.members.find(({ traits }) => traits.eventPayload === 1);
  const body = payload === undefined ? structureBody(shape, source, xml) : payloadBody(payload, source, xml);
  return frame({ ...eventHeaders(member.name, body.contentType), ...headers }, body.bytes);
}

interface FrameBody {
  readonly contentType: string;
  readonly bytes: string | Uint8Array;
}

function structureBody(shape: StructureShape, source: PlainObject, xml: boolean): FrameBody {
  const members = shape.members.filter(({ traits }) => traits.eventHeader !== 1);
  if (members.length === 0) return { contentType: xml ? 'text/xml' : 'application/json', bytes: '' };
  if (xml)
    return { contentType: 'text/xml', bytes: `<${shape.name}>${xmlBody(members, source)}</${shape.name}>` };
  const body: Shape = { ...shape, members };
  return { contentType: 'application/json', bytes: JSON.stringify(json.writer(body)(source)) };
}

function payloadBody(payload: Member, source: PlainObject, xml: boolean): FrameBody {
  const value = source[payload.name];
  const { target } = payload;
  if (target.kind === 'blob')
    return { contentType: 'application/octet-stream', bytes: value === undefined ? '' : bytesOf(value) };
  if (target.kind === 'string') return { contentType: 'text/plain', bytes: String(value ?? '') };
  if (target.kind !== 'structure' || typeof value !== 'object') return { contentType: 'text/xml', bytes: '' };
  return structureBody(target, value as PlainObject, xml); // as above
}

/** A fault among the union's own errors is an exception frame, anything else an error frame without its cause. */
function errorFrame(union: StructureShape, thrown: unknown, xml: boolean): Uint8Array {
  const fault = isFault(thrown) ? thrown : undefined;
  const member = union.members.find(
    ({ target }) => target.kind === 'structure' && target.name === fault?.code,
  );
  if (fault === undefined || member === undefined)
    return frame(
      {
        ':message-type': 'error',
        ':error-code': fault?.code ?? 'InternalFailure',
        ':error-message': fault?.message ?? 'We encountered an internal error. Please try again.',
      },
      '',
    );
  const body = xml
    ? `<Error><Message>${escapeXml(fault.message)}</Message></Error>`
    : JSON.stringify({ ...fault.members, message: fault.message });
  const contentType = xml ? 'text/xml' : 'application/json';
  return frame(
    { ':message-type': 'exception', ':exception-type': member.name, ':content-type': contentType },
    body,
  );
}

function frame(headers: Headers, payload: string | Uint8Array): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const total = 12 + head.length + body.length + 4;
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(head.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.set(head, 12);
  bytes.set(body, 12 + head.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, total - 4)), total - 4);
  return bytes;
}

function header(name: string, value: HeaderValue): Buffer {
  const nameBytes = Buffer.from(name);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, headerValue(value)]);
}

/** Type codes of the format: 0 true, 1 false, 4 integer, 5 long, 6 bytes, 7 text, 8 timestamp. */
function headerValue(value: HeaderValue): Buffer {
  if (typeof value === 'boolean') return Buffer.of(value ? 0 : 1);
  if (typeof value === 'number') return Math.abs(value) < 2 ** 31 ? int32(value) : int64(5, BigInt(value));
  if (value instanceof Date) return int64(8, BigInt(dateOf(value).getTime()));
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const length = Buffer.alloc(3);
  length[0] = typeof value === 'string' ? 7 : 6;
  length.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([length, bytes]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 4;
  bytes.writeInt32BE(value, 1);
  return bytes;
}

function int64(type: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = type;
  bytes.writeBigInt64BE(value, 1);
  return bytes;
}
