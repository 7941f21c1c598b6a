/**
 * Ports: how rooms meet without importing one another. Plain function types, put together once in
 * `server/start.ts`.
 */
import type { Readable } from 'node:stream';
import type { Scope } from './scope.ts';

/** Who makes a call. `root` may do everything in its account. */
export type Caller =
  | { readonly kind: 'root'; readonly account: string; readonly arn: string; readonly accessKeyId: string }
  | {
      readonly kind: 'user' | 'assumed-role' | 'service';
      readonly account: string;
      readonly arn: string;
      /** `AIDA...`, or `AROA...:session` for an assumed role. */
      readonly userId: string;
      readonly accessKeyId: string;
    };

/** One AWS operation, as an SDK would call it: input and output are the SDK's own shapes. */
export interface OperationCall {
  /** The service's id in `wire/services.ts`, e.g. `apigateway`, `s3`, `lambda`. */
  readonly service: string;
  /** AWS's operation name, e.g. `CreateRestApi`. */
  readonly operation: string;
  readonly input: object;
  readonly scope: Scope;
  readonly caller: Caller;
  /** The service that makes the call on its caller's behalf, for `aws:CalledVia`: `cloudformation.amazonaws.com`. */
  readonly calledVia?: string;
}

/** Runs an operation through the same handler an SDK call reaches. Throws `Fault`. */
export type CallOperation = (call: OperationCall) => Promise<unknown>;

/** How a Lambda function is invoked. */
export interface Invocation {
  /** Unqualified or qualified function ARN. */
  readonly functionArn: string;
  readonly type: 'RequestResponse' | 'Event' | 'DryRun';
  readonly payload: Uint8Array;
  /** Base64 text of the `X-Amz-Client-Context` header. */
  readonly clientContext?: string;
  /** `X-Amzn-Trace-Id` header's value. */
  readonly traceId?: string;
  /** What the function knows the call by; made up when absent. */
  readonly requestId?: string;
  /** The last 4 KB of the log are returned when set. */
  readonly wantLogTail?: boolean;
  /** Called with each chunk of a streamed response; the answer's payload is then empty. */
  readonly onChunk?: (chunk: Uint8Array) => void | Promise<void>;
  /** Called once before the first chunk, with the content type the function gave its stream. */
  readonly onStreamStart?: (contentType: string) => void;
  /** Aborted when the client went away or the gateway's time is up: frees what waits, the function runs on as on AWS. */
  readonly signal?: AbortSignal;
  /** The service that invokes, for the function's resource policy, e.g. `apigateway.amazonaws.com`. */
  readonly invoker?: {
    readonly servicePrincipal: string;
    readonly sourceArn: string;
    /** Where the ARN has no account: a bucket's. */
    readonly sourceAccount?: string;
  };
  /** The role a service invokes with, or the caller whose own rights it uses: asked of their policies where IAM is enforced. */
  readonly actingAs?:
    | { readonly kind: 'role'; readonly roleArn: string; readonly servicePrincipal: string }
    | { readonly kind: 'caller'; readonly caller: Caller };
}

export interface InvocationAnswer {
  readonly status: number;
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** `Handled` or `Unhandled` when the function failed. */
  readonly functionError?: string;
  /** Base64, when asked for. */
  readonly logTail?: string;
  readonly executedVersion: string;
}

/**
 * Invokes a function. Throws `Fault` when Lambda refuses (ResourceNotFoundException, TooManyRequestsException,
 * AccessDeniedException, RequestTooLargeException, InvalidRequestContentException, ...).
 */
export type Invoke = (invocation: Invocation) => Promise<InvocationAnswer>;

/** Appends events to a log stream, creating group and stream where absent. Never throws; losing power may lose the last second. */
export type WriteLogEvents = (
  scope: Scope,
  group: string,
  stream: string,
  events: readonly LogEvent[],
) => void;

export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/** Who signed an execute-api request, or why the signature is not good: AWS's own code and text. */
export type Authentication =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface SignedRequest {
  readonly method: string;
  /** As it arrived: undecoded path and query. */
  readonly target: string;
  /** Names and values in the order they arrived: [name, value, name, value, ...]. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

/** Verifies SigV4 against the keys IAM knows. `undefined` when the request carries no signature at all. */
export type Authenticate = (request: SignedRequest, service: string) => Promise<Authentication | undefined>;

/** The key behind an access key id, as IAM and STS keep it; undefined when there is none, or it is inactive. */
export type FindAccessKey = (accessKeyId: string) => Promise<AccessKey | undefined>;

export interface AccessKey {
  readonly secretAccessKey: string;
  /** Temporary credentials are good only together with their token, ... */
  readonly sessionToken?: string;
  /** ... and until then: milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly caller: Caller;
}

/** A file-like body that may be large. */
export type Body = Uint8Array | Readable;

/** The policy documents (JSON texts) that say what a caller may do. `root` has none and needs none. */
export interface CallerPolicies {
  /** Of the user and its groups, or of the role. */
  readonly identity: readonly string[];
  /** The permissions boundary: absent when there is none. */
  readonly boundary?: string;
  /** Of the session: absent when it was made without. An empty list allows nothing. */
  readonly session?: readonly string[];
  /** Condition keys that come with the caller: `aws:PrincipalTag/team`, `aws:username`, ... */
  readonly conditions: Readonly<Record<string, string>>;
}

export type PrincipalPolicies = (caller: Caller) => Promise<CallerPolicies>;

/** An answer as a stage's cache keeps it: what the integration gave, before ids are put on. */
export interface CachedAnswer {
  readonly status: number;
  /** [name, value, name, value, ...] */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
  /** It goes out with a trace id. */
  readonly traced: boolean;
}

/** The cache that belongs to one stage. */
export interface CacheCluster {
  /** `{account}/{region}/{apiId}/{stage}`. */
  readonly name: string;
  /** Of everything in it; the least recently used makes room. */
  readonly capacityBytes: number;
}

export interface CacheItem {
  readonly answer: CachedAnswer;
  readonly ttlSeconds: number;
}

/**
 * Answers of APIs, kept for a while; one port for all stages, so that the nodes of a cluster can share what they know.
 * It may forget anything at any time, and never throws: what fails is a miss.
 */
export interface AnswerCache {
  find(cluster: CacheCluster, key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined>;
  keep(cluster: CacheCluster, key: string, item: CacheItem): void;
  /** Every answer of the clusters whose name is this or begins with this and a slash. */
  flush(name: string): Promise<void>;
}

/** A request as a web ACL is asked about it: everything as it arrived. */
export interface WebAclRequest {
  readonly method: string;
  /** Undecoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Names and values in the order they arrived. */
  readonly rawHeaders: readonly string[];
  readonly sourceIp: string;
  /** `HTTP/1.1`. */
  readonly protocol: string;
  /** The first bytes, as many as are asked for at most; only rules that look at the body call it. */
  readonly body: (mostBytes: number) => Promise<Uint8Array>;
}

export type WebAclVerdict =
  | {
      readonly action: 'ALLOW';
      readonly labels: readonly string[];
      /** Headers that the rules add to the request, `x-amzn-waf-...`: names and values in turn. */
      readonly insertedHeaders: readonly string[];
    }
  | {
      readonly action: 'BLOCK';
      readonly labels: readonly string[];
      /** What the rule answers instead of the kind's own 403. */
      readonly response?: {
        readonly status: number;
        readonly headers: readonly string[];
        readonly body: string;
        readonly contentType?: string;
      };
    };

/**
 * Asks a web ACL about a request, before anything else judges it. Throws when there is no such web ACL or it cannot
 * be asked: the request is then refused.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html
 */
export type InspectWebAcl = (
  webAclArn: string,
  request: WebAclRequest,
) => WebAclVerdict | Promise<WebAclVerdict>;

/** What rules of sampling go by. */
export interface SampledRequest {
  readonly scope: Scope;
  /** `orders/prod`. */
  readonly serviceName: string;
  readonly stageArn: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

/** Whether X-Ray keeps a request's trace, where its client did not decide. */
export type SampleTrace = (request: SampledRequest) => boolean;
