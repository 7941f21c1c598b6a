import type * as rest from '@aws-sdk/client-api-gateway';
import type * as http from '@aws-sdk/client-apigatewayv2';
import { CliFailure } from './failure.ts';
import { apiUrl } from './local-url.ts';
import { printJson, printTable } from './print.ts';
import { createRemote, type Remote, type RemoteOptions } from './remote.ts';

/** One row of `gatehouse routes`. */
export interface RouteRow {
  readonly api: string;
  readonly apiId: string;
  readonly stage: string;
  readonly method: string;
  readonly path: string;
  readonly authorizer: string;
  readonly integration: string;
  readonly url: string;
}

/** `gatehouse routes [api]`: by id or name; every API without one. */
export async function routes(
  api: string | undefined,
  options: RemoteOptions & { json?: boolean },
): Promise<void> {
  const rows = await routesOf(createRemote(options), api);
  if (api && rows.length === 0) throw new CliFailure(`no API ${api} with a deployed route`);
  if (options.json) return printJson(rows);
  printTable(
    ['API', 'STAGE', 'METHOD', 'PATH', 'AUTHORIZER', 'INTEGRATION', 'URL'],
    rows.map((row) => [row.api, row.stage, row.method, row.path, row.authorizer, row.integration, row.url]),
    'no routes',
  );
}

export async function routesOf(remote: Remote, api?: string): Promise<RouteRow[]> {
  const isAsked = (name?: string, id?: string): boolean => api === undefined || api === name || api === id;
  const restApis = await restPages<rest.RestApi>(remote, 'GetRestApis', {});
  const httpApis = await httpPages<http.Api>(remote, 'GetApis', {});
  const found = await Promise.all([
    ...restApis.filter((item) => isAsked(item.name, item.id)).map((item) => restRoutes(remote, item)),
    ...httpApis.filter((item) => isAsked(item.Name, item.ApiId)).map((item) => httpRoutes(remote, item)),
  ]);
  return found.flat();
}

async function restRoutes(remote: Remote, api: rest.RestApi): Promise<RouteRow[]> {
  const restApiId = api.id ?? '';
  const [stages, resources, authorizers] = await Promise.all([
    remote.call<rest.Stages>('apigateway', 'GetStages', { restApiId }),
    restPages<rest.Resource>(remote, 'GetResources', { restApiId, embed: ['methods'] }),
    restPages<rest.Authorizer>(remote, 'GetAuthorizers', { restApiId }),
  ]);
  const names = new Map(authorizers.map((item) => [item.id, item.name]));
  const methods = resources.flatMap((resource) =>
    Object.entries(resource.resourceMethods ?? {}).map(([verb, method]) => ({
      path: resource.path ?? '/',
      verb,
      method,
    })),
  );
  return (stages.item ?? []).flatMap((stage) =>
    methods.map(({ path, verb, method }) => ({
      api: api.name ?? '',
      apiId: restApiId,
      stage: stage.stageName ?? '',
      method: verb,
      path,
      authorizer: authorizerText(
        method.authorizationType,
        names.get(method.authorizerId),
        method.apiKeyRequired,
      ),
      integration: integrationText(method.methodIntegration?.type, method.methodIntegration?.uri),
      url: apiUrl(restApiId, `/${stage.stageName}${path}`, remote.endpoint),
    })),
  );
}

async function httpRoutes(remote: Remote, api: http.Api): Promise<RouteRow[]> {
  const ApiId = api.ApiId ?? '';
  const [stages, found, integrations, authorizers] = await Promise.all([
    httpPages<http.Stage>(remote, 'GetStages', { ApiId }),
    httpPages<http.Route>(remote, 'GetRoutes', { ApiId }),
    httpPages<http.Integration>(remote, 'GetIntegrations', { ApiId }),
    httpPages<http.Authorizer>(remote, 'GetAuthorizers', { ApiId }),
  ]);
  const names = new Map(authorizers.map((item) => [item.AuthorizerId, item.Name]));
  const targets = new Map(integrations.map((item) => [`integrations/${item.IntegrationId}`, item]));
  return stages.flatMap((stage) =>
    found.map((route) => {
      const [method, path = ''] = route.RouteKey?.includes(' ')
        ? route.RouteKey.split(' ')
        : [route.RouteKey];
      const target = targets.get(route.Target ?? '');
      const prefix = stage.StageName === '$default' ? '' : `/${stage.StageName}`;
      const isSocket = api.ProtocolType === 'WEBSOCKET';
      return {
        api: api.Name ?? '',
        apiId: ApiId,
        stage: stage.StageName ?? '',
        method: method ?? '',
        path,
        authorizer: authorizerText(
          route.AuthorizationType,
          names.get(route.AuthorizerId),
          route.ApiKeyRequired,
        ),
        integration: integrationText(
          target?.IntegrationType,
          target?.IntegrationUri,
          target?.IntegrationSubtype,
        ),
        // A client of a WebSocket API names its route in each message.
        url: apiUrl(ApiId, isSocket ? prefix : `${prefix}${path || '/'}`, remote.endpoint, isSocket),
      };
    }),
  );
}

async function restPages<Item>(remote: Remote, operation: string, input: object): Promise<Item[]> {
  const all: Item[] = [];
  for (let position: string | undefined, first = true; first || position; first = false) {
    const page = await remote.call<{ items?: Item[]; position?: string }>('apigateway', operation, {
      ...input,
      limit: 500,
      position,
    });
    all.push(...(page.items ?? []));
    position = page.position;
  }
  return all;
}

async function httpPages<Item>(remote: Remote, operation: string, input: object): Promise<Item[]> {
  const all: Item[] = [];
  for (let NextToken: string | undefined, first = true; first || NextToken; first = false) {
    const page = await remote.call<{ Items?: Item[]; NextToken?: string }>('apigatewayv2', operation, {
      ...input,
      MaxResults: '500',
      NextToken,
    });
    all.push(...(page.Items ?? []));
    NextToken = page.NextToken;
  }
  return all;
}

function authorizerText(
  type: string | undefined,
  name: string | undefined,
  apiKey: boolean | undefined,
): string {
  const kind = !type || type === 'NONE' ? '-' : name ? `${type} ${name}` : type;
  return apiKey ? `${kind} + API key` : kind;
}

function integrationText(type: string | undefined, uri: string | undefined, subtype?: string): string {
  const functionName = /function:([^/]+?)(?:\/invocations|$)/.exec(uri ?? '')?.[1];
  return [type ?? '-', subtype ?? functionName ?? uri].filter(Boolean).join(' ');
}
