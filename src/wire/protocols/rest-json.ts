/** restJson1: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import { createJsonCodec } from '../codecs/json.ts';
import { parseJson } from '../codecs/json-text.ts';
import { isObject, type PlainObject } from '../codecs/record.ts';
import { Malformed } from '../codecs/malformed.ts';
import type { Member, Shape, StructureShape } from '../schema.ts';
import type { WireError } from '../wire-error.ts';
import type { Protocol } from './protocol.ts';
import { errorHeaders, restProtocol } from './rest.ts';

const codec = createJsonCodec(true);

/** Structures with only their body members, one per structure, so that the codec caches what it compiles. */
const bodies = new WeakMap<readonly Member[], StructureShape>();

function bodyShape(members: readonly Member[], shape: Shape): StructureShape {
  let body = bodies.get(members);
  if (body === undefined) {
    body = { kind: 'structure', name: '', traits: shape.traits, members, union: false };
    bodies.set(members, body);
  }
  return body;
}

export const restJson: Protocol = restProtocol({
  contentType: 'application/json',
  malformedCode: 'SerializationException',
  readMembers: (members, shape, bytes) => {
    if (bytes.length === 0) return {};
    const parsed = parseJson(bytes);
    if (parsed === null) return {};
    const read = codec.reader(bodyShape(members, shape))(parsed);
    if (!isObject(read)) throw new Malformed({ kind: 'expected', what: 'structure' });
    return read;
  },
  writeMembers: (members, shape, output) => JSON.stringify(codec.writer(bodyShape(members, shape))(output)),
  readPayload: (member, bytes) => codec.reader(member.target)(parseJson(bytes)),
  writePayload: (member, value) => JSON.stringify(codec.writer(member.target)(value)),
  encodeError: (error) => ({
    status: error.status,
    headers: {
      'Content-Type': 'application/json',
      'x-amzn-ErrorType': error.code,
      ...errorHeaders(error),
    },
    body: JSON.stringify(errorBody(error, codec.writer)),
  }),
});

/** The members of the model by their names on the wire; what the model does not have as it is. */
export function errorBody(error: WireError, writer: typeof codec.writer): PlainObject {
  const { shape } = error;
  if (shape === undefined) return { ...error.members, message: error.message };
  const messageMember = shape.members.find((member) => member.name.toLowerCase() === 'message');
  const members: PlainObject = { ...error.members, [messageMember?.name ?? 'message']: error.message };
  const inBody = shape.members.filter((member) => member.traits.httpHeader === undefined);
  // Lambda tells whose fault it was in the body, too.
  if (inBody.some((member) => member.name === 'Type') && messageMember !== undefined)
    members.Type ??= error.sender ? 'User' : 'Service';
  const written = writer(bodyShape(inBody, shape))(members);
  return isObject(written) && messageMember !== undefined ? written : { ...members };
}
