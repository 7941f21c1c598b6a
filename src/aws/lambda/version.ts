/** Versions: a number that stands for `$LATEST` as it was. */
import type {
  FunctionConfiguration,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  PublishVersionRequest,
} from '@aws-sdk/client-lambda';
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, unsupported } from './fault.ts';
import { listed } from './version-lookup.ts';
import { changeFunction, checkRevision, needFunction } from './function-change.ts';
import { type FunctionReference, functionArn, readReference } from './function-reference.ts';
import { uuid } from './identifiers.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { type FunctionRow, functions, type VersionRow, versionKey, versions } from './rows.ts';

export const versionOperations = (room: LambdaRoom) => ({
  PublishVersion: async (input: PublishVersionRequest, call: Call): Promise<FunctionConfiguration> => {
    if (input.PublishTo !== undefined) throw unsupported('PublishTo');
    const { scope, name } = readReference(input.FunctionName ?? '', undefined, call.scope);
    const reference = { scope, name };
    return changeFunction(room, reference, async (row, rows) => {
      checkRevision(row, input.RevisionId);
      const current = row.configuration.CodeSha256;
      if (input.CodeSha256 && input.CodeSha256 !== current)
        throw invalidParameter(
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${current}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      return publish(room, rows, { reference, row, description: input.Description });
    });
  },

  ListVersionsByFunction: async (
    input: ListVersionsByFunctionRequest,
    call: Call,
  ): Promise<ListVersionsByFunctionResponse> => {
    const { scope, name } = readReference(input.FunctionName ?? '', undefined, call.scope);
    return room.store.read(async (rows) => {
      const row = await needFunction(rows, { scope, name });
      const published = await rows.list(versions, scope, { prefix: `${name}/` });
      // `$LATEST` comes first: its key sorts before any number's.
      const all = [{ key: `${name}/$LATEST`, row: row as VersionRow }, ...published];
      const page = pageOf(all, input);
      return {
        Versions: page.entries.map(({ row }) =>
          listed(row.configuration, row.configuration.Version === '$LATEST' ? '$LATEST' : undefined),
        ),
        ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
      };
    });
  },
});

interface Publication {
  readonly reference: FunctionReference;
  readonly row: FunctionRow;
  readonly description: string | undefined;
}

/** Makes the next version, or answers with the last one when nothing changed since, as AWS does. */
export async function publish(
  room: LambdaRoom,
  rows: Transaction,
  { reference, row, description }: Publication,
): Promise<FunctionConfiguration> {
  const { scope, name } = reference;
  const last =
    row.lastVersion > 0 ? await rows.get(versions, scope, versionKey(name, row.lastVersion)) : undefined;
  if (last !== undefined && isSame(last, row)) return last.configuration;
  const number = row.lastVersion + 1;
  const configuration: FunctionConfiguration = {
    ...row.configuration,
    ...(description !== undefined && { Description: description }),
    FunctionArn: functionArn(scope, name, String(number)),
    Version: String(number),
    RevisionId: uuid(room.random),
  };
  await rows.put(versions, scope, versionKey(name, number), {
    configuration,
    code: row.code,
    layers: row.layers,
  });
  // Publishing gives $LATEST a new revision too: recorded from AWS.
  const latest = { ...row.configuration, RevisionId: uuid(room.random) };
  await rows.put(functions, scope, name, { ...row, configuration: latest, lastVersion: number });
  return configuration;
}

/** Description and times aside, which do not make a version differ; the code by its digest. */
function isSame(version: VersionRow, latest: VersionRow): boolean {
  return isDeepStrictEqual(comparable(version), comparable(latest));
}

function comparable({ configuration }: VersionRow): object {
  const {
    FunctionArn: _,
    Version: __,
    RevisionId: ___,
    Description: ____,
    LastModified: _____,
    ...rest
  } = configuration;
  return JSON.parse(JSON.stringify(rest)) as object;
}
