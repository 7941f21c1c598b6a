/** Authorizers and API keys in a REST API's definition. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import type { FunctionEvent } from './events.ts';
import { SamFault } from './faults.ts';
import { definitionsAt, methodsOf, pathsOf, placeIn } from './paths.ts';
import { sub } from './values.ts';

/** Written into Swagger 2's place; a document of version 3 is brought into its own form at the end. */
const schemesOf = (body: JsonObject): JsonObject => placeIn(body, 'securityDefinitions');

const AWS_IAM: JsonObject = {
  'x-amazon-apigateway-authtype': 'awsSigv4',
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
};
const API_KEY: JsonObject = { type: 'apiKey', name: 'x-api-key', in: 'header' };

export interface MethodAuth {
  readonly body: JsonObject;
  readonly api: JsonObject;
  readonly path: string;
  readonly method: string;
  readonly auth: JsonObject;
  readonly event: Pick<FunctionEvent, 'fail'>;
}

/** One method's own authorizer and key requirement. `NONE` and `api_key_false` mark that the API's defaults do not apply. */
export function addMethodAuth({ body, api, path, method, auth, event }: MethodAuth): void {
  const apiAuth = isObject(api.Auth) ? api.Auth : {};
  const authorizers = isObject(apiAuth.Authorizers) ? apiAuth.Authorizers : undefined;
  const name = auth.Authorizer;
  checkMethodAuthorizer({ name, apiAuth, authorizers, path, method, event });
  if (auth.ApiKeyRequired === false && !apiAuth.ApiKeyRequired)
    throw event.fail(
      `Unable to set ApiKeyRequired [False] on API method [${method}] for path [${path}] because the related API does not specify any ApiKeyRequired.`,
    );
  for (const definition of definitionsAt(body, path, method)) {
    const security: Json[] = Array.isArray(definition.security) ? definition.security : [];
    if (typeof name === 'string') security.push({ [name]: scopesOf(auth, authorizers?.[name]) });
    if (auth.ApiKeyRequired !== undefined)
      security.push(auth.ApiKeyRequired ? { api_key: [] } : { api_key_false: [] });
    if (security.length > 0) definition.security = security;
    if (name === 'AWS_IAM') schemesOf(body).AWS_IAM ??= AWS_IAM;
    if (auth.ApiKeyRequired) schemesOf(body).api_key ??= API_KEY;
  }
}

function scopesOf(auth: JsonObject, authorizer: Json | undefined): Json {
  if (!isObject(authorizer)) return [];
  return auth.AuthorizationScopes ?? authorizer.AuthorizationScopes ?? [];
}

interface AuthorizerCheck {
  readonly name: Json | undefined;
  readonly apiAuth: JsonObject;
  readonly authorizers: JsonObject | undefined;
  readonly path: string;
  readonly method: string;
  readonly event: Pick<FunctionEvent, 'fail'>;
}

function checkMethodAuthorizer({ name, apiAuth, authorizers, path, method, event }: AuthorizerCheck): void {
  if (name === undefined || name === 'AWS_IAM') return;
  const where = `on API method [${method}] for path [${path}]`;
  if (name === 'NONE') {
    if (!apiAuth.DefaultAuthorizer)
      throw event.fail(
        `Unable to set Authorizer ${where} because 'NONE' is only a valid value when a DefaultAuthorizer on the API is specified.`,
      );
    return;
  }
  if (authorizers === undefined)
    throw event.fail(
      `Unable to set Authorizer [${String(name)}] ${where} because the related API does not define any Authorizers.`,
    );
  if (typeof name !== 'string' || authorizers[name] === undefined)
    throw event.fail(
      `Unable to set Authorizer [${String(name)}] ${where} because it wasn't defined in the API's Authorizers.`,
    );
}

const AUTH_KEYS = new Set(
  'Authorizers DefaultAuthorizer InvokeRole AddDefaultAuthorizerToCorsPreflight AddApiKeyRequiredToCorsPreflight ApiKeyRequired ResourcePolicy UsagePlan'.split(
    ' ',
  ),
);

/** The Auth property of an API: schemes, and defaults for the methods that say nothing themselves. */
export function addApiAuth(logicalId: string, body: JsonObject, auth: JsonObject, partition: string): void {
  if (!Object.keys(auth).every((key) => AUTH_KEYS.has(key)))
    throw new SamFault(logicalId, "Invalid value for 'Auth' property");
  const authorizers = isObject(auth.Authorizers) ? auth.Authorizers : {};
  const fallback = auth.DefaultAuthorizer;
  const schemes = Object.keys(authorizers).length > 0 || fallback === 'AWS_IAM' ? schemesOf(body) : {};
  if (fallback === 'AWS_IAM') schemes.AWS_IAM = AWS_IAM_AUTHORIZER;
  for (const [name, authorizer] of Object.entries(authorizers))
    schemes[name] = scheme(logicalId, name, authorizer, partition);
  if (fallback !== undefined) setDefault(logicalId, body, auth, authorizers);
  if (auth.ApiKeyRequired) {
    schemesOf(body).api_key ??= API_KEY;
    for (const path of Object.keys(pathsOf(body)))
      requireKeys(body, path, auth.AddApiKeyRequiredToCorsPreflight !== false);
  }
}

const AWS_IAM_AUTHORIZER: JsonObject = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

function setDefault(logicalId: string, body: JsonObject, auth: JsonObject, authorizers: JsonObject): void {
  const name = auth.DefaultAuthorizer;
  if (typeof name !== 'string') throw new SamFault(logicalId, 'DefaultAuthorizer is not a string.');
  const authorizer = authorizers[name];
  if (authorizer === undefined && name !== 'AWS_IAM')
    throw new SamFault(
      logicalId,
      `Unable to set DefaultAuthorizer because '${name}' was not defined in 'Authorizers'.`,
    );
  const names = new Set(['AWS_IAM', ...Object.keys(authorizers)]);
  const preflight = auth.AddDefaultAuthorizerToCorsPreflight !== false;
  const entry: JsonObject = { [name]: (isObject(authorizer) && authorizer.AuthorizationScopes) || [] };
  for (const path of Object.keys(pathsOf(body)))
    for (const [method, definition] of methodsOf(body, path)) {
      if (method === 'options' && !preflight) continue;
      const security: Json[] = withDefault(definition.security, names, entry);
      if (security.length > 0) definition.security = security;
      if (isObject(security[0]) && 'AWS_IAM' in security[0]) schemesOf(body).AWS_IAM ??= AWS_IAM;
      if (security.length === 0) delete definition.security;
    }
}

function withDefault(existing: Json | undefined, names: ReadonlySet<string>, entry: JsonObject): Json[] {
  const all = Array.isArray(existing) ? existing : [];
  const isAuthorizer = (one: Json): boolean =>
    isObject(one) && Object.keys(one).some((key) => names.has(key));
  const isNone = (one: Json): boolean => isObject(one) && 'NONE' in one;
  const others = all.filter((one) => !isAuthorizer(one));
  if (others.some(isNone)) return others.filter((one) => !isNone(one));
  const own = all.filter(isAuthorizer);
  return [...others, ...(own.length > 0 ? own : [entry])];
}

function requireKeys(body: JsonObject, path: string, preflight: boolean): void {
  for (const [method, definition] of methodsOf(body, path)) {
    const existing = Array.isArray(definition.security) ? definition.security : [];
    const isKey = (one: Json): boolean => isObject(one) && ('api_key' in one || 'api_key_false' in one);
    const isOff = (one: Json): boolean => isObject(one) && 'api_key_false' in one;
    const others = existing.filter((one) => !isKey(one));
    const off = existing.some(isOff) || (method === 'options' && !preflight);
    const security: Json[] = off ? others : [...others, { api_key: [] }];
    if (JSON.stringify(security) !== JSON.stringify(existing)) definition.security = security;
  }
}

function scheme(logicalId: string, name: string, given: Json | undefined, partition: string): JsonObject {
  const authorizer = isObject(given) ? given : {};
  const identity = isObject(authorizer.Identity) ? authorizer.Identity : {};
  if (authorizer.UserPoolArn !== undefined) return cognitoScheme(authorizer.UserPoolArn, identity);
  const payload = authorizer.FunctionPayloadType ?? 'TOKEN';
  if (payload !== 'TOKEN' && payload !== 'REQUEST')
    throw new SamFault(
      logicalId,
      `${name} Authorizer has invalid 'FunctionPayloadType': ${JSON.stringify(payload)}.`,
    );
  const source = identitySource(identity);
  if (payload === 'REQUEST' && source === '' && !(Number(identity.ReauthorizeEvery) <= 0))
    throw new SamFault(
      logicalId,
      `${name} Authorizer must specify Identity with at least one of Headers, QueryStrings, StageVariables, or Context.`,
    );
  const role = authorizer.FunctionInvokeRole;
  return {
    type: 'apiKey',
    name: payload === 'REQUEST' ? 'Unused' : (identity.Header ?? 'Authorization'),
    in: 'header',
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': {
      type: payload.toLowerCase(),
      authorizerUri: sub(
        `arn:${partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${__FunctionArn__}/invocations`,
        { __FunctionArn__: authorizer.FunctionArn ?? null },
      ),
      ...(identity.ReauthorizeEvery !== undefined && {
        authorizerResultTtlInSeconds: identity.ReauthorizeEvery,
      }),
      ...(role !== undefined && role !== 'NONE' && { authorizerCredentials: role }),
      ...(payload === 'REQUEST' && source !== '' && { identitySource: source }),
      ...(payload === 'TOKEN' &&
        identity.ValidationExpression !== undefined && {
          identityValidationExpression: identity.ValidationExpression,
        }),
    },
  };
}

function cognitoScheme(pool: Json, identity: JsonObject): JsonObject {
  return {
    type: 'apiKey',
    name: identity.Header ?? 'Authorization',
    in: 'header',
    'x-amazon-apigateway-authtype': 'cognito_user_pools',
    'x-amazon-apigateway-authorizer': {
      type: 'cognito_user_pools',
      providerARNs: Array.isArray(pool) ? pool : [pool],
      ...(identity.ValidationExpression !== undefined && {
        identityValidationExpression: identity.ValidationExpression,
      }),
    },
  };
}

const SOURCES = [
  ['Headers', 'method.request.header.'],
  ['QueryStrings', 'method.request.querystring.'],
  ['StageVariables', 'stageVariables.'],
  ['Context', 'context.'],
] as const;

function identitySource(identity: JsonObject): string {
  return SOURCES.flatMap(([key, prefix]) => {
    const values = identity[key];
    return Array.isArray(values) ? values.map((value) => prefix + String(value)) : [];
  }).join(', ');
}
