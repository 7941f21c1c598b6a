/** Tags of anything that has an API Gateway ARN: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html */
import type {
  GetTagsRequest,
  TagResourceRequest,
  Tags,
  UntagResourceRequest,
} from '@aws-sdk/client-api-gateway';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { domainNames as publicDomainNames } from '../apigatewayv2/domain-name-row.ts';
import { apiKeys } from './api-key-row.ts';
import { clientCertificates } from './client-certificate-row.ts';
import { accessAssociations } from './domain-name-access-association-row.ts';
import { privateDomainNames } from './domain-name-row.ts';
import { badRequest, notFound } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { restApis } from './rest-api-row.ts';
import { stages } from './stage-row.ts';
import { checkedTags } from './tag-set.ts';
import { usagePlans } from './usage-plan-row.ts';
import { vpcLinks } from './vpc-link-row.ts';

export const tagOperations = (ports: ApiGatewayPorts) => ({
  GetTags: async (input: GetTagsRequest, call: Call): Promise<Tags> => {
    const { tags } = await taggedAt(ports.store, call.scope, input.resourceArn);
    return { tags: { ...tags } };
  },

  TagResource: async (input: TagResourceRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const found = await taggedAt(rows, call.scope, input.resourceArn);
      await found.put(rows, checkedTags({ ...found.tags, ...input.tags }));
    });
    return {};
  },

  UntagResource: async (input: UntagResourceRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const found = await taggedAt(rows, call.scope, input.resourceArn);
      const left = Object.entries(found.tags).filter(([name]) => !input.tagKeys?.includes(name));
      await found.put(rows, Object.fromEntries(left));
    });
    return {};
  },
});

type TagMap = Readonly<Record<string, string>>;

interface Tagged {
  readonly tags: TagMap;
  put(rows: Transaction, tags: TagMap): Promise<void>;
}

type Find = (
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  names: readonly string[],
) => Promise<Tagged | undefined>;

/** What has tags, by its ARN's path; `*` is one segment. */
const TAGGED: readonly (readonly [RegExp, Find])[] = [
  [/^\/restapis\/([^/]+)$/, inTable(restApis, ([id]) => id ?? '')],
  [/^\/restapis\/([^/]+)\/stages\/([^/]+)$/, inTable(stages, ([id, stage]) => `${id}/${stage}`)],
  [/^\/apikeys\/([^/]+)$/, inTable(apiKeys, ([id]) => id ?? '')],
  [/^\/usageplans\/([^/]+)$/, inTable(usagePlans, ([id]) => id ?? '')],
  [/^\/vpclinks\/([^/]+)$/, inTable(vpcLinks, ([id]) => id ?? '')],
  [/^\/clientcertificates\/([^/]+)$/, inTable(clientCertificates, ([id]) => id ?? '')],
  [/^\/domainnameaccessassociations\/(.+)$/, inTable(accessAssociations, ([rest]) => rest ?? '')],
  [/^\/domainnames\/([^/+]+)\+([^/]+)$/, inTable(privateDomainNames, ([name, id]) => `${name}/${id}`)],
  [/^\/domainnames\/([^/+]+)$/, inDomainNames],
];

async function taggedAt(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  resourceArn: string | undefined,
): Promise<Tagged> {
  const arn = parseArn(decoded(resourceArn ?? ''));
  if (arn?.service !== 'apigateway' || arn.region !== scope.region)
    throw badRequest('Invalid ARN specified in the request');
  for (const [path, find] of TAGGED) {
    const match = path.exec(arn.resource);
    const found = match && (await find(rows, scope, match.slice(1)));
    if (found) return found;
  }
  throw notFound('Invalid resource identifier specified');
}

/** Clients encode the ARN in the path once; some do it twice. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('Invalid ARN specified in the request');
  }
}

function inTable<Row extends { readonly tags: TagMap }>(
  table: Table<Row>,
  keyOf: (names: readonly string[]) => string,
): Find {
  return async (rows, scope, names) => {
    const key = keyOf(names);
    const row = await rows.get(table, scope, key);
    return (
      row && {
        tags: row.tags,
        put: (write, tags) => write.put(table, scope, key, { ...row, tags }),
      }
    );
  };
}

/** Public names are one table with HTTP APIs', in that service's shape. */
async function inDomainNames(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  [name = '']: readonly string[],
): Promise<Tagged | undefined> {
  const row = await rows.get(publicDomainNames, scope, name);
  return (
    row && {
      tags: row.Tags ?? {},
      put: (write, tags) => write.put(publicDomainNames, scope, name, { ...row, Tags: { ...tags } }),
    }
  );
}
