/** Groups, and who is in them. */
import type {
  AdminAddUserToGroupRequest,
  AdminListGroupsForUserRequest,
  AdminRemoveUserFromGroupRequest,
  CreateGroupRequest,
  DeleteGroupRequest,
  GetGroupRequest,
  GroupType,
  ListGroupsRequest,
  ListUsersInGroupRequest,
  UpdateGroupRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { notFound } from './fault.ts';
import { pageOf } from './paging.ts';
import { needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';
import { type GroupRow, groups, memberships, users } from './rows.ts';
import { groupKeyOf, groupsOf, needUser, userKeyOf } from './user-store.ts';
import { showUser } from './show-user.ts';

export const groupOperations = ({ store, now }: CognitoPorts) => ({
  CreateGroup: async (input: CreateGroupRequest, { scope }: Call) => {
    const row: GroupRow = {
      ...settingsOf(input),
      name: input.GroupName ?? '',
      createdMs: now(),
      modifiedMs: now(),
    };
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      const known = await rows.list(groups, scope, { prefix: `${pool.id}/` });
      if (known.some(({ row: other }) => other.name === row.name))
        throw new Fault('GroupExistsException', 'A group with the name already exists.');
      if (known.length >= limits.cognitoGroups)
        throw new Fault('LimitExceededException', 'The limit of groups of the user pool is reached.');
      await rows.put(groups, scope, `${pool.id}/${groupKeyOf(row.name)}`, row);
    });
    return { Group: shown(input.UserPoolId, row) };
  },

  GetGroup: async (input: GetGroupRequest, { scope }: Call) => ({
    Group: shown(input.UserPoolId, await needGroup(store, scope, input.UserPoolId, input.GroupName)),
  }),

  UpdateGroup: async (input: UpdateGroupRequest, { scope }: Call) => {
    const row = await store.transaction(async (rows) => {
      const before = await needGroup(rows, scope, input.UserPoolId, input.GroupName);
      const changed: GroupRow = { ...before, ...settingsOf(input), modifiedMs: now() };
      await rows.put(groups, scope, `${input.UserPoolId}/${groupKeyOf(before.name)}`, changed);
      return changed;
    });
    return { Group: shown(input.UserPoolId, row) };
  },

  DeleteGroup: async (input: DeleteGroupRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const name = groupKeyOf((await needGroup(rows, scope, input.UserPoolId, input.GroupName)).name);
      const prefix = `${input.UserPoolId}/g/${name}/`;
      for (const { key } of await rows.list(memberships, scope, { prefix }))
        await rows.delete(memberships, scope, `${input.UserPoolId}/u/${key.slice(prefix.length)}/${name}`);
      await rows.deleteRange(memberships, scope, prefix);
      await rows.delete(groups, scope, `${input.UserPoolId}/${name}`);
    });
    return {};
  },

  ListGroups: async (input: ListGroupsRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const page = pageOf(
      await store.list(groups, scope, { prefix: `${pool.id}/` }),
      input.NextToken,
      input.Limit || undefined,
    );
    return {
      Groups: page.items.map((row) => shown(pool.id, row)),
      ...(page.next && { NextToken: page.next }),
    };
  },

  AdminAddUserToGroup: async (input: AdminAddUserToGroupRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      const user = await needUser(rows, scope, pool, input.Username);
      const name = groupKeyOf((await needGroup(rows, scope, pool.id, input.GroupName)).name);
      const userKey = userKeyOf(pool, user.username);
      const member = await rows.list(memberships, scope, { prefix: `${pool.id}/u/${userKey}/` });
      if (member.length >= limits.cognitoGroupsPerUser)
        throw new Fault('LimitExceededException', 'The limit of groups of the user is reached.');
      await rows.put(memberships, scope, `${pool.id}/u/${userKey}/${name}`, {});
      await rows.put(memberships, scope, `${pool.id}/g/${name}/${userKey}`, {});
    });
    return {};
  },

  AdminRemoveUserFromGroup: async (input: AdminRemoveUserFromGroupRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const pool = await needPool(rows, scope, input.UserPoolId);
      const user = await needUser(rows, scope, pool, input.Username);
      const name = groupKeyOf((await needGroup(rows, scope, pool.id, input.GroupName)).name);
      const userKey = userKeyOf(pool, user.username);
      await rows.delete(memberships, scope, `${pool.id}/u/${userKey}/${name}`);
      await rows.delete(memberships, scope, `${pool.id}/g/${name}/${userKey}`);
    });
    return {};
  },

  AdminListGroupsForUser: async (input: AdminListGroupsForUserRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const found = await groupsOf(store, scope, pool, await needUser(store, scope, pool, input.Username));
    const entries = found
      .map((row) => ({ key: row.name, row }))
      .sort((one, two) => (one.key < two.key ? -1 : 1));
    const page = pageOf(entries, input.NextToken, input.Limit || undefined);
    return {
      Groups: page.items.map((row) => shown(pool.id, row)),
      ...(page.next && { NextToken: page.next }),
    };
  },

  ListUsersInGroup: async (input: ListUsersInGroupRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    const name = groupKeyOf((await needGroup(store, scope, pool.id, input.GroupName)).name);
    const prefix = `${pool.id}/g/${name}/`;
    const entries = await store.list(memberships, scope, { prefix });
    const found = await Promise.all(
      entries.map(async ({ key }) => ({
        key,
        row: await store.get(users, scope, `${pool.id}/${key.slice(prefix.length)}`),
      })),
    );
    const page = pageOf(found, input.NextToken, input.Limit || undefined);
    return {
      Users: page.items.flatMap((row) => (row === undefined ? [] : [showUser(row)])),
      ...(page.next && { NextToken: page.next }),
    };
  },
});

const settingsOf = (input: UpdateGroupRequest): Pick<GroupRow, 'description' | 'roleArn' | 'precedence'> => ({
  ...(input.Description !== undefined && { description: input.Description }),
  ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
  ...(input.Precedence !== undefined && { precedence: input.Precedence }),
});

async function needGroup(
  rows: Reader,
  scope: Scope,
  poolId: string | undefined,
  name: string | undefined,
): Promise<GroupRow> {
  await needPool(rows, scope, poolId);
  const row = await rows.get(groups, scope, `${poolId}/${groupKeyOf(name ?? '')}`);
  if (row === undefined) throw notFound('Group not found.');
  return row;
}

const shown = (poolId: string | undefined, row: GroupRow): GroupType => ({
  GroupName: row.name,
  UserPoolId: poolId,
  ...(row.description !== undefined && { Description: row.description }),
  ...(row.roleArn !== undefined && { RoleArn: row.roleArn }),
  ...(row.precedence !== undefined && { Precedence: row.precedence }),
  LastModifiedDate: new Date(row.modifiedMs),
  CreationDate: new Date(row.createdMs),
});
