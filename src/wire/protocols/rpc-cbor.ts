/** Smithy RPC v2 CBOR: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
import { decodeCbor, encodeCbor } from '../codecs/cbor.ts';
import { fromCbor, toCbor } from '../codecs/cbor-values.ts';
import { Malformed } from '../codecs/malformed.ts';
import { isObject } from '../codecs/record.ts';
import type { WireError } from '../wire-error.ts';
import { bytesIn, type Protocol } from './protocol.ts';

const HEADERS = { 'Content-Type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' } as const;

export const rpcCbor: Protocol = {
  malformedCode: 'SerializationException',
  decode: (operation, received) => {
    const bytes = bytesIn(received);
    if (bytes.length === 0 || operation.input.kind === 'unit') return {};
    const input = fromCbor(operation.input, decodeCbor(bytes));
    if (!isObject(input)) throw new Malformed({ kind: 'expected', what: 'structure' });
    return input;
  },
  encode: (operation, output) => ({
    status: 200,
    headers: { ...HEADERS },
    body: encodeCbor(operation.output.kind === 'unit' ? {} : toCbor(operation.output, output)),
  }),
  encodeError: (error, service) => ({
    status: error.status,
    headers: {
      ...HEADERS,
      ...(service.queryCompatible === true
        ? { 'x-amzn-query-error': `${error.queryCode};${error.sender ? 'Sender' : 'Receiver'}` }
        : {}),
    },
    body: encodeCbor({ __type: error.code, ...membersOf(error) }),
  }),
};

function membersOf(error: WireError): object {
  const name =
    error.shape?.members.find((member) => member.name.toLowerCase() === 'message')?.name ?? 'message';
  const members = { ...error.members, [name]: error.message };
  const written = error.shape === undefined ? members : toCbor(error.shape, members);
  return isObject(written) ? { ...written, [name]: error.message } : members;
}
