/** Functions: CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction. */
import type {
  CreateFunctionRequest,
  DeleteFunctionRequest,
  FunctionConfiguration,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
} from '@aws-sdk/client-lambda';
import { limits } from '../../base/limits.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, invalidParameter, notFound, unsupported } from './fault.ts';
import { takeCode } from './function-code.ts';
import { changeFunction, needFunction } from './function-change.ts';
import {
  arnOfReference,
  type FunctionReference,
  functionArn,
  isVersion,
  readReference,
} from './function-reference.ts';
import { checkSettings, shownSettings } from './function-settings.ts';
import { lambdaTime, uuid } from './identifiers.ts';
import { resolveLayers } from './layer-use.ts';
import { orphan } from './orphan-code.ts';
import { pageOfRows } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import {
  aliases,
  type CodeRow,
  eventInvokeConfigs,
  type FunctionRow,
  functions,
  policies,
  provisionedConcurrency,
  type VersionRow,
  versionKey,
  versions,
} from './rows.ts';
import { checkRuntime } from './runtime.ts';
import { checkTags } from './tags.ts';
import { removeUrl, removeUrls } from './url-rows.ts';
import { publish } from './version.ts';

export const functionOperations = (room: LambdaRoom) => ({
  CreateFunction: async (input: CreateFunctionRequest, call: Call): Promise<FunctionConfiguration> => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    await checkCreate(room, input, call);
    if (await room.store.get(functions, call.scope, reference.name)) throw alreadyThere(reference);
    const layers = await resolveLayers(room.store, input.Layers ?? [], call.scope);
    const code = await takeCode(room, input.Code ?? {}, call);
    const row = newRow(room, reference, input, { code, layers });
    const published = await room.store.transaction(async (rows) => {
      if (await rows.get(functions, call.scope, reference.name)) throw alreadyThere(reference);
      await rows.put(functions, call.scope, reference.name, row);
      return input.Publish ? publish(room, rows, { reference, row, description: undefined }) : undefined;
    });
    room.catalog.forget(call.scope, reference.name);
    // Recorded from AWS: a function made with Publish answers with version 1 under the unqualified ARN.
    if (published === undefined) return row.configuration;
    return { ...published, FunctionArn: functionArn(call.scope, reference.name) };
  },

  GetFunction: async (input: GetFunctionRequest, call: Call): Promise<GetFunctionResponse> => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    const { version, row } = await room.store.read((rows) => findVersion(rows, reference));
    const reserved = row.reservedConcurrentExecutions;
    return {
      Configuration: shownUnder(version.configuration, reference),
      Code: codeLocation(room, version.code, call),
      ...(Object.keys(row.tags).length > 0 && { Tags: row.tags }),
      ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    };
  },

  GetFunctionConfiguration: async (input: GetFunctionRequest, call: Call): Promise<FunctionConfiguration> => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    const { version } = await room.store.read((rows) => findVersion(rows, reference));
    return shownUnder(version.configuration, reference);
  },

  ListFunctions: async (input: ListFunctionsRequest, call: Call): Promise<ListFunctionsResponse> =>
    room.store.read(async (rows) => {
      const page = await pageOfRows(rows, functions, call.scope, input);
      const shown: FunctionConfiguration[] = [];
      for (const { row } of page.entries) {
        shown.push(listed(row.configuration, input.FunctionVersion === 'ALL' ? '$LATEST' : undefined));
        if (input.FunctionVersion !== 'ALL') continue;
        for (const published of await rows.list(versions, call.scope, { prefix: `${row.name}/` }))
          shown.push(listed(published.row.configuration, undefined));
      }
      return { Functions: shown, ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }) };
    }),

  DeleteFunction: async (input: DeleteFunctionRequest, call: Call) => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    if (reference.qualifier === undefined) await deleteWhole(room, reference);
    else await deleteVersion(room, reference, reference.qualifier);
    return { StatusCode: 204 };
  },
});

const alreadyThere = (reference: FunctionReference) => conflict(`Function already exist: ${reference.name}`);

async function checkCreate(room: LambdaRoom, input: CreateFunctionRequest, call: Call): Promise<void> {
  if (input.PackageType === 'Image') throw unsupported('PackageType Image');
  if (input.CodeSigningConfigArn !== undefined) throw unsupported('CodeSigningConfigArn');
  if (input.TenancyConfig !== undefined) throw unsupported('TenancyConfig');
  if (input.PublishTo !== undefined) throw unsupported('PublishTo');
  checkRuntime(input.Runtime);
  // Recorded from AWS: zip packages need both.
  if (input.Handler === undefined)
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  checkSettings(input);
  checkTags(input.Tags ?? {});
  if (room.roleIsAssumable && !(await room.roleIsAssumable(input.Role ?? '', call.scope)))
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
}

interface Content {
  readonly code: CodeRow;
  readonly layers: VersionRow['layers'];
}

function newRow(
  room: LambdaRoom,
  reference: FunctionReference,
  input: CreateFunctionRequest,
  { code, layers }: Content,
): FunctionRow {
  const { scope, name } = reference;
  const configuration: FunctionConfiguration = {
    FunctionName: name,
    FunctionArn: functionArn(scope, name),
    Description: '',
    Timeout: limits.lambdaTimeoutSeconds.default,
    MemorySize: limits.lambdaMemoryMb.default,
    TracingConfig: { Mode: 'PassThrough' },
    EphemeralStorage: { Size: limits.lambdaEphemeralStorageMb.default },
    Architectures: input.Architectures?.length ? input.Architectures : ['x86_64'],
    ...shownSettings(input, scope.region),
    LoggingConfig: {
      LogFormat: 'Text',
      LogGroup: `/aws/lambda/${name}`,
      ...shownSettings(input, scope.region).LoggingConfig,
    },
    ...shownLayers(input.Layers ?? [], layers),
    ...shownCode(code),
    PackageType: 'Zip',
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LastModified: lambdaTime(room.now()),
    RevisionId: uuid(room.random),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Version: '$LATEST',
  };
  return {
    name,
    configuration,
    code,
    layers,
    lastVersion: 0,
    tags: input.Tags ?? {},
    recursiveLoop: 'Terminate',
    runtimeManagement: {},
  };
}

export const shownCode = (code: CodeRow): FunctionConfiguration => ({
  CodeSha256: code.sha256,
  CodeSize: code.sizeBytes,
});

export const shownLayers = (arns: readonly string[], layers: readonly CodeRow[]): FunctionConfiguration =>
  arns.length === 0
    ? { Layers: undefined }
    : { Layers: arns.map((Arn, at) => ({ Arn, CodeSize: layers[at]?.sizeBytes ?? 0 })) };

function codeLocation(room: LambdaRoom, code: CodeRow, call: Call): GetFunctionResponse['Code'] {
  if (code.kind === 'folder') return { RepositoryType: 'S3', Location: `file://${code.path}` };
  return { RepositoryType: 'S3', Location: room.codeLinks.link(call.endpoint, code.blobId) };
}

/** The version a reference means, by number or through an alias. Throws AWS's not-found. */
export async function findVersion(
  rows: Pick<Reader, 'get'>,
  reference: FunctionReference,
): Promise<{ row: FunctionRow; version: VersionRow }> {
  const row = await needFunction(rows, reference);
  const qualifier = reference.qualifier ?? '$LATEST';
  const alias = isVersion(qualifier)
    ? undefined
    : await rows.get(aliases, reference.scope, `${reference.name}/${qualifier}`);
  const number = alias?.functionVersion ?? qualifier;
  if (number === '$LATEST') return { row, version: row };
  const version = isVersion(number)
    ? await rows.get(versions, reference.scope, versionKey(reference.name, number))
    : undefined;
  if (version === undefined) throw notFound(`Function not found: ${arnOfReference(reference)}`);
  return { row, version };
}

/** Like findVersion, in the words of permissions and provisioned concurrency: an alias is missed by its own ARN. */
export async function needQualified(rows: Pick<Reader, 'get'>, reference: FunctionReference): Promise<void> {
  const { scope, name, qualifier = '$LATEST' } = reference;
  if (/^[a-zA-Z0-9-_]+$/.test(qualifier) && !isVersion(qualifier)) {
    if (await rows.get(aliases, scope, `${name}/${qualifier}`)) return;
    // Recorded from AWS.
    throw notFound(`Cannot find alias arn: ${arnOfReference(reference)}`);
  }
  await findVersion(rows, reference);
}

/** Under the name it was asked by: an alias's ARN stays the alias's. */
const shownUnder = (
  configuration: FunctionConfiguration,
  reference: FunctionReference,
): FunctionConfiguration => ({
  ...configuration,
  FunctionArn: arnOfReference(reference),
});

/** Lists leave the states out, as AWS documents for ListFunctions. */
export function listed(
  configuration: FunctionConfiguration,
  qualifier: string | undefined,
): FunctionConfiguration {
  const {
    State: _,
    StateReason: __,
    StateReasonCode: ___,
    LastUpdateStatus: ____,
    LastUpdateStatusReason: _____,
    LastUpdateStatusReasonCode: ______,
    RuntimeVersionConfig: _______,
    ...shown
  } = configuration;
  return qualifier === undefined ? shown : { ...shown, FunctionArn: `${shown.FunctionArn}:${qualifier}` };
}

async function deleteWhole(room: LambdaRoom, reference: FunctionReference): Promise<void> {
  const { scope, name } = reference;
  await changeFunction(room, reference, async (row, rows) => {
    await orphan(rows, row.code, room.now());
    for (const version of await rows.list(versions, scope, { prefix: `${name}/` }))
      await orphan(rows, version.row.code, room.now());
    await rows.delete(functions, scope, name);
    for (const owned of [versions, aliases, policies, eventInvokeConfigs, provisionedConcurrency])
      await rows.deleteRange<unknown>(owned, scope, `${name}/`);
    await removeUrls(rows, scope, name);
  });
  room.runner.retire(functionArn(scope, name));
}

async function deleteVersion(
  room: LambdaRoom,
  reference: FunctionReference,
  qualifier: string,
): Promise<void> {
  const { scope, name } = reference;
  // Recorded from AWS.
  if (qualifier === '$LATEST')
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
  if (!isVersion(qualifier)) throw invalidParameter('Deletion of aliases is not currently supported.');
  await changeFunction(room, { scope, name }, async (_, rows) => {
    const using = (await rows.list(aliases, scope, { prefix: `${name}/` }))
      .map(({ row }) => row)
      .filter(
        (alias) =>
          alias.functionVersion === qualifier ||
          qualifier in (alias.routingConfig?.AdditionalVersionWeights ?? {}),
      );
    if (using.length > 0)
      throw conflict(
        `Cannot delete a function version that is referenced by the following alias(es): [${using.map((alias) => alias.name).join(', ')}]`,
      );
    const version = await rows.get(versions, scope, versionKey(name, qualifier));
    if (version !== undefined) await orphan(rows, version.code, room.now());
    await rows.delete(versions, scope, versionKey(name, qualifier));
    for (const owned of [policies, eventInvokeConfigs, provisionedConcurrency])
      await rows.delete<unknown>(owned, scope, `${name}/${qualifier}`);
    await removeUrl(rows, scope, `${name}/${qualifier}`);
  });
}
