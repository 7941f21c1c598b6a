/** Connections: how API destinations prove who calls. Their secrets are sealed before they become rows. */
import { randomUUID } from 'node:crypto';
import type {
  ConnectionAuthorizationType,
  CreateConnectionAuthRequestParameters,
  CreateConnectionRequest,
  CreateConnectionResponse,
  DeauthorizeConnectionRequest,
  DeleteConnectionRequest,
  DescribeConnectionRequest,
  DescribeConnectionResponse,
  ListConnectionsRequest,
  ListConnectionsResponse,
  UpdateConnectionRequest,
  UpdateConnectionResponse,
} from '@aws-sdk/client-eventbridge';
import { arnOf, parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { alreadyThere, invalid, notFound } from './fault.ts';
import { pageOf } from './page.ts';
import type { EventsRoom } from './room.ts';

export interface ConnectionRow {
  readonly name: string;
  readonly connectionId: string;
  readonly type: ConnectionAuthorizationType;
  readonly description?: string;
  /** CreateConnectionAuthRequestParameters as JSON, sealed. */
  readonly sealed: string;
  readonly state: 'AUTHORIZED' | 'DEAUTHORIZED';
  readonly createdMs: number;
  readonly modifiedMs: number;
}

const connections = table<ConnectionRow>('events.connections');

const arnOfConnection = (scope: Scope, { name, connectionId }: ConnectionRow): string =>
  arnOf(scope, 'events', `connection/${name}/${connectionId}`);

export async function findConnection(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  nameOrArn: string | undefined,
): Promise<ConnectionRow> {
  const name = parseArn(nameOrArn ?? '')?.resource.split('/')[1] ?? nameOrArn ?? '';
  const row = await rows.get(connections, scope, name);
  if (row === undefined)
    throw notFound(`Failed to describe the connection(s). Connection '${name}' does not exist.`);
  return row;
}

export const connectionOperations = ({ store, now, authority }: EventsRoom) => ({
  async CreateConnection(input: CreateConnectionRequest, { scope }: Call): Promise<CreateConnectionResponse> {
    checkParameters(input.AuthorizationType, input.AuthParameters);
    if (input.InvocationConnectivityParameters !== undefined)
      throw invalid('InvocationConnectivityParameters (private APIs): not supported by gatehouse');
    const name = input.Name ?? '';
    const row: ConnectionRow = {
      name,
      connectionId: randomUUID(),
      type: input.AuthorizationType ?? 'BASIC',
      ...(input.Description === undefined ? {} : { description: input.Description }),
      sealed: (await authority()).seal(JSON.stringify(input.AuthParameters)),
      state: 'AUTHORIZED',
      createdMs: now(),
      modifiedMs: now(),
    };
    await store.transaction(async (rows) => {
      if (await rows.get(connections, scope, name)) throw alreadyThere(`Connection ${name} already exists.`);
      await rows.put(connections, scope, name, row);
    });
    return answer(scope, row);
  },

  async UpdateConnection(input: UpdateConnectionRequest, { scope }: Call): Promise<UpdateConnectionResponse> {
    const before = await findConnection(store, scope, input.Name);
    const type = input.AuthorizationType ?? before.type;
    const { open, seal } = await authority();
    const given = { ...(JSON.parse(open(before.sealed)) as object), ...input.AuthParameters };
    checkParameters(type, given);
    const row: ConnectionRow = {
      ...before,
      type,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      sealed: seal(JSON.stringify(given)),
      state: 'AUTHORIZED',
      modifiedMs: now(),
    };
    await store.transaction((rows) => rows.put(connections, scope, row.name, row));
    return answer(scope, row);
  },

  async DeauthorizeConnection(input: DeauthorizeConnectionRequest, { scope }: Call) {
    const row: ConnectionRow = { ...(await findConnection(store, scope, input.Name)), state: 'DEAUTHORIZED' };
    await store.transaction((rows) => rows.put(connections, scope, row.name, row));
    return answer(scope, row);
  },

  async DescribeConnection(
    input: DescribeConnectionRequest,
    { scope }: Call,
  ): Promise<DescribeConnectionResponse> {
    const row = await findConnection(store, scope, input.Name);
    const secret = JSON.parse((await authority()).open(row.sealed)) as CreateConnectionAuthRequestParameters; // what was sealed
    return {
      ...answer(scope, row),
      Name: row.name,
      AuthorizationType: row.type,
      ...(row.description === undefined ? {} : { Description: row.description }),
      SecretArn: arnOf(scope, 'secretsmanager', `secret:events!connection/${row.name}/${row.connectionId}`),
      AuthParameters: withoutSecrets(secret),
    };
  },

  async ListConnections(input: ListConnectionsRequest, { scope }: Call): Promise<ListConnectionsResponse> {
    const found = await store.list(connections, scope, { prefix: input.NamePrefix ?? '' });
    const wanted = found.filter(({ row }) => (input.ConnectionState ?? row.state) === row.state);
    const { page, NextToken } = pageOf(wanted, input, ({ key }) => key);
    return {
      Connections: page.map(({ row }) => ({
        ...answer(scope, row),
        Name: row.name,
        AuthorizationType: row.type,
      })),
      ...NextToken,
    };
  },

  async DeleteConnection(input: DeleteConnectionRequest, { scope }: Call) {
    const row = await findConnection(store, scope, input.Name);
    await store.transaction((rows) => rows.delete(connections, scope, row.name));
    return { ...answer(scope, row), ConnectionState: 'DELETING' as const };
  },
});

const answer = (scope: Scope, row: ConnectionRow) => ({
  ConnectionArn: arnOfConnection(scope, row),
  ConnectionState: row.state,
  CreationTime: new Date(row.createdMs),
  LastModifiedTime: new Date(row.modifiedMs),
  LastAuthorizedTime: new Date(row.modifiedMs),
});

const MEMBERS = {
  BASIC: 'BasicAuthParameters',
  OAUTH_CLIENT_CREDENTIALS: 'OAuthParameters',
  API_KEY: 'ApiKeyAuthParameters',
} as const satisfies Record<ConnectionAuthorizationType, string>;

function checkParameters(
  type: ConnectionAuthorizationType | undefined,
  given: Partial<Record<(typeof MEMBERS)[ConnectionAuthorizationType], unknown>> | undefined,
): void {
  const member = type && MEMBERS[type];
  if (member === undefined || given?.[member] === undefined)
    throw invalid(`Authorization type ${type} requires ${member ?? 'parameters of that type'}.`);
}

function withoutSecrets(given: CreateConnectionAuthRequestParameters) {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = given;
  return {
    ...(basic ? { BasicAuthParameters: { Username: basic.Username } } : {}),
    ...(key ? { ApiKeyAuthParameters: { ApiKeyName: key.ApiKeyName } } : {}),
    ...(oauth
      ? {
          OAuthParameters: {
            ClientParameters: { ClientID: oauth.ClientParameters?.ClientID },
            AuthorizationEndpoint: oauth.AuthorizationEndpoint,
            HttpMethod: oauth.HttpMethod,
          },
        }
      : {}),
  };
}
