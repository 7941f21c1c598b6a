/** User pools. */
import type {
  AddCustomAttributesRequest,
  CreateUserPoolRequest,
  DeleteUserPoolRequest,
  DescribeUserPoolRequest,
  GetCSVHeaderRequest,
  ListUserPoolsRequest,
  UpdateUserPoolRequest,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import { pinnedId, randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter } from './fault.ts';
import { newSigningKey } from './keys.ts';
import { pageOf } from './paging.ts';
import { EVERYWHERE, needPool, poolArn } from './places.ts';
import { changeableOf, checkTags, mfaOf } from './pool-settings.ts';
import type { CognitoPorts } from './ports.ts';
import {
  clientPlaces,
  clients,
  POOL_TABLES,
  poolPlaces,
  type PoolRow,
  pools,
  signingKeys,
  users,
} from './rows.ts';
import { addCustom, schemaOf } from './schema-attributes.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export const poolOperations = (ports: CognitoPorts) => ({
  CreateUserPool: async (input: CreateUserPoolRequest, { scope }: Call) => {
    const tags = checkTags(input.UserPoolTags);
    const id = pinnedId(tags) ?? `${scope.region}_${randomText(9, LETTERS, ports.random)}`;
    checkNames(input);
    const settings = changeableOf(input);
    const now = ports.now();
    const row: PoolRow = {
      ...settings,
      id,
      name: input.PoolName ?? '',
      createdMs: now,
      modifiedMs: now,
      schema: schemaOf(input.Schema),
      // Names differ by case unless the pool says otherwise: the model of UsernameConfiguration.
      caseSensitive: input.UsernameConfiguration?.CaseSensitive ?? true,
      shown: {
        ...settings.shown,
        ...(input.AliasAttributes && { AliasAttributes: input.AliasAttributes }),
        ...(input.UsernameAttributes && { UsernameAttributes: input.UsernameAttributes }),
        ...(input.UsernameConfiguration && { UsernameConfiguration: input.UsernameConfiguration }),
      },
      mfa: mfaOf(input, undefined),
      tags,
    };
    const key = await (ports.makeSigningKey ?? newSigningKey)(ports.random);
    await ports.store.transaction(async (rows) => {
      const all = await rows.list(pools, scope);
      if (all.length >= limits.cognitoPools)
        throw new Fault('LimitExceededException', 'Account has reached the limit of user pools.');
      if (await rows.get(poolPlaces, EVERYWHERE, id))
        throw invalidParameter(`User pool ${id} already exists.`);
      await rows.put(pools, scope, id, row);
      await rows.put(poolPlaces, EVERYWHERE, id, scope);
      await rows.put(signingKeys, scope, `${id}/${key.kid}`, key);
    });
    return { UserPool: showPool(row, scope, 0) };
  },

  DescribeUserPool: async (input: DescribeUserPoolRequest, { scope }: Call) => {
    const row = await needPool(ports.store, scope, input.UserPoolId);
    // AWS's number is an estimate; here it is counted, up to where counting costs.
    const counted = await ports.store.list(users, scope, {
      prefix: `${row.id}/`,
      limit: limits.cognitoUsersCounted,
    });
    return { UserPool: showPool(row, scope, counted.length) };
  },

  ListUserPools: async (input: ListUserPoolsRequest, { scope }: Call) => {
    const all = await ports.store.list(pools, scope);
    const page = pageOf(all, input.NextToken, input.MaxResults);
    return {
      UserPools: page.items.map((row) => ({
        Id: row.id,
        Name: row.name,
        LambdaConfig: row.triggers,
        LastModifiedDate: new Date(row.modifiedMs),
        CreationDate: new Date(row.createdMs),
      })),
      ...(page.next && { NextToken: page.next }),
    };
  },

  UpdateUserPool: async (input: UpdateUserPoolRequest, { scope }: Call) => {
    const settings = changeableOf(input);
    await changePool(ports, scope, input.UserPoolId, (row) => {
      const { AliasAttributes, UsernameAttributes, UsernameConfiguration } = row.shown;
      const { devices: _, ...kept } = row;
      return {
        ...kept,
        ...settings,
        ...(input.PoolName && { name: input.PoolName }),
        ...(input.UserPoolTags && { tags: checkTags(input.UserPoolTags) }),
        mfa: mfaOf(input, row.mfa),
        shown: {
          ...settings.shown,
          ...(AliasAttributes && { AliasAttributes }),
          ...(UsernameAttributes && { UsernameAttributes }),
          ...(UsernameConfiguration && { UsernameConfiguration }),
        },
      };
    });
    return {};
  },

  DeleteUserPool: async (input: DeleteUserPoolRequest, { scope }: Call) => {
    await ports.store.transaction(async (rows) => {
      const row = await needPool(rows, scope, input.UserPoolId);
      if (row.protected)
        throw invalidParameter(
          `The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.`,
        );
      if (row.domain !== undefined || row.customDomain !== undefined)
        throw invalidParameter(
          'User pool cannot be deleted. It has a domain configured that should be deleted first.',
        );
      const owned = await rows.list(clients, scope, { prefix: `${row.id}/` });
      for (const { row: client } of owned) await rows.delete(clientPlaces, EVERYWHERE, client.id);
      for (const table of POOL_TABLES) await rows.deleteRange<unknown>(table, scope, `${row.id}/`);
      await rows.delete(poolPlaces, EVERYWHERE, row.id);
      await rows.delete(pools, scope, row.id);
    });
    return {};
  },

  AddCustomAttributes: async (input: AddCustomAttributesRequest, { scope }: Call) => {
    await changePool(ports, scope, input.UserPoolId, (row) => ({
      ...row,
      schema: addCustom(row.schema, input.CustomAttributes ?? []),
    }));
    return {};
  },

  GetCSVHeader: async (input: GetCSVHeaderRequest, { scope }: Call) => {
    const row = await needPool(ports.store, scope, input.UserPoolId);
    const names = row.schema.map(({ Name = '' }) => Name).filter((name) => name !== 'sub');
    return { UserPoolId: row.id, CSVHeader: [...names, 'cognito:mfa_enabled', 'cognito:username'] };
  },
});

export async function changePool(
  ports: CognitoPorts,
  scope: Scope,
  id: string | undefined,
  change: (row: PoolRow) => PoolRow,
): Promise<PoolRow> {
  return ports.store.transaction(async (rows) => {
    const row = { ...change(await needPool(rows, scope, id)), modifiedMs: ports.now() };
    await rows.put(pools, scope, row.id, row);
    return row;
  });
}

function checkNames({ AliasAttributes, UsernameAttributes }: CreateUserPoolRequest): void {
  if (AliasAttributes?.length && UsernameAttributes?.length)
    throw invalidParameter(
      'Only one of the aliasAttributes or usernameAttributes can be set in a user pool.',
    );
}

function showPool(row: PoolRow, scope: Scope, users: number): UserPoolType {
  return {
    Id: row.id,
    Name: row.name,
    Arn: poolArn(scope, row.id),
    Policies: {
      PasswordPolicy: row.password,
      SignInPolicy: { AllowedFirstAuthFactors: [...row.firstFactors] as never }, // checked when it was given
    },
    DeletionProtection: row.protected ? 'ACTIVE' : 'INACTIVE',
    LambdaConfig: row.triggers,
    LastModifiedDate: new Date(row.modifiedMs),
    CreationDate: new Date(row.createdMs),
    SchemaAttributes: [...row.schema],
    ...row.shown,
    ...(row.devices && { DeviceConfiguration: row.devices }),
    MfaConfiguration: row.mfa.configuration,
    EstimatedNumberOfUsers: users,
    UserPoolTags: { ...row.tags },
    ...(row.domain && { Domain: row.domain }),
    ...(row.customDomain && { CustomDomain: row.customDomain }),
    AdminCreateUserConfig: row.adminCreate,
  };
}
