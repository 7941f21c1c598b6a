/** Layers: archives that functions share, in versions that never change. */
import type {
  DeleteLayerVersionRequest,
  GetLayerVersionByArnRequest,
  GetLayerVersionRequest,
  GetLayerVersionResponse,
  LayerVersionsListItem,
  ListLayersRequest,
  ListLayersResponse,
  ListLayerVersionsRequest,
  ListLayerVersionsResponse,
  PublishLayerVersionRequest,
} from '@aws-sdk/client-lambda';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, notFound, validation } from './fault.ts';
import { takeCode } from './function-code.ts';
import { lambdaTime } from './identifiers.ts';
import { layerArn, readLayerArn } from './layer-reference.ts';
import { orphan } from './orphan-code.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { layerPolicies, layers, type LayerVersionRow, layerVersions, versionKey } from './rows.ts';

export const layerOperations = (room: LambdaRoom) => ({
  PublishLayerVersion: async (
    input: PublishLayerVersionRequest,
    call: Call,
  ): Promise<GetLayerVersionResponse> => {
    const name = readLayerName(input.LayerName, call.scope);
    const code = await takeCode(room, input.Content ?? {}, call);
    const row = await room.store.transaction(async (rows) => {
      const version = ((await rows.get(layers, call.scope, name))?.lastVersion ?? 0) + 1;
      const made: LayerVersionRow = {
        name,
        version,
        description: input.Description ?? '',
        createdDate: lambdaTime(room.now()),
        ...(input.CompatibleRuntimes !== undefined && { compatibleRuntimes: input.CompatibleRuntimes }),
        ...(input.CompatibleArchitectures !== undefined && {
          compatibleArchitectures: input.CompatibleArchitectures,
        }),
        ...(input.LicenseInfo !== undefined && { licenseInfo: input.LicenseInfo }),
        code,
      };
      await rows.put(layers, call.scope, name, { lastVersion: version });
      await rows.put(layerVersions, call.scope, versionKey(name, version), made);
      return made;
    });
    return shownWhole(room, row, call);
  },

  GetLayerVersion: async (input: GetLayerVersionRequest, call: Call): Promise<GetLayerVersionResponse> => {
    const name = readLayerName(input.LayerName, call.scope);
    return shownWhole(room, await findLayerVersion(room.store, call.scope, name, input.VersionNumber), call);
  },

  GetLayerVersionByArn: async (
    input: GetLayerVersionByArnRequest,
    call: Call,
  ): Promise<GetLayerVersionResponse> => {
    const layer = readLayerArn(input.Arn ?? '');
    if (layer === undefined)
      throw validation(
        `Value '${input.Arn}' at 'arn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+`,
      );
    if (layer.scope.account !== call.scope.account || layer.scope.region !== call.scope.region)
      throw missing();
    return shownWhole(room, await findLayerVersion(room.store, call.scope, layer.name, layer.version), call);
  },

  ListLayerVersions: async (
    input: ListLayerVersionsRequest,
    call: Call,
  ): Promise<ListLayerVersionsResponse> => {
    const name = readLayerName(input.LayerName, call.scope);
    const all = await room.store.list(layerVersions, call.scope, { prefix: `${name}/` });
    // The newest first: keys by what is left to the highest number.
    const newestFirst = all
      .filter(({ row }) => isCompatible(row, input))
      .toReversed()
      .map(({ row }) => ({ key: String(10_000_000_000 - row.version), row }));
    const page = pageOf(newestFirst, input);
    return {
      LayerVersions: page.entries.map(({ row }) => listed(row, call.scope)),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },

  ListLayers: async (input: ListLayersRequest, call: Call): Promise<ListLayersResponse> => {
    const latest = new Map<string, LayerVersionRow>();
    for (const { row } of await room.store.list(layerVersions, call.scope))
      if (isCompatible(row, input)) latest.set(row.name, row);
    const page = pageOf(
      [...latest].map(([key, row]) => ({ key, row })),
      input,
    );
    return {
      Layers: page.entries.map(({ row }) => ({
        LayerName: row.name,
        LayerArn: layerArn(call.scope, row.name),
        LatestMatchingVersion: listed(row, call.scope),
      })),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },

  DeleteLayerVersion: async (input: DeleteLayerVersionRequest, call: Call) => {
    const name = readLayerName(input.LayerName, call.scope);
    const version = checkVersion(input.VersionNumber);
    await room.store.transaction(async (rows) => {
      const row = await rows.get(layerVersions, call.scope, versionKey(name, version));
      if (row !== undefined) await orphan(rows, row.code, room.now());
      await rows.delete(layerVersions, call.scope, versionKey(name, version));
      await rows.delete(layerPolicies, call.scope, versionKey(name, version));
    });
    return {};
  },
});

/** A name, or the layer's ARN without a version, in this account and region. */
export function readLayerName(text: string | undefined, scope: Scope): string {
  const name = text ?? '';
  if (!name.startsWith('arn:')) return name;
  const prefix = layerArn(scope, '');
  if (!name.startsWith(prefix)) throw missing();
  return name.slice(prefix.length);
}

/** The row, or AWS's not-found. */
async function findLayerVersion(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string,
  version: number | undefined,
): Promise<LayerVersionRow> {
  const row = await rows.get(layerVersions, scope, versionKey(name, checkVersion(version)));
  if (row === undefined) throw missing();
  return row;
}

const missing = () => notFound('The resource you requested does not exist.');

function checkVersion(version: number | undefined): number {
  if (version === undefined || version < 1) throw invalidParameter('Layer Version Cannot be less than 1');
  return version;
}

interface Wanted {
  readonly CompatibleRuntime?: string | undefined;
  readonly CompatibleArchitecture?: string | undefined;
}

function isCompatible(row: LayerVersionRow, wanted: Wanted): boolean {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = wanted;
  return (
    (runtime === undefined || (row.compatibleRuntimes ?? []).some((one) => one === runtime)) &&
    (architecture === undefined || (row.compatibleArchitectures ?? []).some((one) => one === architecture))
  );
}

const listed = (row: LayerVersionRow, scope: Scope): LayerVersionsListItem => ({
  LayerVersionArn: layerArn(scope, row.name, row.version),
  Version: row.version,
  Description: row.description,
  CreatedDate: row.createdDate,
  ...(row.compatibleArchitectures && { CompatibleArchitectures: [...row.compatibleArchitectures] }),
  ...(row.compatibleRuntimes && { CompatibleRuntimes: [...row.compatibleRuntimes] }),
  ...(row.licenseInfo !== undefined && { LicenseInfo: row.licenseInfo }),
});

const shownWhole = (room: LambdaRoom, row: LayerVersionRow, call: Call): GetLayerVersionResponse => ({
  ...listed(row, call.scope),
  LayerArn: layerArn(call.scope, row.name),
  Content: {
    Location:
      row.code.kind === 'zip'
        ? room.codeLinks.link(call.endpoint, row.code.blobId)
        : `file://${row.code.path}`,
    CodeSha256: row.code.sha256,
    CodeSize: row.code.sizeBytes,
  },
});
