/** Functions: CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions. */
import type {
  CreateFunctionRequest,
  FunctionConfiguration,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
} from '@aws-sdk/client-lambda';
import type { Call } from '../../wire/service.ts';
import { refuseEnforced } from './code-signing.ts';
import { checkKey } from './environment-key.ts';
import { conflict, invalidParameter, unsupported } from './fault.ts';
import { checkCodeSize, takeCode } from './function-code.ts';
import { type FunctionReference, functionArn, readReference } from './function-reference.ts';
import { newRow } from './function-row.ts';
import { checkSettings } from './function-settings.ts';
import { resolveLayers } from './layer-use.ts';
import { pageOfRows } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { type CodeRow, functions, versions } from './rows.ts';
import { checkRuntime } from './runtime.ts';
import { checkTags } from './tag-rules.ts';
import { publish } from './version.ts';
import { findVersion, listed, shownUnder } from './version-lookup.ts';

export const functionOperations = (room: LambdaRoom) => ({
  CreateFunction: async (input: CreateFunctionRequest, call: Call): Promise<FunctionConfiguration> => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    await checkCreate(room, input, call);
    if (await room.store.get(functions, call.scope, reference.name)) throw alreadyThere(reference);
    if (input.KMSKeyArn)
      await checkKey(room, {
        keyArn: input.KMSKeyArn,
        roleArn: input.Role ?? '',
        functionName: reference.name,
        scope: call.scope,
      });
    const layers = await resolveLayers(room.store, input.Layers ?? [], call.scope);
    const code = await takeCode(room, input.Code ?? {}, call);
    checkCodeSize(code, layers);
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
});

const alreadyThere = (reference: FunctionReference) => conflict(`Function already exist: ${reference.name}`);

async function checkCreate(room: LambdaRoom, input: CreateFunctionRequest, call: Call): Promise<void> {
  if (input.PackageType === 'Image') throw unsupported('PackageType Image');
  await refuseEnforced(room.store, call.scope, input.CodeSigningConfigArn || undefined);
  if (input.TenancyConfig !== undefined) throw unsupported('TenancyConfig');
  if (input.PublishTo !== undefined) throw unsupported('PublishTo');
  checkRuntime(input.Runtime, room.retiredRuntimes);
  // Recorded from AWS: zip packages need both.
  if (input.Handler === undefined)
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  checkSettings(input, room.retiredRuntimes);
  checkTags(input.Tags ?? {});
  if (room.roleIsAssumable && !(await room.roleIsAssumable(input.Role ?? '', call.scope)))
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
}

function codeLocation(room: LambdaRoom, code: CodeRow, call: Call): GetFunctionResponse['Code'] {
  if (code.kind === 'folder') return { RepositoryType: 'S3', Location: `file://${code.path}` };
  return { RepositoryType: 'S3', Location: room.codeLinks.link(call.endpoint, code.blobId) };
}
