/**
 * Identity providers are kept as records, so that templates and clients that name them work. Signing in through one is
 * refused by name where it is asked for (hosted/authorize.ts).
 */
import type {
  CreateIdentityProviderRequest,
  DeleteIdentityProviderRequest,
  DescribeIdentityProviderRequest,
  GetIdentityProviderByIdentifierRequest,
  IdentityProviderType,
  ListIdentityProvidersRequest,
  UpdateIdentityProviderRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { notFound, unsupported } from './fault.ts';
import { pageOf } from './paging.ts';
import { needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { type ProviderRow, providers } from './rows.ts';

export const identityProviderOperations = ({ store, now }: CognitoPorts) => ({
  CreateIdentityProvider: async (input: CreateIdentityProviderRequest, { scope }: Call) => {
    if (input.AcrMapping !== undefined) throw unsupported('AcrMapping');
    const row: ProviderRow = {
      name: input.ProviderName ?? '',
      type: input.ProviderType ?? '',
      details: input.ProviderDetails ?? {},
      // AWS maps the provider's own id to the user's name unless told otherwise.
      mapping: { username: 'sub', ...input.AttributeMapping },
      identifiers: input.IdpIdentifiers ?? [],
      createdMs: now(),
      modifiedMs: now(),
    };
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      if (await rows.get(providers, scope, `${pool.id}/${row.name}`))
        throw new Fault('DuplicateProviderException', `A provider with the name ${row.name} already exists.`);
      await rows.put(providers, scope, `${pool.id}/${row.name}`, row);
    });
    return { IdentityProvider: shown(input.UserPoolId, row) };
  },

  UpdateIdentityProvider: async (input: UpdateIdentityProviderRequest, { scope }: Call) => {
    if (input.AcrMapping !== undefined) throw unsupported('AcrMapping');
    const row = await store.transaction(async (rows) => {
      const before = await needProvider(rows, scope, input.UserPoolId, input.ProviderName);
      const changed: ProviderRow = {
        ...before,
        details: input.ProviderDetails ?? before.details,
        mapping: input.AttributeMapping ?? before.mapping,
        identifiers: input.IdpIdentifiers ?? before.identifiers,
        modifiedMs: now(),
      };
      await rows.put(providers, scope, `${input.UserPoolId}/${changed.name}`, changed);
      return changed;
    });
    return { IdentityProvider: shown(input.UserPoolId, row) };
  },

  DescribeIdentityProvider: async (input: DescribeIdentityProviderRequest, { scope }: Call) => ({
    IdentityProvider: shown(
      input.UserPoolId,
      await needProvider(store, scope, input.UserPoolId, input.ProviderName),
    ),
  }),

  GetIdentityProviderByIdentifier: async (input: GetIdentityProviderByIdentifierRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const all = await store.list(providers, scope, { prefix: `${pool.id}/` });
    const found = all.find(({ row }) => row.identifiers.includes(input.IdpIdentifier ?? ''));
    if (found === undefined)
      throw notFound(`Identity provider with identifier ${input.IdpIdentifier} does not exist.`);
    return { IdentityProvider: shown(pool.id, found.row) };
  },

  ListIdentityProviders: async (input: ListIdentityProvidersRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const all = await store.list(providers, scope, { prefix: `${pool.id}/` });
    const page = pageOf(all, input.NextToken, input.MaxResults);
    return {
      Providers: page.items.map((row) => {
        const { ProviderName, ProviderType, CreationDate, LastModifiedDate } = shown(pool.id, row);
        return { ProviderName, ProviderType, CreationDate, LastModifiedDate };
      }),
      ...(page.next && { NextToken: page.next }),
    };
  },

  DeleteIdentityProvider: async (input: DeleteIdentityProviderRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const row = await needProvider(rows, scope, input.UserPoolId, input.ProviderName);
      await rows.delete(providers, scope, `${input.UserPoolId}/${row.name}`);
    });
    return {};
  },
});

async function needProvider(
  rows: Reader,
  scope: Scope,
  poolId: string | undefined,
  name: string | undefined,
): Promise<ProviderRow> {
  await needPool(rows, scope, poolId);
  const row = await rows.get(providers, scope, `${poolId}/${name}`);
  if (row === undefined) throw notFound(`Identity provider ${name} does not exist.`);
  return row;
}

const shown = (poolId: string | undefined, row: ProviderRow): IdentityProviderType => ({
  UserPoolId: poolId,
  ProviderName: row.name,
  ProviderType: row.type as IdentityProviderType['ProviderType'], // checked by the model's enumeration
  ProviderDetails: { ...row.details },
  AttributeMapping: { ...row.mapping },
  IdpIdentifiers: [...row.identifiers],
  LastModifiedDate: new Date(row.modifiedMs),
  CreationDate: new Date(row.createdMs),
});
