/** Settings kept for a function that only AWS's own machinery acts on: recursion and runtime updates. */
import type {
  GetFunctionRecursionConfigRequest,
  GetFunctionRecursionConfigResponse,
  GetRuntimeManagementConfigRequest,
  GetRuntimeManagementConfigResponse,
  PutFunctionRecursionConfigRequest,
  PutRuntimeManagementConfigRequest,
  PutRuntimeManagementConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Call } from '../../wire/service.ts';
import { invalidParameter } from './fault.ts';
import { findVersion } from './version-lookup.ts';
import { changeFunction, needFunction } from './function-change.ts';
import { arnOfReference, isVersion, readReference } from './function-reference.ts';
import type { LambdaRoom } from './ports.ts';
import { functions } from './rows.ts';

export const functionRecordOperations = (room: LambdaRoom) => ({
  PutFunctionRecursionConfig: async (input: PutFunctionRecursionConfigRequest, call: Call) => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    const RecursiveLoop = input.RecursiveLoop ?? 'Terminate';
    await changeFunction(room, reference, (row, rows) =>
      rows.put(functions, reference.scope, reference.name, { ...row, recursiveLoop: RecursiveLoop }),
    );
    return { RecursiveLoop };
  },

  GetFunctionRecursionConfig: async (
    input: GetFunctionRecursionConfigRequest,
    call: Call,
  ): Promise<GetFunctionRecursionConfigResponse> => {
    const row = await needFunction(
      room.store,
      readReference(input.FunctionName ?? '', undefined, call.scope),
    );
    return { RecursiveLoop: row.recursiveLoop };
  },

  PutRuntimeManagementConfig: async (
    input: PutRuntimeManagementConfigRequest,
    call: Call,
  ): Promise<PutRuntimeManagementConfigResponse> => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    const { UpdateRuntimeOn = 'Auto', RuntimeVersionArn } = input;
    if ((UpdateRuntimeOn === 'Manual') !== (RuntimeVersionArn !== undefined))
      throw invalidParameter('RuntimeVersionArn is required for update mode Manual, and for no other.');
    const version = versionOf(reference.qualifier);
    await changeFunction(room, reference, async (row, rows) => {
      await findVersion(rows, { ...reference, qualifier: version });
      const kept = {
        updateRuntimeOn: UpdateRuntimeOn,
        ...(RuntimeVersionArn !== undefined && { runtimeVersionArn: RuntimeVersionArn }),
      };
      const runtimeManagement = { ...row.runtimeManagement, [version]: kept };
      await rows.put(functions, reference.scope, reference.name, { ...row, runtimeManagement });
    });
    return {
      UpdateRuntimeOn,
      FunctionArn: arnOfReference({ ...reference, qualifier: version }),
      ...(RuntimeVersionArn !== undefined && { RuntimeVersionArn }),
    };
  },

  GetRuntimeManagementConfig: async (
    input: GetRuntimeManagementConfigRequest,
    call: Call,
  ): Promise<GetRuntimeManagementConfigResponse> => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    const version = versionOf(reference.qualifier);
    const qualified = { ...reference, qualifier: version };
    const { row } = await room.store.read((rows) => findVersion(rows, qualified));
    const kept = row.runtimeManagement[version];
    return {
      UpdateRuntimeOn: kept?.updateRuntimeOn ?? 'Auto',
      FunctionArn: arnOfReference(qualified),
      ...(kept?.runtimeVersionArn !== undefined && { RuntimeVersionArn: kept.runtimeVersionArn }),
    };
  },
});

function versionOf(qualifier = '$LATEST'): string {
  if (isVersion(qualifier)) return qualifier;
  throw invalidParameter('Runtime management configurations belong to versions; an alias has none.');
}
