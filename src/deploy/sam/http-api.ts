/** AWS::Serverless::HttpApi: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html */
import { intrinsicOf, isObject, type Json, type JsonObject } from '../template.ts';
import { authorizerPermission } from './api.ts';
import { httpDomain } from './api-domain.ts';
import { SamFault } from './faults.ts';
import { INTEGRATION, isOpenApi3, pathsOf, placeIn } from './paths.ts';
import {
  checkProperties,
  inherited,
  make,
  objectIn,
  type Resource,
  s3Location,
  type SamResource,
  type Serverless,
} from './serverless.ts';
import { branchesOf, isAlphanumeric, ref, shortHash, sub } from './values.ts';

const KNOWN =
  'Name StageName Tags DefinitionBody DefinitionUri StageVariables CorsConfiguration AccessLogSettings DefaultRouteSettings Auth RouteSettings Domain FailOnWarnings Description DisableExecuteApiEndpoint PropagateTags'.split(
    ' ',
  );

export function transformHttpApi(resource: SamResource, serverless: Serverless): Record<string, Resource> {
  const { logicalId, properties, attributes } = resource;
  checkProperties(resource, 'AWS::Serverless::HttpApi', KNOWN);
  if (properties.DefinitionUri !== undefined && properties.DefinitionBody !== undefined)
    throw new SamFault(
      logicalId,
      "Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.",
    );
  const body = definitionOf(resource, serverless);
  const location = properties.DefinitionUri === undefined ? undefined : s3Location(resource, 'DefinitionUri');
  const made: Record<string, Resource> = {
    [logicalId]: make(
      'AWS::ApiGatewayV2::Api',
      { Body: body, BodyS3Location: location && { ...location }, FailOnWarnings: properties.FailOnWarnings },
      attributes,
    ),
  };
  const stageId = addStage(resource, serverless, made);
  if (properties.Domain !== undefined) Object.assign(made, httpDomain(resource, serverless, stageId));
  const auth = objectIn(resource, 'Auth');
  for (const [name, authorizer] of Object.entries(isObject(auth?.Authorizers) ? auth.Authorizers : {}))
    if (
      isObject(authorizer) &&
      authorizer.FunctionArn &&
      authorizer.EnableFunctionDefaultPermissions === true
    )
      made[`${logicalId}${name}AuthorizerPermission`] = authorizerPermission(
        resource,
        '${AWS::Partition}',
        authorizer.FunctionArn,
      );
  return made;
}

/** The stage is always made, `$default` unless it has a name. */
function addStage(resource: SamResource, serverless: Serverless, made: Record<string, Resource>): string {
  const { logicalId, properties } = resource;
  const name = properties.StageName ?? '$default';
  const stageId = stageIdOf(logicalId, name);
  made[stageId] = make(
    'AWS::ApiGatewayV2::Stage',
    {
      ApiId: ref(logicalId),
      StageName: name,
      StageVariables: properties.StageVariables,
      AccessLogSettings: properties.AccessLogSettings,
      DefaultRouteSettings: properties.DefaultRouteSettings,
      RouteSettings: properties.RouteSettings,
      Tags: tagsOf(resource),
      AutoDeploy: true,
    },
    inherited(resource),
  );
  serverless.names.set(`${logicalId}.Stage`, stageId);
  return stageId;
}

function stageIdOf(logicalId: string, name: Json): string {
  if (typeof name !== 'string') return `${logicalId}Stage`;
  if (name === '$default') return `${logicalId}ApiGatewayDefaultStage`;
  return isAlphanumeric(name) ? `${logicalId}${name}Stage` : `${logicalId}Stage${shortHash(name)}`;
}

const tagsOf = (resource: SamResource): JsonObject | undefined => {
  const tags = objectIn(resource, 'Tags');
  return isObject(resource.properties.DefinitionBody) ? { ...tags, 'httpapi:createdBy': 'SAM' } : tags;
};

function definitionOf(resource: SamResource, serverless: Serverless): JsonObject | undefined {
  const { logicalId, properties } = resource;
  const body = properties.DefinitionBody;
  if (!isObject(body)) {
    for (const name of [
      'CorsConfiguration',
      'Auth',
      'Tags',
      'Name',
      'Description',
      'DisableExecuteApiEndpoint',
    ])
      if (properties[name] !== undefined)
        throw new SamFault(
          logicalId,
          `${name} works only with inline OpenApi specified in the 'DefinitionBody' property.`,
        );
    if (properties.DefinitionUri !== undefined) return undefined;
    throw new SamFault(
      logicalId,
      "'DefinitionUri' or 'DefinitionBody' are required properties of an 'AWS::Serverless::HttpApi'. Add a value for one of these properties or add a 'HttpApi' event to an 'AWS::Serverless::Function'.",
    );
  }
  if (!isObject(body.paths) || !isOpenApi3(body.openapi)) {
    if (properties.Auth !== undefined || properties.CorsConfiguration !== undefined)
      throw new SamFault(
        logicalId,
        "Unable to add Auth or Cors configuration because 'DefinitionBody' does not contain a valid OpenApi definition.",
      );
    return body;
  }
  addCors(resource, body);
  addAuth(resource, body, serverless);
  addTags(body, tagsOf(resource) ?? {});
  addServers(resource, body);
  addInfo(resource, body);
  const paths = pathsOf(body);
  // With warnings as errors the import takes only names of paths that begin with a slash.
  if (properties.FailOnWarnings && paths.$default !== undefined) {
    paths['/$default'] = paths.$default;
    delete paths.$default;
  }
  return body;
}

const CORS = ['AllowOrigins', 'AllowHeaders', 'AllowMethods', 'ExposeHeaders', 'MaxAge', 'AllowCredentials'];

function addCors({ logicalId, properties }: SamResource, body: JsonObject): void {
  const given = properties.CorsConfiguration;
  if (given === undefined || given === null || given === false) return;
  const place = placeIn(body, 'x-amazon-apigateway-cors');
  if (given === true) {
    place.allowOrigins = ['*'];
    return;
  }
  if (!isObject(given)) throw new SamFault(logicalId, "Invalid value for 'Cors' property.");
  if (intrinsicOf(given)) {
    Object.assign(place, lowered(given));
    return;
  }
  const unknown = Object.keys(given).find((key) => !CORS.includes(key));
  if (unknown !== undefined) throw new SamFault(logicalId, `Invalid key '${unknown}' for 'Cors' property.`);
  if (
    given.AllowCredentials === true &&
    (given.AllowOrigins === undefined || JSON.stringify(given.AllowOrigins) === '["*"]')
  )
    throw new SamFault(
      logicalId,
      `Unable to add Cors configuration because 'AllowCredentials' can not be true when 'AllowOrigin' is "'*'" or not set.`,
    );
  for (const key of CORS) {
    const value = given[key];
    if (value === undefined || value === null || (key === 'AllowCredentials' && value !== true)) continue;
    place[key.charAt(0).toLowerCase() + key.slice(1)] = value;
  }
}

/** Inside of Fn::If and the like the names are those of the property; the document wants its own. */
function lowered(value: JsonObject): JsonObject {
  let text = JSON.stringify(value);
  for (const key of CORS) text = text.replaceAll(key, key.charAt(0).toLowerCase() + key.slice(1));
  return JSON.parse(text);
}

const AUTH_KEYS = new Set(['Authorizers', 'DefaultAuthorizer', 'EnableIamAuthorizer']);

function addAuth(resource: SamResource, body: JsonObject, { partition }: Serverless): void {
  const { logicalId } = resource;
  const auth = objectIn(resource, 'Auth');
  if (auth === undefined) return;
  if (!Object.keys(auth).every((key) => AUTH_KEYS.has(key)))
    throw new SamFault(logicalId, "Invalid value for 'Auth' property");
  const authorizers = isObject(auth.Authorizers) ? auth.Authorizers : {};
  const schemes: JsonObject = {};
  if (auth.EnableIamAuthorizer === true) schemes.AWS_IAM = AWS_IAM;
  for (const [name, authorizer] of Object.entries(authorizers))
    schemes[name] = scheme(logicalId, name, isObject(authorizer) ? authorizer : {}, partition);
  if (Object.keys(schemes).length > 0) Object.assign(placeIn(body, 'components', 'securitySchemes'), schemes);
  const fallback = auth.DefaultAuthorizer;
  if (fallback === undefined || (isObject(fallback) && fallback.Ref === 'AWS::NoValue')) return;
  if (typeof fallback !== 'string')
    throw new SamFault(logicalId, "Property 'Auth.DefaultAuthorizer' should be a string.");
  if (schemes[fallback] === undefined)
    throw new SamFault(
      logicalId,
      `Unable to set DefaultAuthorizer because '${fallback}' was not defined in 'Authorizers'.`,
    );
  const own = authorizers[fallback];
  const entry: JsonObject = { [fallback]: (isObject(own) && own.AuthorizationScopes) || [] };
  for (const value of Object.values(pathsOf(body)))
    for (const item of branchesOf(value))
      for (const [method, methodValue] of Object.entries(item)) {
        if (method === 'options' || method === 'parameters') continue;
        for (const definition of branchesOf(methodValue))
          if (definition[INTEGRATION] !== undefined && !hasSecurity(definition))
            definition.security = [entry];
      }
}

const hasSecurity = ({ security }: JsonObject): boolean => Array.isArray(security) && security.length > 0;

const AWS_IAM: JsonObject = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

const LAMBDA_ONLY = [
  'FunctionArn',
  'FunctionInvokeRole',
  'Identity',
  'AuthorizerPayloadFormatVersion',
  'EnableSimpleResponses',
  'EnableFunctionDefaultPermissions',
];

function scheme(logicalId: string, name: string, authorizer: JsonObject, partition: string): JsonObject {
  if (isObject(authorizer.JwtConfiguration))
    return jwtScheme(logicalId, name, authorizer, authorizer.JwtConfiguration);
  for (const key of ['AuthorizationScopes', 'IdentitySource'])
    if (authorizer[key] !== undefined)
      throw new SamFault(logicalId, `${key} is only supported for OAuth2 Authorizer.`);
  const { FunctionArn, AuthorizerPayloadFormatVersion, FunctionInvokeRole: role } = authorizer;
  if (!FunctionArn) throw new SamFault(logicalId, `${name} Lambda Authorizer must define 'FunctionArn'.`);
  if (!AuthorizerPayloadFormatVersion)
    throw new SamFault(logicalId, `${name} Lambda Authorizer must define 'AuthorizerPayloadFormatVersion'.`);
  const identity = isObject(authorizer.Identity) ? authorizer.Identity : undefined;
  return {
    type: 'apiKey',
    name: 'Unused',
    in: 'header',
    'x-amazon-apigateway-authorizer': {
      type: 'request',
      authorizerUri: sub(
        `arn:${partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${__FunctionArn__}/invocations`,
        { __FunctionArn__: FunctionArn },
      ),
      ...(role !== undefined && role !== 'NONE' && { authorizerCredentials: role }),
      ...(identity?.ReauthorizeEvery !== undefined && {
        authorizerResultTtlInSeconds: identity.ReauthorizeEvery,
      }),
      ...(identity && { identitySource: identitySource(identity) }),
      authorizerPayloadFormatVersion: AuthorizerPayloadFormatVersion,
      ...(authorizer.EnableSimpleResponses && { enableSimpleResponses: authorizer.EnableSimpleResponses }),
    },
  };
}

function jwtScheme(
  logicalId: string,
  name: string,
  authorizer: JsonObject,
  configuration: JsonObject,
): JsonObject {
  const foreign = LAMBDA_ONLY.find((key) => authorizer[key] !== undefined);
  if (foreign !== undefined)
    throw new SamFault(logicalId, `${foreign} is only supported for Lambda Authorizer.`);
  if (!authorizer.IdentitySource)
    throw new SamFault(logicalId, `${name} OAuth2 Authorizer must define 'IdentitySource'.`);
  return {
    type: 'oauth2',
    'x-amazon-apigateway-authorizer': {
      jwtConfiguration: Object.fromEntries(
        Object.entries(configuration).map(([key, value]) => [key.toLowerCase(), value]),
      ),
      identitySource: authorizer.IdentitySource,
      type: 'jwt',
    },
  };
}

const SOURCES = [
  ['Headers', '$request.header.'],
  ['QueryStrings', '$request.querystring.'],
  ['StageVariables', '$stageVariables.'],
  ['Context', '$context.'],
] as const;

const identitySource = (identity: JsonObject): string[] =>
  SOURCES.flatMap(([key, prefix]) => {
    const values = identity[key];
    return Array.isArray(values) ? values.map((value) => prefix + String(value)) : [];
  });

function addTags(body: JsonObject, tags: JsonObject): void {
  const all = Array.isArray(body.tags) ? body.tags : [];
  for (const [name, value] of Object.entries(tags)) {
    const own = all.find((one) => isObject(one) && one.name === name);
    if (isObject(own)) own['x-amazon-apigateway-tag-value'] = value;
    else all.push({ name, 'x-amazon-apigateway-tag-value': value });
  }
  body.tags = all;
}

function addServers({ properties }: SamResource, body: JsonObject): void {
  if (properties.DisableExecuteApiEndpoint === undefined) return;
  const servers = Array.isArray(body.servers) ? body.servers : [{}];
  body.servers = servers;
  for (const server of servers)
    if (isObject(server))
      placeIn(server, 'x-amazon-apigateway-endpoint-configuration').disableExecuteApiEndpoint =
        properties.DisableExecuteApiEndpoint;
}

function addInfo({ logicalId, properties }: SamResource, body: JsonObject): void {
  const info = placeIn(body, 'info');
  if (properties.Name !== undefined) {
    if (!isObject(info.title) || info.title.Ref !== 'AWS::StackName')
      throw new SamFault(
        logicalId,
        "Unable to set Name because it is already defined within inline OpenAPI specified in the 'DefinitionBody' property.",
      );
    info.title = properties.Name;
  }
  if (properties.Description === undefined) return;
  if (info.description)
    throw new SamFault(
      logicalId,
      "Unable to set Description because it is already defined within inline OpenAPI specified in the 'DefinitionBody' property.",
    );
  info.description = properties.Description;
}
