/** Reserved and provisioned concurrency. */
import type {
  DeleteFunctionConcurrencyRequest,
  DeleteProvisionedConcurrencyConfigRequest,
  GetFunctionConcurrencyRequest,
  GetFunctionConcurrencyResponse,
  GetProvisionedConcurrencyConfigRequest,
  ListProvisionedConcurrencyConfigsRequest,
  ListProvisionedConcurrencyConfigsResponse,
  ProvisionedConcurrencyConfigListItem,
  PutFunctionConcurrencyRequest,
  PutProvisionedConcurrencyConfigRequest,
} from '@aws-sdk/client-lambda';
import { limits } from '../../base/limits.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, invalidParameter, lambdaFault } from './fault.ts';
import { needQualified } from './version-lookup.ts';
import { changeFunction, needFunction } from './function-change.ts';
import { type FunctionReference, functionArn, isVersion, readReference } from './function-reference.ts';
import { lambdaTime } from './identifiers.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import type { ProvisioningStatus } from './provisioning.ts';
import { aliases, functions, type ProvisionedRow, provisionedConcurrency } from './rows.ts';

export const concurrencyOperations = (room: LambdaRoom) => ({
  PutFunctionConcurrency: async (input: PutFunctionConcurrencyRequest, call: Call) => {
    const reference = wholeFunction(input.FunctionName, call);
    const reserved = input.ReservedConcurrentExecutions ?? 0;
    // Recorded from AWS: this not-found names $LATEST.
    await needFunction(room.store, { ...reference, qualifier: '$LATEST' });
    await changeFunction(room, reference, async (row, rows) => {
      await checkUnreserved(rows, reference, reserved);
      await rows.put(functions, reference.scope, reference.name, {
        ...row,
        reservedConcurrentExecutions: reserved,
      });
    });
    return { ReservedConcurrentExecutions: reserved };
  },

  GetFunctionConcurrency: async (
    input: GetFunctionConcurrencyRequest,
    call: Call,
  ): Promise<GetFunctionConcurrencyResponse> => {
    const row = await needFunction(room.store, wholeFunction(input.FunctionName, call));
    const reserved = row.reservedConcurrentExecutions;
    return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
  },

  DeleteFunctionConcurrency: async (input: DeleteFunctionConcurrencyRequest, call: Call) => {
    const reference = wholeFunction(input.FunctionName, call);
    await changeFunction(room, reference, async (row, rows) => {
      const { reservedConcurrentExecutions: _, ...rest } = row;
      await rows.put(functions, reference.scope, reference.name, rest);
    });
    return {};
  },

  PutProvisionedConcurrencyConfig: async (input: PutProvisionedConcurrencyConfigRequest, call: Call) => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    if (input.Qualifier === '$LATEST')
      throw invalidParameter(
        'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
      );
    const row: ProvisionedRow = {
      requested: input.ProvisionedConcurrentExecutions ?? 0,
      lastModified: lambdaTime(room.now()),
    };
    await room.store.transaction(async (rows) => {
      await needQualified(rows, reference);
      await checkOverlap(rows, reference);
      await rows.put(provisionedConcurrency, reference.scope, keyOf(reference), row);
    });
    room.provisioning.sync(reference.scope, reference.name);
    // What it is at first, as AWS answers: how far it has come is told by Get.
    return shown(row, { allocated: 0, status: 'IN_PROGRESS' });
  },

  GetProvisionedConcurrencyConfig: async (input: GetProvisionedConcurrencyConfigRequest, call: Call) => {
    const reference = published(input, call);
    await needQualified(room.store, reference);
    const row = await room.store.get(provisionedConcurrency, reference.scope, keyOf(reference));
    if (row === undefined)
      throw lambdaFault(
        'ProvisionedConcurrencyConfigNotFoundException',
        'No Provisioned Concurrency Config found for this function',
      );
    return shown(row, room.provisioning.statusOf(reference.scope, keyOf(reference)));
  },

  DeleteProvisionedConcurrencyConfig: async (
    input: DeleteProvisionedConcurrencyConfigRequest,
    call: Call,
  ) => {
    const reference = published(input, call);
    await room.store.transaction(async (rows) => {
      await needQualified(rows, reference);
      await rows.delete(provisionedConcurrency, reference.scope, keyOf(reference));
    });
    room.provisioning.sync(reference.scope, reference.name);
    return {};
  },

  ListProvisionedConcurrencyConfigs: async (
    input: ListProvisionedConcurrencyConfigsRequest,
    call: Call,
  ): Promise<ListProvisionedConcurrencyConfigsResponse> => {
    const { scope, name } = readReference(input.FunctionName ?? '', undefined, call.scope);
    await needFunction(room.store, { scope, name });
    const all = await room.store.list(provisionedConcurrency, scope, { prefix: `${name}/` });
    const page = pageOf(all, input);
    return {
      ProvisionedConcurrencyConfigs: page.entries.map(
        ({ key, row }): ProvisionedConcurrencyConfigListItem => ({
          FunctionArn: functionArn(scope, name, key.slice(name.length + 1)),
          ...shown(row, room.provisioning.statusOf(scope, key)),
        }),
      ),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },
});

function wholeFunction(text: string | undefined, call: Call): FunctionReference {
  const reference = readReference(text ?? '', undefined, call.scope);
  // Recorded from AWS.
  if (reference.qualifier !== undefined)
    throw invalidParameter(
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    );
  return reference;
}

async function checkUnreserved(rows: Reader, reference: FunctionReference, reserved: number): Promise<void> {
  let others = 0;
  for (const { row } of await rows.list(functions, reference.scope))
    if (row.name !== reference.name) others += row.reservedConcurrentExecutions ?? 0;
  const least = limits.lambdaUnreservedConcurrentExecutions;
  if (reserved > 0 && limits.lambdaConcurrentExecutions - others - reserved < least)
    throw invalidParameter(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${least}].`,
    );
}

function published(input: { FunctionName: string | undefined; Qualifier: string | undefined }, call: Call) {
  if (input.Qualifier === '$LATEST')
    throw invalidParameter('The function resource provided must be an alias or a published version.');
  return readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
}

/** A version has its own or that of an alias on it, never both. Texts recorded from AWS. */
async function checkOverlap(rows: Reader, reference: FunctionReference): Promise<void> {
  const { scope, name, qualifier = '' } = reference;
  const all = await rows.list(aliases, scope, { prefix: `${name}/` });
  if (isVersion(qualifier)) {
    for (const { row } of all.filter((alias) => alias.row.functionVersion === qualifier))
      if (await rows.get(provisionedConcurrency, scope, `${name}/${row.name}`))
        throw conflict('Version is pointed by a Provisioned Concurrency alias');
    return;
  }
  const version = all.find(({ row }) => row.name === qualifier)?.row.functionVersion;
  if (await rows.get(provisionedConcurrency, scope, `${name}/${version}`))
    throw conflict(
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    );
}

const keyOf = ({ name, qualifier }: FunctionReference): string => `${name}/${qualifier ?? ''}`;

const shown = (
  row: ProvisionedRow,
  { allocated, status, reason }: ProvisioningStatus = { allocated: 0, status: 'IN_PROGRESS' },
) => ({
  RequestedProvisionedConcurrentExecutions: row.requested,
  AvailableProvisionedConcurrentExecutions: allocated,
  AllocatedProvisionedConcurrentExecutions: allocated,
  Status: status,
  ...(reason !== undefined && { StatusReason: reason }),
  LastModified: row.lastModified,
});
