/** Which code signing configuration a function has. */
import type {
  DeleteFunctionCodeSigningConfigRequest,
  GetFunctionCodeSigningConfigRequest,
  GetFunctionCodeSigningConfigResponse,
  ListFunctionsByCodeSigningConfigRequest,
  PutFunctionCodeSigningConfigRequest,
  PutFunctionCodeSigningConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Call } from '../../wire/service.ts';
import { needConfig, needForFunction } from './code-signing.ts';
import { changeFunction, needFunction } from './function-change.ts';
import { readReference } from './function-reference.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { functions } from './rows.ts';

export const functionCodeSigningOperations = (room: LambdaRoom) => ({
  PutFunctionCodeSigningConfig: async (
    input: PutFunctionCodeSigningConfigRequest,
    call: Call,
  ): Promise<PutFunctionCodeSigningConfigResponse> => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    const codeSigningConfigArn = input.CodeSigningConfigArn ?? '';
    await changeFunction(room, reference, async (row, rows) => {
      await needForFunction(rows, call.scope, codeSigningConfigArn);
      await rows.put(functions, reference.scope, reference.name, { ...row, codeSigningConfigArn });
    });
    return { CodeSigningConfigArn: codeSigningConfigArn, FunctionName: reference.name };
  },

  /** Without one the ARN is left out: clients that read functions whole ask for it. */
  GetFunctionCodeSigningConfig: async (
    input: GetFunctionCodeSigningConfigRequest,
    call: Call,
  ): Promise<GetFunctionCodeSigningConfigResponse> => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    const row = await needFunction(room.store, reference);
    return { CodeSigningConfigArn: row.codeSigningConfigArn, FunctionName: reference.name };
  },

  DeleteFunctionCodeSigningConfig: async (input: DeleteFunctionCodeSigningConfigRequest, call: Call) => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    await changeFunction(room, reference, async (row, rows) => {
      const { codeSigningConfigArn: _, ...rest } = row;
      await rows.put(functions, reference.scope, reference.name, rest);
    });
    return {};
  },

  ListFunctionsByCodeSigningConfig: async (input: ListFunctionsByCodeSigningConfigRequest, call: Call) => {
    await needConfig(room.store, call.scope, input.CodeSigningConfigArn);
    const all = await room.store.list(functions, call.scope);
    const page = pageOf(
      all.filter(({ row }) => row.codeSigningConfigArn === input.CodeSigningConfigArn),
      input,
    );
    return {
      FunctionArns: page.entries.map(({ row }) => row.configuration.FunctionArn ?? ''),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },
});
