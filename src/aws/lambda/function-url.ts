/** Function URLs: an HTTP address of a function or an alias. */
import type {
  CreateFunctionUrlConfigRequest,
  CreateFunctionUrlConfigResponse,
  DeleteFunctionUrlConfigRequest,
  FunctionUrlConfig,
  GetFunctionUrlConfigRequest,
  GetFunctionUrlConfigResponse,
  ListFunctionUrlConfigsRequest,
  ListFunctionUrlConfigsResponse,
  UpdateFunctionUrlConfigRequest,
  UpdateFunctionUrlConfigResponse,
} from '@aws-sdk/client-lambda';
import { pinnedId, randomText } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, notFound, validation } from './fault.ts';
import { type FunctionReference, functionArn, isVersion, readReference } from './function-reference.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { aliases, functions, type UrlRow, urls } from './rows.ts';
import { removeUrl, URL_INDEX, urlIndex } from './url-rows.ts';

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export const functionUrlOperations = (room: LambdaRoom) => {
  const endpointOf = (call: Call): string => call.endpoint || (room.endpoint?.() ?? '');
  return {
    CreateFunctionUrlConfig: async (
      input: CreateFunctionUrlConfigRequest,
      call: Call,
    ): Promise<CreateFunctionUrlConfigResponse> => {
      const reference = readTarget(input, call);
      const now = new Date(room.now()).toISOString();
      const row = await room.store.transaction(async (rows) => {
        const owner = await rows.get(functions, reference.scope, reference.name);
        if (owner === undefined || !(await hasAlias(rows, reference)))
          throw notFound('Function does not exist');
        if (await rows.get(urls, reference.scope, keyOf(reference)))
          throw conflict(
            `Failed to create function url config for [functionArn = ${arnOf(reference)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        const pinned = reference.qualifier === undefined ? pinnedId(owner.tags) : undefined;
        const made: UrlRow = {
          urlId: pinned ?? randomText(32, ID_CHARACTERS, room.random),
          authType: input.AuthType ?? 'AWS_IAM',
          ...(input.Cors !== undefined && { cors: input.Cors }),
          invokeMode: input.InvokeMode ?? 'BUFFERED',
          creationTime: now,
          lastModifiedTime: now,
        };
        await rows.put(urls, reference.scope, keyOf(reference), made);
        await rows.put(urlIndex, URL_INDEX, made.urlId, reference);
        return made;
      });
      const { LastModifiedTime: _, ...answer } = shown(reference, row, endpointOf(call));
      return answer;
    },

    GetFunctionUrlConfig: async (
      input: GetFunctionUrlConfigRequest,
      call: Call,
    ): Promise<GetFunctionUrlConfigResponse> => {
      const reference = readTarget(input, call);
      return shown(reference, await needUrl(room.store, reference), endpointOf(call));
    },

    UpdateFunctionUrlConfig: async (
      input: UpdateFunctionUrlConfigRequest,
      call: Call,
    ): Promise<UpdateFunctionUrlConfigResponse> => {
      const reference = readTarget(input, call);
      const row = await room.store.transaction(async (rows) => {
        const changed: UrlRow = {
          ...(await needUrl(rows, reference)),
          ...(input.AuthType !== undefined && { authType: input.AuthType }),
          ...(input.Cors !== undefined && { cors: input.Cors }),
          ...(input.InvokeMode !== undefined && { invokeMode: input.InvokeMode }),
          lastModifiedTime: new Date(room.now()).toISOString(),
        };
        await rows.put(urls, reference.scope, keyOf(reference), changed);
        return changed;
      });
      return shown(reference, row, endpointOf(call));
    },

    DeleteFunctionUrlConfig: async (input: DeleteFunctionUrlConfigRequest, call: Call) => {
      const reference = readTarget(input, call);
      await room.store.transaction(async (rows) => {
        if (!(await removeUrl(rows, reference.scope, keyOf(reference)))) throw missing();
      });
      return {};
    },

    ListFunctionUrlConfigs: async (
      input: ListFunctionUrlConfigsRequest,
      call: Call,
    ): Promise<ListFunctionUrlConfigsResponse> => {
      const { scope, name } = readReference(input.FunctionName ?? '', undefined, call.scope);
      if (!(await room.store.get(functions, scope, name))) throw notFound('Function does not exist');
      const page = pageOf(await room.store.list(urls, scope, { prefix: `${name}/` }), input);
      return {
        FunctionUrlConfigs: page.entries.map(({ key, row }) =>
          shown(ownerOf(scope, name, key), row, endpointOf(call)),
        ),
        ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
      };
    },
  };
};

/** What the data plane needs to serve a URL. */
export interface FunctionUrl {
  readonly scope: Scope;
  /** As it is invoked: with the alias when the URL is an alias's. */
  readonly functionArn: string;
  readonly authType: UrlRow['authType'];
  readonly invokeMode: UrlRow['invokeMode'];
  readonly cors: UrlRow['cors'];
}

/** The function behind `{urlId}.lambda-url.{region}...`; undefined when there is no such URL. */
export const createFindFunctionUrl =
  (room: LambdaRoom) =>
  async (urlId: string): Promise<FunctionUrl | undefined> =>
    room.store.read(async (rows) => {
      const owner = await rows.get(urlIndex, URL_INDEX, urlId);
      const row = owner && (await rows.get(urls, owner.scope, keyOf(owner)));
      if (owner === undefined || row === undefined) return undefined;
      const { authType, invokeMode, cors } = row;
      return { scope: owner.scope, functionArn: arnOf(owner), authType, invokeMode, cors };
    });

interface Target {
  readonly FunctionName: string | undefined;
  readonly Qualifier?: string | undefined;
}

function readTarget(input: Target, call: Call): FunctionReference {
  const { Qualifier: qualifier } = input;
  // Recorded from AWS: versions have no URL, not even $LATEST.
  if (qualifier !== undefined && isVersion(qualifier))
    throw validation(
      `Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)`,
    );
  return readReference(input.FunctionName ?? '', qualifier, call.scope);
}

const missing = () => notFound('The resource you requested does not exist.');
const keyOf = ({ name, qualifier }: Pick<FunctionReference, 'name' | 'qualifier'>): string =>
  `${name}/${qualifier ?? ''}`;
const arnOf = ({ scope, name, qualifier }: FunctionReference): string => functionArn(scope, name, qualifier);

function ownerOf(scope: Scope, name: string, key: string): FunctionReference {
  const qualifier = key.slice(name.length + 1);
  return qualifier === '' ? { scope, name } : { scope, name, qualifier };
}

async function hasAlias(rows: Reader, { scope, name, qualifier }: FunctionReference): Promise<boolean> {
  return qualifier === undefined || (await rows.get(aliases, scope, `${name}/${qualifier}`)) !== undefined;
}

async function needUrl(rows: Pick<Reader, 'get'>, reference: FunctionReference): Promise<UrlRow> {
  const row = await rows.get(urls, reference.scope, keyOf(reference));
  if (row === undefined) throw missing();
  return row;
}

const shown = (
  reference: FunctionReference,
  row: UrlRow,
  endpoint: string,
): Required<Omit<FunctionUrlConfig, 'Cors'>> & Pick<FunctionUrlConfig, 'Cors'> => ({
  FunctionUrl: addressOf(row.urlId, reference.scope, endpoint),
  FunctionArn: arnOf(reference),
  AuthType: row.authType,
  ...(row.cors !== undefined && { Cors: row.cors }),
  CreationTime: row.creationTime,
  LastModifiedTime: row.lastModifiedTime,
  InvokeMode: row.invokeMode,
});

/** On this server: `localhost` names resolve to it whatever stands before them. */
function addressOf(urlId: string, scope: Scope, endpoint: string): string {
  const { protocol, port } = new URL(endpoint || 'http://localhost');
  return `${protocol}//${urlId}.lambda-url.${scope.region}.localhost${port === '' ? '' : `:${port}`}/`;
}
