/** Resource servers: the scopes that access tokens may carry. */
import type {
  CreateResourceServerRequest,
  DeleteResourceServerRequest,
  DescribeResourceServerRequest,
  ListResourceServersRequest,
  ResourceServerType,
  UpdateResourceServerRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, notFound } from './fault.ts';
import { pageOf } from './paging.ts';
import { needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { type ResourceServerRow, resourceServers } from './rows.ts';

export const resourceServerOperations = ({ store }: CognitoPorts) => ({
  CreateResourceServer: async (input: CreateResourceServerRequest, { scope }: Call) => {
    const row = rowOf(input);
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      const known = await rows.list(resourceServers, scope, { prefix: `${pool.id}/` });
      if (known.some((each) => each.row.identifier === row.identifier))
        throw invalidParameter(`${row.identifier} already exists in user pool ${pool.id}.`);
      if (known.length >= limits.cognitoResourceServers)
        throw new Fault(
          'LimitExceededException',
          'The limit of resource servers of the user pool is reached.',
        );
      await rows.put(resourceServers, scope, `${pool.id}/${row.identifier}`, row);
    });
    return { ResourceServer: shown(input.UserPoolId, row) };
  },

  UpdateResourceServer: async (input: UpdateResourceServerRequest, { scope }: Call) => {
    const row = rowOf(input);
    await store.transaction(async (rows) => {
      await needServer(rows, scope, input.UserPoolId, input.Identifier);
      await rows.put(resourceServers, scope, `${input.UserPoolId}/${row.identifier}`, row);
    });
    return { ResourceServer: shown(input.UserPoolId, row) };
  },

  DescribeResourceServer: async (input: DescribeResourceServerRequest, { scope }: Call) => ({
    ResourceServer: shown(
      input.UserPoolId,
      await needServer(store, scope, input.UserPoolId, input.Identifier),
    ),
  }),

  DeleteResourceServer: async (input: DeleteResourceServerRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      await needServer(rows, scope, input.UserPoolId, input.Identifier);
      await rows.delete(resourceServers, scope, `${input.UserPoolId}/${input.Identifier}`);
    });
    return {};
  },

  ListResourceServers: async (input: ListResourceServersRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const all = await store.list(resourceServers, scope, { prefix: `${pool.id}/` });
    const page = pageOf(all, input.NextToken, input.MaxResults);
    return {
      ResourceServers: page.items.map((row) => shown(pool.id, row)),
      ...(page.next && { NextToken: page.next }),
    };
  },
});

function rowOf(input: CreateResourceServerRequest | UpdateResourceServerRequest): ResourceServerRow {
  const scopes = (input.Scopes ?? []).map(({ ScopeName = '', ScopeDescription = '' }) => ({
    ScopeName,
    ScopeDescription,
  }));
  if (new Set(scopes.map(({ ScopeName }) => ScopeName)).size < scopes.length)
    throw invalidParameter('Scope names must be unique within a resource server.');
  return { identifier: input.Identifier ?? '', name: input.Name ?? '', scopes };
}

async function needServer(
  rows: Reader,
  scope: Scope,
  poolId: string | undefined,
  identifier: string | undefined,
): Promise<ResourceServerRow> {
  await needPool(rows, scope, poolId);
  const row = await rows.get(resourceServers, scope, `${poolId}/${identifier}`);
  if (row === undefined) throw notFound(`Resource server ${identifier} does not exist.`);
  return row;
}

const shown = (poolId: string | undefined, row: ResourceServerRow): ResourceServerType => ({
  UserPoolId: poolId,
  Identifier: row.identifier,
  Name: row.name,
  Scopes: [...row.scopes],
});
