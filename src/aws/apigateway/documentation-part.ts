/** Documentation parts: https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPart.html */
import type {
  CreateDocumentationPartRequest,
  DeleteDocumentationPartRequest,
  DocumentationPart,
  DocumentationPartIds,
  DocumentationPartLocation,
  DocumentationParts,
  GetDocumentationPartRequest,
  GetDocumentationPartsRequest,
  ImportDocumentationPartsRequest,
  UpdateDocumentationPartRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches, listingRefusals, type PatchRules } from '../kit/patch.ts';
import { type DocumentationPartRow, documentationParts } from './documentation-row.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import { parseJsonOrYaml } from './open-api/document.ts';
import { readDocumentation } from './open-api/read-documentation.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needRestApi } from './rest-api-row.ts';
import { withoutEmpty } from './shapes.ts';

export const documentationPartOperations = (ports: ApiGatewayPorts) => ({
  CreateDocumentationPart: async (
    input: CreateDocumentationPartRequest,
    call: Call,
  ): Promise<DocumentationPart> =>
    ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const location = checkedLocation(input.location);
      checkProperties(input.properties);
      const all = await allParts(rows, call.scope, input.restApiId ?? '');
      if (all.some((part) => placeOf(part.location) === placeOf(location)))
        throw conflict(
          `Documentation part already exists for the specified location: type '${location.type}'${location.path ? `, path '${location.path}'` : ''}.`,
        );
      if (all.length >= limits.restApiDocumentationParts)
        throw quotaReached('Documentation Parts', 'this API');
      const row = { id: apiGatewayId(6, ports.random), location, properties: input.properties ?? '' };
      await rows.put(documentationParts, call.scope, `${input.restApiId}/${row.id}`, row);
      return row;
    }),

  GetDocumentationPart: async (input: GetDocumentationPartRequest, call: Call): Promise<DocumentationPart> =>
    needPart(ports.store, call.scope, input),

  GetDocumentationParts: async (
    input: GetDocumentationPartsRequest,
    call: Call,
  ): Promise<DocumentationParts> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    // Every part is documented: the undocumented are those that have none.
    const all =
      input.locationStatus === 'UNDOCUMENTED'
        ? []
        : await allParts(ports.store, call.scope, input.restApiId ?? '');
    return pageOf(
      all.filter((part) => matches(part, input)),
      input,
      (part) => part.id,
    );
  },

  UpdateDocumentationPart: async (
    input: UpdateDocumentationPartRequest,
    call: Call,
  ): Promise<DocumentationPart> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needPart(rows, call.scope, input));
      applyPatches(draft, input.patchOperations, partPatches);
      await rows.put(documentationParts, call.scope, `${input.restApiId}/${draft.id}`, draft);
      return draft;
    }),

  DeleteDocumentationPart: async (input: DeleteDocumentationPartRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      // Seen: here a wrong API is answered as such; reading and updating call it a wrong part.
      await needRestApi(rows, call.scope, input.restApiId);
      const row = await needPart(rows, call.scope, input);
      await rows.delete(documentationParts, call.scope, `${input.restApiId}/${row.id}`);
    });
    return {};
  },

  ImportDocumentationParts: async (
    input: ImportDocumentationPartsRequest,
    call: Call,
  ): Promise<DocumentationPartIds> => {
    const document = await parseJsonOrYaml(input.body);
    if (document === undefined) throw badRequest('Unable to build importer with provided input.');
    const imported = readDocumentation(document);
    return ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const before = await allParts(rows, call.scope, input.restApiId ?? '');
      const places = new Set(imported.map((part) => placeOf(part.location)));
      for (const part of before)
        if (input.mode === 'overwrite' || places.has(placeOf(part.location)))
          await rows.delete(documentationParts, call.scope, `${input.restApiId}/${part.id}`);
      const ids: string[] = [];
      for (const part of imported) {
        const id = apiGatewayId(6, ports.random);
        const location = checkedLocation(part.location);
        await rows.put(documentationParts, call.scope, `${input.restApiId}/${id}`, { ...part, id, location });
        ids.push(id);
      }
      return { ids };
    });
  },
});

export async function allParts(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  restApiId: string,
): Promise<DocumentationPartRow[]> {
  return (await rows.list(documentationParts, scope, { prefix: `${restApiId}/` })).map((entry) => entry.row);
}

async function needPart(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: GetDocumentationPartRequest,
): Promise<DocumentationPartRow> {
  const row = await rows.get(documentationParts, scope, `${input.restApiId}/${input.documentationPartId}`);
  if (row === undefined) throw notFound('Invalid Documentation part identifier specified');
  return row;
}

const matches = (part: DocumentationPartRow, wanted: GetDocumentationPartsRequest): boolean =>
  (!wanted.type || part.location.type === wanted.type) &&
  (!wanted.path || part.location.path === wanted.path) &&
  (!wanted.nameQuery || (part.location.name ?? '').includes(wanted.nameQuery));

const placeOf = ({ type, path, method, statusCode, name }: DocumentationPartLocation): string =>
  JSON.stringify([type, path, method, statusCode, name]);

/** What each type's location may hold: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  API: [],
  AUTHORIZER: ['name'],
  MODEL: ['name'],
  RESOURCE: ['path'],
  METHOD: ['path', 'method'],
  PATH_PARAMETER: ['path', 'method', 'name'],
  QUERY_PARAMETER: ['path', 'method', 'name'],
  REQUEST_HEADER: ['path', 'method', 'name'],
  REQUEST_BODY: ['path', 'method'],
  RESPONSE: ['path', 'method', 'statusCode'],
  RESPONSE_HEADER: ['path', 'method', 'statusCode', 'name'],
  RESPONSE_BODY: ['path', 'method', 'statusCode'],
};

function checkedLocation(location: DocumentationPartLocation | undefined): DocumentationPartLocation {
  const members = MEMBERS[location?.type ?? ''];
  if (location === undefined || members === undefined)
    throw badRequest('Invalid documentation part location specified');
  for (const [name, value] of Object.entries(location))
    if (name !== 'type' && value && !members.includes(name))
      throw badRequest(`Documentation part location of type ${location.type} does not support '${name}'`);
  if (
    members.includes('name') &&
    !location.name &&
    location.type !== 'MODEL' &&
    location.type !== 'AUTHORIZER'
  )
    throw badRequest(`Documentation part location of type ${location.type} requires a name`);
  return withoutEmpty({ ...location, path: location.path ?? (members.includes('path') ? '/' : undefined) });
}

function checkProperties(properties: string | undefined): void {
  try {
    const value: unknown = JSON.parse(properties ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  } catch {
    // not JSON: refused below
  }
  throw badRequest('Documentation part properties must be a valid JSON object');
}

const partPatches: PatchRules<Draft<DocumentationPartRow>> = {
  refusals: listingRefusals({ replace: ['/properties'] }),
  paths: [
    {
      path: '/properties',
      replace: (part, value) => {
        checkProperties(value);
        part.properties = value ?? '';
      },
    },
  ],
};
