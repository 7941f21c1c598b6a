/** What the control plane hands over: an API as one frozen document. */
import type { Scope } from '../base/scope.ts';

export type AuthorizationMode =
  | { readonly type: 'API_KEY' }
  | { readonly type: 'AWS_IAM' }
  | {
      readonly type: 'AMAZON_COGNITO_USER_POOLS';
      readonly userPoolId: string;
      readonly region: string;
      /** Which clients of the pool may come. */
      readonly clientPattern?: string;
      readonly defaultAction: 'ALLOW' | 'DENY';
    }
  | {
      readonly type: 'OPENID_CONNECT';
      readonly issuer: string;
      readonly clientPattern?: string;
      /** Milliseconds since the token was issued, and since its user signed in. */
      readonly issuedWithinMs?: number;
      readonly authenticatedWithinMs?: number;
    }
  | {
      readonly type: 'AWS_LAMBDA';
      readonly functionArn: string;
      readonly ttlSeconds: number;
      readonly tokenPattern?: string;
    };

export type AuthorizationType = AuthorizationMode['type'];

export interface DataSourceDocument {
  readonly name: string;
  readonly type:
    | 'NONE'
    | 'AWS_LAMBDA'
    | 'AMAZON_DYNAMODB'
    | 'HTTP'
    | 'AMAZON_EVENTBRIDGE'
    | 'RELATIONAL_DATABASE'
    | 'AMAZON_ELASTICSEARCH'
    | 'AMAZON_OPENSEARCH_SERVICE'
    | 'AMAZON_BEDROCK_RUNTIME';
  readonly roleArn?: string;
  readonly functionArn?: string;
  readonly table?: { readonly name: string; readonly region: string };
  readonly http?: {
    readonly endpoint: string;
    readonly signing?: { readonly region: string; readonly service: string };
  };
  readonly eventBusArn?: string;
  readonly openSearch?: { readonly endpoint: string; readonly region: string };
}

/** What makes a request and reads its answer: JavaScript, or two templates. */
export type Mapping =
  | { readonly kind: 'javascript'; readonly code: string }
  | { readonly kind: 'templates'; readonly request?: string; readonly response?: string }
  /** A Lambda data source without either is handed the context as it is. */
  | { readonly kind: 'direct' };

export interface FunctionDocument {
  readonly id: string;
  readonly name: string;
  readonly dataSource: string;
  readonly mapping: Mapping;
  readonly maxBatchSize: number;
}

export interface ResolverDocument {
  readonly typeName: string;
  readonly fieldName: string;
  readonly kind: 'UNIT' | 'PIPELINE';
  readonly dataSource?: string;
  readonly functions: readonly string[];
  readonly mapping: Mapping;
  readonly maxBatchSize: number;
  readonly caching?: { readonly ttlSeconds: number; readonly keys: readonly string[] };
}

export interface GraphqlApiDocument {
  readonly scope: Scope;
  readonly apiId: string;
  readonly arn: string;
  readonly name: string;
  /** SDL; undefined until one was given. */
  readonly schema: string | undefined;
  readonly defaultMode: AuthorizationMode;
  readonly additionalModes: readonly AuthorizationMode[];
  readonly apiKeys: readonly { readonly key: string; readonly expiresAt: number }[];
  readonly dataSources: readonly DataSourceDocument[];
  readonly functions: readonly FunctionDocument[];
  readonly resolvers: readonly ResolverDocument[];
  readonly cache?: {
    readonly behavior: 'FULL_REQUEST_CACHING' | 'PER_RESOLVER_CACHING' | 'OPERATION_LEVEL_CACHING';
    readonly ttlSeconds: number;
  };
  readonly environment: Readonly<Record<string, string>>;
  readonly introspection: boolean;
  /** 0: no limit but the service's own. */
  readonly queryDepthLimit: number;
  readonly resolverCountLimit: number;
  readonly logging?: {
    readonly level: 'NONE' | 'ERROR' | 'INFO' | 'DEBUG' | 'ALL';
    readonly verbose: boolean;
  };
}

/** What the control plane asks of the engine. */
export interface GraphqlControl {
  /** The API's document is asked for again at the next request. */
  changed(apiId: string): void;
  flushCache(apiId: string): void;
  /** What is wrong with an SDL; undefined when nothing is. */
  checkSchema(sdl: string): string | undefined;
  /** Every rule of APPSYNC_JS that code breaks. */
  checkCode(code: string): readonly CodeProblem[];
  /** What is wrong with a template; undefined when nothing is. */
  checkTemplate(source: string): string | undefined;
  /** The introspection result as JSON, or the whole SDL. */
  introspect(sdl: string, format: 'JSON' | 'SDL', withDirectives: boolean): string;
  /** The definitions of an SDL by name; SDL of each. */
  typesOf(sdl: string): readonly {
    readonly name: string;
    readonly definition: string;
    readonly description: string | undefined;
  }[];
  evaluateCode(code: string, handler: string, context: object): Promise<Evaluation>;
  evaluateTemplate(source: string, context: object): Promise<Evaluation>;
}

export interface CodeProblem {
  readonly errorType: 'PARSER_ERROR';
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

export interface Evaluation {
  /** JSON. */
  readonly result: string | undefined;
  readonly error: string | undefined;
  readonly stash: string;
  readonly outErrors: string;
  readonly logs: readonly string[];
}
