/** What a document says, in API Gateway's words, before anything is written: names in place of ids. */
import type {
  CreateAuthorizerRequest,
  DocumentationPartLocation,
  Integration,
  Method,
} from '@aws-sdk/client-api-gateway';
import type { GatewayResponseRow } from '../gateway-response.ts';

export interface ImportedApi {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly version: string | undefined;
  readonly binaryMediaTypes: readonly string[] | undefined;
  readonly minimumCompressionSize: number | undefined;
  readonly apiKeySource: string | undefined;
  readonly policy: string | undefined;
  readonly vpcEndpointIds: readonly string[] | undefined;
  readonly disableExecuteApiEndpoint: boolean | undefined;
  readonly securityPolicy: string | undefined;
  readonly endpointAccessMode: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly models: readonly ImportedModel[];
  readonly validators: readonly ImportedValidator[];
  readonly authorizers: readonly ImportedAuthorizer[];
  readonly gatewayResponses: readonly GatewayResponseRow[];
  readonly resources: readonly ImportedResource[];
  readonly documentationParts: readonly ImportedPart[];
  readonly warnings: readonly string[];
}

export interface ImportedModel {
  readonly name: string;
  readonly description: string | undefined;
  /** References still local: `#/definitions/X` or `#/components/schemas/X`. */
  readonly schema: unknown;
}

export interface ImportedValidator {
  readonly name: string;
  readonly validateRequestBody: boolean;
  readonly validateRequestParameters: boolean;
}

export type ImportedAuthorizer = Omit<CreateAuthorizerRequest, 'restApiId'>;

export interface ImportedResource {
  readonly path: string;
  readonly methods: readonly ImportedMethod[];
}

export interface ImportedMethod {
  readonly httpMethod: string;
  /** Without integration, authorizer and validator ids. */
  readonly method: Method;
  readonly authorizerName: string | undefined;
  readonly validatorName: string | undefined;
  readonly integration: Integration | undefined;
}

export interface ImportedPart {
  readonly location: DocumentationPartLocation;
  readonly properties: string;
}

/** What readers report as they go; a warning does not stop an import unless the caller says so. */
export interface Findings {
  readonly warnings: string[];
  /** Schemas written inline become models of their own. */
  readonly inlineModels: ImportedModel[];
  /** A name for the next of them. */
  nextModelName(): string;
}
