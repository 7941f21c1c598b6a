/** Values: put, got, moved between stages. */
import { randomUUID } from 'node:crypto';
import type {
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
  PutSecretValueRequest,
  PutSecretValueResponse,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import { Fault, isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Caller } from '../../base/ports.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { matchesFilters } from './filters.ts';
import { bytesOf, digestOf, type SecretsRoom, type Value } from './room.ts';
import {
  CURRENT,
  type FoundSecret,
  secretArn,
  type SecretRow,
  secrets,
  valueKey,
  values,
  type ValueRow,
  versionWith,
} from './secret-row.ts';
import { dropStage, moveStage, trimVersions } from './stages.ts';

export const valueOperations = (room: SecretsRoom) => {
  const { store, now } = room;

  async function get(input: GetSecretValueRequest, call: Call): Promise<GetSecretValueResponse> {
    const secret = await room.find(store, input.SecretId, { ...call, action: 'GetSecretValue' });
    const { scope, row } = secret;
    const stage = input.VersionStage ?? (input.VersionId === undefined ? CURRENT : undefined);
    const versionId = input.VersionId ?? versionWith(row, stage ?? CURRENT);
    const version = versionId === undefined ? undefined : row.versions[versionId];
    if (versionId === undefined || version === undefined || (stage && !version.stages.includes(stage)))
      throw new Fault(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${input.VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${versionId}`}`,
      );
    const kept = await store.get(values, scope, valueKey(row.name, versionId));
    if (kept === undefined)
      throw new Fault(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
      );
    const value = await room.open(secret, kept, call.caller);
    await touch(room, secret);
    return {
      ARN: secretArn(scope, row),
      Name: row.name,
      VersionId: versionId,
      ...(value.text === undefined ? {} : { SecretString: value.text }),
      ...(value.bytes === undefined ? {} : { SecretBinary: value.bytes }),
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.createdMs),
    };
  }

  return {
    GetSecretValue: get,

    async BatchGetSecretValue(
      input: BatchGetSecretValueRequest,
      call: Call,
    ): Promise<BatchGetSecretValueResponse> {
      const after = input.NextToken === undefined ? {} : { after: input.NextToken };
      const listed = input.SecretIdList
        ? input.SecretIdList.map((id) => ({ id, key: id }))
        : (await store.list(secrets, call.scope, after))
            .filter(({ row }) => row.deletedMs === undefined && matchesFilters(row, input.Filters))
            .map(({ key }) => ({ id: key, key }));
      const page = input.SecretIdList ? listed : listed.slice(0, input.MaxResults ?? 20);
      const SecretValues: GetSecretValueResponse[] = [];
      const Errors: BatchGetSecretValueResponse['Errors'] = [];
      for (const { id } of page) {
        try {
          SecretValues.push(await get({ SecretId: id }, call));
        } catch (thrown) {
          if (!isFault(thrown)) throw thrown;
          Errors.push({ SecretId: id, ErrorCode: thrown.code, Message: thrown.message });
        }
      }
      const last = page.at(-1);
      return {
        SecretValues,
        Errors,
        ...(listed.length > page.length && last ? { NextToken: last.key } : {}),
      };
    },

    async PutSecretValue(input: PutSecretValueRequest, call: Call): Promise<PutSecretValueResponse> {
      const secret = await room.find(store, input.SecretId, { ...call, action: 'PutSecretValue' });
      const value = valueOf(input);
      if (value === undefined)
        throw new Fault('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
      const VersionId = input.ClientRequestToken ?? randomUUID();
      const stages = input.VersionStages ?? [CURRENT];
      const row = await putVersion(room, secret, {
        value,
        versionId: VersionId,
        stages,
        caller: call.caller,
      });
      return {
        ARN: secretArn(secret.scope, row),
        Name: row.name,
        VersionId,
        VersionStages: [...(row.versions[VersionId]?.stages ?? [])],
      };
    },

    async UpdateSecretVersionStage(
      input: UpdateSecretVersionStageRequest,
      call: Call,
    ): Promise<UpdateSecretVersionStageResponse> {
      const row = await store.transaction(async (rows) => {
        const found = await room.find(rows, input.SecretId, { ...call, action: 'UpdateSecretVersionStage' });
        const { row: before, scope } = found;
        const { VersionStage: stage = '', RemoveFromVersionId: from, MoveToVersionId: to } = input;
        for (const id of [from, to])
          if (id !== undefined && before.versions[id] === undefined)
            throw new Fault(
              'ResourceNotFoundException',
              `Secrets Manager can't find the specified secret version: ${id}.`,
            );
        const holder = versionWith(before, stage);
        if (holder !== undefined && to !== undefined && holder !== to && from !== holder)
          throw new Fault(
            'InvalidParameterException',
            `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
          );
        if (to === undefined && stage === CURRENT)
          throw new Fault(
            'InvalidParameterException',
            "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
          );
        const versions =
          to === undefined ? dropStage(before.versions, stage) : moveStage(before.versions, stage, to);
        const after = { ...before, versions, changedMs: now() };
        await rows.put(secrets, scope, after.name, after);
        return { scope, row: after };
      });
      return { ARN: secretArn(row.scope, row.row), Name: row.row.name };
    },

    async ListSecretVersionIds(
      input: ListSecretVersionIdsRequest,
      call: Call,
    ): Promise<ListSecretVersionIdsResponse> {
      const { scope, row } = await room.findAny(store, input.SecretId, {
        ...call,
        action: 'ListSecretVersionIds',
      });
      return {
        ARN: secretArn(scope, row),
        Name: row.name,
        Versions: Object.entries(row.versions)
          .filter(([, { stages }]) => input.IncludeDeprecated || stages.length > 0)
          .map(([VersionId, { stages, createdMs }]) => ({
            VersionId,
            VersionStages: [...stages],
            CreatedDate: new Date(createdMs),
          })),
      };
    },
  };
};

interface Given {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

/** Throws when both are given, or too much. */
export function valueOf({ SecretString: text, SecretBinary: bytes }: Given): Value | undefined {
  if (text === undefined && bytes === undefined) return undefined;
  if (text !== undefined && bytes !== undefined)
    throw new Fault(
      'InvalidRequestException',
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  const value: Value = text === undefined ? { bytes } : { text };
  if (bytesOf(value).byteLength > limits.secretBytes)
    throw new Fault(
      'ValidationException',
      `1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to ${limits.secretBytes}`,
    );
  return value;
}

interface NewVersion {
  readonly value: Value;
  readonly versionId: string;
  readonly stages: readonly string[];
  readonly caller: Caller;
}

/** The same value under the same token is the same version; another value under it is refused. */
export async function putVersion(
  room: SecretsRoom,
  secret: FoundSecret,
  version: NewVersion,
): Promise<SecretRow> {
  const { scope, row } = secret;
  const { versionId, value, stages } = version;
  const sealed = await room.close(secret, value, version.caller);
  return room.store.transaction(async (rows) => {
    const before = (await rows.get(secrets, scope, row.name)) ?? row;
    const known = await rows.get(values, scope, valueKey(row.name, versionId));
    if (known) {
      if (known.digest === digestOf(value)) return before;
      throw new Fault(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${secretArn(scope, row)}.`,
      );
    }
    return addVersion(rows, { scope, row: before }, { versionId, sealed, stages, now: room.now() });
  });
}

interface Added {
  readonly versionId: string;
  readonly sealed: ValueRow;
  readonly stages: readonly string[];
  readonly now: number;
}

async function addVersion(rows: Transaction, { scope, row }: FoundSecret, added: Added): Promise<SecretRow> {
  const { versionId, sealed, now } = added;
  let versions: SecretRow['versions'] = {
    ...row.versions,
    [versionId]: { stages: row.versions[versionId]?.stages ?? [], createdMs: now },
  };
  // The first version is the current one, whatever was asked for.
  const isFirst = versionWith(row, CURRENT) === undefined;
  for (const stage of isFirst && !added.stages.includes(CURRENT) ? [CURRENT, ...added.stages] : added.stages)
    versions = moveStage(versions, stage, versionId);
  const { kept, gone } = trimVersions(versions);
  for (const id of gone) await rows.delete(values, scope, valueKey(row.name, id));
  await rows.put(values, scope, valueKey(row.name, versionId), sealed);
  const after = { ...row, versions: kept, changedMs: now };
  await rows.put(secrets, scope, row.name, after);
  return after;
}

const DAY_MS = 86_400_000;

/** To the day, as AWS shows it: written once a day at most. */
async function touch({ store, now }: SecretsRoom, { scope, row }: FoundSecret): Promise<void> {
  const today = now() - (now() % DAY_MS);
  if (row.accessedMs === today) return;
  await store.transaction(async (rows) => {
    const current = await rows.get(secrets, scope, row.name);
    if (current) await rows.put(secrets, scope, row.name, { ...current, accessedMs: today });
  });
}
