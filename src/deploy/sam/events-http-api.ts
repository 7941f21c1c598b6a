/** HttpApi events: a route of an HTTP API's definition, and the permission to invoke. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { type FunctionEvent, known } from './events.ts';
import { MANAGED } from './implicit-api.ts';
import {
  addIntegration,
  ANY,
  definitionsAt,
  hasIntegration,
  INTEGRATION,
  permissionMethod,
} from './paths.ts';
import type { Resource } from './serverless.ts';
import { invocationUri, permission } from './target.ts';
import { sub } from './values.ts';

const DEFAULT_PATH = '$default';

export function httpApiEvent(event: FunctionEvent): Record<string, Resource> {
  known(event, 'Path Method ApiId Stage Auth TimeoutInMillis RouteSettings PayloadFormatVersion');
  const { properties, serverless, target, logicalId } = event;
  const path = String(properties.Path);
  const method = String(properties.Method).toLowerCase();
  const id = properties.ApiId;
  const api = serverless.resources[String(isObject(id) ? id.Ref : id)]?.Properties ?? {};
  const covered = path !== DEFAULT_PATH && defaultIsMine(event, api);
  if (isObject(api.DefinitionBody)) addRoute(event, api, api.DefinitionBody, { path, method });
  if (covered) return {};
  const trimmed = path.replace(/^(.+)\/$/, '$1');
  const place = trimmed === DEFAULT_PATH ? '' : trimmed.replace(/\{([a-zA-Z0-9._-]+|proxy\+)\}/g, '*');
  const source = sub(
    `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${__ApiId__}/\${__Stage__}/${permissionMethod(method)}${place}`,
    { __ApiId__: id ?? null, __Stage__: '*' },
  );
  return {
    [`${logicalId}Permission`]: permission({
      target,
      principal: 'apigateway.amazonaws.com',
      sourceArn: source,
    }),
  };
}

/** The function already serves `$default`: that permission covers every route. */
function defaultIsMine({ target }: FunctionEvent, api: JsonObject): boolean {
  if (!isObject(api.DefinitionBody) || !hasIntegration(api.DefinitionBody, DEFAULT_PATH, ANY)) return false;
  return definitionsAt(api.DefinitionBody, DEFAULT_PATH, ANY).every((definition) =>
    JSON.stringify(definition[INTEGRATION]).includes(`\${${target.logicalId}.Arn}`),
  );
}

interface Route {
  readonly path: string;
  readonly method: string;
}

function addRoute(event: FunctionEvent, api: JsonObject, body: JsonObject, { path, method }: Route): void {
  const { properties, target, fail } = event;
  if (hasIntegration(body, path, method)) {
    if (api[MANAGED]) throw fail(`API method '${method}' defined multiple times for path '${path}'.`);
  } else
    addIntegration({
      body,
      path,
      method,
      condition: target.condition,
      integration: {
        type: 'aws_proxy',
        httpMethod: 'POST',
        payloadFormatVersion: '2.0',
        uri: invocationUri(target, '${AWS::Partition}'),
      },
      ...(path === DEFAULT_PATH && method === ANY && { more: { isDefaultRoute: true } }),
    });
  if (isObject(properties.Auth)) addAuth(event, api, body, { path, method });
  const names = [...path.matchAll(/\{(.*?)\}/g)].map(([, name = '']) => name);
  for (const definition of definitionsAt(body, path, method)) {
    const integration = definition[INTEGRATION];
    if (!isObject(integration)) continue;
    if (properties.TimeoutInMillis !== undefined) integration.timeoutInMillis = properties.TimeoutInMillis;
    if (properties.PayloadFormatVersion !== undefined)
      integration.payloadFormatVersion = properties.PayloadFormatVersion;
    if (names.length > 0) definition.parameters = withPathParameters(definition.parameters, names);
  }
}

function withPathParameters(parameters: Json | undefined, names: readonly string[]): Json[] {
  const all = Array.isArray(parameters) ? [...parameters] : [];
  for (const name of names) {
    const own = all.find((one) => isObject(one) && one.name === name);
    if (isObject(own)) Object.assign(own, { in: 'path', required: true });
    else all.push({ name, in: 'path', required: true });
  }
  return all;
}

function addAuth(event: FunctionEvent, api: JsonObject, body: JsonObject, { path, method }: Route): void {
  const { fail } = event;
  const auth = isObject(event.properties.Auth) ? event.properties.Auth : {};
  const apiAuth = isObject(api.Auth) ? api.Auth : {};
  const name = auth.Authorizer ?? apiAuth.DefaultAuthorizer;
  const where = `on API method [${method}] for path [${path}]`;
  if (!name)
    throw fail(
      "'Auth' section requires either an explicit 'Authorizer' set or a 'DefaultAuthorizer' configured on the HttpApi.",
    );
  const authorizers = isObject(apiAuth.Authorizers) ? apiAuth.Authorizers : {};
  const authorizer = authorizers[String(name)];
  const byIam = name === 'AWS_IAM' && apiAuth.EnableIamAuthorizer === true;
  if (name === 'NONE' && !apiAuth.DefaultAuthorizer)
    throw fail(
      `Unable to set Authorizer ${where} because 'NONE' is only a valid value when a DefaultAuthorizer on the API is specified.`,
    );
  if (name !== 'NONE' && !byIam && authorizer === undefined)
    throw fail(
      `Unable to set Authorizer [${String(name)}] ${where} because it wasn't defined in the API's Authorizers.`,
    );
  const own = isObject(authorizer) ? authorizer.AuthorizationScopes : undefined;
  const wanted = auth.AuthorizationScopes;
  if (wanted !== undefined && !Array.isArray(wanted))
    throw fail(`Unable to set Authorizer ${where} because 'AuthorizationScopes' must be a list of strings.`);
  const scopes = name === 'NONE' || byIam ? [] : (wanted?.length ? wanted : own) || [];
  for (const definition of definitionsAt(body, path, method)) {
    const before = Array.isArray(definition.security) ? definition.security : [];
    definition.security = [...before, { [String(name)]: scopes }];
  }
}
