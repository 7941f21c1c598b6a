/** AWS::Serverless::Api: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { restDomain } from './api-domain.ts';
import { addCors } from './cors.ts';
import { SamFault } from './faults.ts';
import { isDefinition, isOpenApi3, pathsOf, placeIn } from './paths.ts';
import { addResourcePolicy } from './resource-policy.ts';
import { addApiAuth } from './rest-auth.ts';
import {
  checkProperties,
  inherited,
  make,
  objectIn,
  refuse,
  type Resource,
  s3Location,
  type SamResource,
  type Serverless,
} from './serverless.ts';
import { usagePlan } from './usage-plan.ts';
import { isAlphanumeric, longHash, ref, shortHash, sub, tagList } from './values.ts';

const KNOWN =
  'Name StageName Tags DefinitionBody DefinitionUri MergeDefinitions CacheClusterEnabled CacheClusterSize Variables EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors Auth GatewayResponses AccessLogSetting CanarySetting TracingEnabled OpenApiVersion Models Domain FailOnWarnings Description Mode DisableExecuteApiEndpoint ApiKeySourceType AlwaysDeploy PropagateTags Policy SecurityPolicy EndpointAccessMode'.split(
    ' ',
  );

export function transformApi(resource: SamResource, serverless: Serverless): Record<string, Resource> {
  const { logicalId, properties, attributes } = resource;
  checkProperties(resource, 'AWS::Serverless::Api', KNOWN, ['StageName']);
  if (properties.DefinitionUri !== undefined && properties.DefinitionBody !== undefined)
    throw new SamFault(
      logicalId,
      "Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.",
    );
  if (
    properties.OpenApiVersion !== undefined &&
    !/^[23](\.\d)(\.\d)?$/.test(String(properties.OpenApiVersion))
  )
    throw new SamFault(logicalId, "The OpenApiVersion value must be of the format '3.0.0'.");
  if (properties.AlwaysDeploy) refuse(resource, 'AlwaysDeploy');
  const body = definitionOf(resource, serverless);
  const location = properties.DefinitionUri === undefined ? undefined : s3Location(resource, 'DefinitionUri');
  const endpoint = endpointConfiguration(resource);
  const api = make(
    'AWS::ApiGateway::RestApi',
    {
      Body: body,
      BodyS3Location: location && { ...location },
      BinaryMediaTypes: properties.BinaryMediaTypes,
      MinimumCompressionSize: properties.MinimumCompressionSize,
      FailOnWarnings: properties.FailOnWarnings,
      Name: properties.Name,
      Description: properties.Description,
      Mode: properties.Mode,
      ApiKeySourceType: properties.ApiKeySourceType,
      Policy: properties.Policy,
      SecurityPolicy: properties.SecurityPolicy,
      EndpointAccessMode: properties.EndpointAccessMode,
      ...endpoint,
    },
    attributes,
  );
  const made: Record<string, Resource> = { [logicalId]: api };
  const stageId = deploy(resource, serverless, made, body ?? location ?? {});
  Object.assign(made, authorizerPermissions(resource, serverless));
  Object.assign(made, usagePlan(resource, serverless, stageId));
  if (properties.Domain !== undefined) Object.assign(made, restDomain(resource, serverless));
  if (properties.PropagateTags === true && isObject(properties.Tags))
    api.Properties = { ...api.Properties, Tags: tagList(properties.Tags) };
  return made;
}

function definitionOf(resource: SamResource, serverless: Serverless): JsonObject | undefined {
  const { logicalId, properties } = resource;
  const given = properties.DefinitionBody;
  if (given === undefined) {
    for (const name of ['Cors', 'Auth', 'Models', 'GatewayResponses', 'DisableExecuteApiEndpoint'])
      if (properties[name] !== undefined)
        throw new SamFault(
          logicalId,
          `${name} works only with inline Swagger specified in 'DefinitionBody' property.`,
        );
    return undefined;
  }
  // A whole definition that comes by AWS::Include has been read before this transform.
  if (!isObject(given)) throw new SamFault(logicalId, "Property 'DefinitionBody' should be a map.");
  const body = given;
  const needsPaths = ['Cors', 'Auth', 'Models', 'GatewayResponses'].find(
    (name) => properties[name] !== undefined,
  );
  if (needsPaths !== undefined && !isDefinition(body))
    throw new SamFault(
      logicalId,
      `Unable to add ${needsPaths} configuration because 'DefinitionBody' does not contain a valid Swagger definition.`,
    );
  if (properties.Cors !== undefined && properties.Cors !== null) addCors(logicalId, body, properties.Cors);
  const auth = objectIn(resource, 'Auth');
  if (auth) {
    addApiAuth(logicalId, body, auth, serverless.partition);
    if (isObject(auth.ResourcePolicy))
      addResourcePolicy(body, auth.ResourcePolicy, Object.keys(pathsOf(body)), properties.StageName ?? '');
  }
  addGatewayResponses(resource, body);
  if (properties.BinaryMediaTypes !== undefined)
    body['x-amazon-apigateway-binary-media-types'] = unescape(properties.BinaryMediaTypes);
  addModels(resource, body);
  addEndpointExtension(resource, body);
  return asOpenApi3(body, properties.OpenApiVersion);
}

/** `image~1png` is `image/png`. */
function unescape(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('~1', '/');
  if (Array.isArray(value)) return value.map(unescape);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.replaceAll('~1', '/'), unescape(member)]),
  );
}

const PARAMETER_PREFIXES = [
  ['Headers', 'header.'],
  ['Paths', 'path.'],
  ['QueryStrings', 'querystring.'],
] as const;

function addGatewayResponses(resource: SamResource, body: JsonObject): void {
  const { logicalId } = resource;
  const responses = objectIn(resource, 'GatewayResponses');
  for (const [type, response] of Object.entries(responses ?? {})) {
    if (!isObject(response))
      throw new SamFault(logicalId, `Property 'GatewayResponses.${type}' should be a map.`);
    const unknown = Object.keys(response).find(
      (key) => !['ResponseParameters', 'ResponseTemplates', 'StatusCode'].includes(key),
    );
    if (unknown !== undefined)
      throw new SamFault(
        logicalId,
        `Invalid property '${unknown}' in 'GatewayResponses' property '${type}'.`,
      );
    const parameters: JsonObject = {};
    const given = isObject(response.ResponseParameters) ? response.ResponseParameters : {};
    for (const [name, prefix] of PARAMETER_PREFIXES)
      for (const [key, value] of Object.entries(isObject(given[name]) ? given[name] : {}))
        parameters[`gatewayresponse.${prefix}${key}`] = value;
    placeIn(body, 'x-amazon-apigateway-gateway-responses')[type] = {
      responseParameters: parameters,
      responseTemplates: response.ResponseTemplates ?? {},
      ...(response.StatusCode !== undefined && { statusCode: String(response.StatusCode) }),
    };
  }
}

function addModels(resource: SamResource, body: JsonObject): void {
  for (const [name, schema] of Object.entries(objectIn(resource, 'Models') ?? {})) {
    if (!isObject(schema)) throw new SamFault(resource.logicalId, "Invalid value for 'Models' property");
    if (!schema.type) throw new SamFault(resource.logicalId, "'Models' schema is missing 'type'.");
    placeIn(body, 'definitions')[name.toLowerCase()] = schema;
  }
}

function addEndpointExtension({ properties }: SamResource, body: JsonObject): void {
  const disabled = properties.DisableExecuteApiEndpoint;
  if (disabled === undefined) return;
  const extension = { disableExecuteApiEndpoint: disabled };
  const name = 'x-amazon-apigateway-endpoint-configuration';
  if (!isOpenApi3(body.openapi)) Object.assign(placeIn(body, name), extension);
  else {
    const servers = Array.isArray(body.servers) ? body.servers : [{}];
    body.servers = servers;
    for (const server of servers) if (isObject(server)) Object.assign(placeIn(server, name), extension);
  }
}

/** Version 3 has its parts elsewhere: schemes and schemas under components, headers with schemas. */
function asOpenApi3(body: JsonObject, wanted: Json | undefined): JsonObject {
  const version = body.openapi !== undefined && wanted === undefined ? body.openapi : wanted;
  if (body.swagger !== undefined || !isOpenApi3(version)) return body;
  for (const [from, to] of [
    ['securityDefinitions', 'securitySchemes'],
    ['definitions', 'schemas'],
  ] as const) {
    if (!isObject(body[from])) continue;
    const components = placeIn(body, 'components');
    const before = isObject(components[to]) ? components[to] : {};
    components[to] = { ...before, ...body[from] };
    delete body[from];
  }
  for (const item of Object.values(pathsOf(body))) {
    const options = isObject(item) ? item.options : undefined;
    if (!isObject(options)) continue;
    delete options.consumes;
    delete options.produces;
    const ok = isObject(options.responses) ? options.responses['200'] : undefined;
    const headers = isObject(ok) && isObject(ok.headers) ? ok.headers : {};
    for (const [name, header] of Object.entries(headers))
      if (!isObject(header) || header.schema === undefined) headers[name] = { schema: header };
  }
  return body;
}

function endpointConfiguration({ logicalId, properties }: SamResource): JsonObject {
  const given = properties.EndpointConfiguration;
  if (given === undefined || given === null) return {};
  if (!isObject(given) || given.Type === undefined)
    return { EndpointConfiguration: { Types: [given] }, Parameters: { endpointConfigurationTypes: given } };
  if (given.VPCEndpointIds !== undefined && given.VpcEndpointIds !== undefined)
    throw new SamFault(
      logicalId,
      "'VPCEndpointIds' and 'VpcEndpointIds' cannot be used together in EndpointConfiguration.",
    );
  const endpoints = given.VPCEndpointIds ?? given.VpcEndpointIds;
  return {
    EndpointConfiguration: {
      Types: [given.Type],
      ...(endpoints !== undefined && { VpcEndpointIds: endpoints }),
      ...(given.IpAddressType !== undefined && { IpAddressType: given.IpAddressType }),
    },
    Parameters: { endpointConfigurationTypes: given.Type },
  };
}

/** A deployment is never changed: each definition gets one of its own, named by what it holds. */
function deploy(
  resource: SamResource,
  serverless: Serverless,
  made: Record<string, Resource>,
  definition: JsonObject,
): string {
  const { logicalId, properties } = resource;
  const attributes = inherited(resource);
  const version = properties.OpenApiVersion;
  const hashed: Json = [definition, version ?? null, properties.Domain ?? null];
  const deploymentId = `${logicalId}Deployment${shortHash(hashed)}`;
  made[deploymentId] = make(
    'AWS::ApiGateway::Deployment',
    {
      RestApiId: ref(logicalId),
      Description: `RestApi deployment id: ${longHash(hashed)}`,
      // AWS's transform makes this stage of its own unless OpenApiVersion is set.
      ...(version === undefined && { StageName: 'Stage' }),
    },
    attributes,
  );
  const name = properties.StageName;
  const stageId = stageIdOf(logicalId, name);
  made[stageId] = make(
    'AWS::ApiGateway::Stage',
    {
      RestApiId: ref(logicalId),
      DeploymentId: ref(deploymentId),
      StageName: name,
      CacheClusterEnabled: properties.CacheClusterEnabled,
      CacheClusterSize: properties.CacheClusterSize,
      Variables: properties.Variables,
      MethodSettings: properties.MethodSettings,
      AccessLogSetting: properties.AccessLogSetting,
      CanarySetting: properties.CanarySetting,
      TracingEnabled: properties.TracingEnabled,
      ...(properties.Tags !== undefined && { Tags: tagList(objectIn(resource, 'Tags')) }),
    },
    attributes,
  );
  serverless.names.set(`${logicalId}.Deployment`, deploymentId).set(`${logicalId}.Stage`, stageId);
  return stageId;
}

function stageIdOf(logicalId: string, name: Json | undefined): string {
  if (typeof name !== 'string') return `${logicalId}Stage`;
  return isAlphanumeric(name) ? `${logicalId}${name}Stage` : `${logicalId}Stage${shortHash(name)}`;
}

function authorizerPermissions(resource: SamResource, { partition }: Serverless): Record<string, Resource> {
  const { logicalId } = resource;
  const auth = objectIn(resource, 'Auth');
  const made: Record<string, Resource> = {};
  for (const [name, authorizer] of Object.entries(isObject(auth?.Authorizers) ? auth.Authorizers : {})) {
    if (!isObject(authorizer) || !authorizer.FunctionArn || authorizer.DisableFunctionDefaultPermissions)
      continue;
    made[`${logicalId}${name}AuthorizerPermission`] = authorizerPermission(
      resource,
      partition,
      authorizer.FunctionArn,
    );
  }
  return made;
}

export function authorizerPermission(resource: SamResource, partition: string, functionArn: Json): Resource {
  return make(
    'AWS::Lambda::Permission',
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: functionArn,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: sub(
        `arn:${partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${__ApiId__}/authorizers/*`,
        { __ApiId__: ref(resource.logicalId) },
      ),
    },
    inherited(resource),
  );
}
