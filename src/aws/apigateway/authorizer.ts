/** Authorizers: https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html */
import type {
  Authorizer,
  Authorizers,
  CreateAuthorizerRequest,
  DeleteAuthorizerRequest,
  GetAuthorizerRequest,
  GetAuthorizersRequest,
  UpdateAuthorizerRequest,
} from '@aws-sdk/client-api-gateway';
import { parseArn } from '../../base/arn.ts';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches, bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { type AuthorizerRow, authorizers } from './authorizer-row.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { allResources } from './resource.ts';
import { needRestApi, restApis } from './rest-api-row.ts';
import { withoutEmpty } from './shapes.ts';

export const authorizerOperations = (ports: ApiGatewayPorts) => ({
  CreateAuthorizer: async (input: CreateAuthorizerRequest, call: Call): Promise<Authorizer> =>
    ports.store.transaction(async (rows) => {
      // Seen: a wrong API id is answered so, by CreateAuthorizer alone.
      if (!(await rows.get(restApis, call.scope, input.restApiId ?? '')))
        throw conflict(
          'Unable to complete operation due to concurrent modification. Please try again later.',
        );
      const all = await rows.list(authorizers, call.scope, { prefix: `${input.restApiId}/` });
      if (all.length >= limits.restApiAuthorizers) throw quotaReached('Authorizers', 'this API');
      if (all.some((entry) => entry.row.name === input.name))
        throw badRequest(
          'Authorizer name must be unique. Authorizer ' + input.name + ' already exists in this RestApi.',
        );
      const authorizerResultTtlInSeconds =
        input.authorizerResultTtlInSeconds ?? (input.type === 'COGNITO_USER_POOLS' ? undefined : 300);
      const row = authorizerFrom({ ...input, authorizerResultTtlInSeconds }, apiGatewayId(6, ports.random));
      await rows.put(authorizers, call.scope, `${input.restApiId}/${row.id}`, row);
      return row;
    }),

  GetAuthorizer: async (input: GetAuthorizerRequest, call: Call): Promise<Authorizer> =>
    needAuthorizer(ports.store, call.scope, input),

  GetAuthorizers: async (input: GetAuthorizersRequest, call: Call): Promise<Authorizers> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    return pageOfRows(ports.store, authorizers, call.scope, { ...input, prefix: `${input.restApiId}/` });
  },

  UpdateAuthorizer: async (input: UpdateAuthorizerRequest, call: Call): Promise<Authorizer> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needAuthorizer(rows, call.scope, input));
      applyPatches(draft, input.patchOperations, authorizerPatches);
      const row = withoutEmpty(draft);
      checkAuthorizer(row);
      await rows.put(authorizers, call.scope, `${input.restApiId}/${row.id}`, row);
      return row;
    }),

  DeleteAuthorizer: async (input: DeleteAuthorizerRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needAuthorizer(rows, call.scope, input);
      for (const resource of await allResources(rows, call.scope, input.restApiId ?? ''))
        for (const [verb, method] of Object.entries(resource.methods ?? {}))
          if (method.authorizerId === row.id)
            throw conflict(
              `Cannot delete authorizer '${row.name}', is referenced in method: ${resource.path}/${verb}`,
            );
      await rows.delete(authorizers, call.scope, `${input.restApiId}/${row.id}`);
    });
    return {};
  },
});

export async function needAuthorizer(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: GetAuthorizerRequest,
): Promise<AuthorizerRow> {
  const row = await rows.get(authorizers, scope, `${input.restApiId}/${input.authorizerId}`);
  if (row === undefined) throw notFound('Invalid Authorizer identifier specified');
  return row;
}

const AUTH_TYPES = { TOKEN: 'custom', REQUEST: 'custom', COGNITO_USER_POOLS: 'cognito_user_pools' } as const;

/** With the `authType` that an export prints. An import leaves an unset TTL unset: 300 s all the same. */
export function authorizerFrom(input: Omit<CreateAuthorizerRequest, 'restApiId'>, id: string): AuthorizerRow {
  const { restApiId: _api, ...given } = input as CreateAuthorizerRequest; // an import has no API id to drop
  const type = input.type ?? 'TOKEN';
  const row = withoutEmpty({
    ...given,
    id,
    name: input.name ?? '',
    type,
    authType: input.authType ?? AUTH_TYPES[type],
    identitySource: patchText(input.identitySource),
  });
  checkAuthorizer(row);
  return row;
}

const SOURCE = /^(method\.request\.(header|querystring)\.\S+|stageVariables\.\S+|context\.\S+)$/;

function checkAuthorizer(row: AuthorizerRow): void {
  if (!row.name) throw badRequest('Authorizer name cannot be blank');
  const ttl = row.authorizerResultTtlInSeconds ?? 300;
  if (ttl < 0 || ttl > limits.restAuthorizerTtlSeconds)
    throw badRequest(
      `Authorizer result TTL must be between 0 and ${limits.restAuthorizerTtlSeconds} seconds`,
    );
  if (row.type === 'COGNITO_USER_POOLS') return checkPools(row);
  if (!row.authorizerUri)
    throw badRequest('Authorizer Uri must be specified for TOKEN and REQUEST authorizers');
  if (
    !row.authorizerUri.includes('${stageVariables.') &&
    parseArn(row.authorizerUri)?.service !== 'apigateway'
  )
    throw badRequest(
      'Invalid Authorizer URI: ' +
        row.authorizerUri +
        '. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.',
    );
  checkSources(row, ttl);
}

function checkPools(row: AuthorizerRow): void {
  if (!row.providerARNs?.length)
    throw badRequest('Must provide at least one provider ARN with COGNITO_USER_POOLS authorizers');
  for (const arn of row.providerARNs)
    if (parseArn(arn)?.service !== 'cognito-idp')
      throw badRequest(`Invalid Cognito User Pool ARN specified: ${arn}`);
}

function checkSources(row: AuthorizerRow, ttlSeconds: number): void {
  const sources = (row.identitySource ?? '')
    .split(',')
    .map((source) => source.trim())
    .filter(Boolean);
  for (const source of sources)
    if (!SOURCE.test(source)) throw badRequest(`Invalid mapping expression specified: ${source}`);
  if (row.type === 'REQUEST' && ttlSeconds > 0 && sources.length === 0)
    throw badRequest('Identity source is required when authorization caching is enabled');
  if (row.type === 'TOKEN' && (sources.length !== 1 || !sources[0]?.startsWith('method.request.header.')))
    throw badRequest('TOKEN authorizers require exactly one header as identity source');
}

const authorizerPatches: PatchRules<Draft<AuthorizerRow>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/name',
      replace: (row, value) => {
        row.name = value ?? '';
      },
    },
    {
      path: '/type',
      replace: (row, value) => {
        if (value !== 'TOKEN' && value !== 'REQUEST' && value !== 'COGNITO_USER_POOLS')
          throw badRequest(`Invalid AuthorizerType specified: ${value}`);
        row.type = value;
      },
    },
    {
      path: '/authType',
      replace: (row, value) => {
        row.authType = patchText(value);
      },
    },
    {
      path: '/authorizerUri',
      replace: (row, value) => {
        row.authorizerUri = patchText(value);
      },
    },
    {
      path: '/authorizerCredentials',
      replace: (row, value) => {
        row.authorizerCredentials = patchText(value);
      },
    },
    {
      path: '/authorizerResultTtlInSeconds',
      replace: (row, value) => {
        row.authorizerResultTtlInSeconds = Number(value);
      },
    },
    {
      path: '/identitySource',
      replace: (row, value) => {
        row.identitySource = patchText(value);
      },
    },
    {
      path: '/identityValidationExpression',
      replace: (row, value) => {
        row.identityValidationExpression = patchText(value);
      },
    },
    {
      path: '/providerARNs',
      add: (row, value) => {
        if (value) row.providerARNs = [...(row.providerARNs ?? []).filter((arn) => arn !== value), value];
      },
      remove: (row, value) => {
        row.providerARNs = (row.providerARNs ?? []).filter((arn) => arn !== value);
      },
    },
  ],
};
