/** ImportRestApi and PutRestApi: an API from an OpenAPI document. */
import type {
  EndpointAccessMode,
  EndpointType,
  ImportRestApiRequest,
  PutRestApiRequest,
  RestApi,
  SecurityPolicy,
} from '@aws-sdk/client-api-gateway';
import { randomText } from '../../../base/ids.ts';
import type { Scope } from '../../../base/scope.ts';
import type { Call } from '../../../wire/service.ts';
import { badRequest } from '../faults.ts';
import type { ApiGatewayPorts } from '../ports.ts';
import { policyRow } from '../resource-policy.ts';
import { checkCompression, createRestApi, showRestApi } from '../rest-api.ts';
import { oneOf } from '../rest-api-patches.ts';
import { needRestApi, restApis, type RestApiRow } from '../rest-api-row.ts';
import { withoutEmpty } from '../shapes.ts';
import { checkedTags } from '../tag-set.ts';
import { applyImport } from './apply.ts';
import { parseDocument } from './document.ts';
import type { ImportedApi } from './imported.ts';
import { readDocument } from './read.ts';

type Parameters = Readonly<Record<string, string>>;

export const importOperations = (ports: ApiGatewayPorts) => ({
  ImportRestApi: async (input: ImportRestApiRequest, call: Call): Promise<RestApi> => {
    const parameters = input.parameters ?? {};
    const imported = await read(ports, input, parameters);
    const row = await ports.store.transaction(async (rows) => {
      const endpointConfiguration = endpointOf(parameters, imported);
      const { name, tags } = imported;
      const created = await createRestApi(ports, rows, { name, tags, endpointConfiguration }, call.scope);
      const api = withDocument(created, imported, 'overwrite', call.scope);
      const { id: restApiId, rootResourceId } = api;
      await applyImport({
        ports,
        rows,
        scope: call.scope,
        restApiId,
        rootResourceId,
        api: imported,
        mode: 'overwrite',
      });
      await rows.put(restApis, call.scope, api.id, api);
      return api;
    });
    return { ...showRestApi(row), ...warningsOf(imported) };
  },

  PutRestApi: async (input: PutRestApiRequest, call: Call): Promise<RestApi> => {
    const mode = input.mode ?? 'merge';
    const imported = await read(ports, input, input.parameters ?? {});
    const row = await ports.store.transaction(async (rows) => {
      const before = await needRestApi(rows, call.scope, input.restApiId);
      const api = withDocument(before, imported, mode, call.scope);
      const { id: restApiId, rootResourceId } = api;
      await applyImport({ ports, rows, scope: call.scope, restApiId, rootResourceId, api: imported, mode });
      await rows.put(restApis, call.scope, api.id, api);
      return api;
    });
    ports.gateway.forget(row.id);
    return { ...showRestApi(row), tags: { ...row.tags }, ...warningsOf(imported) };
  },
});

async function read(
  ports: ApiGatewayPorts,
  input: ImportRestApiRequest,
  parameters: Parameters,
): Promise<ImportedApi> {
  const document = await parseDocument(input.body);
  const modelName = () => `MODEL${randomText(6, '0123456789abcdef', ports.random)}`;
  const imported = readDocument(document, parameters, modelName);
  if (input.failOnWarnings && imported.warnings.length > 0)
    throw badRequest(`Warnings found during import:\n\t${imported.warnings.join('\n\t')}`);
  return imported;
}

const warningsOf = (imported: ImportedApi) =>
  imported.warnings.length > 0 ? { warnings: [...imported.warnings] } : {};

const ENDPOINT_TYPES: readonly EndpointType[] = ['REGIONAL', 'EDGE', 'PRIVATE'];
const ACCESS_MODES: readonly EndpointAccessMode[] = ['BASIC', 'STRICT'];

function endpointOf(parameters: Parameters, imported: ImportedApi) {
  const named = parameters['endpointConfigurationTypes'];
  return {
    types: named ? [oneOf(named, ENDPOINT_TYPES, 'EndpointTypes')] : undefined,
    vpcEndpointIds: imported.vpcEndpointIds && [...imported.vpcEndpointIds],
  };
}

/** The API's own members: a merge keeps what the document does not mention, an overwrite clears it. */
function withDocument(
  before: RestApiRow,
  imported: ImportedApi,
  mode: 'merge' | 'overwrite',
  scope: Scope,
): RestApiRow {
  checkCompression(imported.minimumCompressionSize);
  const kept = mode === 'merge' ? before : undefined;
  const { apiKeySource, endpointAccessMode, securityPolicy } = imported;
  return withoutEmpty<RestApiRow>({
    ...before,
    name: imported.name || before.name,
    description: imported.description ?? kept?.description,
    version: imported.version ?? kept?.version,
    binaryMediaTypes: mediaTypes(kept?.binaryMediaTypes, imported.binaryMediaTypes),
    minimumCompressionSize: imported.minimumCompressionSize ?? kept?.minimumCompressionSize,
    policy: imported.policy === undefined ? kept?.policy : policyRow(imported.policy, scope, before.id),
    apiKeySource: apiKeySource
      ? oneOf(apiKeySource.toUpperCase(), ['HEADER', 'AUTHORIZER'], 'ApiKeySourceType')
      : before.apiKeySource,
    disableExecuteApiEndpoint: imported.disableExecuteApiEndpoint ?? before.disableExecuteApiEndpoint,
    endpointConfiguration: imported.vpcEndpointIds
      ? { ...before.endpointConfiguration, vpcEndpointIds: imported.vpcEndpointIds }
      : before.endpointConfiguration,
    securityPolicy: (securityPolicy ?? before.securityPolicy) as SecurityPolicy | undefined, // AWS's list grows; kept as given
    endpointAccessMode: endpointAccessMode
      ? oneOf(endpointAccessMode, ACCESS_MODES, 'EndpointAccessMode')
      : before.endpointAccessMode,
    tags: mode === 'merge' ? before.tags : checkedTags({ ...before.tags, ...imported.tags }),
  });
}

function mediaTypes(
  kept: readonly string[] | undefined,
  added: readonly string[] | undefined,
): readonly string[] | undefined {
  const all = [...new Set([...(kept ?? []), ...(added ?? [])])];
  return all.length > 0 ? all : undefined;
}
