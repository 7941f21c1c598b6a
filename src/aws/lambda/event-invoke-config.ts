/** How asynchronous invocations of a function, version or alias are retried, and who hears of their end. */
import type {
  DeleteFunctionEventInvokeConfigRequest,
  DestinationConfig,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigRequest,
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
  PutFunctionEventInvokeConfigRequest,
  UpdateFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../base/arn.ts';
import { isFault } from '../../base/fault.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, notFound } from './fault.ts';
import { findVersion } from './version-lookup.ts';
import { type FunctionReference, functionArn, readFunctionArn, readReference } from './function-reference.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { type EventInvokeRow, eventInvokeConfigs, functions } from './rows.ts';

export const eventInvokeConfigOperations = (room: LambdaRoom) => ({
  PutFunctionEventInvokeConfig: async (
    input: PutFunctionEventInvokeConfigRequest,
    call: Call,
  ): Promise<FunctionEventInvokeConfig> => {
    const reference = qualified(input, call);
    return room.store.transaction(async (rows) => {
      await checkFunction(rows, reference);
      if (
        input.MaximumRetryAttempts === undefined &&
        input.MaximumEventAgeInSeconds === undefined &&
        input.DestinationConfig === undefined
      )
        throw invalidParameter('You must specify at least one of error handling or destination setting.');
      await checkDestinations(rows, reference, input.DestinationConfig);
      const row = newRow(room, input);
      await rows.put(eventInvokeConfigs, reference.scope, keyOf(reference), row);
      return shown(reference, row);
    });
  },

  UpdateFunctionEventInvokeConfig: async (
    input: UpdateFunctionEventInvokeConfigRequest,
    call: Call,
  ): Promise<FunctionEventInvokeConfig> => {
    const reference = qualified(input, call);
    return room.store.transaction(async (rows) => {
      await checkFunction(rows, reference);
      const before = await needRow(rows, reference);
      await checkDestinations(rows, reference, input.DestinationConfig);
      const row = { ...before, ...newRow(room, input) };
      await rows.put(eventInvokeConfigs, reference.scope, keyOf(reference), row);
      return shown(reference, row);
    });
  },

  GetFunctionEventInvokeConfig: async (
    input: GetFunctionEventInvokeConfigRequest,
    call: Call,
  ): Promise<FunctionEventInvokeConfig> => {
    const reference = qualified(input, call);
    return shown(reference, await needRow(room.store, reference));
  },

  DeleteFunctionEventInvokeConfig: async (input: DeleteFunctionEventInvokeConfigRequest, call: Call) => {
    const reference = qualified(input, call);
    await room.store.transaction(async (rows) => {
      await needRow(rows, reference);
      await rows.delete(eventInvokeConfigs, reference.scope, keyOf(reference));
    });
    return {};
  },

  ListFunctionEventInvokeConfigs: async (
    input: ListFunctionEventInvokeConfigsRequest,
    call: Call,
  ): Promise<ListFunctionEventInvokeConfigsResponse> => {
    const { scope, name } = readReference(input.FunctionName ?? '', undefined, call.scope);
    if (!(await room.store.get(functions, scope, name))) throw notFound("The function doesn't exist.");
    const page = pageOf(await room.store.list(eventInvokeConfigs, scope, { prefix: `${name}/` }), input);
    return {
      FunctionEventInvokeConfigs: page.entries.map(({ key, row }) =>
        shown({ scope, name, qualifier: key.slice(name.length + 1) }, row),
      ),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },
});

type Input = Pick<UpdateFunctionEventInvokeConfigRequest, 'FunctionName' | 'Qualifier'>;

/** Without a qualifier it is `$LATEST`'s. */
function qualified(input: Input, call: Call): FunctionReference & { readonly qualifier: string } {
  const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
  return { ...reference, qualifier: reference.qualifier ?? '$LATEST' };
}

const keyOf = ({ name, qualifier }: FunctionReference): string => `${name}/${qualifier}`;

async function needRow(rows: Pick<Reader, 'get'>, reference: FunctionReference): Promise<EventInvokeRow> {
  const row = await rows.get(eventInvokeConfigs, reference.scope, keyOf(reference));
  if (row !== undefined) return row;
  const arn = functionArn(reference.scope, reference.name, reference.qualifier);
  throw notFound(`The function ${arn} doesn't have an EventInvokeConfig`);
}

async function checkFunction(rows: Reader, reference: FunctionReference): Promise<void> {
  try {
    await findVersion(rows, reference);
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === 'ResourceNotFoundException')
      throw notFound("The function doesn't exist.");
    throw thrown;
  }
}

const DESTINATION_SERVICES: readonly string[] = ['sqs', 'sns', 'lambda', 'events', 's3'];

async function checkDestinations(
  rows: Reader,
  reference: FunctionReference,
  config: DestinationConfig | undefined,
): Promise<void> {
  for (const side of ['OnSuccess', 'OnFailure'] as const) {
    const target = config?.[side]?.Destination;
    if (!target) continue;
    const service = parseArn(target)?.service ?? '';
    // Buckets take failures only; ordered queues and topics take neither.
    const isWrong = (service === 's3' && side === 'OnSuccess') || target.endsWith('.fifo');
    if (isWrong || !DESTINATION_SERVICES.includes(service))
      throw invalidParameter(`The provided destination config ${printed(config)} is invalid.`);
    const called = service === 'lambda' ? readFunctionArn(target) : undefined;
    if (called?.name === reference.name)
      throw invalidParameter("You can't specify the function as a destination for itself.");
    if (called && !(await rows.get(functions, called.scope, called.name)))
      throw invalidParameter(`The destination ARN ${target} is invalid.`);
  }
}

/** As AWS prints it, Java's way. */
const printed = (config: DestinationConfig | undefined): string =>
  `DestinationConfig(onSuccess=${printedSide('OnSuccess', config?.OnSuccess)}, onFailure=${printedSide('OnFailure', config?.OnFailure)})`;

const printedSide = (name: string, side: { Destination?: string | undefined } | undefined): string =>
  side === undefined ? 'null' : `${name}(destination=${side.Destination ?? 'null'})`;

function newRow(room: LambdaRoom, input: PutFunctionEventInvokeConfigRequest): EventInvokeRow {
  return {
    lastModified: room.now(),
    ...(input.MaximumRetryAttempts !== undefined && { maximumRetryAttempts: input.MaximumRetryAttempts }),
    ...(input.MaximumEventAgeInSeconds !== undefined && {
      maximumEventAgeInSeconds: input.MaximumEventAgeInSeconds,
    }),
    ...(input.DestinationConfig !== undefined && { destinationConfig: input.DestinationConfig }),
  };
}

const shown = (reference: FunctionReference, row: EventInvokeRow): FunctionEventInvokeConfig => ({
  LastModified: new Date(row.lastModified),
  FunctionArn: functionArn(reference.scope, reference.name, reference.qualifier),
  ...(row.maximumRetryAttempts !== undefined && { MaximumRetryAttempts: row.maximumRetryAttempts }),
  ...(row.maximumEventAgeInSeconds !== undefined && {
    MaximumEventAgeInSeconds: row.maximumEventAgeInSeconds,
  }),
  DestinationConfig: { OnSuccess: {}, OnFailure: {}, ...row.destinationConfig },
});
