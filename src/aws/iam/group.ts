/** Groups and who belongs to them: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Group.html */
import type {
  AddUserToGroupRequest,
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupRequest,
  GetGroupRequest,
  GetGroupResponse,
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  RemoveUserFromGroupRequest,
  UpdateGroupRequest,
} from '@aws-sdk/client-iam';
import { iamId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, deleteConflict, overQuota } from './faults.ts';
import { type GroupRow, groupRef, groups, readGroup, shownGroup } from './group-row.ts';
import { pageOf } from './page.ts';
import { attachmentsOf, inlinePoliciesOf, movePolicies, nameKey } from './principal.ts';
import { checkPath } from './role.ts';
import { globalScope, iamArn } from './scope.ts';
import { listedUser, readUser, type UserRow, users } from './user-row.ts';

export const groupOperations = (ports: ServicePorts) => ({
  CreateGroup: async (
    { GroupName: name = '', Path: path = '/' }: CreateGroupRequest,
    call: Call,
  ): Promise<CreateGroupResponse> => {
    checkPath(path);
    const arn = iamArn(call.scope, 'group', path, name);
    const row: GroupRow = { name, id: iamId('AGPA', 17, ports.random), arn, path, createdAtMs: ports.now() };
    await ports.store.transaction((rows) => putNewGroup(rows, globalScope(call.scope.account), row));
    return { Group: shownGroup(row) };
  },

  GetGroup: async (input: GetGroupRequest, call: Call): Promise<GetGroupResponse> => {
    const scope = globalScope(call.scope.account);
    const row = await readGroup(ports.store, scope, input.GroupName ?? '');
    const page = pageOf(await membersOf(ports.store, scope, row), input, (user) => nameKey(user.name));
    return { Group: shownGroup(row), Users: page.items.map(listedUser), ...page.rest };
  },

  ListGroups: async (input: ListGroupsRequest, call: Call): Promise<ListGroupsResponse> => {
    const entries = await ports.store.list(groups, globalScope(call.scope.account));
    const found = entries.map(({ row }) => row).filter((row) => row.path.startsWith(input.PathPrefix ?? '/'));
    const page = pageOf(found, input, (row) => nameKey(row.name));
    return { Groups: page.items.map(shownGroup), ...page.rest };
  },

  ListGroupsForUser: async (
    input: ListGroupsForUserRequest,
    call: Call,
  ): Promise<ListGroupsForUserResponse> => {
    const scope = globalScope(call.scope.account);
    const user = await readUser(ports.store, scope, input.UserName ?? '');
    const found = await Promise.all(user.groups.map((name) => readGroup(ports.store, scope, name)));
    const page = pageOf(found, input, (row) => nameKey(row.name));
    return { Groups: page.items.map(shownGroup), ...page.rest };
  },

  UpdateGroup: async ({ GroupName = '', NewGroupName, NewPath }: UpdateGroupRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      const before = await readGroup(rows, scope, GroupName);
      const name = NewGroupName ?? before.name;
      const path = NewPath ?? before.path;
      checkPath(path);
      await replaceGroup(rows, scope, before, {
        ...before,
        name,
        path,
        arn: iamArn(call.scope, 'group', path, name),
      });
    });
    return {};
  },

  DeleteGroup: async ({ GroupName = '' }: DeleteGroupRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      await refuseWhenInUse(rows, scope, await readGroup(rows, scope, GroupName));
      await rows.delete(groups, scope, nameKey(GroupName));
    });
    return {};
  },

  AddUserToGroup: async ({ GroupName = '', UserName = '' }: AddUserToGroupRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      const group = await readGroup(rows, scope, GroupName);
      const user = await readUser(rows, scope, UserName);
      const names = new Set([...user.groups, group.name]);
      if (names.size > limits.iamGroupsPerUser) throw overQuota('GroupsPerUser', limits.iamGroupsPerUser);
      await putGroups(rows, scope, user, [...names]);
    });
    return {};
  },

  /** The user is looked for first, as recorded. Removing one who is no member is no error. */
  RemoveUserFromGroup: async ({ GroupName = '', UserName = '' }: RemoveUserFromGroupRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      const user = await readUser(rows, scope, UserName);
      const group = await readGroup(rows, scope, GroupName);
      await putGroups(
        rows,
        scope,
        user,
        user.groups.filter((name) => name !== group.name),
      );
    });
    return {};
  },
});

const putGroups = (rows: Transaction, scope: Scope, user: UserRow, names: readonly string[]): Promise<void> =>
  rows.put(users, scope, nameKey(user.name), { ...user, groups: names.toSorted() });

async function membersOf(rows: Pick<Reader, 'list'>, scope: Scope, group: GroupRow): Promise<UserRow[]> {
  const all = (await rows.list(users, scope)).map((entry) => entry.row);
  return all.filter((user) => user.groups.includes(group.name));
}

async function putNewGroup(rows: Transaction, scope: Scope, row: GroupRow): Promise<void> {
  const key = nameKey(row.name);
  if (await rows.get(groups, scope, key)) throw alreadyExists(`Group with name ${row.name} already exists.`);
  if ((await rows.list(groups, scope)).length >= limits.iamGroups)
    throw overQuota('GroupsPerAccount', limits.iamGroups);
  await rows.put(groups, scope, key, row);
}

async function replaceGroup(rows: Transaction, scope: Scope, before: GroupRow, row: GroupRow): Promise<void> {
  if (nameKey(row.name) !== nameKey(before.name)) {
    if (await rows.get(groups, scope, nameKey(row.name)))
      throw alreadyExists(`Group with name ${row.name} already exists.`);
    await rows.delete(groups, scope, nameKey(before.name));
    await movePolicies(rows, groupRef(scope, before.name), row.name);
  }
  for (const user of await membersOf(rows, scope, before))
    await putGroups(
      rows,
      scope,
      user,
      user.groups.map((name) => (name === before.name ? row.name : name)),
    );
  await rows.put(groups, scope, nameKey(row.name), row);
}

async function refuseWhenInUse(rows: Transaction, scope: Scope, row: GroupRow): Promise<void> {
  const of = groupRef(scope, row.name);
  if ((await membersOf(rows, scope, row)).length > 0)
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  if ((await attachmentsOf(rows, of)).length > 0)
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if ((await inlinePoliciesOf(rows, of)).length > 0)
    throw deleteConflict('Cannot delete entity, must delete policies first.');
}
