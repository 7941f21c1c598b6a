/** Base path mappings: https://docs.aws.amazon.com/apigateway/latest/api/API_BasePathMapping.html */
import type {
  BasePathMapping,
  BasePathMappings,
  CreateBasePathMappingRequest,
  DeleteBasePathMappingRequest,
  GetBasePathMappingRequest,
  GetBasePathMappingsRequest,
  UpdateBasePathMappingRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { apiMappings } from '../apigatewayv2/api-mapping-row.ts';
import { changingDomains } from '../apigatewayv2/changing-domains.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches, bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { needDomainName } from './domain-name-model.ts';
import { type BasePathMappingRow, privateMappings } from './domain-name-row.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { restApis } from './rest-api-row.ts';
import { withoutEmpty } from './shapes.ts';
import { stages } from './stage-row.ts';

/** AWS writes the mapping of the domain itself so. */
const NONE = '(none)';

/** A mapping and, for public names, the id it has among HTTP APIs' mappings. */
interface Mapping extends BasePathMappingRow {
  readonly id?: string | undefined;
}

interface Place {
  readonly domainName?: string | undefined;
  readonly domainNameId?: string | undefined;
}

const show = ({ basePath, restApiId, stage }: Mapping): BasePathMapping =>
  withoutEmpty({ basePath: basePath || NONE, restApiId, stage });

export const basePathMappingOperations = (ports: ApiGatewayPorts) => ({
  CreateBasePathMapping: async (input: CreateBasePathMappingRequest, call: Call): Promise<BasePathMapping> =>
    changingDomains(ports, async (rows) => {
      await needDomainName(rows, call.scope, input);
      const mapping: Mapping = {
        id: apiGatewayId(6, ports.random),
        basePath: pathOf(input.basePath),
        restApiId: input.restApiId ?? '',
        stage: patchText(input.stage),
      };
      const all = await allMappings(rows, call.scope, input);
      if (all.length >= limits.basePathMappings) throw quotaReached('Base Path Mappings', 'this domain name');
      await checkMapping(rows, call.scope, mapping, all);
      await putMapping(rows, call.scope, input, mapping);
      return show(mapping);
    }),

  GetBasePathMapping: async (input: GetBasePathMappingRequest, call: Call): Promise<BasePathMapping> =>
    ports.store.read(async (rows) => show(await needMapping(rows, call.scope, input))),

  GetBasePathMappings: async (input: GetBasePathMappingsRequest, call: Call): Promise<BasePathMappings> =>
    ports.store.read(async (rows) => {
      await needDomainName(rows, call.scope, input);
      const all = await allMappings(rows, call.scope, input);
      const sorted = all.toSorted((a, b) => (a.basePath < b.basePath ? -1 : 1));
      const page = pageOf(sorted, input, (mapping) => mapping.basePath || NONE);
      return { items: page.items.map(show), position: page.position };
    }),

  UpdateBasePathMapping: async (input: UpdateBasePathMappingRequest, call: Call): Promise<BasePathMapping> =>
    changingDomains(ports, async (rows) => {
      const before = await needMapping(rows, call.scope, input);
      const draft = applyPatches(draftOf(before), input.patchOperations, mappingPatches);
      const others = (await allMappings(rows, call.scope, input)).filter(
        (one) => one.basePath !== before.basePath,
      );
      await checkMapping(rows, call.scope, draft, others);
      await deleteMapping(rows, call.scope, input, before);
      await putMapping(rows, call.scope, input, draft);
      return show(draft);
    }),

  DeleteBasePathMapping: async (input: DeleteBasePathMappingRequest, call: Call): Promise<object> => {
    await changingDomains(ports, async (rows) => {
      const mapping = await needMapping(rows, call.scope, input);
      await deleteMapping(rows, call.scope, input, mapping);
    });
    return {};
  },
});

const pathOf = (basePath: string | undefined): string => (basePath === NONE ? '' : (basePath ?? ''));

async function allMappings(rows: Pick<Reader, 'list'>, scope: Scope, place: Place): Promise<Mapping[]> {
  if (place.domainNameId) {
    const prefix = `${place.domainName}/${place.domainNameId}/`;
    return (await rows.list(privateMappings, scope, { prefix })).map((entry) => entry.row);
  }
  const entries = await rows.list(apiMappings, scope, { prefix: `${place.domainName}/` });
  return entries.map(({ row }) => ({
    id: row.ApiMappingId,
    basePath: row.ApiMappingKey ?? '',
    restApiId: row.ApiId ?? '',
    stage: row.Stage,
  }));
}

async function needMapping(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  input: GetBasePathMappingRequest,
): Promise<Mapping> {
  await needDomainName(rows, scope, input);
  const wanted = pathOf(input.basePath);
  const found = (await allMappings(rows, scope, input)).find((one) => one.basePath === wanted);
  if (found === undefined) throw notFound('Invalid base path mapping identifier specified');
  return found;
}

async function checkMapping(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  mapping: Mapping,
  others: readonly Mapping[],
): Promise<void> {
  if (mapping.basePath.includes('/'))
    throw badRequest(
      "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2.",
    );
  if (!/^[a-zA-Z0-9$\-_.+!*'()]*$/.test(mapping.basePath)) throw badRequest('Invalid base path specified');
  if (others.some((one) => one.basePath === mapping.basePath))
    throw conflict('Base path already exists for this domain name');
  if (!(await rows.get(restApis, scope, mapping.restApiId)))
    throw badRequest('Invalid REST API identifier specified');
  if (mapping.stage && !(await rows.get(stages, scope, `${mapping.restApiId}/${mapping.stage}`)))
    throw badRequest('Invalid stage identifier specified');
}

async function putMapping(rows: Transaction, scope: Scope, place: Place, mapping: Mapping): Promise<void> {
  const { id, basePath, restApiId, stage } = mapping;
  if (place.domainNameId) {
    const key = `${place.domainName}/${place.domainNameId}/${basePath}`;
    await rows.put(privateMappings, scope, key, { basePath, restApiId, stage });
    return;
  }
  const row = withoutEmpty({ ApiMappingId: id, ApiId: restApiId, Stage: stage, ApiMappingKey: basePath });
  await rows.put(apiMappings, scope, `${place.domainName}/${id}`, row);
}

async function deleteMapping(rows: Transaction, scope: Scope, place: Place, mapping: Mapping): Promise<void> {
  if (place.domainNameId)
    await rows.delete(
      privateMappings,
      scope,
      `${place.domainName}/${place.domainNameId}/${mapping.basePath}`,
    );
  else await rows.delete(apiMappings, scope, `${place.domainName}/${mapping.id}`);
}

const mappingPatches: PatchRules<Draft<Mapping>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/basePath',
      replace: (mapping, value) => {
        mapping.basePath = pathOf(value);
      },
    },
    {
      path: '/restapiId',
      replace: (mapping, value) => {
        mapping.restApiId = value ?? '';
      },
    },
    {
      path: '/stage',
      replace: (mapping, value) => {
        mapping.stage = patchText(value);
      },
    },
  ],
};
