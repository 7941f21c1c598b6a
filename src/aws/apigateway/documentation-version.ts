/** Documentation versions: https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationVersion.html */
import type {
  CreateDocumentationVersionRequest,
  DeleteDocumentationVersionRequest,
  DocumentationVersion,
  DocumentationVersions,
  GetDocumentationVersionRequest,
  GetDocumentationVersionsRequest,
  UpdateDocumentationVersionRequest,
} from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches, listingRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { allParts } from './documentation-part.ts';
import { type DocumentationVersionRow, documentationVersions } from './documentation-row.ts';
import { badRequest, conflict, notFound } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { wholeSeconds } from './rest-api.ts';
import { needRestApi } from './rest-api-row.ts';
import { withoutEmpty } from './shapes.ts';
import { allStages, needStage, stages } from './stage-row.ts';

const show = ({ version, description, createdDate }: DocumentationVersionRow): DocumentationVersion =>
  withoutEmpty({ version, description, createdDate: new Date(createdDate) });

export const documentationVersionOperations = (ports: ApiGatewayPorts) => ({
  CreateDocumentationVersion: async (
    input: CreateDocumentationVersionRequest,
    call: Call,
  ): Promise<DocumentationVersion> =>
    ports.store.transaction(async (rows) => {
      const { id } = await needRestApi(rows, call.scope, input.restApiId);
      const version = input.documentationVersion ?? '';
      if (!version) throw badRequest('Documentation version must be non-empty');
      if (await rows.get(documentationVersions, call.scope, `${id}/${version}`))
        throw conflict('Documentation version already exists');
      const row: DocumentationVersionRow = {
        version,
        description: patchText(input.description),
        createdDate: wholeSeconds(ports.now()),
        parts: await allParts(rows, call.scope, id),
      };
      await rows.put(documentationVersions, call.scope, `${id}/${version}`, row);
      if (input.stageName) {
        const stage = await needStage(rows, call.scope, id, input.stageName);
        const documented = { ...stage, documentationVersion: version };
        await rows.put(stages, call.scope, `${id}/${stage.stageName}`, documented);
      }
      return show(row);
    }),

  GetDocumentationVersion: async (
    input: GetDocumentationVersionRequest,
    call: Call,
  ): Promise<DocumentationVersion> => show(await needVersion(ports.store, call.scope, input)),

  GetDocumentationVersions: async (
    input: GetDocumentationVersionsRequest,
    call: Call,
  ): Promise<DocumentationVersions> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    const prefix = `${input.restApiId}/`;
    const page = await pageOfRows(ports.store, documentationVersions, call.scope, { ...input, prefix });
    return { items: page.items.map(show), position: page.position };
  },

  UpdateDocumentationVersion: async (
    input: UpdateDocumentationVersionRequest,
    call: Call,
  ): Promise<DocumentationVersion> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needVersion(rows, call.scope, input));
      applyPatches(draft, input.patchOperations, versionPatches);
      await rows.put(documentationVersions, call.scope, `${input.restApiId}/${draft.version}`, draft);
      return show(draft);
    }),

  DeleteDocumentationVersion: async (
    input: DeleteDocumentationVersionRequest,
    call: Call,
  ): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needVersion(rows, call.scope, input);
      const used = (await allStages(rows, call.scope, input.restApiId ?? '')).find(
        (stage) => stage.documentationVersion === row.version,
      );
      if (used)
        throw badRequest(
          `Cannot delete documentation version '${row.version}', it is referenced by stage: ${used.stageName}`,
        );
      await rows.delete(documentationVersions, call.scope, `${input.restApiId}/${row.version}`);
    });
    return {};
  },
});

async function needVersion(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: GetDocumentationVersionRequest,
): Promise<DocumentationVersionRow> {
  const key = `${input.restApiId}/${input.documentationVersion}`;
  const row = await rows.get(documentationVersions, scope, key);
  if (row === undefined) throw notFound('Invalid Documentation version specified');
  return row;
}

const versionPatches: PatchRules<Draft<DocumentationVersionRow>> = {
  refusals: listingRefusals({ replace: ['/description'] }),
  paths: [
    {
      path: '/description',
      replace: (version, value) => {
        version.description = patchText(value);
      },
    },
  ],
};
