/** Aliases: names for versions, one or two with weights. */
import type {
  AliasConfiguration,
  AliasRoutingConfiguration,
  CreateAliasRequest,
  DeleteAliasRequest,
  GetAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-lambda';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, invalidParameter, notFound, staleRevision, validation } from './fault.ts';
import { findVersion } from './version-lookup.ts';
import { changeFunction, needFunction } from './function-change.ts';
import { type FunctionReference, functionArn, isVersion, readReference } from './function-reference.ts';
import { uuid } from './identifiers.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { type AliasRow, aliases, eventInvokeConfigs, policies, provisionedConcurrency } from './rows.ts';
import { removeUrl } from './url-rows.ts';

export const aliasOperations = (room: LambdaRoom) => ({
  CreateAlias: async (input: CreateAliasRequest, call: Call): Promise<AliasConfiguration> => {
    const reference = wholeFunction(input.FunctionName, call);
    const name = input.Name ?? '';
    const key = `${reference.name}/${name}`;
    if (isVersion(name))
      throw validation(
        `Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`,
      );
    return changeFunction(room, reference, async (_, rows) => {
      const row: AliasRow = {
        name,
        functionVersion: input.FunctionVersion ?? '',
        description: input.Description ?? '',
        ...(hasWeights(input.RoutingConfig) && { routingConfig: input.RoutingConfig }),
        revisionId: uuid(room.random),
      };
      await checkVersions(rows, reference, row);
      if (await rows.get(aliases, reference.scope, key))
        throw conflict(`Alias already exists: ${functionArn(reference.scope, reference.name, name)}`);
      await rows.put(aliases, reference.scope, key, row);
      return shown(reference, row);
    });
  },

  GetAlias: async (input: GetAliasRequest, call: Call): Promise<AliasConfiguration> => {
    const reference = wholeFunction(input.FunctionName, call);
    const row = await room.store.get(aliases, reference.scope, `${reference.name}/${input.Name}`);
    if (row === undefined) throw missing(reference, input.Name);
    return shown(reference, row);
  },

  UpdateAlias: async (input: UpdateAliasRequest, call: Call): Promise<AliasConfiguration> => {
    const reference = wholeFunction(input.FunctionName, call);
    const key = `${reference.name}/${input.Name}`;
    return changeFunction(room, reference, async (_, rows) => {
      const before = await rows.get(aliases, reference.scope, key);
      // Recorded from AWS: an update's not-found differs from a read's.
      if (before === undefined)
        throw notFound(`Alias not found: ${functionArn(reference.scope, reference.name, input.Name)}`);
      if (input.RevisionId !== undefined && input.RevisionId !== before.revisionId)
        throw staleRevision('Alias');
      const { routingConfig, ...rest } = before;
      const routing = input.RoutingConfig === undefined ? routingConfig : input.RoutingConfig;
      const row: AliasRow = {
        ...rest,
        ...(input.FunctionVersion !== undefined && { functionVersion: input.FunctionVersion }),
        ...(input.Description !== undefined && { description: input.Description }),
        ...(hasWeights(routing) && { routingConfig: routing }),
        revisionId: uuid(room.random),
      };
      await checkVersions(rows, reference, row);
      await rows.put(aliases, reference.scope, key, row);
      return shown(reference, row);
    });
  },

  DeleteAlias: async (input: DeleteAliasRequest, call: Call) => {
    const { scope, name } = wholeFunction(input.FunctionName, call);
    const key = `${name}/${input.Name}`;
    await room.store.transaction(async (rows) => {
      // Deleting what is not there succeeds, as on AWS.
      for (const owned of [aliases, policies, eventInvokeConfigs, provisionedConcurrency])
        await rows.delete<unknown>(owned, scope, key);
      await removeUrl(rows, scope, key);
    });
    room.catalog.forget(scope, name);
    room.provisioning.changed(scope, name);
    return {};
  },

  ListAliases: async (input: ListAliasesRequest, call: Call): Promise<ListAliasesResponse> => {
    const reference = wholeFunction(input.FunctionName, call);
    return room.store.read(async (rows) => {
      await needFunction(rows, reference);
      const all = await rows.list(aliases, reference.scope, { prefix: `${reference.name}/` });
      const version = input.FunctionVersion;
      const page = pageOf(
        all.filter(({ row }) => version === undefined || row.functionVersion === version),
        input,
      );
      return {
        Aliases: page.entries.map(({ row }) => shown(reference, row)),
        ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
      };
    });
  },
});

function wholeFunction(text: string | undefined, call: Call): FunctionReference {
  const { scope, name } = readReference(text ?? '', undefined, call.scope);
  return { scope, name };
}

const missing = (reference: FunctionReference, alias: string | undefined) =>
  notFound(`Cannot find alias arn: ${functionArn(reference.scope, reference.name, alias)}`);

const shown = (reference: FunctionReference, row: AliasRow): AliasConfiguration => ({
  AliasArn: functionArn(reference.scope, reference.name, row.name),
  Name: row.name,
  FunctionVersion: row.functionVersion,
  Description: row.description,
  ...(row.routingConfig !== undefined && { RoutingConfig: row.routingConfig }),
  RevisionId: row.revisionId,
});

const hasWeights = (routing: AliasRoutingConfiguration | undefined): routing is AliasRoutingConfiguration =>
  Object.keys(routing?.AdditionalVersionWeights ?? {}).length > 0;

/** Every version the alias leads to must be there, and the weights make sense. Texts recorded from AWS. */
async function checkVersions(rows: Transaction, reference: FunctionReference, row: AliasRow): Promise<void> {
  const weights = Object.entries(row.routingConfig?.AdditionalVersionWeights ?? {});
  if (weights.length > 1)
    throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  for (const [version, weight] of weights) {
    checkWeight(version, weight);
    if (version === row.functionVersion)
      throw invalidParameter(
        `Invalid function version ${version}. Function version ${version} is already included in routing configuration.`,
      );
    if (row.functionVersion === '$LATEST')
      throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
    await findVersion(rows, { ...reference, qualifier: version });
  }
  await findVersion(rows, { ...reference, qualifier: row.functionVersion });
}

function checkWeight(version: string, weight: number): void {
  if (weight >= 0 && weight <= 1) return;
  const value = Number.isInteger(weight) ? `${weight}.0` : String(weight);
  throw validation(
    `Value '{${version}=${value}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]`,
  );
}
