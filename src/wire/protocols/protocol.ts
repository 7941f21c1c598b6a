/** What every protocol does: bytes to input, output to bytes, error to bytes. */
import type { Readable } from 'node:stream';
import type { Head } from '../head.ts';
import type { OperationPlan } from '../plan.ts';
import type { ServiceRow } from '../services.ts';
import type { WireError } from '../wire-error.ts';
import type { PlainObject } from '../codecs/record.ts';
import type { Pair } from '../codecs/form.ts';

/** A request of which operation and protocol are known and whose body was read, unless the operation streams it. */
export interface Received {
  readonly head: Head;
  /** From the path, decoded. */
  readonly labels: Readonly<Record<string, string>>;
  readonly body: Uint8Array | Readable;
  /** The parameters of a query-protocol call, which identifying it has read already. */
  readonly form?: readonly Pair[];
  /** Names of query parameters that only select the operation. */
  readonly literals: readonly string[];
}

export interface Reply {
  readonly status: number;
  /** Names as they go on the wire. */
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | Readable | AsyncIterable<Uint8Array>;
}

export interface Protocol {
  /** Throws Malformed. */
  readonly decode: (operation: OperationPlan, received: Received) => PlainObject;
  readonly encode: (operation: OperationPlan, output: PlainObject, requestId: string) => Reply;
  readonly encodeError: (error: WireError, service: ServiceRow, requestId: string) => Reply;
  /** The code of errors about unreadable input. */
  readonly malformedCode: string;
}

export function bytesIn(received: Received): Uint8Array {
  if (received.body instanceof Uint8Array) return received.body;
  throw new Error('the body of this operation is a stream');
}

/** What a handler gave, when it is an object; void operations give nothing. */
export const outputObject = (output: unknown): PlainObject =>
  typeof output === 'object' && output !== null ? (output as PlainObject) : {}; // any object has string keys
