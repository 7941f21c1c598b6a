/** An HTTP API as an OpenAPI 3 document: what ImportApi reads back. */
import type { Authorizer, Cors, Integration, Route } from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../../base/scope.ts';
import { type ApiRow, showApi } from '../api-row.ts';
import type { Snapshot } from '../deployment-row.ts';
import { integrationIdOf } from '../route-target.ts';

interface Options {
  readonly scope: Scope;
  readonly stageName: string | undefined;
  /** Whether `x-amazon-apigateway-*` members are written. */
  readonly extensions: boolean;
}

type Members = Record<string, unknown>;

export function writeDefinition(api: ApiRow, snapshot: Snapshot, options: Options): Members {
  const { extensions } = options;
  const cors = corsOf(snapshot.corsConfiguration);
  return present({
    openapi: '3.0.1',
    info: present({ title: api.Name, description: api.Description, version: api.Version ?? versionOf(api) }),
    servers: [serverOf(api, options)],
    tags: extensions ? tagsOf(api) : undefined,
    paths: pathsOf(snapshot, extensions),
    components: componentsOf(snapshot, extensions),
    'x-amazon-apigateway-cors': extensions ? cors : undefined,
    'x-amazon-apigateway-importexport-version': extensions ? '1.0' : undefined,
  });
}

/** A document must name a version: AWS takes the API's time, like `2020-11-04 18:36:46UTC`. */
const versionOf = ({ createdAtMs }: ApiRow): string =>
  `${new Date(createdAtMs).toISOString().slice(0, 19).replace('T', ' ')}UTC`;

const present = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function serverOf(api: ApiRow, { scope, stageName, extensions }: Options): Members {
  const stage = stageName === undefined || stageName === '$default' ? '' : `/${stageName}`;
  const endpoint = present({
    disableExecuteApiEndpoint: api.DisableExecuteApiEndpoint ? true : undefined,
    ipAddressType: api.IpAddressType === 'dualstack' ? api.IpAddressType : undefined,
  });
  const said = extensions && Object.keys(endpoint).length > 0;
  return present({
    url: `${showApi(api, scope).ApiEndpoint}/{basePath}`,
    variables: { basePath: { default: stage.slice(1) } },
    'x-amazon-apigateway-endpoint-configuration': said ? endpoint : undefined,
  });
}

function tagsOf({ Tags = {} }: ApiRow): readonly Members[] | undefined {
  const tags = Object.entries(Tags).map(([name, value]) => ({
    name,
    'x-amazon-apigateway-tag-value': value,
  }));
  return tags.length > 0 ? tags : undefined;
}

function pathsOf(snapshot: Snapshot, extensions: boolean): Members {
  const paths: Record<string, Members> = {};
  for (const route of snapshot.routes) {
    const key = route.RouteKey ?? '';
    const [verb = '', path = ''] = key === '$default' ? ['ANY', '/$default'] : key.split(' ');
    const method = verb === 'ANY' ? 'x-amazon-apigateway-any-method' : verb.toLowerCase();
    paths[path] = { ...paths[path], [method]: operationOf(route, snapshot, extensions) };
  }
  return paths;
}

function operationOf(route: Route, snapshot: Snapshot, extensions: boolean): Members {
  const variables = [...(route.RouteKey ?? '').matchAll(/\{([^{}+]+)\+?\}/g)].map((match) => match[1]);
  const parameters = variables.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const integrationId = integrationIdOf(route.Target) ?? '';
  const integration = snapshot.integrations[integrationId];
  return present({
    operationId: route.OperationName,
    parameters: parameters.length > 0 ? parameters : undefined,
    responses: { default: { description: `Default response for ${route.RouteKey}` } },
    security: securityOf(route, snapshot),
    isDefaultRoute: extensions && route.RouteKey === '$default' ? true : undefined,
    'x-amazon-apigateway-integration':
      extensions && integration ? sharedOr(snapshot, integrationId, integration) : undefined,
  });
}

/** What several routes lead to is written once, so that it is one integration again when it is read. */
const sharedOr = (snapshot: Snapshot, id: string, integration: Integration): Members =>
  isShared(snapshot, id)
    ? { $ref: `#/components/x-amazon-apigateway-integrations/${id}` }
    : integrationOf(integration);

const isShared = ({ routes }: Snapshot, id: string): boolean =>
  routes.filter(({ Target }) => integrationIdOf(Target) === id).length > 1;

const SIGV4 = 'sigv4';

function securityOf(route: Route, snapshot: Snapshot): readonly Members[] | undefined {
  if (route.AuthorizationType === 'AWS_IAM') return [{ [SIGV4]: [] }];
  const authorizer = snapshot.authorizers[route.AuthorizerId ?? ''];
  return authorizer?.Name ? [{ [authorizer.Name]: route.AuthorizationScopes ?? [] }] : undefined;
}

function integrationOf(integration: Integration): Members {
  const tls = integration.TlsConfig?.ServerNameToVerify;
  return present({
    type: integration.IntegrationType?.toLowerCase(),
    integrationSubtype: integration.IntegrationSubtype,
    httpMethod: integration.IntegrationMethod,
    uri: integration.IntegrationUri,
    credentials: integration.CredentialsArn,
    connectionType: integration.ConnectionType,
    connectionId: integration.ConnectionId,
    description: integration.Description,
    payloadFormatVersion: integration.PayloadFormatVersion,
    requestParameters: integration.RequestParameters,
    responseParameters: integration.ResponseParameters,
    timeoutInMillis: integration.TimeoutInMillis,
    tlsConfig: tls === undefined ? undefined : { serverNameToVerify: tls },
  });
}

function componentsOf(snapshot: Snapshot, extensions: boolean): Members | undefined {
  const used = Object.values(snapshot.authorizers).map((one) => [one.Name ?? '', schemeOf(one, extensions)]);
  const signed = snapshot.routes.some((route) => route.AuthorizationType === 'AWS_IAM');
  const schemes = Object.fromEntries([...used, ...(signed ? [[SIGV4, sigV4Scheme(extensions)]] : [])]);
  const shared = Object.entries(snapshot.integrations)
    .filter(([id]) => extensions && isShared(snapshot, id))
    .map(([id, integration]) => [id, integrationOf(integration)]);
  const components = present({
    securitySchemes: Object.keys(schemes).length > 0 ? schemes : undefined,
    'x-amazon-apigateway-integrations': shared.length > 0 ? Object.fromEntries(shared) : undefined,
  });
  return Object.keys(components).length > 0 ? components : undefined;
}

const sigV4Scheme = (extensions: boolean): Members =>
  present({
    type: 'apiKey',
    name: 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': extensions ? 'awsSigv4' : undefined,
  });

function schemeOf(authorizer: Authorizer, extensions: boolean): Members {
  const isJwt = authorizer.AuthorizerType === 'JWT';
  const base = isJwt ? { type: 'oauth2', flows: {} } : { type: 'apiKey', name: 'Unused', in: 'header' };
  return present({
    ...base,
    'x-amazon-apigateway-authorizer': extensions ? authorizerOf(authorizer) : undefined,
  });
}

function authorizerOf(authorizer: Authorizer): Members {
  const { Issuer, Audience } = authorizer.JwtConfiguration ?? {};
  return present({
    type: authorizer.AuthorizerType?.toLowerCase(),
    identitySource: authorizer.IdentitySource?.join(', '),
    jwtConfiguration: authorizer.JwtConfiguration ? { issuer: Issuer, audience: Audience } : undefined,
    authorizerUri: authorizer.AuthorizerUri,
    authorizerCredentials: authorizer.AuthorizerCredentialsArn,
    authorizerPayloadFormatVersion: authorizer.AuthorizerPayloadFormatVersion,
    authorizerResultTtlInSeconds: authorizer.AuthorizerResultTtlInSeconds,
    enableSimpleResponses: authorizer.EnableSimpleResponses,
  });
}

function corsOf(cors: Cors | undefined): Members | undefined {
  if (!cors) return undefined;
  return present({
    allowCredentials: cors.AllowCredentials,
    allowHeaders: cors.AllowHeaders,
    allowMethods: cors.AllowMethods,
    allowOrigins: cors.AllowOrigins,
    exposeHeaders: cors.ExposeHeaders,
    maxAge: cors.MaxAge,
  });
}
