/** DeleteFunction: a version, or the function with all that belongs to it. */
import type { DeleteFunctionRequest } from '@aws-sdk/client-lambda';
import type { Call } from '../../wire/service.ts';
import { conflict, invalidParameter } from './fault.ts';
import { changeFunction } from './function-change.ts';
import { type FunctionReference, functionArn, isVersion, readReference } from './function-reference.ts';
import { orphan } from './orphan-code.ts';
import type { LambdaRoom } from './ports.ts';
import {
  aliases,
  eventInvokeConfigs,
  functions,
  policies,
  provisionedConcurrency,
  versionKey,
  versions,
} from './rows.ts';
import { removeUrl, removeUrls } from './url-rows.ts';

export const functionDeletionOperations = (room: LambdaRoom) => ({
  DeleteFunction: async (input: DeleteFunctionRequest, call: Call) => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    if (reference.qualifier === undefined) await deleteWhole(room, reference);
    else await deleteVersion(room, reference, reference.qualifier);
    return { StatusCode: 204 };
  },
});

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
