/** Instance profiles: https://docs.aws.amazon.com/IAM/latest/APIReference/API_InstanceProfile.html */
import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  DeleteInstanceProfileRequest,
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
  ListInstanceProfileTagsRequest,
  ListInstanceProfileTagsResponse,
  RemoveRoleFromInstanceProfileRequest,
  TagInstanceProfileRequest,
  UntagInstanceProfileRequest,
} from '@aws-sdk/client-iam';
import { iamId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, deleteConflict, noSuchEntity, overQuota } from './faults.ts';
import {
  type InstanceProfileRow,
  instanceProfiles,
  readInstanceProfile,
  shownInstanceProfile,
} from './instance-profile-row.ts';
import { type PageRequest, pageOf } from './page.ts';
import { nameKey } from './principal.ts';
import { checkPath } from './role.ts';
import { readRole } from './role-row.ts';
import { globalScope, iamArn } from './scope.ts';
import { shownTags, taggedWith, untagged } from './tags.ts';

export const instanceProfileOperations = (ports: ServicePorts) => ({
  CreateInstanceProfile: async (
    input: CreateInstanceProfileRequest,
    call: Call,
  ): Promise<CreateInstanceProfileResponse> => {
    const scope = globalScope(call.scope.account);
    const row = newProfile(ports, input, call.scope);
    return ports.store.transaction(async (rows) => {
      await putNewProfile(rows, scope, row);
      return {
        InstanceProfile: { ...(await shownInstanceProfile(rows, scope, row)), ...shownTags(row.tags) },
      };
    });
  },

  GetInstanceProfile: async (
    { InstanceProfileName = '' }: GetInstanceProfileRequest,
    call: Call,
  ): Promise<GetInstanceProfileResponse> => {
    const scope = globalScope(call.scope.account);
    const row = await readInstanceProfile(ports.store, scope, InstanceProfileName);
    const shown = await shownInstanceProfile(ports.store, scope, row);
    return { InstanceProfile: { ...shown, Tags: [...row.tags] } };
  },

  ListInstanceProfiles: async (
    input: ListInstanceProfilesRequest,
    call: Call,
  ): Promise<ListInstanceProfilesResponse> =>
    list(ports.store, call, input, (row) => row.path.startsWith(input.PathPrefix ?? '/')),

  ListInstanceProfilesForRole: async (
    input: ListInstanceProfilesForRoleRequest,
    call: Call,
  ): Promise<ListInstanceProfilesForRoleResponse> => {
    const { name } = await readRole(ports.store, globalScope(call.scope.account), input.RoleName ?? '');
    return list(ports.store, call, input, (row) => row.roleName === name);
  },

  AddRoleToInstanceProfile: async (input: AddRoleToInstanceProfileRequest, call: Call) => {
    await change(ports, call, input.InstanceProfileName, async (row, rows, scope) => {
      const { name } = await readRole(rows, scope, input.RoleName ?? '');
      if (row.roleName !== undefined) throw overQuota('InstanceSessionsPerInstanceProfile', 1);
      return { ...row, roleName: name };
    });
    return {};
  },

  RemoveRoleFromInstanceProfile: async (input: RemoveRoleFromInstanceProfileRequest, call: Call) => {
    await change(ports, call, input.InstanceProfileName, async (row, rows, scope) => {
      const { name } = await readRole(rows, scope, input.RoleName ?? '');
      const { roleName, ...rest } = row;
      if (roleName !== name)
        throw noSuchEntity(`Role ${name} in Instance Profile ${row.name} cannot be found.`);
      return rest;
    });
    return {};
  },

  DeleteInstanceProfile: async ({ InstanceProfileName = '' }: DeleteInstanceProfileRequest, call: Call) => {
    const scope = globalScope(call.scope.account);
    await ports.store.transaction(async (rows) => {
      const row = await readInstanceProfile(rows, scope, InstanceProfileName);
      if (row.roleName !== undefined)
        throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
      await rows.delete(instanceProfiles, scope, nameKey(row.name));
    });
    return {};
  },

  TagInstanceProfile: async ({ InstanceProfileName, Tags = [] }: TagInstanceProfileRequest, call: Call) => {
    await change(ports, call, InstanceProfileName, (row) => ({ ...row, tags: taggedWith(row.tags, Tags) }));
    return {};
  },

  UntagInstanceProfile: async (
    { InstanceProfileName, TagKeys = [] }: UntagInstanceProfileRequest,
    call: Call,
  ) => {
    await change(ports, call, InstanceProfileName, (row) => ({ ...row, tags: untagged(row.tags, TagKeys) }));
    return {};
  },

  ListInstanceProfileTags: async (
    input: ListInstanceProfileTagsRequest,
    call: Call,
  ): Promise<ListInstanceProfileTagsResponse> => {
    const scope = globalScope(call.scope.account);
    const { tags } = await readInstanceProfile(ports.store, scope, input.InstanceProfileName ?? '');
    const page = pageOf(tags, input, (tag) => tag.Key ?? '');
    return { Tags: page.items, ...page.rest };
  },
});

function newProfile(
  { now, random }: ServicePorts,
  input: CreateInstanceProfileRequest,
  scope: Scope,
): InstanceProfileRow {
  const { InstanceProfileName: name = '', Path: path = '/' } = input;
  checkPath(path);
  return {
    name,
    id: iamId('AIPA', 17, random),
    arn: iamArn(scope, 'instance-profile', path, name),
    path,
    tags: taggedWith([], input.Tags ?? []),
    createdAtMs: now(),
  };
}

async function putNewProfile(rows: Transaction, scope: Scope, row: InstanceProfileRow): Promise<void> {
  const key = nameKey(row.name);
  if (await rows.get(instanceProfiles, scope, key))
    throw alreadyExists(`Instance Profile ${row.name} already exists.`);
  if ((await rows.list(instanceProfiles, scope)).length >= limits.iamInstanceProfiles)
    throw overQuota('InstanceProfilesPerAccount', limits.iamInstanceProfiles);
  await rows.put(instanceProfiles, scope, key, row);
}

async function list(
  rows: Pick<Reader, 'get' | 'list'>,
  call: Call,
  request: PageRequest,
  isWanted: (row: InstanceProfileRow) => boolean,
) {
  const scope = globalScope(call.scope.account);
  const found = (await rows.list(instanceProfiles, scope)).map(({ row }) => row).filter(isWanted);
  const page = pageOf(found, request, (row) => nameKey(row.name));
  const shown = await Promise.all(page.items.map((row) => shownInstanceProfile(rows, scope, row)));
  return { InstanceProfiles: shown, ...page.rest };
}

const change = (
  { store }: ServicePorts,
  call: Call,
  name: string | undefined,
  work: (
    row: InstanceProfileRow,
    rows: Transaction,
    scope: Scope,
  ) => InstanceProfileRow | Promise<InstanceProfileRow>,
): Promise<void> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = await work(await readInstanceProfile(rows, scope, name ?? ''), rows, scope);
    await rows.put(instanceProfiles, scope, nameKey(row.name), row);
  });
