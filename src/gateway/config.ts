/**
 * What the control plane hands to the gateway: frozen documents. Members keep AWS's names and the SDK's shapes, so
 * that a reader of the API reference knows them. The gateway asks for an API once (`LoadApi`), compiles a plan a
 * stage, and is told by `GatewayControl.forget` when to ask again.
 */
import type {
  AccessLogSettings,
  Authorizer as RestAuthorizer,
  GatewayResponse,
  MethodSetting,
  Model,
  RequestValidator,
  Resource,
} from '@aws-sdk/client-api-gateway';
import type {
  AccessLogSettings as HttpAccessLogSettings,
  Authorizer as HttpAuthorizer,
  Cors,
  Integration as HttpIntegration,
  IntegrationResponse,
  Model as WebSocketModel,
  Route,
  RouteResponse,
  RouteSettings,
  RoutingMode,
  RoutingRule,
} from '@aws-sdk/client-apigatewayv2';
import type { Caller } from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';

/** The API with every stage; undefined when no such API exists. */
export type LoadApi = (apiId: string) => Promise<ApiDocument | undefined>;

/** How the control plane tells the gateway that an API's stages changed or went. */
export interface GatewayControl {
  forget(apiId: string): void;
}

/** What REST APIs' control plane asks of the gateway beside. */
export interface RestGatewayControl extends GatewayControl {
  /** Forgets the cached answers of a stage and its canary, or of all stages of an API. */
  flushCache(scope: Scope, apiId: string, stageName?: string): Promise<void>;
}

export type ApiDocument = RestApiDocument | HttpApiDocument | WebSocketApiDocument;

interface ApiBase {
  readonly apiId: string;
  readonly name: string;
  readonly scope: Scope;
  readonly disableExecuteApiEndpoint: boolean;
}

export interface RestApiDocument extends ApiBase {
  readonly kind: 'REST';
  readonly stages: Readonly<Record<string, RestStage>>;
}

export interface RestStage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
  /** By `{resource path}/{METHOD}` with `~1` for `/`, and `*`/`*`, as AWS keys them. */
  readonly methodSettings: Readonly<Record<string, MethodSetting>>;
  readonly accessLogSettings?: AccessLogSettings;
  readonly tracingEnabled: boolean;
  readonly cacheClusterEnabled: boolean;
  readonly cacheClusterSize?: string;
  readonly clientCertificate?: ClientCertificateKey;
  readonly webAclArn?: string;
  readonly canary?: RestCanary;
  /** The deployment's snapshot: never changes under the same deployment id. */
  readonly definition: RestDefinition;
}

export interface RestCanary {
  readonly percentTraffic: number;
  readonly deploymentId: string;
  readonly stageVariableOverrides: Readonly<Record<string, string>>;
  readonly useStageCache: boolean;
  readonly definition: RestDefinition;
}

/** One deployment's snapshot of a REST API. */
export interface RestDefinition {
  /** `resourceMethods` whole: methods, integrations, responses. */
  readonly resources: readonly Resource[];
  readonly models: readonly Model[];
  readonly requestValidators: readonly RequestValidator[];
  readonly authorizers: readonly RestAuthorizer[];
  readonly gatewayResponses: readonly GatewayResponse[];
  readonly binaryMediaTypes: readonly string[];
  readonly minimumCompressionSize?: number;
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  readonly endpointTypes: readonly string[];
  readonly vpcEndpointIds: readonly string[];
  /** The resource policy's text. */
  readonly policy?: string;
}

export interface HttpApiDocument extends ApiBase {
  readonly kind: 'HTTP';
  readonly stages: Readonly<Record<string, HttpStage>>;
}

export interface HttpStage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly accessLogSettings?: HttpAccessLogSettings;
  readonly defaultRouteSettings?: RouteSettings;
  readonly routeSettings: Readonly<Record<string, RouteSettings>>;
  readonly definition: HttpDefinition;
}

export interface HttpDefinition {
  readonly routes: readonly Route[];
  /** By integration id. */
  readonly integrations: Readonly<Record<string, HttpIntegration>>;
  /** By authorizer id. */
  readonly authorizers: Readonly<Record<string, HttpAuthorizer>>;
  readonly corsConfiguration?: Cors;
}

export interface WebSocketApiDocument extends ApiBase {
  readonly kind: 'WEBSOCKET';
  readonly stages: Readonly<Record<string, WebSocketStage>>;
}

export interface WebSocketStage extends Omit<HttpStage, 'definition'> {
  readonly definition: WebSocketDefinition;
}

export interface WebSocketDefinition extends Omit<HttpDefinition, 'corsConfiguration'> {
  readonly routeSelectionExpression: string;
  readonly apiKeySelectionExpression?: string;
  /** By route id. */
  readonly routeResponses: Readonly<Record<string, readonly RouteResponse[]>>;
  /** By integration id. */
  readonly integrationResponses: Readonly<Record<string, readonly IntegrationResponse[]>>;
  readonly models: readonly WebSocketModel[];
}

/** Every custom domain name of every account; asked for again when `DomainControl` says that one changed. */
export type LoadDomains = () => Promise<readonly DomainDocument[]>;

/** How the control plane tells the data plane that a name, its mappings, its rules or its certificate changed. */
export interface DomainControl {
  changed(): void;
}

/** A custom domain name: where its requests go, and how its connections are secured. */
export interface DomainDocument {
  /** In lower case; `*.example.com` stands for one label more. */
  readonly domainName: string;
  readonly scope: Scope;
  readonly endpointType: 'EDGE' | 'REGIONAL' | 'PRIVATE';
  /** As API Gateway v2 names them. */
  readonly routingMode: RoutingMode;
  readonly mappings: readonly DomainMapping[];
  readonly rules: readonly RoutingRule[];
  /** `TLS_1_0`, `TLS_1_2`, `SecurityPolicy_TLS13_1_3_2025_09`, ... */
  readonly securityPolicy: string;
  readonly certificateArn: string | undefined;
  /** Clients must show a certificate that the name's truststore vouches for. */
  readonly mutualTls: boolean;
}

export interface DomainMapping {
  /** `orders/v2/items`; empty: whatever no other mapping takes. */
  readonly key: string;
  readonly apiId: string;
  /** Undefined: the path's next segment names it, as base path mappings of REST APIs may. */
  readonly stage: string | undefined;
}

/** One method of the definition as it stands, run without a deployment: TestInvokeMethod. */
export interface TestInvokeRequest {
  readonly apiId: string;
  readonly scope: Scope;
  readonly definition: RestDefinition;
  readonly resourceId: string;
  readonly httpMethod: string;
  /** Undecoded path and query, as the caller gave it; the resource's own path when it gave none. */
  readonly target: string;
  /** Names and values in turn, duplicates kept. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly clientCertificate?: ClientCertificateKey;
  /** Who tests: told in `$context.identity`. */
  readonly caller: Caller;
}

/** What a stage shows its HTTP backends: PEM texts. */
export interface ClientCertificateKey {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface TestInvokeAnswer {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The execution log, lines ending in a line feed. */
  readonly log: string;
  readonly latencyMs: number;
}

export type TestInvoke = (request: TestInvokeRequest) => Promise<TestInvokeAnswer>;

/** One authorizer run by hand: TestInvokeAuthorizer. */
export interface TestInvokeAuthorizerRequest {
  readonly apiId: string;
  readonly scope: Scope;
  readonly authorizer: RestAuthorizer;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** Who tests. */
  readonly caller: Caller;
}

export interface TestInvokeAuthorizerAnswer {
  /** What the client would have got: 0 when the request would have gone on. */
  readonly clientStatus: number;
  readonly log: string;
  readonly latencyMs: number;
  readonly principalId?: string;
  readonly policy?: string;
  readonly claims?: Readonly<Record<string, string>>;
}

export type TestInvokeAuthorizer = (
  request: TestInvokeAuthorizerRequest,
) => Promise<TestInvokeAuthorizerAnswer>;

/** An API key by its value, and the usage plan through which it may call a stage. */
export interface ApiKeyGrant {
  readonly apiKeyId: string;
  readonly enabled: boolean;
  /** Absent: the key is in no plan with this stage, so the call is refused as with a wrong key. */
  readonly plan?: UsagePlanGrant;
}

export interface UsagePlanGrant {
  readonly usagePlanId: string;
  readonly throttle?: Throttle;
  /** By `{resource path}/{METHOD}`, as the plan's `apiStages` key them. */
  readonly methodThrottles: Readonly<Record<string, Throttle>>;
  readonly quota?: Quota;
}

export interface Throttle {
  /** Requests a second. */
  readonly rateLimit: number;
  readonly burstLimit: number;
}

export interface Quota {
  readonly limit: number;
  readonly offset: number;
  readonly period: 'DAY' | 'WEEK' | 'MONTH';
}

/** The key with a value, by what its plan allows on a stage; undefined when there is no such key. */
export type FindApiKey = (
  scope: Scope,
  value: string,
  apiId: string,
  stageName: string,
) => ApiKeyGrant | undefined | Promise<ApiKeyGrant | undefined>;

/** Counts one request of a key against its plan; false when the quota is used up: the request is then not counted. */
export type UseQuota = (
  use: { readonly scope: Scope; readonly usagePlanId: string; readonly apiKeyId: string },
  quota: Quota | undefined,
) => boolean | Promise<boolean>;
