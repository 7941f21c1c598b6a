/** Event source mappings: what polls a queue or a stream for a function. */
import type {
  CreateEventSourceMappingRequest,
  DeleteEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  GetEventSourceMappingRequest,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import type { Scope } from '../../../base/scope.ts';
import type { Reader } from '../../../store/store.ts';
import type { Call } from '../../../wire/service.ts';
import { conflict, invalidParameter, notFound, validation } from '../fault.ts';
import { type FunctionReference, readReference } from '../function-reference.ts';
import { uuid } from '../identifiers.ts';
import { pageOf } from '../paging.ts';
import type { LambdaRoom } from '../ports.ts';
import { checkTags } from '../tag-rules.ts';
import { findVersion } from '../version-lookup.ts';
import { checkpoints, type MappingRow, mappings } from './rows.ts';
import { defaultSettings, mergeSettings, readSource, refuseMembers, type Source } from './settings.ts';
import { shown } from './shown-mapping.ts';
import { createSourceCall } from '../source-call.ts';
import { checkSource } from './source-check.ts';
import type { Supervisor } from './supervisor.ts';

export const eventSourceMappingOperations = (room: LambdaRoom, supervisor: Supervisor) => ({
  CreateEventSourceMapping: async (
    input: CreateEventSourceMappingRequest,
    call: Call,
  ): Promise<EventSourceMappingConfiguration> => {
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    const source = readSource(input);
    const settings = mergeSettings(source, defaultSettings(source.kind), input);
    const tags = input.Tags ?? {};
    checkTags(tags);
    const now = room.now();
    const row: MappingRow = {
      uuid: uuid(room.random),
      kind: source.kind,
      sourceArn: source.arn,
      functionName: reference.name,
      ...(reference.qualifier !== undefined && { qualifier: reference.qualifier }),
      enabled: input.Enabled ?? true,
      settings,
      ...startOf(source, input),
      createdAt: now,
      lastModified: now,
      tags,
    };
    await checkOwner(room, reference, source);
    await room.store.transaction(async (rows) => {
      await checkAlone(rows, call.scope, row);
      await rows.put(mappings, call.scope, row.uuid, row);
    });
    await supervisor.changed(call.scope, row.uuid);
    return shown(call.scope, row, supervisor.result(row.uuid), 'Creating');
  },

  GetEventSourceMapping: async (
    input: GetEventSourceMappingRequest,
    call: Call,
  ): Promise<EventSourceMappingConfiguration> => {
    const row = await needMapping(room.store, call.scope, input.UUID);
    return shown(call.scope, row, supervisor.result(row.uuid));
  },

  ListEventSourceMappings: async (
    input: ListEventSourceMappingsRequest,
    call: Call,
  ): Promise<ListEventSourceMappingsResponse> => {
    const wanted =
      input.FunctionName === undefined ? undefined : readReference(input.FunctionName, undefined, call.scope);
    const all = await room.store.list(mappings, call.scope);
    const page = pageOf(
      all.filter(
        ({ row }) =>
          (input.EventSourceArn === undefined || row.sourceArn === input.EventSourceArn) &&
          (wanted === undefined ||
            (row.functionName === wanted.name &&
              (wanted.qualifier === undefined || row.qualifier === wanted.qualifier))),
      ),
      input,
    );
    return {
      EventSourceMappings: page.entries.map(({ row }) => shown(call.scope, row, supervisor.result(row.uuid))),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },

  UpdateEventSourceMapping: async (
    input: UpdateEventSourceMappingRequest,
    call: Call,
  ): Promise<EventSourceMappingConfiguration> => {
    const before = await needMapping(room.store, call.scope, input.UUID);
    refuseMembers(input);
    const source = sourceOf(before);
    const reference =
      input.FunctionName === undefined ? undefined : readReference(input.FunctionName, undefined, call.scope);
    if (reference) await checkOwner(room, reference, source);
    const changed = await room.store.transaction(async (rows) => {
      const row = await needMapping(rows, call.scope, input.UUID);
      const { qualifier, functionName, ...rest } = row;
      const target = reference ?? { name: functionName, qualifier };
      const next: MappingRow = {
        ...rest,
        functionName: target.name,
        ...(target.qualifier !== undefined && { qualifier: target.qualifier }),
        enabled: input.Enabled ?? row.enabled,
        settings: mergeSettings(source, row.settings, input),
        lastModified: room.now(),
      };
      await rows.put(mappings, call.scope, row.uuid, next);
      return next;
    });
    await supervisor.changed(call.scope, changed.uuid);
    const state =
      changed.enabled === before.enabled ? 'Updating' : changed.enabled ? 'Enabling' : 'Disabling';
    return shown(call.scope, changed, supervisor.result(changed.uuid), state);
  },

  DeleteEventSourceMapping: async (
    input: DeleteEventSourceMappingRequest,
    call: Call,
  ): Promise<EventSourceMappingConfiguration> => {
    const row = await room.store.transaction(async (rows) => {
      const found = await needMapping(rows, call.scope, input.UUID);
      await rows.delete(mappings, call.scope, found.uuid);
      await rows.deleteRange(checkpoints, call.scope, `${found.uuid}/`);
      return found;
    });
    const result = supervisor.result(row.uuid);
    await supervisor.changed(call.scope, row.uuid);
    return shown(call.scope, row, result, 'Deleting');
  },
});

/** Recorded from AWS. */
export async function needMapping(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<MappingRow> {
  const row = await rows.get(mappings, scope, id ?? '');
  if (row === undefined) throw notFound('The resource you requested does not exist.');
  return row;
}

const sourceOf = ({ kind, sourceArn }: MappingRow): Source => ({
  kind,
  arn: sourceArn,
  isFifo: sourceArn.endsWith('.fifo'),
});

function startOf(
  { kind, arn }: Source,
  { StartingPosition, StartingPositionTimestamp }: CreateEventSourceMappingRequest,
): Pick<MappingRow, 'startingPosition' | 'startingTimestamp'> {
  if (kind === 'sqs') {
    if (StartingPosition !== undefined)
      throw invalidParameter('StartingPosition is not valid for SQS event sources.');
    return {};
  }
  if (StartingPosition === undefined)
    throw validation(
      "Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  if (StartingPosition !== 'AT_TIMESTAMP') return { startingPosition: StartingPosition };
  if (kind === 'dynamodb') throw invalidParameter(`Unsupported starting position for arn type: ${arn}`);
  if (StartingPositionTimestamp === undefined)
    throw invalidParameter('StartingPositionTimestamp is required for starting position AT_TIMESTAMP.');
  return { startingPosition: StartingPosition, startingTimestamp: StartingPositionTimestamp.getTime() };
}

/** The function or version must be there, and its role able to read the source. */
async function checkOwner(room: LambdaRoom, reference: FunctionReference, source: Source): Promise<void> {
  const { version } = await room.store.read((rows) => findVersion(rows, reference));
  const { Role = '', Timeout = 3 } = version.configuration;
  const call = createSourceCall(room, {
    arn: source.arn,
    roleArn: Role,
    sessionName: reference.name,
    fallback: reference.scope,
  });
  await checkSource(source, Timeout, call);
}

/** Texts recorded from AWS; queues have one of their own. */
async function checkAlone(rows: Reader, scope: Scope, row: MappingRow): Promise<void> {
  for (const { row: other } of await rows.list(mappings, scope)) {
    if (other.sourceArn !== row.sourceArn || other.functionName !== row.functionName) continue;
    if (other.qualifier !== row.qualifier) continue;
    const tail = `already exists. Please update or delete the existing mapping with UUID ${other.uuid}`;
    const pair = `(" ${row.sourceArn} ") and function (" ${row.functionName} ")`;
    throw conflict(
      row.kind === 'sqs'
        ? `An event source mapping with SQS arn ${pair} ${tail}`
        : `The event source arn ${pair} provided mapping ${tail}`,
    );
  }
}
