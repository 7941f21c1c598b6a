/** OpenID Connect providers as records: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
import { wholeSecond } from '../../base/clock.ts';
import type {
  AddClientIDToOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  DeleteOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  ListOpenIDConnectProvidersResponse,
  ListOpenIDConnectProviderTagsRequest,
  ListOpenIDConnectProviderTagsResponse,
  RemoveClientIDFromOpenIDConnectProviderRequest,
  Tag,
  TagOpenIDConnectProviderRequest,
  UntagOpenIDConnectProviderRequest,
  UpdateOpenIDConnectProviderThumbprintRequest,
} from '@aws-sdk/client-iam';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, invalidInput, noSuchEntity, overQuota, validationError } from './faults.ts';
import { pageOf } from './page.ts';
import { globalScope, iamArn } from './scope.ts';
import { taggedWith, untagged } from './tags.ts';

export interface OidcProviderRow {
  readonly arn: string;
  /** Without its scheme, as AWS shows it. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly tags: readonly Tag[];
  readonly createdAtMs: number;
}

/** Key: the ARN. */
export const oidcProviders = table<OidcProviderRow>('iam.oidc-providers');

export const oidcProviderOperations = (ports: ServicePorts) => ({
  CreateOpenIDConnectProvider: async (
    input: CreateOpenIDConnectProviderRequest,
    call: Call,
  ): Promise<CreateOpenIDConnectProviderResponse> => {
    const row = newProvider(input, call.scope, ports.now());
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      if (await rows.get(oidcProviders, scope, row.arn))
        throw alreadyExists(`Provider with url ${input.Url} already exists.`);
      await rows.put(oidcProviders, scope, row.arn, row);
    });
    return { OpenIDConnectProviderArn: row.arn, ...(row.tags.length > 0 && { Tags: [...row.tags] }) };
  },

  GetOpenIDConnectProvider: async (
    { OpenIDConnectProviderArn: arn = '' }: GetOpenIDConnectProviderRequest,
    call: Call,
  ): Promise<GetOpenIDConnectProviderResponse> => {
    const row = await read(ports.store, globalScope(call.scope.account), arn);
    return {
      Url: row.url,
      ClientIDList: [...row.clientIds],
      ThumbprintList: [...row.thumbprints],
      CreateDate: wholeSecond(row.createdAtMs),
      Tags: [...row.tags],
    };
  },

  ListOpenIDConnectProviders: async (_: object, call: Call): Promise<ListOpenIDConnectProvidersResponse> => {
    const entries = await ports.store.list(oidcProviders, globalScope(call.scope.account));
    return { OpenIDConnectProviderList: entries.map(({ key }) => ({ Arn: key })) };
  },

  DeleteOpenIDConnectProvider: async (
    { OpenIDConnectProviderArn: arn = '' }: DeleteOpenIDConnectProviderRequest,
    call: Call,
  ) => {
    const scope = globalScope(call.scope.account);
    const existed = await ports.store.transaction((rows) => rows.delete(oidcProviders, scope, arn));
    if (!existed) throw noSuchEntity(`OpenId connect Provider ${arn} cannot be found.`);
    return {};
  },

  UpdateOpenIDConnectProviderThumbprint: async (
    input: UpdateOpenIDConnectProviderThumbprintRequest,
    call: Call,
  ) => {
    const thumbprints = input.ThumbprintList ?? [];
    checkThumbprints(thumbprints);
    await change(ports, call, input.OpenIDConnectProviderArn, (row) => ({ ...row, thumbprints }));
    return {};
  },

  AddClientIDToOpenIDConnectProvider: async (
    { OpenIDConnectProviderArn, ClientID = '' }: AddClientIDToOpenIDConnectProviderRequest,
    call: Call,
  ) => {
    await change(ports, call, OpenIDConnectProviderArn, (row) => {
      const clientIds = [...new Set([...row.clientIds, ClientID])];
      checkClientIds(clientIds);
      return { ...row, clientIds };
    });
    return {};
  },

  RemoveClientIDFromOpenIDConnectProvider: async (
    { OpenIDConnectProviderArn, ClientID }: RemoveClientIDFromOpenIDConnectProviderRequest,
    call: Call,
  ) => {
    await change(ports, call, OpenIDConnectProviderArn, (row) => ({
      ...row,
      clientIds: row.clientIds.filter((id) => id !== ClientID),
    }));
    return {};
  },

  TagOpenIDConnectProvider: async (
    { OpenIDConnectProviderArn, Tags = [] }: TagOpenIDConnectProviderRequest,
    call: Call,
  ) => {
    await change(ports, call, OpenIDConnectProviderArn, (row) => ({
      ...row,
      tags: taggedWith(row.tags, Tags),
    }));
    return {};
  },

  UntagOpenIDConnectProvider: async (
    { OpenIDConnectProviderArn, TagKeys = [] }: UntagOpenIDConnectProviderRequest,
    call: Call,
  ) => {
    await change(ports, call, OpenIDConnectProviderArn, (row) => ({
      ...row,
      tags: untagged(row.tags, TagKeys),
    }));
    return {};
  },

  ListOpenIDConnectProviderTags: async (
    input: ListOpenIDConnectProviderTagsRequest,
    call: Call,
  ): Promise<ListOpenIDConnectProviderTagsResponse> => {
    const scope = globalScope(call.scope.account);
    const { tags } = await read(ports.store, scope, input.OpenIDConnectProviderArn ?? '');
    const page = pageOf(tags, input, (tag) => tag.Key ?? '');
    return { Tags: page.items, ...page.rest };
  },
});

function newProvider(
  input: CreateOpenIDConnectProviderRequest,
  scope: Scope,
  createdAtMs: number,
): OidcProviderRow {
  const { Url = '', ClientIDList: clientIds = [], ThumbprintList: thumbprints = [], Tags = [] } = input;
  if (!/^https:\/\/[^\s/?#]+[^\s?#]*$/.test(Url))
    throw validationError('Invalid Open ID Connect Provider URL');
  checkClientIds(clientIds);
  checkThumbprints(thumbprints);
  const url = Url.slice('https://'.length);
  const tags = taggedWith([], Tags);
  return { arn: iamArn(scope, 'oidc-provider', '/', url), url, clientIds, thumbprints, tags, createdAtMs };
}

function checkClientIds(clientIds: readonly string[]): void {
  if (clientIds.length > limits.iamOidcClientIds)
    throw overQuota('ClientIdsPerOpenIdConnectProvider', limits.iamOidcClientIds);
}

/** "Fewer than 5" is what AWS says, and 5 is what it takes. */
function checkThumbprints(thumbprints: readonly string[]): void {
  if (thumbprints.length > limits.iamOidcThumbprints)
    throw invalidInput('Thumbprint list must contain fewer than 5 entries.');
}

async function read(rows: Pick<Reader, 'get'>, scope: Scope, arn: string): Promise<OidcProviderRow> {
  const row = await rows.get(oidcProviders, scope, arn);
  if (!row) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  return row;
}

const change = (
  { store }: ServicePorts,
  call: Call,
  arn: string | undefined,
  work: (row: OidcProviderRow) => OidcProviderRow,
): Promise<void> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = work(await read(rows, scope, arn ?? ''));
    await rows.put(oidcProviders, scope, row.arn, row);
  });
