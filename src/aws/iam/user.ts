/** Users: https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html */
import type {
  CreateUserRequest,
  CreateUserResponse,
  DeleteUserPermissionsBoundaryRequest,
  DeleteUserRequest,
  GetUserRequest,
  GetUserResponse,
  ListUsersRequest,
  ListUsersResponse,
  PutUserPermissionsBoundaryRequest,
  UpdateUserRequest,
} from '@aws-sdk/client-iam';
import { iamId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { accessKeysOf, moveAccessKeys } from './access-key-row.ts';
import { alreadyExists, deleteConflict, overQuota, validationError } from './faults.ts';
import { readAttachablePolicy } from './managed-policy-row.ts';
import { pageOf } from './page.ts';
import { attachmentsOf, inlinePoliciesOf, movePolicies, nameKey } from './principal.ts';
import { checkPath } from './role.ts';
import { globalScope, iamArn } from './scope.ts';
import { taggedWith } from './tags.ts';
import { fullUser, listedUser, readUser, type UserRow, userRef, users } from './user-row.ts';

export const userOperations = (ports: ServicePorts) => ({
  CreateUser: async (input: CreateUserRequest, call: Call): Promise<CreateUserResponse> => {
    const row = newUser(ports, input, call.scope);
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      if (row.boundaryArn) await readAttachablePolicy(rows, scope, row.boundaryArn);
      await putNewUser(rows, scope, row);
    });
    return { User: fullUser(row) };
  },

  GetUser: async ({ UserName }: GetUserRequest, call: Call): Promise<GetUserResponse> => {
    if (UserName === undefined && call.caller.kind === 'root') return { User: rootUser(call) };
    const name = UserName ?? callerName(call);
    return { User: fullUser(await readUser(ports.store, globalScope(call.scope.account), name)) };
  },

  ListUsers: async (input: ListUsersRequest, call: Call): Promise<ListUsersResponse> => {
    const entries = await ports.store.list(users, globalScope(call.scope.account));
    const found = entries.map(({ row }) => row).filter((row) => row.path.startsWith(input.PathPrefix ?? '/'));
    const page = pageOf(found, input, (row) => nameKey(row.name));
    return { Users: page.items.map(listedUser), ...page.rest };
  },

  UpdateUser: async ({ UserName = '', NewUserName, NewPath }: UpdateUserRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      const before = await readUser(rows, scope, UserName);
      const name = NewUserName ?? before.name;
      const path = NewPath ?? before.path;
      checkPath(path);
      const row = { ...before, name, path, arn: iamArn(call.scope, 'user', path, name) };
      await replaceUser(rows, scope, before, row);
    });
    return {};
  },

  DeleteUser: async ({ UserName = '' }: DeleteUserRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      await refuseWhenInUse(rows, scope, await readUser(rows, scope, UserName));
      await rows.delete(users, scope, nameKey(UserName));
    });
    return {};
  },

  PutUserPermissionsBoundary: async (input: PutUserPermissionsBoundaryRequest, call: Call) => {
    const boundaryArn = input.PermissionsBoundary ?? '';
    await changeUser(ports, call, input.UserName, async (row, rows, scope) => {
      await readAttachablePolicy(rows, scope, boundaryArn);
      return { ...row, boundaryArn };
    });
    return {};
  },

  DeleteUserPermissionsBoundary: async (input: DeleteUserPermissionsBoundaryRequest, call: Call) => {
    await changeUser(ports, call, input.UserName, (row) => ({
      ...row,
      boundaryArn: undefined,
    }));
    return {};
  },
});

/** The name a call without `UserName` means. Throws ValidationError for callers that are no users. */
export function callerName({ caller }: Call): string {
  if (caller.kind !== 'user')
    throw validationError('Must specify userName when calling with non-User credentials');
  return caller.arn.split('/').at(-1) ?? '';
}

/** How the account's root sees itself: the account's number is its id. */
const rootUser = ({ caller, scope }: Call) => ({
  Path: '/',
  UserName: scope.account,
  UserId: scope.account,
  Arn: caller.arn,
  CreateDate: new Date(0),
});

function newUser({ now, random }: ServicePorts, input: CreateUserRequest, scope: Scope): UserRow {
  const { UserName: name = '', Path: path = '/', PermissionsBoundary: boundaryArn } = input;
  checkPath(path);
  return {
    name,
    id: iamId('AIDA', 17, random),
    arn: iamArn(scope, 'user', path, name),
    path,
    boundaryArn,
    tags: taggedWith([], input.Tags ?? []),
    createdAtMs: now(),
    groups: [],
  };
}

async function putNewUser(rows: Transaction, scope: Scope, row: UserRow): Promise<void> {
  const key = nameKey(row.name);
  if (await rows.get(users, scope, key)) throw alreadyExists(`User with name ${row.name} already exists.`);
  if ((await rows.list(users, scope)).length >= limits.iamUsers)
    throw overQuota('UsersPerAccount', limits.iamUsers);
  await rows.put(users, scope, key, row);
}

async function replaceUser(rows: Transaction, scope: Scope, before: UserRow, row: UserRow): Promise<void> {
  if (nameKey(row.name) !== nameKey(before.name)) {
    if (await rows.get(users, scope, nameKey(row.name)))
      throw alreadyExists(`User with name ${row.name} already exists.`);
    await rows.delete(users, scope, nameKey(before.name));
    await movePolicies(rows, userRef(scope, before.name), row.name);
    await moveAccessKeys(rows, scope, before.name, row.name);
  }
  await rows.put(users, scope, nameKey(row.name), row);
}

async function refuseWhenInUse(rows: Transaction, scope: Scope, row: UserRow): Promise<void> {
  const of = userRef(scope, row.name);
  if (row.groups.length > 0)
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  if ((await attachmentsOf(rows, of)).length > 0)
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if ((await inlinePoliciesOf(rows, of)).length > 0)
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  if ((await accessKeysOf(rows, scope, row.name)).length > 0)
    throw deleteConflict('Cannot delete entity, must delete access keys first.');
  if (row.loginProfile) throw deleteConflict('Cannot delete entity, must delete login profile first.');
}

export const changeUser = (
  { store }: ServicePorts,
  call: Call,
  name: string | undefined,
  work: (row: UserRow, rows: Transaction, scope: Scope) => UserRow | Promise<UserRow>,
): Promise<UserRow> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = await work(await readUser(rows, scope, name ?? ''), rows, scope);
    await rows.put(users, scope, nameKey(row.name), row);
    return row;
  });
