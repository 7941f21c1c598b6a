/** API mappings: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings.html */
import type {
  ApiMapping,
  CreateApiMappingRequest,
  CreateApiMappingResponse,
  DeleteApiMappingRequest,
  GetApiMappingRequest,
  GetApiMappingResponse,
  GetApiMappingsRequest,
  GetApiMappingsResponse,
  UpdateApiMappingRequest,
  UpdateApiMappingResponse,
} from '@aws-sdk/client-apigatewayv2';
import { isFault } from '../../base/fault.ts';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { apiMappings } from './api-mapping-row.ts';
import { apis } from './api-row.ts';
import { type DomainNameRow, readDomainName } from './domain-name-row.ts';
import { badRequest, conflict, missing, tooMany } from './faults.ts';
import { listPage } from './page.ts';
import { given, patched } from './patch.ts';
import { changingDomains } from './changing-domains.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { stages } from './stage-row.ts';

export const apiMappingOperations = (ports: ApiGatewayV2Ports) => ({
  CreateApiMapping: async (input: CreateApiMappingRequest, call: Call): Promise<CreateApiMappingResponse> => {
    const { DomainName = '', ...members } = input;
    await checkStageExists(ports, call, members);
    return changingDomains(ports, async (rows) => {
      const row: ApiMapping = given({ ...members, ApiMappingId: apiGatewayId(6, ports.random) });
      await putMapping(rows, call.scope, DomainName, row);
      return row;
    });
  },

  GetApiMapping: async (input: GetApiMappingRequest, { scope }: Call): Promise<GetApiMappingResponse> =>
    read(ports.store, scope, input),

  GetApiMappings: async (input: GetApiMappingsRequest, { scope }: Call): Promise<GetApiMappingsResponse> => {
    await readDomainName(ports.store, scope, input.DomainName ?? '');
    const listing = { rows: ports.store, table: apiMappings, scope, prefix: `${input.DomainName}/` };
    const page = await listPage(listing, input);
    return { Items: [...page.rows], NextToken: page.NextToken };
  },

  UpdateApiMapping: async (input: UpdateApiMappingRequest, call: Call): Promise<UpdateApiMappingResponse> => {
    const { DomainName = '', ApiMappingId: _, ...changes } = input;
    const before = await read(ports.store, call.scope, input);
    await checkStageExists(ports, call, patched(before, changes));
    return changingDomains(ports, async (rows) => {
      const row = patched(await read(rows, call.scope, input), changes);
      await putMapping(rows, call.scope, DomainName, row);
      return row;
    });
  },

  DeleteApiMapping: async (input: DeleteApiMappingRequest, { scope }: Call) => {
    await changingDomains(ports, async (rows) => {
      await read(rows, scope, input);
      await rows.delete(apiMappings, scope, `${input.DomainName}/${input.ApiMappingId}`);
    });
    return {};
  },
});

async function putMapping(rows: Transaction, scope: Scope, domain: string, row: ApiMapping): Promise<void> {
  checkKey(row.ApiMappingKey ?? '');
  const name = await readDomainName(rows, scope, domain);
  const kind = await kindOf(rows, scope, row.ApiId);
  checkSuits(name, kind, row.ApiMappingKey ?? '');
  const others = await rows.list(apiMappings, scope, { prefix: `${domain}/` });
  await checkCompany(
    rows,
    scope,
    kind,
    others.map((entry) => entry.row).filter((one) => one.ApiMappingId !== row.ApiMappingId),
  );
  const taken = others.some(
    ({ row: other }) =>
      other.ApiMappingId !== row.ApiMappingId && (other.ApiMappingKey ?? '') === (row.ApiMappingKey ?? ''),
  );
  if (taken) throw conflict('ApiMapping key already exists for this domain name');
  await rows.put(apiMappings, scope, `${domain}/${row.ApiMappingId}`, row);
}

type Kind = 'REST' | 'HTTP' | 'WEBSOCKET';

const kindOf = async (rows: Pick<Reader, 'get'>, scope: Scope, apiId: string | undefined): Promise<Kind> =>
  (await rows.get(apis, scope, apiId ?? ''))?.ProtocolType ?? 'REST';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html, "Restrictions" */
function checkSuits(
  { DomainNameConfigurations: [configuration] }: DomainNameRow,
  kind: Kind,
  key: string,
): void {
  const { EndpointType, SecurityPolicy } = configuration ?? {};
  const isPlain = EndpointType !== 'REGIONAL' || SecurityPolicy === 'TLS_1_0';
  if (kind !== 'REST' && isPlain)
    throw badRequest(
      'Only REST APIs can be attached to the domain name with EDGE endpoint type or TLS 1.0 security policy',
    );
  if (key.includes('/') && isPlain)
    throw badRequest(
      'API mappings with multiple levels require a Regional domain name with the TLS 1.2 security policy',
    );
}

async function checkCompany(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  kind: Kind,
  others: readonly ApiMapping[],
): Promise<void> {
  if (others.length >= limits.basePathMappings) throw tooMany('API mappings');
  for (const other of others)
    if (((await kindOf(rows, scope, other.ApiId)) === 'WEBSOCKET') !== (kind === 'WEBSOCKET'))
      throw badRequest('WebSocket APIs cannot be mapped to the same domain name as HTTP or REST APIs');
}

function checkKey(key: string): void {
  const valid = key === '' || /^[A-Za-z0-9$_.+!*'()-]+(\/[A-Za-z0-9$_.+!*'()-]+)*$/.test(key);
  if (!valid || key.length > limits.httpApiMappingKeyLength)
    throw badRequest(
      'API mapping key should not start with a slash, end with a slash or have consecutive slashes',
    );
}

/** A mapping may also name a REST API, which another service owns. */
async function checkStageExists(
  ports: ApiGatewayV2Ports,
  { scope, caller }: Call,
  { ApiId = '', Stage = '' }: Pick<ApiMapping, 'ApiId' | 'Stage'>,
): Promise<void> {
  if (await ports.store.get(apis, scope, ApiId)) {
    if (!(await ports.store.get(stages, scope, `${ApiId}/${Stage}`)))
      throw badRequest('Invalid stage identifier specified');
    return;
  }
  const input = { restApiId: ApiId, stageName: Stage };
  try {
    await ports.call({ service: 'apigateway', operation: 'GetStage', input, scope, caller });
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    throw badRequest('Invalid API identifier specified');
  }
}

async function read(rows: Pick<Reader, 'get'>, scope: Scope, of: GetApiMappingRequest): Promise<ApiMapping> {
  await readDomainName(rows, scope, of.DomainName ?? '');
  const row = await rows.get(apiMappings, scope, `${of.DomainName}/${of.ApiMappingId}`);
  if (!row) throw missing('ApiMapping', of.ApiMappingId ?? '');
  return row;
}
