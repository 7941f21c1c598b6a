/** Everything that hangs from one REST API: deleted, copied and frozen together. */
import type { RestDefinition } from '../../gateway/config.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table, Transaction } from '../../store/store.ts';
import { authorizers } from './authorizer-row.ts';
import { deployments, snapshots } from './deployment-row.ts';
import { documentationParts, documentationVersions } from './documentation-row.ts';
import { gatewayResponses, setResponses } from './gateway-response.ts';
import { allModels } from './model.ts';
import { models } from './model-row.ts';
import { validators } from './request-validator-row.ts';
import { allResources } from './resource.ts';
import { resources, showResource } from './resource-row.ts';
import type { RestApiRow } from './rest-api-row.ts';
import { stages } from './stage-row.ts';

/** What an author edits and a clone copies. Keys begin with the API's id. */
const EDITED: readonly Table<unknown>[] = [
  resources,
  models,
  validators,
  authorizers,
  gatewayResponses,
  documentationParts,
  documentationVersions,
];
const PUBLISHED: readonly Table<unknown>[] = [deployments, snapshots, stages];

export async function deleteDefinition(rows: Transaction, scope: Scope, restApiId: string): Promise<void> {
  for (const one of [...EDITED, ...PUBLISHED]) await rows.deleteRange(one, scope, `${restApiId}/`);
}

export async function cloneDefinition(
  rows: Transaction,
  scope: Scope,
  from: string,
  to: string,
): Promise<void> {
  for (const one of EDITED)
    for (const { key, row } of await rows.list(one, scope, { prefix: `${from}/` }))
      await rows.put(one, scope, to + key.slice(from.length), row);
}

/** What an import in overwrite mode begins from: nothing but the API. */
export async function clearDefinition(rows: Transaction, scope: Scope, restApiId: string): Promise<void> {
  for (const one of EDITED)
    if (one !== documentationVersions) await rows.deleteRange(one, scope, `${restApiId}/`);
}

/** The API as it stands now, whole: what a deployment freezes and what an export or a test invocation reads. */
export async function currentDefinition(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  api: RestApiRow,
): Promise<RestDefinition> {
  const inApi = { prefix: `${api.id}/` };
  const everything = ['methods'];
  return {
    resources: (await allResources(rows, scope, api.id)).map((row) => showResource(row, everything)),
    models: await allModels(rows, scope, api.id),
    requestValidators: (await rows.list(validators, scope, inApi)).map((entry) => entry.row),
    authorizers: (await rows.list(authorizers, scope, inApi)).map((entry) => entry.row),
    gatewayResponses: (await setResponses(rows, scope, api.id)).map(({ responseTemplates, ...row }) => ({
      ...row,
      responseParameters: { ...row.responseParameters },
      ...(responseTemplates ? { responseTemplates: { ...responseTemplates } } : {}),
    })),
    binaryMediaTypes: api.binaryMediaTypes ?? [],
    ...(api.minimumCompressionSize === undefined
      ? {}
      : { minimumCompressionSize: api.minimumCompressionSize }),
    apiKeySource: api.apiKeySource,
    endpointTypes: api.endpointConfiguration.types,
    vpcEndpointIds: api.endpointConfiguration.vpcEndpointIds ?? [],
    ...(api.policy === undefined ? {} : { policy: api.policy }),
  };
}
