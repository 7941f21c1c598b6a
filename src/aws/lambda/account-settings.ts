/** GetAccountSettings: what the account may hold and holds. */
import type { GetAccountSettingsResponse } from '@aws-sdk/client-lambda';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import type { LambdaRoom } from './ports.ts';
import { functions, layerVersions, versions } from './rows.ts';

export const accountSettingsOperations = (room: LambdaRoom) => ({
  GetAccountSettings: async (_: object, call: Call): Promise<GetAccountSettingsResponse> =>
    room.store.read(async (rows) => {
      const all = await rows.list(functions, call.scope);
      const held = [
        ...all,
        ...(await rows.list(versions, call.scope)),
        ...(await rows.list(layerVersions, call.scope)),
      ];
      const reserved = all.reduce((sum, { row }) => sum + (row.reservedConcurrentExecutions ?? 0), 0);
      return {
        AccountLimit: {
          TotalCodeSize: limits.lambdaCodeStorageBytes,
          CodeSizeUnzipped: limits.lambdaUnzippedCodeBytes,
          CodeSizeZipped: limits.lambdaZippedUploadBytes,
          ConcurrentExecutions: limits.lambdaConcurrentExecutions,
          UnreservedConcurrentExecutions: limits.lambdaConcurrentExecutions - reserved,
        },
        AccountUsage: {
          TotalCodeSize: held.reduce((sum, { row }) => sum + row.code.sizeBytes, 0),
          FunctionCount: all.length,
        },
      };
    }),
});
