/** What the GraphQL engine is handed. */
import type { Now } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type {
  Authenticate,
  Caller,
  CallOperation,
  WebAclRequest,
  WebAclVerdict,
  WriteLogEvents,
} from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { GraphqlApiDocument } from './config.ts';

/** Why a token is not good, or what it says. */
export type TokenVerdict =
  | { readonly ok: true; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Sign as this role. */
  readonly signing?: {
    readonly service: string;
    readonly region: string;
    readonly roleArn: string;
    readonly scope: Scope;
  };
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface GraphqlPorts {
  /** The API's document as it is now. */
  readonly loadApi: (apiId: string) => Promise<GraphqlApiDocument | undefined>;
  readonly call: CallOperation;
  readonly http: (call: HttpCall) => Promise<HttpReply>;
  readonly authenticate: Authenticate;
  /** Whether IAM lets a caller do `appsync:GraphQL` on a resource. */
  readonly authorize: (caller: Caller, action: string, resource: string) => Promise<boolean>;
  /** What the web ACL in front of an API says of a request; undefined: it has none. */
  readonly inspect: (
    scope: Scope,
    apiArn: string,
    request: WebAclRequest,
  ) => Promise<WebAclVerdict | undefined>;
  readonly verifyToken: (token: string, issuer: string) => Promise<TokenVerdict>;
  /** Whose pool's tokens they are: `https://cognito-idp.{region}.amazonaws.com/{id}` as this server writes it. */
  readonly userPoolIssuer: (region: string, userPoolId: string) => string;
  readonly writeLogEvents: WriteLogEvents;
  readonly now: Now;
  readonly log: Log;
}
