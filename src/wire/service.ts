/** The words between the wire and the services: what a service hands in, what an operation gets. */
import type { Readable } from 'node:stream';
import type { Now } from '../base/clock.ts';
import type { RandomBytes } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Caller, CallOperation } from '../base/ports.ts';
import type { ResourceType } from '../base/resource-type.ts';
import type { Scope } from '../base/scope.ts';
import type { Store } from '../store/store.ts';

/** What an operation knows of its call besides the input. */
export interface Call {
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  /** `http://127.0.0.1:4566`, as the caller reached us: for URLs in answers. */
  readonly endpoint: string;
  /** Header value by lower-case name; none when called from inside. */
  header(name: string): string | undefined;
  /** Answers with another status than the model's, e.g. 206 for a part of an object. */
  setStatus(status: number): void;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** What policies may ask about the request: `aws:SourceIp`, `aws:UserAgent`, ... */
  readonly conditions?: Readonly<Record<string, string>>;
  /** The request as it arrived; none when called from inside. */
  readonly request?: {
    readonly method: string;
    readonly target: string;
    readonly rawHeaders: readonly string[];
    readonly sourceIp: string;
  };
  /** Service principals that a call from inside was made through; empty text for one that is not known. */
  readonly calledVia?: readonly string[];
}

/**
 * One operation. Input and output are the SDK's shapes (`import type { CreateRestApiRequest, RestApi } from
 * '@aws-sdk/client-api-gateway'`), already checked against the model's constraints. Blobs arrive as
 * Uint8Array, streaming blobs as Readable. Throws `Fault` with AWS's code; any other error answers 500.
 */
export type Handler<Input = never, Output = unknown> = (input: Input, call: Call) => Promise<Output>;

/** Handlers by operation name: `{ CreateRestApi: async (input, call) => ... }`. */
export type Handlers = Readonly<Record<string, Handler>>;

/** The operations an SDK package declares, so that a service's table of handlers is checked by the compiler:
 *  `({ ... }) satisfies HandlersOf<typeof sdk>` with `import type * as sdk from '@aws-sdk/client-api-gateway'`. */
export type HandlersOf<Sdk> = {
  readonly [K in keyof Sdk as K extends `${infer Name}Command` ? Name : never]?: Sdk[K] extends new (
    ...given: infer Given
  ) => infer Command
    ? Handler<Bytes<InputOf<Given>>, Plain<Omit<OutputOf<Command>, '$metadata'>>>
    : never;
};

/** Commands whose input has no required member are made without one too. */
type InputOf<Given> = Given extends readonly [infer Input] ? NonNullable<Input> : never;

/** The SDK takes blobs in many forms; an operation is handed bytes or (streaming members) a Readable, and says which it
 *  takes. A member that is both satisfies either. */
type Bytes<Input> = {
  [K in keyof Input]: string | Uint8Array extends NonNullable<Input[K]>
    ? (Uint8Array & Readable) | Extract<Input[K], undefined>
    : Input[K];
};

/** The SDK hands blobs to its callers with methods of its own; operations answer bytes. */
type Plain<Output> = {
  [K in keyof Output]: NonNullable<Output[K]> extends Uint8Array ? Uint8Array | undefined : Output[K];
};

type OutputOf<Command> = Command extends {
  resolveMiddleware: (...args: never[]) => (...args: never[]) => Promise<{ output: infer Output }>;
}
  ? Output
  : never;

/** What a service room hands to the server: made once by `create<Service>(ports)` in its `service.ts`. */
export interface ServiceInstance {
  readonly handlers: Handlers;
  /** The CloudFormation resource types that this service's operations carry out. */
  readonly resourceTypes?: readonly ResourceType[];
  /** Begins background work (retries, expiry). Called once, after the store is open. */
  start?(): Promise<void>;
  /** A stop is coming: calls that only wait (long polls) are answered now. */
  release?(): Promise<void>;
  /** Ends background work; what was accepted is finished or stays durable. */
  stop?(): Promise<void>;
}

/** What every service is handed; services with more needs extend it. */
export interface ServicePorts {
  readonly store: Store;
  readonly now: Now;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Other services' operations (and one's own), through the same handlers an SDK call reaches. */
  readonly call: CallOperation;
}
