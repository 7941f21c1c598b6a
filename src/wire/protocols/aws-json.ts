/** awsJson 1.0 and 1.1: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { eventStream } from '../codecs/event-stream.ts';
import { createJsonCodec } from '../codecs/json.ts';
import { parseJson } from '../codecs/json-text.ts';
import { Malformed } from '../codecs/malformed.ts';
import { isObject, type PlainObject } from '../codecs/record.ts';
import type { OperationPlan } from '../plan.ts';
import type { WireError } from '../wire-error.ts';
import { bytesIn, type Protocol } from './protocol.ts';
import { errorBody } from './rest-json.ts';

const codec = createJsonCodec(false);

export const awsJson1_0 = awsJson('application/x-amz-json-1.0');
export const awsJson1_1 = awsJson('application/x-amz-json-1.1');

function awsJson(contentType: string): Protocol {
  return {
    malformedCode: 'SerializationException',
    decode: (operation, received) => {
      const bytes = bytesIn(received);
      if (bytes.length === 0) return {};
      if (operation.input.kind === 'unit') return {};
      const read = codec.reader(operation.input)(parseJson(bytes));
      if (!isObject(read)) throw new Malformed({ kind: 'expected', what: 'structure' });
      return read;
    },
    encode: (operation, output) => {
      const headers = { 'Content-Type': contentType };
      const events = eventsOf(operation, output);
      if (events !== undefined)
        return {
          status: 200,
          headers: { ...headers, 'Content-Type': 'application/vnd.amazon.eventstream' },
          body: events,
        };
      // Operations without an output answer with no bytes at all.
      const body =
        operation.output.kind === 'unit' ? '' : JSON.stringify(codec.writer(operation.output)(output));
      return { status: 200, headers, body };
    },
    encodeError: (error, service) => ({
      // The RPC protocols know 400 and 500 only, whatever status the model has for the error elsewhere.
      status: error.status >= 500 || error.status === 413 ? error.status : 400,
      headers: {
        'Content-Type': contentType,
        ...(service.queryCompatible === true ? queryError(error) : {}),
      },
      body: JSON.stringify({
        __type: typeOf(error, service.errorTypePrefix),
        ...errorBody(error, codec.writer),
      }),
    }),
  };
}

const queryError = (error: WireError) => ({
  'x-amzn-query-error': `${error.queryCode};${error.sender ? 'Sender' : 'Receiver'}`,
});

/** DynamoDB names the namespace of its errors, and Coral's for those of its framework; the others send the bare name. */
function typeOf(error: WireError, prefix: string | undefined): string {
  if (prefix === undefined) return error.code;
  if (error.shape !== undefined) return prefix + error.code;
  return `com.amazon.coral.${error.code === 'ValidationException' ? 'validate' : 'service'}#${error.code}`;
}

function eventsOf(operation: OperationPlan, output: PlainObject): AsyncIterable<Uint8Array> | undefined {
  if (operation.output.kind !== 'structure') return undefined;
  const member = operation.output.members.find(({ target }) => target.traits.streaming === 1);
  if (member?.target.kind !== 'structure') return undefined;
  const { [member.name]: events, ...initial } = output;
  return eventStream(member.target, events as AsyncIterable<PlainObject>, operation.service, initial); // the handler's type says so
}
