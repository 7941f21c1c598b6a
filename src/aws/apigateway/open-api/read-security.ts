/** Security schemes and requirements: authorizers, IAM, API keys. */
import type { AuthorizerType } from '@aws-sdk/client-api-gateway';
import {
  asList,
  asNumber,
  asObject,
  asText,
  asTexts,
  followed,
  type Json,
  type OpenApiDocument,
} from './document.ts';
import type { ImportedAuthorizer } from './imported.ts';

interface ReadSecurity {
  readonly authorizationType: string;
  readonly authorizerName: string | undefined;
  readonly authorizationScopes: string[] | undefined;
  readonly apiKeyRequired: boolean;
}

const AUTHORIZER_TYPES: Readonly<Record<string, AuthorizerType>> = {
  token: 'TOKEN',
  request: 'REQUEST',
  cognito_user_pools: 'COGNITO_USER_POOLS',
};

function schemesOf(document: OpenApiDocument): [string, Json][] {
  const { root } = document;
  const schemes =
    document.version === 2 ? root['securityDefinitions'] : asObject(root['components'])['securitySchemes'];
  return Object.entries(asObject(schemes)).map(([name, scheme]) => [name, followed(document, scheme)]);
}

/** Every scheme with `x-amazon-apigateway-authorizer`, used or not. */
export function readAuthorizers(document: OpenApiDocument): ImportedAuthorizer[] {
  const authorizers: ImportedAuthorizer[] = [];
  for (const [name, scheme] of schemesOf(document)) {
    const extension = asObject(scheme['x-amazon-apigateway-authorizer']);
    const type = AUTHORIZER_TYPES[asText(extension['type'])?.toLowerCase() ?? ''];
    if (type === undefined) continue;
    authorizers.push({
      name,
      type,
      authType: asText(scheme['x-amazon-apigateway-authtype']),
      authorizerUri: asText(extension['authorizerUri']),
      authorizerCredentials: asText(extension['authorizerCredentials']),
      authorizerResultTtlInSeconds: asNumber(extension['authorizerResultTtlInSeconds']),
      identityValidationExpression: asText(extension['identityValidationExpression']),
      identitySource: identitySource(type, scheme, extension),
      providerARNs: extension['providerARNs'] ? asTexts(extension['providerARNs']) : undefined,
    });
  }
  return authorizers;
}

/** A token comes in the header that the scheme names; a REQUEST authorizer lists its sources itself. */
function identitySource(type: AuthorizerType, scheme: Json, extension: Json): string | undefined {
  const listed = asText(extension['identitySource']);
  if (listed || type === 'REQUEST') return listed;
  const header = scheme['in'] === 'header' ? asText(scheme['name']) : undefined;
  return header === undefined ? undefined : `method.request.header.${header}`;
}

/** The operation's own requirements, else the document's; `x-amazon-apigateway-auth` beats both. */
export function readSecurity(document: OpenApiDocument, operation: Json): ReadSecurity {
  const requirements = asList(operation['security'] ?? document.root['security']).flatMap((one) =>
    Object.entries(asObject(one)),
  );
  const schemes = new Map(schemesOf(document));
  let security: ReadSecurity = {
    authorizationType: 'NONE',
    authorizerName: undefined,
    authorizationScopes: undefined,
    apiKeyRequired: false,
  };
  for (const [name, scopes] of requirements)
    security = withScheme(security, name, asTexts(scopes), schemes.get(name));
  const own = asText(asObject(operation['x-amazon-apigateway-auth'])['type'])?.toUpperCase();
  return own === undefined ? security : { ...security, authorizationType: own };
}

function withScheme(
  security: ReadSecurity,
  name: string,
  scopes: string[],
  scheme: Json | undefined,
): ReadSecurity {
  if (scheme === undefined) return security;
  const extension = asObject(scheme['x-amazon-apigateway-authorizer']);
  const type = AUTHORIZER_TYPES[asText(extension['type'])?.toLowerCase() ?? ''];
  if (type !== undefined)
    return {
      ...security,
      authorizationType: type === 'COGNITO_USER_POOLS' ? 'COGNITO_USER_POOLS' : 'CUSTOM',
      authorizerName: name,
      authorizationScopes: scopes.length > 0 ? scopes : undefined,
    };
  if (asText(scheme['x-amazon-apigateway-authtype'])?.toLowerCase() === 'awssigv4')
    return { ...security, authorizationType: 'AWS_IAM' };
  const isApiKey = scheme['type'] === 'apiKey' && asText(scheme['name'])?.toLowerCase() === 'x-api-key';
  return isApiKey ? { ...security, apiKeyRequired: true } : security;
}
