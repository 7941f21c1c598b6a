/** Gateway responses: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
import type {
  DeleteGatewayResponseRequest,
  GatewayResponse,
  GatewayResponses,
  GatewayResponseType,
  GetGatewayResponseRequest,
  GetGatewayResponsesRequest,
  PutGatewayResponseRequest,
  UpdateGatewayResponseRequest,
} from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches, pathOnlyRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { badRequest, notFound } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needRestApi } from './rest-api-row.ts';

/** What a user set; members left out come from the defaults when shown. */
export interface GatewayResponseRow {
  readonly responseType: GatewayResponseType;
  readonly statusCode?: string | undefined;
  readonly responseParameters?: Readonly<Record<string, string>> | undefined;
  readonly responseTemplates?: Readonly<Record<string, string>> | undefined;
}

/** Keyed `{apiId}/{responseType}`. */
export const gatewayResponses = table<GatewayResponseRow>('apigateway.gateway-responses');

export const DEFAULT_STATUS: Readonly<Record<GatewayResponseType, string | undefined>> = {
  ACCESS_DENIED: '403',
  API_CONFIGURATION_ERROR: '500',
  AUTHORIZER_CONFIGURATION_ERROR: '500',
  AUTHORIZER_FAILURE: '500',
  BAD_REQUEST_BODY: '400',
  BAD_REQUEST_PARAMETERS: '400',
  DEFAULT_4XX: undefined,
  DEFAULT_5XX: undefined,
  EXPIRED_TOKEN: '403',
  INTEGRATION_FAILURE: '504',
  INTEGRATION_TIMEOUT: '504',
  INVALID_API_KEY: '403',
  INVALID_SIGNATURE: '403',
  MISSING_AUTHENTICATION_TOKEN: '403',
  QUOTA_EXCEEDED: '429',
  REQUEST_TOO_LARGE: '413',
  RESOURCE_NOT_FOUND: '404',
  THROTTLED: '429',
  UNAUTHORIZED: '401',
  UNSUPPORTED_MEDIA_TYPE: '415',
  WAF_FILTERED: '403',
};

const TYPES = Object.keys(DEFAULT_STATUS).toSorted() as GatewayResponseType[]; // keys of that very record
const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };

export const gatewayResponseOperations = (ports: ApiGatewayPorts) => ({
  PutGatewayResponse: async (input: PutGatewayResponseRequest, call: Call): Promise<GatewayResponse> =>
    ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const { restApiId, ...given } = input;
      const row = { ...given, responseType: knownType(input.responseType) };
      checkResponse(row);
      await rows.put(gatewayResponses, call.scope, `${restApiId}/${row.responseType}`, row);
      return showSet(row);
    }),

  GetGatewayResponse: async (input: GetGatewayResponseRequest, call: Call): Promise<GatewayResponse> => {
    const all = await effectiveResponses(ports.store, call.scope, input.restApiId);
    return needOne(all, knownType(input.responseType));
  },

  GetGatewayResponses: async (input: GetGatewayResponsesRequest, call: Call): Promise<GatewayResponses> => {
    const all = await effectiveResponses(ports.store, call.scope, input.restApiId);
    // Every type on one page unless the caller asks for fewer, as AWS answers.
    return pageOf(all, { ...input, limit: input.limit ?? TYPES.length }, (one) => one.responseType ?? '');
  },

  UpdateGatewayResponse: async (input: UpdateGatewayResponseRequest, call: Call): Promise<GatewayResponse> =>
    ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const responseType = knownType(input.responseType);
      const key = `${input.restApiId}/${responseType}`;
      const before = (await rows.get(gatewayResponses, call.scope, key)) ?? { responseType };
      const row = applyPatches(draftOf(before), input.patchOperations, gatewayResponsePatches);
      checkResponse(row);
      await rows.put(gatewayResponses, call.scope, key, row);
      return showSet(row);
    }),

  DeleteGatewayResponse: async (input: DeleteGatewayResponseRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const key = `${input.restApiId}/${knownType(input.responseType)}`;
      if (!(await rows.delete(gatewayResponses, call.scope, key)))
        throw notFound('Gateway response type not defined on api');
    });
    return {};
  },
});

function knownType(type: string | undefined): GatewayResponseType {
  const known = TYPES.find((one) => one === type);
  if (known === undefined) throw badRequest(`Invalid gateway response type specified: ${type}`);
  return known;
}

/** Every type, sorted: what was set, else what DEFAULT_4XX or DEFAULT_5XX was set to, else AWS's own. */
async function effectiveResponses(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  restApiId: string | undefined,
): Promise<GatewayResponse[]> {
  await needRestApi(rows, scope, restApiId);
  return showAll(await setResponses(rows, scope, restApiId ?? ''));
}

export async function setResponses(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  restApiId: string,
): Promise<GatewayResponseRow[]> {
  return (await rows.list(gatewayResponses, scope, { prefix: `${restApiId}/` })).map((entry) => entry.row);
}

function showAll(set: readonly GatewayResponseRow[]): GatewayResponse[] {
  const byType = new Map(set.map((row) => [row.responseType, row]));
  return TYPES.map((type) => {
    const own = byType.get(type);
    if (own) return showSet(own);
    const fallback = DEFAULT_STATUS[type]?.startsWith('5') ? 'DEFAULT_5XX' : 'DEFAULT_4XX';
    return showDefault(type, byType.get(fallback));
  });
}

const showSet = (row: GatewayResponseRow): GatewayResponse => ({
  responseType: row.responseType,
  statusCode: row.statusCode ?? DEFAULT_STATUS[row.responseType],
  responseParameters: { ...row.responseParameters },
  responseTemplates: { ...(row.responseTemplates ?? DEFAULT_TEMPLATES) },
  defaultResponse: false,
});

const showDefault = (type: GatewayResponseType, set: GatewayResponseRow | undefined): GatewayResponse => ({
  responseType: type,
  statusCode: set?.statusCode ?? DEFAULT_STATUS[type],
  responseParameters: { ...set?.responseParameters },
  responseTemplates: { ...(set?.responseTemplates ?? DEFAULT_TEMPLATES) },
  defaultResponse: true,
});

function needOne(all: readonly GatewayResponse[], type: GatewayResponseType): GatewayResponse {
  const one = all.find((response) => response.responseType === type);
  if (one === undefined) throw notFound('Gateway response type not defined on api');
  return one;
}

function checkResponse(row: GatewayResponseRow): void {
  for (const name of Object.keys(row.responseParameters ?? {}))
    if (!/^gatewayresponse\.header\.\S+$/.test(name))
      throw badRequest(`Invalid parameter name specified: ${name}`);
}

const gatewayResponsePatches: PatchRules<Draft<GatewayResponseRow>> = {
  refusals: pathOnlyRefusals,
  paths: [
    {
      path: '/statusCode',
      replace: (row, value) => {
        row.statusCode = patchText(value);
      },
    },
    {
      path: '/responseParameters/{name}',
      add: setParameter,
      replace: (row, value, names) => {
        if (value && row.responseParameters?.[names[0] ?? ''] === undefined)
          throw notFound('Invalid parameter name specified');
        setParameter(row, value, names);
      },
      remove: (row, _value, [name = '']) => {
        const { [name]: gone, ...others } = row.responseParameters ?? {};
        if (gone === undefined) throw notFound('Invalid parameter name specified');
        row.responseParameters = others;
      },
    },
    {
      path: '/responseTemplates/{type}',
      add: setTemplate,
      replace: setTemplate,
      remove: (row, _value, [type = '']) => {
        const { [type]: gone, ...others } = row.responseTemplates ?? {};
        if (gone === undefined) throw notFound('Content-Type specified was not found');
        row.responseTemplates = Object.keys(others).length > 0 ? others : undefined;
      },
    },
  ],
};

function setParameter(
  row: Draft<GatewayResponseRow>,
  value: string | undefined,
  [name = '']: readonly string[],
): void {
  if (!value) throw badRequest('Invalid null or empty value in responseParameters');
  row.responseParameters = { ...row.responseParameters, [name]: value };
}

function setTemplate(
  row: Draft<GatewayResponseRow>,
  value: string | undefined,
  [type = '']: readonly string[],
): void {
  if (!value) throw badRequest('Invalid null or empty value in responseTemplates');
  row.responseTemplates = { ...row.responseTemplates, [type]: value };
}
