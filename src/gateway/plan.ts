/**
 * The words of the pipeline. A call is Arrived, then Routed, then Admitted, then Checked, each knowing more than the
 * one before; a Plan is what was compiled for one method or route; a Reply is what goes back.
 */
import type { Readable } from 'node:stream';
import type { PlanRules, Trail } from '../base/observation.ts';
import type { Caller } from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { ClientRequest } from './client-request.ts';
import type { UsagePlanGrant } from './config.ts';
import type { Refusal } from './refusal.ts';
import type { ApiTarget } from './target.ts';

/** A request that has been read as far as its headers. */
export interface Arrived {
  readonly request: ClientRequest;
  readonly target: ApiTarget;
  readonly requestId: string;
  readonly extendedRequestId: string;
  /** The `X-Amzn-Trace-Id` handed on: the client's Root is kept. */
  readonly traceId: string;
  readonly receivedAt: number;
  readonly domainName: string;
  readonly domainPrefix: string;
  /** The path as events and `$context.path` show it, undecoded. */
  readonly shownPath: string;
  /** What steps note down for logs and metrics; no step decides by it. */
  readonly facts: Facts;
  /** The WebSocket it came over, or is to open. */
  readonly connection?: ConnectionFacts;
}

/** What `$context` and events say of a WebSocket and of what happened on it. */
export interface ConnectionFacts {
  readonly connectionId: string;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  /** Of a MESSAGE. */
  readonly messageId?: string;
  /** Of a DISCONNECT. */
  readonly closing?: { readonly code: number; readonly reason: string };
}

/** The stage it is for is known. */
export interface Staged extends Arrived {
  readonly stage: StagePlan;
}

/** The method or route it is for is known. */
export interface Routed extends Staged {
  readonly plan: Plan;
  /** Without the stage, as AWS hands it to events. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

/** It may call the method. */
export interface Admitted extends Routed {
  readonly identity: Identity;
}

/** Nothing is wrong with what it carries. */
export interface Checked extends Admitted {
  /** Whole; empty when there is none, or when the plan streams it. */
  readonly body: Uint8Array;
}

export interface Identity {
  /** Who signed the request, where AWS_IAM asked. */
  readonly caller: Caller | null;
  /** What an authorizer said: `principalId`, context members, `claims`, `jwt`. */
  readonly authorizer: Readonly<Record<string, unknown>> | null;
  readonly apiKey: {
    readonly value: string;
    readonly apiKeyId: string;
    readonly plan?: UsagePlanGrant;
  } | null;
}

export const ANONYMOUS: Identity = { caller: null, authorizer: null, apiKey: null };

/** What was compiled for one method of a REST API, or one route of an HTTP API. */
export interface Plan {
  readonly stage: StagePlan;
  /** `GET /orders/{id}`; `$default`. */
  readonly routeKey: string;
  /** What `$context` and events say of the method or route: resourceId and resourcePath, or routeKey. */
  readonly resourceId: string;
  readonly resourcePath: string;
  /** The body is read before authorization, because the signature covers it. */
  readonly signed: boolean;
  readonly body: 'buffered' | 'streamed';
  /** What policies are asked about, where it is not method and path. */
  readonly invokeArn?: string;
  /** The action they are asked about, where it is not `execute-api:Invoke`. */
  readonly invokeAction?: string;
  readonly authorize: ((call: Routed, body: Uint8Array) => Identity | Promise<Identity>) | null;
  readonly throttle: ((call: Admitted) => void | Promise<void>) | null;
  readonly validate: ((call: Checked) => void | Promise<void>) | null;
  readonly integrate: (call: Checked) => Reply | Promise<Reply>;
  /** The method or route also has CloudWatch metrics of its own. */
  readonly detailedMetrics: boolean;
  /** The steps in words, for `explain`. */
  readonly rules: () => PlanRules;
}

/** What was compiled for one stage: how its kind finds a plan, refuses, and dresses an answer. */
export interface StagePlan {
  readonly api: ApiIdentity;
  readonly stageName: string;
  readonly deploymentId: string;
  /** Whether this is the stage's canary release, which takes a part of its requests; undefined when it has none. */
  readonly canary: boolean | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** Asks the stage's web ACL before anything else, and gives the body, which it had to have. Throws its refusal. */
  readonly inspect: ((call: Staged) => Promise<Uint8Array>) | null;
  /** A Reply when the stage itself answers (preflight). Throws a Refusal when nothing matches. */
  readonly match: (call: Staged) => Routed | Reply;
  /** A refusal as this kind words it; `call` is as far as it came. */
  readonly refuse: (refusal: Refusal, call: Staged | Routed | Admitted) => Reply;
  /** The reply's headers and those that every answer of this kind carries. */
  readonly dress: (reply: Reply, call: Staged | Routed) => string[];
  /** Bodies of at least so many bytes are compressed for clients that accept it; null: none are. */
  readonly compressFromBytes: number | null;
  /** The trace header that backends get, with the stage's own segment; absent where X-Ray is not switched on. */
  readonly trace?: ((call: Arrived) => string) | null;
  /** Which of AWS's metrics count its requests. */
  readonly metrics: 'REST' | 'HTTP' | 'WEBSOCKET';
  readonly accessLog: WriteLog | null;
  readonly executionLog: ExecutionLog | null;
}

export interface ApiIdentity {
  readonly apiId: string;
  readonly name: string;
  readonly scope: Scope;
}

/** Writes what a log keeps of a call of which nothing more will happen. */
export type WriteLog = (call: Staged | Routed | Admitted) => void;

/** `begin` starts collecting lines where the method keeps them, `admitted` goes on with them, `write` writes them. */
export interface ExecutionLog {
  readonly begin: (call: Routed) => void;
  readonly admitted: (call: Admitted) => void;
  readonly write: WriteLog;
}

/** An API compiled. */
export interface CompiledApi extends ApiIdentity {
  /** The stage's plan, or the answer where there is none. */
  readonly stageOf: (call: Arrived) => StagePlan | Reply;
  /**
   * Behind a custom domain name, events show the path that the client sent, base path included, and not the one with
   * the stage. REST APIs do (https://github.com/localstack/localstack/pull/12296 compares with AWS), HTTP APIs do not
   * (https://github.com/CodeGenieApp/serverless-express/issues/465).
   */
  readonly showsBasePath: boolean;
  readonly newIds: () => { readonly requestId: string; readonly extendedRequestId: string };
  /**
   * Null: no such stage, or it is not to be reached so; who is connected already does not say how. Absent where a kind takes no WebSockets: an upgrade is answered like
   * any other request.
   */
  readonly socketStage?: (stageName: string, addressedBy?: ApiTarget['addressedBy']) => SocketStage | null;
}

/** A stage that WebSockets are open on. */
export interface SocketStage {
  readonly plan: StagePlan;
  /** Null: everyone may connect. */
  readonly connect: Plan | null;
  /** Null: nobody is told. */
  readonly disconnect: Plan | null;
  /** What a message is for. Throws a Refusal when nothing matches. */
  readonly routeOf: (call: Staged, text: string) => Plan;
}

export interface Reply {
  readonly status: number;
  /** [name, value, name, value, ...] */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | Readable | null;
  /** `X-Amzn-Trace-Id` is sent with answers of Lambda, AWS and HTTP integrations of REST APIs. */
  readonly traced?: boolean;
}

/** Notes for logs, metrics and explain. */
export interface Facts {
  cache?: 'hit' | 'miss';
  integrationStatus?: number;
  integrationLatencyMs?: number;
  integrationRequestId?: string;
  integrationError?: string;
  /** What a proxied function itself gave as its status. */
  functionStatus?: number;
  /** How long authentication and authorization took. */
  authorizeLatencyMs?: number;
  /** What the stage's web ACL said. */
  webAcl?: {
    readonly arn: string;
    readonly responseCode: 'WAF_ALLOW' | 'WAF_BLOCK';
    readonly latencyMs: number;
  };
  authorizerError?: string;
  authorizerLatencyMs?: number;
  authorizerStatus?: number;
  authorizerRequestId?: string;
  errorType?: string;
  errorMessage?: string;
  validationError?: string;
  /** For the operator: why it was refused, in the words of AWS's execution log. */
  reason?: string;
  /** Lines of the execution log, when the stage keeps one; else undefined and nothing is collected. */
  lines?: string[];
  dataTrace?: boolean;
  status?: number;
  responseBytes?: number;
  endedAt?: number;
  /** The steps taken, when they are recorded. */
  trail?: Trail;
}
