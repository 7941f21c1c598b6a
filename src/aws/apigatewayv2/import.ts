/** ImportApi and ReimportApi: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html */
import type {
  ImportApiRequest,
  ImportApiResponse,
  ReimportApiRequest,
  ReimportApiResponse,
} from '@aws-sdk/client-apigatewayv2';
import type { Call } from '../../wire/service.ts';
import { clearDefinition, newApiId, newRow } from './api.ts';
import { type ApiRow, apis, putNewApi, showApi } from './api-row.ts';
import { newAuthorizer } from './authorizer.ts';
import { type Change, changeDefinition } from './change.ts';
import { checkCors } from './cors.ts';
import { badRequest } from './faults.ts';
import { newIntegration } from './integration.ts';
import { type Basepath, type Definition, type RouteDefinition, readDefinition } from './openapi/read.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { newRoute } from './route.ts';

export const importOperations = (ports: ApiGatewayV2Ports) => ({
  ImportApi: async (input: ImportApiRequest, { scope }: Call): Promise<ImportApiResponse> => {
    const definition = await definitionOf(input);
    const row = await ports.store.transaction(async (rows) => {
      const ApiId = await newApiId(ports, rows, scope, definition.tags);
      const api = rowOf(newRow({ Name: '', ProtocolType: 'HTTP' }, ApiId, ports.now()), definition);
      await putNewApi(rows, scope, api);
      await applyDefinition({ rows, scope, api }, definition, ports);
      return api;
    });
    ports.gateway.forget(row.ApiId);
    return showApi(row, scope);
  },

  ReimportApi: async (input: ReimportApiRequest, call: Call): Promise<ReimportApiResponse> => {
    const definition = await definitionOf(input);
    const row = await changeDefinition(
      ports,
      call,
      input.ApiId ?? '',
      async ({ rows, scope, api: before }) => {
        if (before.ProtocolType !== 'HTTP') throw badRequest('Import is supported only for HTTP APIs');
        const { quickCreate: _, ...api } = rowOf(before, definition);
        await rows.put(apis, scope, api.ApiId, api);
        await clearDefinition(rows, scope, api.ApiId);
        await applyDefinition({ rows, scope, api }, definition, ports);
        return api;
      },
    );
    return showApi(row, call.scope);
  },
});

const BASEPATHS: readonly string[] = ['ignore', 'prepend', 'split'] satisfies Basepath[];
const isBasepath = (text: string): text is Basepath => BASEPATHS.includes(text);

async function definitionOf(input: ImportApiRequest): Promise<Definition> {
  const basepath = input.Basepath ?? 'ignore';
  if (!isBasepath(basepath)) throw badRequest(`Invalid basepath specified: ${basepath}`);
  const definition = await readDefinition(input.Body ?? '', basepath);
  if (input.FailOnWarnings && definition.warnings.length > 0)
    throw badRequest(`Warnings found during import:\n\t${definition.warnings.join('\n\t')}`);
  checkCors(definition.cors);
  return definition;
}

/** The row with everything that the document says about the API itself. */
function rowOf(row: ApiRow, definition: Definition): ApiRow {
  const { warnings, tags, cors } = definition;
  return {
    ...row,
    Name: definition.name,
    Version: definition.version,
    Description: definition.description,
    CorsConfiguration: cors,
    DisableExecuteApiEndpoint: definition.disableExecuteApiEndpoint ?? row.DisableExecuteApiEndpoint ?? false,
    ...(definition.ipAddressType === undefined
      ? {}
      : { IpAddressType: ipAddressTypeOf(definition.ipAddressType) }),
    Tags: { ...row.Tags, ...tags },
    Warnings: warnings.length > 0 ? [...warnings] : undefined,
  };
}

function ipAddressTypeOf(text: string): 'ipv4' | 'dualstack' {
  if (text === 'ipv4' || text === 'dualstack') return text;
  throw badRequest(`Invalid ipAddressType specified: ${text}`);
}

/** Makes authorizers, integrations and routes. */
async function applyDefinition(
  change: Change,
  definition: Definition,
  ports: ApiGatewayV2Ports,
): Promise<void> {
  const authorizerIds = new Map<string, string>();
  for (const [name, scheme] of definition.schemes) {
    if (scheme.kind !== 'authorizer') continue;
    const { AuthorizerId } = await newAuthorizer(change, scheme.authorizer, ports);
    authorizerIds.set(name, AuthorizerId);
  }
  const sharedIds = new Map<string, string>();
  for (const route of definition.routes) {
    const integrationId = await integrationFor(change, route, { sharedIds, ports });
    await addRoute(change, route, { integrationId, authorizerIds, ports, definition });
  }
}

interface Sharing {
  /** Integration ids by component name. */
  readonly sharedIds: Map<string, string>;
  readonly ports: ApiGatewayV2Ports;
}

async function integrationFor(
  change: Change,
  { integration }: RouteDefinition,
  { sharedIds, ports }: Sharing,
): Promise<string | undefined> {
  if (!integration) return undefined;
  const known = integration.shared === undefined ? undefined : sharedIds.get(integration.shared);
  if (known !== undefined) return known;
  const { IntegrationId } = await newIntegration(change, integration.members, ports);
  if (integration.shared !== undefined) sharedIds.set(integration.shared, IntegrationId);
  return IntegrationId;
}

interface Parts {
  readonly integrationId: string | undefined;
  readonly authorizerIds: ReadonlyMap<string, string>;
  readonly ports: ApiGatewayV2Ports;
  readonly definition: Definition;
}

async function addRoute(change: Change, route: RouteDefinition, parts: Parts): Promise<void> {
  const { integrationId } = parts;
  const target = integrationId === undefined ? undefined : `integrations/${integrationId}`;
  const members = { RouteKey: route.routeKey, OperationName: route.operationName, Target: target };
  await newRoute(change, { ...members, ...authorizationOf(route, parts) }, parts.ports);
}

function authorizationOf({ authorization }: RouteDefinition, { authorizerIds, definition }: Parts) {
  switch (authorization.kind) {
    case 'none':
      return { AuthorizationType: 'NONE' } as const;
    case 'iam':
      return { AuthorizationType: 'AWS_IAM' } as const;
    case 'authorizer': {
      const scheme = definition.schemes.get(authorization.scheme);
      const isJwt = scheme?.kind === 'authorizer' && scheme.authorizer.AuthorizerType === 'JWT';
      const scopes = authorization.scopes.length > 0 ? [...authorization.scopes] : undefined;
      return {
        AuthorizationType: isJwt ? 'JWT' : 'CUSTOM',
        AuthorizerId: authorizerIds.get(authorization.scheme),
        AuthorizationScopes: scopes,
      } as const;
    }
    default: {
      const never: never = authorization;
      return never;
    }
  }
}
