/** What Lambda's control plane hands to the function runner. */
import type { Scope } from '../base/scope.ts';

/** One version of a function, ready to run. */
export interface FunctionConfig {
  /** Unqualified ARN: `arn:aws:lambda:us-east-1:123456789012:function:orders`. */
  readonly functionArn: string;
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  /** Changes with every change of code or configuration: environments of an older revision take no new call. */
  readonly revision: string;
  readonly scope: Scope;
  /** `nodejs22.x`, `python3.12`, `provided.al2023`, ... */
  readonly runtime: string;
  readonly handler: string;
  readonly code: FunctionCode;
  /** Folders merged under `/opt`, lowest first. */
  readonly layers: readonly FunctionCode[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly ephemeralStorageMb: number;
  readonly logGroup: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly applicationLogLevel?: string;
  readonly systemLogLevel?: string;
  readonly tracing: 'Active' | 'PassThrough';
  /** How many environments may run at once; undefined: the account's limit. */
  readonly concurrencyLimit?: number;
  /** `AWS_ACCESS_KEY_ID` and the like for the function's role. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

export type FunctionCode =
  /** A zip file on disk, unpacked by the runner into a folder named by `sha256`. */
  | { readonly kind: 'zip'; readonly path: string; readonly sha256: string }
  /** A folder run in place and watched: a change is served at once. */
  | { readonly kind: 'folder'; readonly path: string };

export interface RunRequest {
  readonly requestId: string;
  /** As invoked, with its qualifier: the context's `invokedFunctionArn`. */
  readonly invokedFunctionArn: string;
  readonly payload: Uint8Array;
  readonly clientContext?: string;
  readonly traceId?: string;
  readonly wantLogTail?: boolean;
  /** From the queue of events: it counts as a concurrent call, not against the rate of calls. */
  readonly asynchronous?: boolean;
  readonly onChunk?: (chunk: Uint8Array) => void | Promise<void>;
  /** Called once before the first chunk, with the content type the function gave its stream. */
  readonly onStreamStart?: (contentType: string) => void;
  readonly signal?: AbortSignal;
}

export interface RunAnswer {
  readonly payload: Uint8Array;
  readonly functionError?: 'Unhandled';
  /** Base64, the last 4 KB. */
  readonly logTail?: string;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  /** Present on a cold start. */
  readonly initDurationMs?: number;
}

/** Runs one invocation to its end. Throws `Fault` for what Lambda itself refuses (throttles, unknown runtime). */
export type RunFunction = (config: FunctionConfig, request: RunRequest) => Promise<RunAnswer>;

export interface FunctionRunner {
  readonly run: RunFunction;
  /**
   * Keeps so many environments of this version initialised, 0 to end that. Resolves with how many there are once they
   * are, or will not be.
   */
  provision(config: FunctionConfig, count: number): Promise<number>;
  /** Environments of the function end after the call they are in. */
  retire(functionArn: string): void;
  /** Waits for running calls at most so long, then ends every environment. */
  close(graceMs: number): Promise<void>;
}
