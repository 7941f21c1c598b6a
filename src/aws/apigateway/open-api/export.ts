/** GetExport: a stage's deployment as an OpenAPI document. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html */
import type { ExportResponse, GetExportRequest } from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../../base/scope.ts';
import type { Reader } from '../../../store/store.ts';
import type { Call } from '../../../wire/service.ts';
import { snapshots } from '../deployment-row.ts';
import { documentationVersions } from '../documentation-row.ts';
import { badRequest } from '../faults.ts';
import type { ApiGatewayPorts } from '../ports.ts';
import { needRestApi } from '../rest-api-row.ts';
import { needStage } from '../stage-row.ts';
import type { ExportSource, Extensions } from './export-source.ts';
import { writeDocument } from './write-document.ts';

export const exportOperations = (ports: ApiGatewayPorts) => ({
  GetExport: async (input: GetExportRequest, call: Call): Promise<ExportResponse> => {
    const source = await ports.store.read((rows) => sourceOf(rows, call.scope, input));
    const text = await rendered(writeDocument(source), input.accepts);
    const kind = source.version === 2 ? 'swagger' : 'oas30';
    const extension = input.accepts === 'application/yaml' ? 'yaml' : 'json';
    return {
      body: new TextEncoder().encode(text),
      contentType: 'application/octet-stream',
      contentDisposition: `attachment; filename="${kind}_${source.apiVersion}.${extension}"`,
    };
  },
});

async function sourceOf(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  input: GetExportRequest,
): Promise<ExportSource> {
  const version = versionOf(input.exportType);
  const api = await needRestApi(rows, scope, input.restApiId);
  const stage = await needStage(rows, scope, input.restApiId, input.stageName);
  const definition = await rows.get(snapshots, scope, `${api.id}/${stage.deploymentId}`);
  if (definition === undefined) throw new Error(`stage ${api.id}/${stage.stageName} has no snapshot`);
  const documented = stage.documentationVersion;
  const documentation =
    documented === undefined
      ? undefined
      : await rows.get(documentationVersions, scope, `${api.id}/${documented}`);
  return {
    version,
    scope,
    api,
    definition,
    stageName: stage.stageName,
    // Without a version of its own, an API is exported under the date it was made.
    apiVersion: api.version ?? new Date(api.createdDate).toISOString().replace('.000Z', 'Z'),
    extensions: extensionsOf(input.parameters?.['extensions']),
    ...(documentation ? { documentation } : {}),
  };
}

function versionOf(exportType: string | undefined): 2 | 3 {
  if (exportType === 'swagger') return 2;
  if (exportType === 'oas30') return 3;
  throw badRequest("No API exporter for type '" + exportType + "'");
}

/** `integrations`, `authorizers`, `apigateway` (everything), `documentation`, `postman`; more than one with commas. */
function extensionsOf(named: string | undefined): Extensions {
  const names = new Set((named ?? '').split(',').map((name) => name.trim()));
  const everything = names.has('apigateway');
  return {
    integrations: everything || names.has('integrations'),
    authorizers: everything || names.has('authorizers'),
    apigateway: everything,
    documentation: everything || names.has('documentation'),
    postman: names.has('postman'),
  };
}

async function rendered(document: object, accepts: string | undefined): Promise<string> {
  if (accepts === undefined || accepts === 'application/json') return JSON.stringify(document, null, 2);
  if (accepts !== 'application/yaml') throw badRequest(`Invalid Accept header specified: ${accepts}`);
  const { stringify } = await import('yaml');
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
