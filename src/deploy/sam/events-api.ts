/** Api events: a method of a REST API's definition, and the permission to invoke. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { type FunctionEvent, known, need } from './events.ts';
import { MANAGED } from './implicit-api.ts';
import {
  addIntegration,
  definitionsAt,
  hasIntegration,
  INTEGRATION,
  permissionMethod,
  permissionPath,
} from './paths.ts';
import { addResourcePolicy } from './resource-policy.ts';
import { addMethodAuth } from './rest-auth.ts';
import type { Resource } from './serverless.ts';
import { invocationUri, permission } from './target.ts';
import { isAlphanumeric, shortHash, sub } from './values.ts';

export function apiEvent(event: FunctionEvent): Record<string, Resource> {
  known(
    event,
    'Path Method RestApiId Stage Auth RequestModel RequestParameters TimeoutInMillis ResponseTransferMode',
  );
  const { serverless, target, logicalId } = event;
  const path = String(need(event, 'Path'));
  const method = String(need(event, 'Method')).toLowerCase();
  const apiId = apiIdOf(event);
  const api = serverless.resources[apiId]?.Properties ?? {};
  const suffix = typeof api.StageName === 'string' ? api.StageName : 'Stage';
  const route = { path, method, suffix };
  if (api[MANAGED] || api.MergeDefinitions) addMethod(event, api, route);
  else overrideAuth(event, api, route);
  const source = sub(
    `arn:${serverless.partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${__ApiId__}/\${__Stage__}/${permissionMethod(method)}${permissionPath(path)}`,
    { __ApiId__: event.properties.RestApiId ?? null, __Stage__: '*' },
  );
  const permissionId = `${logicalId}Permission${isAlphanumeric(suffix) ? suffix : shortHash(suffix)}`;
  return {
    [permissionId]: permission({ target, principal: 'apigateway.amazonaws.com', sourceArn: source }),
  };
}

export function apiIdOf({ properties }: Pick<FunctionEvent, 'properties'>): string {
  const id = properties.RestApiId;
  return String(isObject(id) ? id.Ref : id);
}

interface Route {
  readonly path: string;
  readonly method: string;
  /** The stage's name, for policies. */
  readonly suffix: string;
}

function addMethod(event: FunctionEvent, api: JsonObject, { path, method, suffix }: Route): void {
  const { serverless, target, properties, fail } = event;
  const given = isObject(api.DefinitionBody) ? api.DefinitionBody : {};
  const merging = Boolean(api.MergeDefinitions) && !api[MANAGED];
  const body: JsonObject = merging ? { swagger: '2.0', paths: {} } : given;
  if (hasIntegration(body, path, method))
    throw fail(`API method "${method}" defined multiple times for path "${path}".`);
  const streamed = properties.ResponseTransferMode === 'RESPONSE_STREAM';
  const auth = isObject(properties.Auth) ? properties.Auth : {};
  const integration: JsonObject = {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri: invocationUri(target, serverless.partition, streamed),
    ...(streamed && { responseTransferMode: 'STREAM' }),
    ...credentials(auth, isObject(api.Auth) ? api.Auth : {}, serverless.partition),
  };
  addIntegration({ body, path, method, integration, condition: target.condition });
  if (Object.keys(auth).length > 0) {
    addMethodAuth({ body, api, path, method, auth, event });
    if (isObject(auth.ResourcePolicy)) addResourcePolicy(body, auth.ResourcePolicy, [path], suffix);
  }
  for (const definition of definitionsAt(body, path, method)) decorate(event, api, definition, body);
  if (merging) mergeMethod(given, body, path, method);
}

/** Callers' own credentials reach the function when the API says so. */
function credentials(auth: JsonObject, apiAuth: JsonObject, partition: string): JsonObject {
  const byIam =
    auth.Authorizer === 'AWS_IAM' ||
    (apiAuth.DefaultAuthorizer === 'AWS_IAM' && Object.keys(auth).length === 0);
  if (!byIam) return {};
  const role =
    (auth.InvokeRole ?? ('InvokeRole' in auth ? 'NONE' : undefined)) ||
    apiAuth.InvokeRole ||
    ('InvokeRole' in apiAuth ? 'NONE' : undefined);
  if (role === 'NONE') return {};
  return { credentials: role && role !== 'CALLER_CREDENTIALS' ? role : `arn:${partition}:iam::*:user/*` };
}

function decorate(event: FunctionEvent, api: JsonObject, definition: JsonObject, body: JsonObject): void {
  const { TimeoutInMillis, RequestModel, RequestParameters } = event.properties;
  const integration = definition[INTEGRATION];
  if (TimeoutInMillis !== undefined && isObject(integration)) integration.timeoutInMillis = TimeoutInMillis;
  if (isObject(RequestModel)) addModel(event, api, RequestModel, { definition, body });
  if (Array.isArray(RequestParameters)) addParameters(event, definition, RequestParameters);
}

function addModel(
  event: FunctionEvent,
  api: JsonObject,
  request: JsonObject,
  { definition, body }: { definition: JsonObject; body: JsonObject },
): void {
  const model = request.Model;
  const where = `Unable to set RequestModel [${String(model)}] on API method [${String(event.properties.Method).toLowerCase()}] for path [${String(event.properties.Path)}] `;
  if (!isObject(api.Models)) throw event.fail(`${where}because the related API does not define any Models.`);
  if (typeof model !== 'string' || api.Models[model] === undefined)
    throw event.fail(`${where}because it wasn't defined in the API's Models.`);
  const name = model.toLowerCase();
  const required: JsonObject = request.Required === undefined ? {} : { required: request.Required };
  if (body.swagger !== undefined)
    definition.parameters = [
      ...listOf(definition.parameters),
      { in: 'body', name, schema: { $ref: `#/definitions/${name}` }, ...required },
    ];
  else
    definition.requestBody = {
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
      ...required,
    };
  const { ValidateBody, ValidateParameters } = request;
  if (ValidateBody === undefined && ValidateParameters === undefined) return;
  const validator = validatorName(ValidateBody === true, ValidateParameters === true);
  const validators = isObject(body['x-amazon-apigateway-request-validators'])
    ? body['x-amazon-apigateway-request-validators']
    : {};
  validators[validator] ??= {
    validateRequestBody: ValidateBody === true,
    validateRequestParameters: ValidateParameters === true,
  };
  body['x-amazon-apigateway-request-validators'] = validators;
  definition['x-amazon-apigateway-request-validator'] = validator;
}

function validatorName(body: boolean, parameters: boolean): string {
  if (body && parameters) return 'body-and-params';
  if (body) return 'body-only';
  return parameters ? 'params-only' : 'no-validation';
}

function addParameters(event: FunctionEvent, definition: JsonObject, parameters: readonly Json[]): void {
  for (const parameter of parameters) {
    const [name = '', given = {}] = isObject(parameter)
      ? (Object.entries(parameter)[0] ?? [])
      : [String(parameter)];
    const settings = asSettings(given);
    const [, location, field] = /^method\.request\.(querystring|path|header)\.(.+)$/.exec(name) ?? [];
    if (location === undefined || field === undefined)
      throw event.fail(
        "Invalid value for 'RequestParameters' property. Keys must be in the format 'method.request.[querystring|path|header].{value}', e.g 'method.request.header.Authorization'.",
      );
    if (
      settings === undefined ||
      Object.keys(settings).some((key) => key !== 'Required' && key !== 'Caching')
    )
      throw event.fail(
        "Invalid value for 'RequestParameters' property. Values must be an object, e.g { Required: true, Caching: false }",
      );
    definition.parameters = [
      ...listOf(definition.parameters),
      {
        in: location === 'querystring' ? 'query' : location,
        name: field,
        required: settings.Required ?? false,
        type: 'string',
      },
    ];
    const integration = definition[INTEGRATION];
    if (settings.Caching && isObject(integration))
      integration.cacheKeyParameters = [...listOf(integration.cacheKeyParameters), name];
  }
}

const asSettings = (value: Json): JsonObject | undefined => (isObject(value) ? value : undefined);

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** What SAM makes wins over what the author wrote, member by member. */
function mergeMethod(given: JsonObject, made: JsonObject, path: string, method: string): void {
  const paths = isObject(given.paths) ? given.paths : {};
  const item = isObject(paths[path]) ? paths[path] : {};
  const [definition] = definitionsAt(made, path, method);
  const before = isObject(item[method]) ? item[method] : {};
  item[method] = { ...before, ...definition };
  paths[path] = item;
  given.paths = paths;
}

function overrideAuth(event: FunctionEvent, api: JsonObject, { path, method, suffix }: Route): void {
  const auth = event.properties.Auth;
  if (!isObject(api.DefinitionBody) || !isObject(auth) || !auth.OverrideApiAuth) return;
  if (!auth.Authorizer && !auth.ApiKeyRequired && !auth.ResourcePolicy)
    throw event.fail(
      'Must define one of: Authorizer, ApiKeyRequired or ResourcePolicy when using the OverrideApiAuth property.',
    );
  addMethodAuth({ body: api.DefinitionBody, api, path, method, auth, event });
  if (isObject(auth.ResourcePolicy))
    addResourcePolicy(api.DefinitionBody, auth.ResourcePolicy, [path], suffix);
}
