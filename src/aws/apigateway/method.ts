/** Methods: https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html */
import type {
  DeleteMethodRequest,
  GetMethodRequest,
  Method,
  PutMethodRequest,
  UpdateMethodRequest,
} from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { applyPatches, bareRefusals, type PatchRules, patchBoolean, patchText } from '../kit/patch.ts';
import { authorizers } from './authorizer-row.ts';
import { badRequest, conflict, notFound } from './faults.ts';
import { models } from './model-row.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { validators } from './request-validator-row.ts';
import { needMethod, needResource, putMethodRow } from './resource-row.ts';
import { filled, withoutEmpty } from './shapes.ts';

const HTTP_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY'];
const AUTHORIZATION_TYPES = ['NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'];

export const methodOperations = (ports: ApiGatewayPorts) => ({
  PutMethod: async (input: PutMethodRequest, call: Call): Promise<Method> =>
    ports.store.transaction(async (rows) => {
      const resource = await needResource(rows, call.scope, input);
      const httpMethod = input.httpMethod ?? '';
      if (!HTTP_METHODS.includes(httpMethod))
        throw badRequest(`Invalid HttpMethod specified. Valid options are ${HTTP_METHODS.join(',')}`);
      if (resource.methods?.[httpMethod]) throw conflict('Method already exists for this resource');
      const method = methodFrom(input);
      await checkMethod(rows, call.scope, input.restApiId ?? '', method);
      await putMethodRow(rows, call.scope, input, resource, method);
      return method;
    }),

  GetMethod: async (input: GetMethodRequest, call: Call): Promise<Method> =>
    (await needMethod(ports.store, call.scope, input)).method,

  UpdateMethod: async (input: UpdateMethodRequest, call: Call): Promise<Method> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const draft = applyPatches(draftOf(method), input.patchOperations, methodPatches);
      const changed = tidied(draft);
      await checkMethod(rows, call.scope, input.restApiId ?? '', changed);
      await putMethodRow(rows, call.scope, input, resource, changed);
      return changed;
    }),

  DeleteMethod: async (input: DeleteMethodRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const { resource } = await needMethod(rows, call.scope, input);
      await putMethodRow(rows, call.scope, input, resource, undefined);
    });
    return {};
  },
});

function methodFrom(input: PutMethodRequest): Method {
  const { restApiId: _api, resourceId: _resource, ...given } = input;
  return tidied({ ...given, apiKeyRequired: input.apiKeyRequired ?? false });
}

/** What AWS leaves out: empty maps and lists, an authorizer where the type takes none. */
function tidied(method: Method): Method {
  const takesAuthorizer = needsAuthorizer(method.authorizationType);
  return withoutEmpty({
    ...method,
    authorizerId: takesAuthorizer ? method.authorizerId : undefined,
    requestParameters: filled(method.requestParameters),
    requestModels: filled(method.requestModels),
    authorizationScopes: method.authorizationScopes?.length ? method.authorizationScopes : undefined,
  });
}

const needsAuthorizer = (type: string | undefined): boolean =>
  type === 'CUSTOM' || type === 'COGNITO_USER_POOLS';

/** The references a method makes must be there: authorizer, validator, models; parameter names must be told apart. */
export async function checkMethod(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  restApiId: string,
  method: Method,
): Promise<void> {
  if (!AUTHORIZATION_TYPES.includes(method.authorizationType ?? ''))
    throw badRequest(
      `Invalid authorization type specified. Valid options are ${AUTHORIZATION_TYPES.join(',')}`,
    );
  checkParameterNames(Object.keys(method.requestParameters ?? {}));
  if (needsAuthorizer(method.authorizationType)) {
    const found = await rows.get(authorizers, scope, `${restApiId}/${method.authorizerId ?? ''}`);
    const suits =
      found && (found.type === 'COGNITO_USER_POOLS') === (method.authorizationType === 'COGNITO_USER_POOLS');
    if (!suits)
      throw badRequest(
        'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
      );
  }
  if (method.requestValidatorId) {
    const found = await rows.get(validators, scope, `${restApiId}/${method.requestValidatorId}`);
    if (!found) throw badRequest('Invalid Request Validator identifier specified');
  }
  await checkModels(rows, scope, restApiId, method.requestModels);
}

export async function checkModels(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  restApiId: string,
  named: Readonly<Record<string, string>> | undefined,
): Promise<void> {
  for (const name of Object.values(named ?? {}))
    if (!(await rows.get(models, scope, `${restApiId}/${name}`)))
      throw badRequest(`Invalid model identifier specified: ${name}`);
}

const REQUEST_PARAMETER =
  /^method\.request\.(querystring|path|header|multivaluequerystring|multivalueheader)\.[^\s]+$/;

function checkParameterNames(parameters: readonly string[]): void {
  for (const parameter of parameters)
    if (!REQUEST_PARAMETER.test(parameter))
      throw badRequest(
        `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${parameter}]`,
      );
  const names = parameters.map((parameter) => parameter.split('.').slice(3).join('.'));
  if (new Set(names).size < names.length)
    throw badRequest('Parameter names must be unique across querystring, header and path');
}

const methodPatches: PatchRules<Draft<Method>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/authorizationType',
      replace: (method, value) => {
        method.authorizationType = value ?? '';
      },
    },
    {
      path: '/authorizerId',
      replace: (method, value) => {
        method.authorizerId = patchText(value);
      },
    },
    {
      path: '/authorizationScopes',
      add: (method, value) => {
        const scopes = method.authorizationScopes ?? [];
        if (value && !scopes.includes(value)) method.authorizationScopes = [...scopes, value];
      },
      remove: (method, value) => {
        method.authorizationScopes = (method.authorizationScopes ?? []).filter((scope) => scope !== value);
      },
    },
    {
      path: '/apiKeyRequired',
      replace: (method, value) => {
        method.apiKeyRequired = patchBoolean(value);
      },
    },
    {
      path: '/requestValidatorId',
      replace: (method, value) => {
        method.requestValidatorId = patchText(value);
      },
    },
    {
      path: '/operationName',
      replace: (method, value) => {
        method.operationName = patchText(value);
      },
    },
    { path: '/requestParameters/{name}', add: setParameter, replace: setParameter, remove: removeParameter },
    { path: '/requestModels/{contentType}', add: setModel, replace: setModel, remove: removeModel },
  ],
};

function setParameter(
  method: Draft<Method>,
  value: string | undefined,
  [name = '']: readonly string[],
): void {
  method.requestParameters = { ...method.requestParameters, [name]: patchBoolean(value) };
}

function removeParameter(
  method: Draft<Method>,
  _value: string | undefined,
  [name = '']: readonly string[],
): void {
  const { [name]: gone, ...others } = method.requestParameters ?? {};
  if (gone === undefined) throw notFound('Invalid parameter name specified');
  method.requestParameters = others;
}

function setModel(
  method: Draft<Method>,
  value: string | undefined,
  [contentType = '']: readonly string[],
): void {
  method.requestModels = { ...method.requestModels, [contentType]: value ?? '' };
}

function removeModel(
  method: Draft<Method>,
  _value: string | undefined,
  [contentType = '']: readonly string[],
): void {
  const { [contentType]: gone, ...others } = method.requestModels ?? {};
  if (gone === undefined) throw notFound('Content-Type specified was not found');
  method.requestModels = others;
}
