/** Keys and aliases: made, described, switched, rotated, deleted after their waiting. */
import { randomUUID } from 'node:crypto';
import type {
  AliasListEntry,
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  CreateAliasRequest,
  CreateKeyRequest,
  CreateKeyResponse,
  DeleteAliasRequest,
  DescribeKeyRequest,
  DescribeKeyResponse,
  DisableKeyRequest,
  EnableKeyRequest,
  KeyMetadata,
  ListAliasesRequest,
  ListAliasesResponse,
  ListKeysRequest,
  ListKeysResponse,
  ListResourceTagsRequest,
  ListResourceTagsResponse,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateAliasRequest,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';
import { Fault } from '../../base/fault.ts';
import { pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { noAlias, unsupported, validation } from './fault.ts';
import { checkPolicy, defaultPolicy } from './key-policy.ts';
import {
  aliasArn,
  type AliasRow,
  aliases,
  type FoundKey,
  keyArn,
  type KeyRow,
  keys,
  stateOf,
} from './key-row.ts';
import { isHmac, usageFor } from './material.ts';
import { encryptionAlgorithms, signingAlgorithms } from './algorithms.ts';
import type { KmsRoom } from './room.ts';

const DAY_MS = 86_400_000;

export const keyOperations = (room: KmsRoom) => {
  const { store, now } = room;
  const setEnabled = async (input: EnableKeyRequest, call: Call, enabled: boolean): Promise<object> => {
    await room.change(input.KeyId, { ...call, action: enabled ? 'EnableKey' : 'DisableKey' }, (found) => {
      checkNotPending(found);
      return { ...found.row, enabled };
    });
    return {};
  };

  return {
    async CreateKey(input: CreateKeyRequest, { scope }: Call): Promise<CreateKeyResponse> {
      const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
      if (input.Origin !== undefined && input.Origin !== 'AWS_KMS')
        throw unsupported(
          `Origin ${input.Origin} (imported material, key stores): not supported by gatehouse`,
        );
      const usage = usageFor(spec, input.KeyUsage);
      const tags = tagsOf(input.Tags);
      const row: KeyRow = {
        keyId:
          pinnedId(tags) ?? (input.MultiRegion ? `mrk-${randomUUID().replaceAll('-', '')}` : randomUUID()),
        createdMs: now(),
        description: input.Description ?? '',
        spec,
        usage,
        enabled: true,
        manager: 'CUSTOMER',
        multiRegion: input.MultiRegion ?? false,
        policy: input.Policy === undefined ? defaultPolicy(scope) : checkPolicy(input.Policy),
        tags,
        material: [{ sealed: await room.seal(spec), madeMs: now() }],
      };
      await store.transaction(async (rows) => {
        if ((await rows.list(keys, scope)).length >= limits.kmsKeys)
          throw new Fault('LimitExceededException', 'The limit of keys is reached.');
        await rows.put(keys, scope, row.keyId, row);
      });
      return { KeyMetadata: show({ scope, row }) };
    },

    async DescribeKey(input: DescribeKeyRequest, call: Call): Promise<DescribeKeyResponse> {
      return { KeyMetadata: show(await room.find(input.KeyId, { ...call, action: 'DescribeKey' })) };
    },

    async ListKeys(input: ListKeysRequest, { scope }: Call): Promise<ListKeysResponse> {
      const limit = input.Limit ?? 100;
      const found = await store.list(keys, scope, {
        limit: limit + 1,
        ...(input.Marker ? { after: input.Marker } : {}),
      });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const Truncated = found.length > limit;
      return {
        Keys: page.map(({ key }) => ({ KeyId: key, KeyArn: keyArn(scope, key) })),
        Truncated,
        ...(Truncated && last ? { NextMarker: last.key } : {}),
      };
    },

    EnableKey: (input: EnableKeyRequest, call: Call) => setEnabled(input, call, true),
    DisableKey: (input: DisableKeyRequest, call: Call) => setEnabled(input, call, false),

    async UpdateKeyDescription(input: UpdateKeyDescriptionRequest, call: Call): Promise<object> {
      const description = input.Description ?? '';
      await room.change(input.KeyId, { ...call, action: 'UpdateKeyDescription' }, ({ row }) => ({
        ...row,
        description,
      }));
      return {};
    },

    async ScheduleKeyDeletion(
      input: ScheduleKeyDeletionRequest,
      call: Call,
    ): Promise<ScheduleKeyDeletionResponse> {
      const days = input.PendingWindowInDays ?? 30;
      if (days < 7 || days > 30) throw validation('PendingWindowInDays must be between 7 and 30.');
      const deletionMs = now() + days * DAY_MS;
      const { scope, row } = await room.change(
        input.KeyId,
        { ...call, action: 'ScheduleKeyDeletion' },
        (found) => {
          checkNotPending(found);
          return { ...found.row, deletionMs };
        },
      );
      return {
        KeyId: keyArn(scope, row.keyId),
        DeletionDate: new Date(deletionMs),
        KeyState: 'PendingDeletion',
        PendingWindowInDays: days,
      };
    },

    /** The key comes back switched off. */
    async CancelKeyDeletion(input: CancelKeyDeletionRequest, call: Call): Promise<CancelKeyDeletionResponse> {
      const { scope, row } = await room.change(
        input.KeyId,
        { ...call, action: 'CancelKeyDeletion' },
        (found) => {
          const { deletionMs, ...rest } = found.row;
          if (deletionMs === undefined)
            throw new Fault(
              'KMSInvalidStateException',
              `${keyArn(found.scope, found.row.keyId)} is not pending deletion.`,
            );
          return { ...rest, enabled: false };
        },
      );
      return { KeyId: keyArn(scope, row.keyId) };
    },

    async CreateAlias(input: CreateAliasRequest, call: Call): Promise<object> {
      const name = checkAlias(input.AliasName);
      const { scope } = call;
      const { row } = await room.find(input.TargetKeyId, { ...call, action: 'CreateAlias' });
      await store.transaction(async (rows) => {
        if (await rows.get(aliases, scope, name))
          throw new Fault(
            'AlreadyExistsException',
            `An alias with the name ${aliasArn(scope, name)} already exists`,
          );
        await rows.put(aliases, scope, name, { name, keyId: row.keyId, createdMs: now(), updatedMs: now() });
      });
      return {};
    },

    async UpdateAlias(input: UpdateAliasRequest, call: Call): Promise<object> {
      const name = checkAlias(input.AliasName);
      const { row } = await room.find(input.TargetKeyId, { ...call, action: 'UpdateAlias' });
      await store.transaction(async (rows) => {
        const before = await rows.get(aliases, call.scope, name);
        if (before === undefined) throw noAlias(aliasArn(call.scope, name));
        await rows.put(aliases, call.scope, name, { ...before, keyId: row.keyId, updatedMs: now() });
      });
      return {};
    },

    async DeleteAlias(input: DeleteAliasRequest, { scope }: Call): Promise<object> {
      const name = checkAlias(input.AliasName);
      await store.transaction(async (rows) => {
        if (!(await rows.delete(aliases, scope, name))) throw noAlias(aliasArn(scope, name));
      });
      return {};
    },

    async ListAliases(input: ListAliasesRequest, call: Call): Promise<ListAliasesResponse> {
      const { scope } = call;
      const of =
        input.KeyId === undefined
          ? undefined
          : (await room.find(input.KeyId, { ...call, action: 'ListAliases' })).row.keyId;
      const all = await store.list(aliases, scope, input.Marker ? { after: input.Marker } : {});
      const wanted = all.filter(({ row }) => of === undefined || row.keyId === of);
      const page = wanted.slice(0, input.Limit ?? 50);
      const last = page.at(-1);
      const Truncated = wanted.length > page.length;
      return {
        Aliases: page.map(({ row }) => showAlias(scope, row)),
        Truncated,
        ...(Truncated && last ? { NextMarker: last.key } : {}),
      };
    },

    async TagResource(input: TagResourceRequest, call: Call): Promise<object> {
      await room.change(input.KeyId, { ...call, action: 'TagResource' }, ({ row }) => ({
        ...row,
        tags: checkTags({ ...row.tags, ...tagsOf(input.Tags) }),
      }));
      return {};
    },

    async UntagResource(input: UntagResourceRequest, call: Call): Promise<object> {
      await room.change(input.KeyId, { ...call, action: 'UntagResource' }, ({ row }) => ({
        ...row,
        tags: Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys?.includes(key))),
      }));
      return {};
    },

    async ListResourceTags(input: ListResourceTagsRequest, call: Call): Promise<ListResourceTagsResponse> {
      const { row } = await room.find(input.KeyId, { ...call, action: 'ListResourceTags' });
      return {
        Tags: Object.entries(row.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
        Truncated: false,
      };
    },
  };
};

function checkNotPending({ scope, row }: FoundKey): void {
  if (row.deletionMs !== undefined)
    throw new Fault('KMSInvalidStateException', `${keyArn(scope, row.keyId)} is pending deletion.`);
}

function checkAlias(name: string | undefined): string {
  if (name === undefined || !name.startsWith('alias/'))
    throw validation(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  if (name.startsWith('alias/aws/')) throw new Fault('NotAuthorizedException', '');
  if (!/^alias\/[\w/-]{1,250}$/.test(name))
    throw new Fault('InvalidAliasNameException', `${name} contains invalid characters for an alias`);
  return name;
}

const tagsOf = (tags: readonly Tag[] | undefined): Readonly<Record<string, string>> =>
  checkTags(Object.fromEntries((tags ?? []).map(({ TagKey, TagValue }) => [TagKey ?? '', TagValue ?? ''])));

function checkTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (Object.keys(tags).length > limits.kmsTags) throw new Fault('LimitExceededException', 'Too many tags');
  return tags;
}

const showAlias = (scope: Scope, row: AliasRow): AliasListEntry => ({
  AliasName: row.name,
  AliasArn: aliasArn(scope, row.name),
  TargetKeyId: row.keyId,
  CreationDate: new Date(row.createdMs),
  LastUpdatedDate: new Date(row.updatedMs),
});

const show = ({ scope, row }: FoundKey): KeyMetadata => ({
  AWSAccountId: scope.account,
  KeyId: row.keyId,
  Arn: keyArn(scope, row.keyId),
  CreationDate: new Date(row.createdMs),
  Enabled: stateOf(row) === 'Enabled',
  Description: row.description,
  KeyUsage: row.usage,
  KeyState: stateOf(row),
  ...(row.deletionMs === undefined ? {} : { DeletionDate: new Date(row.deletionMs) }),
  Origin: 'AWS_KMS',
  KeyManager: row.manager,
  KeySpec: row.spec,
  CustomerMasterKeySpec: row.spec as KeyMetadata['CustomerMasterKeySpec'], // the same list under its former name
  MultiRegion: row.multiRegion,
  ...(row.usage === 'ENCRYPT_DECRYPT' ? { EncryptionAlgorithms: encryptionAlgorithms(row.spec) } : {}),
  ...(row.usage === 'SIGN_VERIFY' ? { SigningAlgorithms: signingAlgorithms(row.spec) } : {}),
  ...(isHmac(row.spec) ? { MacAlgorithms: [`HMAC_SHA_${row.spec.slice(5)}` as 'HMAC_SHA_256'] } : {}), // one of the model's four
});
