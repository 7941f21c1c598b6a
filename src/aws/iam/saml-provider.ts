/** SAML providers as records: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html */
import { wholeSecond } from '../../base/clock.ts';
import { randomUUID } from 'node:crypto';
import type {
  CreateSAMLProviderRequest,
  CreateSAMLProviderResponse,
  DeleteSAMLProviderRequest,
  GetSAMLProviderRequest,
  GetSAMLProviderResponse,
  ListSAMLProvidersResponse,
  ListSAMLProviderTagsRequest,
  ListSAMLProviderTagsResponse,
  Tag,
  TagSAMLProviderRequest,
  UntagSAMLProviderRequest,
  UpdateSAMLProviderRequest,
  UpdateSAMLProviderResponse,
} from '@aws-sdk/client-iam';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, invalidInput, noSuchEntity } from './faults.ts';
import { pageOf } from './page.ts';
import { globalScope, iamArn } from './scope.ts';
import { taggedWith, untagged } from './tags.ts';

interface SamlProviderRow {
  readonly arn: string;
  readonly uuid: string;
  readonly metadata: string;
  readonly tags: readonly Tag[];
  readonly createdAtMs: number;
}

/** Key: the ARN. */
export const samlProviders = table<SamlProviderRow>('iam.saml-providers');

/** A hundred years: the metadata's own validity is not read. */
const VALID_MS = 100 * 365 * 24 * 3600 * 1000;

export const samlProviderOperations = (ports: ServicePorts) => ({
  CreateSAMLProvider: async (
    input: CreateSAMLProviderRequest,
    call: Call,
  ): Promise<CreateSAMLProviderResponse> => {
    if (input.AssertionEncryptionMode ?? input.AddPrivateKey)
      throw invalidInput('Encrypted SAML assertions are not supported');
    const row: SamlProviderRow = {
      arn: iamArn(call.scope, 'saml-provider', '/', input.Name ?? ''),
      uuid: randomUUID(),
      metadata: checkedMetadata(input.SAMLMetadataDocument),
      tags: taggedWith([], input.Tags ?? []),
      createdAtMs: ports.now(),
    };
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      if (await rows.get(samlProviders, scope, row.arn))
        throw alreadyExists(`SAMLProvider with name ${input.Name} already exists.`);
      await rows.put(samlProviders, scope, row.arn, row);
    });
    return { SAMLProviderArn: row.arn, ...(row.tags.length > 0 && { Tags: [...row.tags] }) };
  },

  GetSAMLProvider: async (
    { SAMLProviderArn = '' }: GetSAMLProviderRequest,
    call: Call,
  ): Promise<GetSAMLProviderResponse> => {
    const row = await read(ports.store, globalScope(call.scope.account), SAMLProviderArn);
    return {
      SAMLProviderUUID: row.uuid,
      SAMLMetadataDocument: row.metadata,
      CreateDate: wholeSecond(row.createdAtMs),
      ValidUntil: wholeSecond(row.createdAtMs + VALID_MS),
      Tags: [...row.tags],
    };
  },

  ListSAMLProviders: async (_: object, call: Call): Promise<ListSAMLProvidersResponse> => {
    const entries = await ports.store.list(samlProviders, globalScope(call.scope.account));
    const shown = entries.map(({ row }) => ({
      Arn: row.arn,
      CreateDate: wholeSecond(row.createdAtMs),
      ValidUntil: wholeSecond(row.createdAtMs + VALID_MS),
    }));
    return { SAMLProviderList: shown };
  },

  UpdateSAMLProvider: async (
    input: UpdateSAMLProviderRequest,
    call: Call,
  ): Promise<UpdateSAMLProviderResponse> => {
    const { SAMLMetadataDocument: document, SAMLProviderArn } = input;
    await change(ports, call, SAMLProviderArn, (row) => ({
      ...row,
      metadata: document === undefined ? row.metadata : checkedMetadata(document),
    }));
    return { SAMLProviderArn };
  },

  DeleteSAMLProvider: async ({ SAMLProviderArn = '' }: DeleteSAMLProviderRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      await read(rows, scope, SAMLProviderArn);
      await rows.delete(samlProviders, scope, SAMLProviderArn);
    });
    return {};
  },

  TagSAMLProvider: async ({ SAMLProviderArn, Tags = [] }: TagSAMLProviderRequest, call: Call) => {
    await change(ports, call, SAMLProviderArn, (row) => ({ ...row, tags: taggedWith(row.tags, Tags) }));
    return {};
  },

  UntagSAMLProvider: async ({ SAMLProviderArn, TagKeys = [] }: UntagSAMLProviderRequest, call: Call) => {
    await change(ports, call, SAMLProviderArn, (row) => ({ ...row, tags: untagged(row.tags, TagKeys) }));
    return {};
  },

  ListSAMLProviderTags: async (
    input: ListSAMLProviderTagsRequest,
    call: Call,
  ): Promise<ListSAMLProviderTagsResponse> => {
    const { tags } = await read(ports.store, globalScope(call.scope.account), input.SAMLProviderArn ?? '');
    const page = pageOf(tags, input, (tag) => tag.Key ?? '');
    return { Tags: page.items, ...page.rest };
  },
});

function checkedMetadata(document = ''): string {
  if (!/<([\w-]+:)?EntityDescriptor[\s>]/.test(document)) throw invalidInput('Could not parse metadata');
  return document;
}

async function read(rows: Pick<Reader, 'get'>, scope: Scope, arn: string): Promise<SamlProviderRow> {
  const row = await rows.get(samlProviders, scope, arn);
  if (!row) throw noSuchEntity(`SAMLProvider ${arn} does not exist.`);
  return row;
}

const change = (
  { store }: ServicePorts,
  call: Call,
  arn: string | undefined,
  work: (row: SamlProviderRow) => SamlProviderRow,
): Promise<void> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = work(await read(rows, scope, arn ?? ''));
    await rows.put(samlProviders, scope, row.arn, row);
  });
