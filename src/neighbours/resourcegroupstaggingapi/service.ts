/** The tagging API: which resources have which tags, over all services. Tags are changed by the services themselves. */
import type * as sdk from '@aws-sdk/client-resource-groups-tagging-api';
import type {
  GetResourcesInput,
  GetResourcesOutput,
  GetTagKeysInput,
  GetTagKeysOutput,
  GetTagValuesInput,
  GetTagValuesOutput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { Fault } from '../../base/fault.ts';
import type { Call, Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { SOURCES, type TaggedResource } from './sources.ts';

export function createTaggingApi(ports: ServicePorts): ServiceInstance {
  /** Of the types that are asked for, all that have a tag. */
  async function all(
    { scope, caller }: Call,
    types: readonly string[] | undefined,
  ): Promise<readonly TaggedResource[]> {
    const isWanted = (type: string): boolean =>
      !types?.length || types.some((wanted) => wanted === type || wanted === type.split(':')[0]);
    const found: TaggedResource[] = [];
    for (const { type, list } of SOURCES)
      if (isWanted(type)) found.push(...(await list(ports, { scope, caller })));
    return found.filter(({ tags }) => Object.keys(tags).length > 0);
  }

  const handlers = {
    async GetResources(input: GetResourcesInput, call: Call): Promise<GetResourcesOutput> {
      const wanted = (await all(call, input.ResourceTypeFilters)).filter(
        ({ arn, tags }) =>
          (input.ResourceARNList === undefined || input.ResourceARNList.includes(arn)) &&
          (input.TagFilters ?? []).every(({ Key = '', Values = [] }) => {
            const value = tags[Key];
            return value !== undefined && (Values.length === 0 || Values.includes(value));
          }),
      );
      const { page, PaginationToken } = pageOf(wanted, input.PaginationToken, input.ResourcesPerPage ?? 100);
      return {
        PaginationToken,
        ResourceTagMappingList: page.map(({ arn, tags }) => ({
          ResourceARN: arn,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },

    async GetTagKeys(input: GetTagKeysInput, call: Call): Promise<GetTagKeysOutput> {
      const names = new Set((await all(call, undefined)).flatMap(({ tags }) => Object.keys(tags)));
      const { page, PaginationToken } = pageOf([...names].toSorted(), input.PaginationToken, 1000);
      return { TagKeys: page, PaginationToken };
    },

    async GetTagValues(input: GetTagValuesInput, call: Call): Promise<GetTagValuesOutput> {
      const values = new Set((await all(call, undefined)).flatMap(({ tags }) => tags[input.Key ?? ''] ?? []));
      const { page, PaginationToken } = pageOf([...values].toSorted(), input.PaginationToken, 1000);
      return { TagValues: page, PaginationToken };
    },
  } satisfies HandlersOf<typeof sdk>;

  // Each handler has its own input type; the table above is checked against the SDK's operations.
  return { handlers: handlers as unknown as Handlers };
}

function pageOf<Item>(items: readonly Item[], token: string | undefined, most: number) {
  const start = token ? Number(Buffer.from(token, 'base64').toString()) : 0;
  if (!Number.isInteger(start))
    throw new Fault(
      'PaginationTokenExpiredException',
      'The specified PaginationToken has expired or is invalid.',
    );
  const end = start + most;
  return {
    page: items.slice(start, end),
    PaginationToken: items.length > end ? Buffer.from(String(end)).toString('base64') : '',
  };
}
