/** What the gateway needs of the world, put together once in `server/start.ts`. */
import type { Now } from '../base/clock.ts';
import type { RandomBytes } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Observe } from '../base/observation.ts';
import type { Counters, Rate } from '../base/counters.ts';
import type {
  AnswerCache,
  Authenticate,
  Caller,
  InspectWebAcl,
  Invoke,
  SampleTrace,
  WriteLogEvents,
} from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { CompiledPolicy } from '../lang/policy/compile.ts';
import type { FindApiKey, LoadApi, LoadDomains, UseQuota } from './config.ts';

export interface GatewayPorts {
  readonly loadApi: LoadApi;
  /** Absent: there are no custom domain names. */
  readonly loadDomains?: LoadDomains;
  readonly invoke: Invoke;
  readonly callAwsService: CallAwsService;
  readonly authenticate: Authenticate;
  /** Absent: only root may call a method with AWS_IAM. */
  readonly authorizeInvoke?: AuthorizeInvoke;
  /** Absent: no API key is good. */
  readonly findApiKey?: FindApiKey;
  /** Absent: keys with a quota are refused. */
  readonly useQuota?: UseQuota;
  /** Token buckets; absent: this gateway's own. */
  readonly counters?: Counters;
  /** What an account may call in a region; null: as much as it likes. Absent: AWS's own numbers. */
  readonly accountRate?: (scope: Scope) => Rate | null;
  /** Absent: a stage with a web ACL refuses every call. */
  readonly inspectWebAcl?: InspectWebAcl;
  /** Documents of token issuers; absent: fetched over the network. User pools of this server live behind AWS's addresses. */
  readonly fetchDocument?: (url: string, signal: AbortSignal, limitBytes: number) => Promise<string>;
  /** Absent: no stage has a cache. */
  readonly cache?: AnswerCache;
  readonly writeLogEvents: WriteLogEvents;
  readonly now: Now;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Called once a finished request; null when nobody watches. */
  readonly observe: Observe | null;
  /** Absent: private integrations reach only what is given by its address. */
  readonly findPrivateTarget?: FindPrivateTarget;
  /** Finds connections that are open on other nodes; absent: this node is the only one. */
  readonly presence?: Presence;
  /** The management API wants no signature, as the control plane does in open mode. Absent: it does. */
  readonly openManagement?: boolean;
  /** Absent: what no client decided is not sampled. */
  readonly sample?: SampleTrace;
  /** Every request's steps are recorded for `observe`. */
  readonly explain?: boolean;
}

/** A raw HTTP request to a service of the wire, for integrations of type AWS. */
export interface AwsServiceRequest {
  /** The service as the integration URI names it: `sqs`, `dynamodb`, `states`, `{subdomain}.appsync-api`. */
  readonly service: string;
  readonly region: string;
  /** The API's account calls. */
  readonly scope: Scope;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  /** Of URIs with `action/`: how it is sent is the service's own affair, `target` holds only what was mapped. */
  readonly action?: AwsAction;
  /** [name, value, name, value, ...]; Host included, no signature. Those that nobody mapped come apart. */
  readonly rawHeaders: readonly string[];
  /** What stands there unless the action or `rawHeaders` says otherwise. */
  readonly usualHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly credentials: IntegrationCredentials;
  readonly signal: AbortSignal;
}

/** `GetObject`, and what followed it in the URI: `Bucket=b&Key=k`. */
export interface AwsAction {
  readonly name: string;
  readonly parameters: readonly (readonly [string, string])[];
}

/** As whom an integration calls: a role, whoever called the API (`arn:aws:iam::*:user/*`), or the API's account. */
export type IntegrationCredentials =
  | { readonly kind: 'role'; readonly roleArn: string }
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'none' };

export interface AwsServiceReply {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

export type CallAwsService = (request: AwsServiceRequest) => Promise<AwsServiceReply>;

export interface InvokePermission {
  readonly caller: Caller;
  /** `execute-api:Invoke`. */
  readonly action: string;
  /** `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path}`. */
  readonly resource: string;
  readonly sourceIp: string;
  /** Condition keys of the request; without them only its address is known. */
  readonly context?: Readonly<Record<string, string>>;
  /** The account the API lies in. */
  readonly scope: Scope;
  /** The API's own policy: evaluated with the caller's, within one account it may allow alone. */
  readonly resourcePolicy: CompiledPolicy | null;
  /** Private APIs: their policy and the caller's must both allow, within one account too. */
  readonly bothMustAllow?: boolean;
}

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false /** AWS's text for the client. */; readonly message: string };

export type AuthorizeInvoke = (permission: InvokePermission) => Promise<Decision>;

/** Where a listener or a Cloud Map service of that ARN answers. */
export interface PrivateTarget {
  readonly host: string;
  readonly port: number;
}

/** Undefined: nobody here knows it. */
export type FindPrivateTarget = (scope: Scope, arn: string) => Promise<PrivateTarget | undefined>;

/** What the management API asks of one connection. */
export type ConnectionCommand = {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stageName: string;
} & (
  | { readonly kind: 'post'; readonly data: Uint8Array }
  | { readonly kind: 'get' }
  | { readonly kind: 'delete' }
);

export type ConnectionAnswer =
  | { readonly outcome: 'done' }
  | {
      readonly outcome: 'found';
      /** Milliseconds since 1970. */
      readonly connectedAt: number;
      readonly lastActiveAt: number;
      readonly sourceIp: string;
      readonly userAgent: string;
    }
  | { readonly outcome: 'gone' }
  /** What waits for the client is all that is kept for it. */
  | { readonly outcome: 'full' };

/** Where a connection is open, for a request that names nothing but the connection. */
export interface ConnectionPlace {
  readonly apiId: string;
  readonly stageName: string;
}

/**
 * Which node holds which WebSocket. A node announces its own, and asks for others; who implements it hands commands of
 * other nodes to `serve`'s function, which answers undefined for a connection that is not open there (any more).
 */
export interface Presence {
  serve(run: (command: ConnectionCommand) => ConnectionAnswer | undefined): void;
  opened(connectionId: string, place: ConnectionPlace): void;
  closed(connectionId: string): void;
  placeOf(connectionId: string): Promise<ConnectionPlace | undefined>;
  /** Undefined: no node holds it. */
  ask(command: ConnectionCommand): Promise<ConnectionAnswer | undefined>;
}
