/** App clients: who may ask a pool for tokens, and how. */
import type {
  AddUserPoolClientSecretRequest,
  CreateUserPoolClientRequest,
  DeleteUserPoolClientRequest,
  DeleteUserPoolClientSecretRequest,
  DescribeUserPoolClientRequest,
  ListUserPoolClientSecretsRequest,
  ListUserPoolClientsRequest,
  UpdateUserPoolClientRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { clientSettings, showClient } from './client-settings.ts';
import { invalidParameter, notFound } from './fault.ts';
import { pageOf } from './paging.ts';
import { EVERYWHERE, needClient, needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { type ClientRow, clientPlaces, clients, type ClientSecret } from './rows.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export const clientOperations = (ports: CognitoPorts) => ({
  CreateUserPoolClient: async (input: CreateUserPoolClientRequest, { scope }: Call) => {
    if (input.ClientSecret !== undefined && input.GenerateSecret)
      throw invalidParameter('ClientSecret cannot be given together with GenerateSecret.');
    const secret = input.GenerateSecret ? newSecret(ports) : givenSecret(ports, input.ClientSecret);
    const row = await ports.store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      const others = await rows.list(clients, scope, { prefix: `${pool.id}/` });
      if (others.length >= limits.cognitoClients)
        throw new Fault('LimitExceededException', 'The limit of app clients of the user pool is reached.');
      const made: ClientRow = {
        ...(await clientSettings(rows, scope, pool, input)),
        poolId: pool.id,
        id: randomText(26, LETTERS, ports.random),
        name: input.ClientName ?? '',
        createdMs: ports.now(),
        modifiedMs: ports.now(),
        secrets: secret ? [secret] : [],
      };
      await rows.put(clients, scope, `${pool.id}/${made.id}`, made);
      await rows.put(clientPlaces, EVERYWHERE, made.id, { ...scope, poolId: pool.id });
      return made;
    });
    return { UserPoolClient: showClient(row) };
  },

  DescribeUserPoolClient: async (input: DescribeUserPoolClientRequest, { scope }: Call) => ({
    UserPoolClient: showClient(
      (await needClient(ports.store, scope, input.UserPoolId, input.ClientId)).client,
    ),
  }),

  ListUserPoolClients: async (input: ListUserPoolClientsRequest, { scope }: Call) => {
    const pool = await needPool(ports.store, scope, input.UserPoolId);
    const all = await ports.store.list(clients, scope, { prefix: `${pool.id}/` });
    const page = pageOf(all, input.NextToken, input.MaxResults);
    return {
      UserPoolClients: page.items.map((row) => ({
        ClientId: row.id,
        UserPoolId: row.poolId,
        ClientName: row.name,
      })),
      ...(page.next && { NextToken: page.next }),
    };
  },

  /** What is left out goes back to its default, as on AWS; the secrets stay. */
  UpdateUserPoolClient: async (input: UpdateUserPoolClientRequest, { scope }: Call) => {
    const row = await ports.store.transaction(async (rows) => {
      const { pool, client } = await needClient(rows, scope, input.UserPoolId, input.ClientId);
      const changed: ClientRow = {
        ...(await clientSettings(rows, scope, pool, input)),
        poolId: pool.id,
        id: client.id,
        name: input.ClientName ?? client.name,
        createdMs: client.createdMs,
        modifiedMs: ports.now(),
        secrets: client.secrets,
      };
      await rows.put(clients, scope, `${pool.id}/${client.id}`, changed);
      return changed;
    });
    return { UserPoolClient: showClient(row) };
  },

  DeleteUserPoolClient: async (input: DeleteUserPoolClientRequest, { scope }: Call) => {
    await ports.store.transaction(async (rows) => {
      const { pool, client } = await needClient(rows, scope, input.UserPoolId, input.ClientId);
      await rows.delete(clients, scope, `${pool.id}/${client.id}`);
      await rows.delete(clientPlaces, EVERYWHERE, client.id);
    });
    return {};
  },

  AddUserPoolClientSecret: async (input: AddUserPoolClientSecretRequest, { scope }: Call) => {
    const secret = givenSecret(ports, input.ClientSecret) ?? newSecret(ports);
    await changeSecrets(ports, scope, input, (kept) => {
      if (kept.length >= limits.cognitoClientSecrets)
        throw new Fault('LimitExceededException', 'The limit of secrets of the app client is reached.');
      return [...kept, secret];
    });
    return { ClientSecretDescriptor: { ...describe(secret), ClientSecretValue: secret.value } };
  },

  DeleteUserPoolClientSecret: async (input: DeleteUserPoolClientSecretRequest, { scope }: Call) => {
    await changeSecrets(ports, scope, input, (kept) => {
      const left = kept.filter(({ id }) => id !== input.ClientSecretId);
      if (left.length === kept.length)
        throw notFound(`Client secret ${input.ClientSecretId} does not exist.`);
      if (left.length === 0) throw invalidParameter('The last secret of an app client cannot be deleted.');
      return left;
    });
    return {};
  },

  ListUserPoolClientSecrets: async (input: ListUserPoolClientSecretsRequest, { scope }: Call) => {
    const { client } = await needClient(ports.store, scope, input.UserPoolId, input.ClientId);
    return { ClientSecrets: client.secrets.map(describe) };
  },
});

const describe = ({ id, createdMs }: ClientSecret) => ({
  ClientSecretId: id,
  ClientSecretCreateDate: new Date(createdMs),
});

function newSecret(ports: CognitoPorts): ClientSecret {
  return secretOf(ports, randomText(51, LETTERS, ports.random));
}

const givenSecret = (ports: CognitoPorts, value: string | undefined): ClientSecret | undefined =>
  value === undefined ? undefined : secretOf(ports, value);

const secretOf = (ports: CognitoPorts, value: string): ClientSecret => ({
  id: randomText(26, LETTERS, ports.random),
  value,
  createdMs: ports.now(),
});

async function changeSecrets(
  ports: CognitoPorts,
  scope: Scope,
  input: { readonly UserPoolId: string | undefined; readonly ClientId: string | undefined },
  change: (kept: readonly ClientSecret[]) => readonly ClientSecret[],
): Promise<void> {
  await ports.store.transaction(async (rows) => {
    const { pool, client } = await needClient(rows, scope, input.UserPoolId, input.ClientId);
    if (client.secrets.length === 0)
      throw invalidParameter(`Client ${client.id} was created without a secret.`);
    const changed = { ...client, secrets: change(client.secrets), modifiedMs: ports.now() };
    await rows.put(clients, scope, `${pool.id}/${client.id}`, changed);
  });
}
