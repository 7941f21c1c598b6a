/** Who may call an operation: security schemes that carry an authorizer, or say AWS's signature. */
import type { CreateAuthorizerRequest } from '@aws-sdk/client-apigatewayv2';
import { badRequest } from '../faults.ts';
import { flagAt, isObject, type JsonObject, numberAt, objectAt, textAt, textsAt } from './json.ts';

export type NewAuthorizer = Omit<CreateAuthorizerRequest, 'ApiId'>;

export type SecurityScheme =
  | { readonly kind: 'authorizer'; readonly authorizer: NewAuthorizer }
  | { readonly kind: 'iam' }
  /** Only documentation: API Gateway has nothing to check it with. */
  | { readonly kind: 'documentation' };

/** By the name under `components.securitySchemes`. */
export type SecuritySchemes = ReadonlyMap<string, SecurityScheme>;

export type Authorization =
  | { readonly kind: 'none' | 'iam' }
  | { readonly kind: 'authorizer'; readonly scheme: string; readonly scopes: readonly string[] };

export function securitySchemesAt(document: JsonObject, warnings: string[]): SecuritySchemes {
  const schemes = new Map<string, SecurityScheme>();
  const entries = Object.entries(objectAt(objectAt(document.components).securitySchemes));
  for (const [name, value] of entries) {
    const scheme = schemeOf(name, objectAt(value));
    if (scheme.kind === 'documentation')
      warnings.push(`Security scheme ${name} has no x-amazon-apigateway-authorizer extension. Ignoring.`);
    schemes.set(name, scheme);
  }
  return schemes;
}

function schemeOf(name: string, scheme: JsonObject): SecurityScheme {
  if (textAt(scheme['x-amazon-apigateway-authtype'])?.toLowerCase() === 'awssigv4') return { kind: 'iam' };
  const extension = scheme['x-amazon-apigateway-authorizer'];
  if (!isObject(extension)) return { kind: 'documentation' };
  return { kind: 'authorizer', authorizer: authorizerOf(name, scheme, extension) };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html */
function authorizerOf(Name: string, scheme: JsonObject, extension: JsonObject): NewAuthorizer {
  const type = textAt(extension.type)?.toLowerCase();
  if (type === 'jwt') return jwtAuthorizer(Name, scheme, extension);
  if (type !== 'request') throw badRequest(`Unsupported authorizer type ${type} in security scheme ${Name}.`);
  return {
    Name,
    AuthorizerType: 'REQUEST',
    AuthorizerUri: textAt(extension.authorizerUri),
    AuthorizerCredentialsArn: textAt(extension.authorizerCredentials),
    AuthorizerPayloadFormatVersion: versionOf(extension.authorizerPayloadFormatVersion),
    AuthorizerResultTtlInSeconds: numberAt(extension.authorizerResultTtlInSeconds),
    EnableSimpleResponses: flagAt(extension.enableSimpleResponses),
    IdentitySource: textsAt(extension.identitySource) ?? [],
  };
}

const versionOf = (value: unknown): string | undefined =>
  typeof value === 'number' ? value.toFixed(1) : textAt(value);

function jwtAuthorizer(Name: string, scheme: JsonObject, extension: JsonObject): NewAuthorizer {
  const jwt = objectAt(extension.jwtConfiguration);
  const discovery = textAt(scheme.openIdConnectUrl)?.replace(/\/\.well-known\/openid-configuration$/, '');
  return {
    Name,
    AuthorizerType: 'JWT',
    IdentitySource: textsAt(extension.identitySource) ?? ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: textAt(jwt.issuer) ?? discovery, Audience: textsAt(jwt.audience) ?? [] },
  };
}

interface Context {
  readonly routeKey: string;
  readonly schemes: SecuritySchemes;
  readonly warnings: string[];
}

/** The operation's own `security`, else the document's. Throws BadRequestException for a scheme nobody defined. */
export function authorizationAt(
  operation: JsonObject,
  document: JsonObject,
  context: Context,
): Authorization {
  const auth = objectAt(operation['x-amazon-apigateway-auth']);
  if (textAt(auth.type)?.toUpperCase() === 'AWS_IAM') return { kind: 'iam' };
  const security = operation.security ?? document.security;
  const requirements = Array.isArray(security) ? security.map(objectAt) : [];
  const named = requirements.flatMap((requirement) => Object.entries(requirement));
  const checked = named.filter(([name]) => requiredScheme(name, context).kind !== 'documentation');
  const [first] = checked;
  if (first === undefined) return { kind: 'none' };
  if (checked.length > 1)
    context.warnings.push(`More than one authorizer at route ${context.routeKey}. Using ${first[0]}.`);
  if (requiredScheme(first[0], context).kind === 'iam') return { kind: 'iam' };
  return { kind: 'authorizer', scheme: first[0], scopes: textsAt(first[1]) ?? [] };
}

function requiredScheme(name: string, { schemes, routeKey }: Context): SecurityScheme {
  const scheme = schemes.get(name);
  if (!scheme) throw badRequest(`Security scheme ${name} at route ${routeKey} is not defined.`);
  return scheme;
}
