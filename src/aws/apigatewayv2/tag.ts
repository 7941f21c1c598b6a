/** Tags of APIs, stages, domain names and VPC links: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html */
import type {
  GetTagsRequest,
  GetTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-apigatewayv2';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { apis } from './api-row.ts';
import { domainNames } from './domain-name-row.ts';
import { badRequest, missing, missingApi, missingDomainName, missingStage } from './faults.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { stages } from './stage-row.ts';
import { vpcLinks } from './vpc-link-row.ts';

type Tags = Record<string, string>;
/** The only member that every tagged noun has. */
interface Tagged {
  readonly Tags?: Tags;
}

export const tagOperations = (ports: ApiGatewayV2Ports) => ({
  GetTags: async ({ ResourceArn = '' }: GetTagsRequest, { scope }: Call): Promise<GetTagsResponse> => {
    const { Tags = {} } = await read(ports.store, scope, placeOf(ResourceArn));
    return { Tags };
  },

  TagResource: async ({ ResourceArn = '', Tags = {} }: TagResourceRequest, { scope }: Call) => {
    await ports.store.transaction((rows) =>
      retag(rows, scope, ResourceArn, (before) => ({ ...before, ...Tags })),
    );
    return {};
  },

  UntagResource: async ({ ResourceArn = '', TagKeys = [] }: UntagResourceRequest, { scope }: Call) => {
    const remove = (before: Tags) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !TagKeys.includes(key)));
    await ports.store.transaction((rows) => retag(rows, scope, ResourceArn, remove));
    return {};
  },
});

interface Place {
  readonly table: Table<Tagged>;
  readonly key: string;
  readonly missing: (scope: Scope) => Error;
}

const PLACES: readonly { form: RegExp; place: (one: string, two: string) => Place }[] = [
  {
    form: /^\/apis\/([^/]+)\/stages\/([^/]+)$/,
    place: (api, stage) => ({ table: stages, key: `${api}/${stage}`, missing: missingStage }),
  },
  {
    form: /^\/apis\/([^/]+)$/,
    place: (api) => ({ table: apis, key: api, missing: (scope) => missingApi(scope, api) }),
  },
  {
    form: /^\/domainnames\/([^/]+)$/,
    place: (name) => ({ table: domainNames, key: name, missing: missingDomainName }),
  },
  {
    form: /^\/vpclinks\/([^/]+)$/,
    place: (id) => ({ table: vpcLinks, key: id, missing: () => missing('VpcLink', id) }),
  },
];

/** `arn:aws:apigateway:us-east-1::/apis/{id}/stages/{name}` */
function placeOf(arn: string): Place {
  const { service, resource = '' } = parseArn(arn) ?? {};
  for (const { form, place } of PLACES) {
    const match = service === 'apigateway' ? form.exec(resource) : null;
    if (match) return place(decodeURIComponent(match[1] ?? ''), decodeURIComponent(match[2] ?? ''));
  }
  throw badRequest(`Invalid resource ARN specified: ${arn}`);
}

async function read(rows: Pick<Reader, 'get'>, scope: Scope, place: Place): Promise<Tagged> {
  const row = await rows.get(place.table, scope, place.key);
  if (!row) throw place.missing(scope);
  return row;
}

async function retag(
  rows: Transaction,
  scope: Scope,
  arn: string,
  change: (before: Tags) => Tags,
): Promise<void> {
  const place = placeOf(arn);
  const row = await read(rows, scope, place);
  await rows.put(place.table, scope, place.key, { ...row, Tags: change(row.Tags ?? {}) });
}
