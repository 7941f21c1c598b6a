/** Secrets: made, described, changed, deleted and brought back; tags and policies. */
import { randomUUID } from 'node:crypto';
import type {
  CreateSecretRequest,
  CreateSecretResponse,
  DeleteResourcePolicyRequest,
  DeleteResourcePolicyResponse,
  DeleteSecretRequest,
  DeleteSecretResponse,
  DescribeSecretRequest,
  DescribeSecretResponse,
  GetResourcePolicyRequest,
  GetResourcePolicyResponse,
  ListSecretsRequest,
  ListSecretsResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  RestoreSecretRequest,
  RestoreSecretResponse,
  SecretListEntry,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateSecretRequest,
  UpdateSecretResponse,
  ValidateResourcePolicyRequest,
  ValidateResourcePolicyResponse,
} from '@aws-sdk/client-secrets-manager';
import { Fault } from '../../base/fault.ts';
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { matchesFilters } from './filters.ts';
import { digestOf, type SecretsRoom } from './room.ts';
import {
  CURRENT,
  type FoundSecret,
  isDeleted,
  notFound,
  secretArn,
  type SecretRow,
  secrets,
  valueKey,
  valuePrefix,
  values,
  versionWith,
} from './secret-row.ts';
import { putVersion, valueOf } from './value.ts';

const DAY_MS = 86_400_000;
const SUFFIX = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

type Tags = Readonly<Record<string, string>>;

export const secretOperations = (room: SecretsRoom) => {
  const { store, now } = room;

  const change = (
    id: string | undefined,
    call: Call,
    action: string,
    edit: (found: FoundSecret) => SecretRow,
  ): Promise<FoundSecret> =>
    store.transaction(async (rows) => {
      const found = await room.find(rows, id, { ...call, action });
      const row = edit(found);
      await rows.put(secrets, found.scope, row.name, row);
      return { scope: found.scope, row };
    });

  return {
    async CreateSecret(input: CreateSecretRequest, call: Call): Promise<CreateSecretResponse> {
      const { scope } = call;
      const name = input.Name ?? '';
      if (!/^[\w/+=.@!-]{1,512}$/.test(name))
        throw new Fault(
          'ValidationException',
          'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
        );
      if (input.AddReplicaRegions?.length)
        throw new Fault(
          'InvalidParameterException',
          'AddReplicaRegions (replicas): not supported by gatehouse',
        );
      const value = valueOf(input);
      const versionId = input.ClientRequestToken ?? randomUUID();
      const row: SecretRow = {
        name,
        suffix: randomText(6, SUFFIX, room.random),
        ...(input.Description === undefined ? {} : { description: input.Description }),
        ...(input.KmsKeyId === undefined ? {} : { keyId: input.KmsKeyId }),
        createdMs: now(),
        changedMs: now(),
        tags: tagsOf(input.Tags),
        versions: {},
      };
      const sealed = value && (await room.close({ scope, row }, value, call.caller));
      const made = await store.transaction(async (rows) => {
        const before = await rows.get(secrets, scope, name);
        if (before && !isGone(before, now())) {
          const known = await rows.get(values, scope, valueKey(name, versionId));
          // The same creation asked for again.
          if (known && value && known.digest === digestOf(value)) return before;
          throw before.deletedMs === undefined
            ? new Fault(
                'ResourceExistsException',
                `The operation failed because the secret ${name} already exists.`,
              )
            : new Fault(
                'InvalidRequestException',
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
              );
        }
        if (before) await rows.deleteRange(values, scope, valuePrefix(name));
        if ((await rows.list(secrets, scope)).length >= limits.secrets)
          throw new Fault('LimitExceededException', 'You have exceeded the number of secrets.');
        const versions = sealed ? { [versionId]: { stages: [CURRENT], createdMs: now() } } : {};
        const whole = { ...row, versions };
        if (sealed) await rows.put(values, scope, valueKey(name, versionId), sealed);
        await rows.put(secrets, scope, name, whole);
        return whole;
      });
      return { ARN: secretArn(scope, made), Name: name, ...(sealed ? { VersionId: versionId } : {}) };
    },

    async UpdateSecret(input: UpdateSecretRequest, call: Call): Promise<UpdateSecretResponse> {
      const value = valueOf(input);
      const changed = await change(input.SecretId, call, 'UpdateSecret', ({ row }) => ({
        ...row,
        ...(input.Description === undefined ? {} : { description: input.Description }),
        ...(input.KmsKeyId === undefined ? {} : { keyId: input.KmsKeyId }),
        changedMs: now(),
      }));
      const named = { ARN: secretArn(changed.scope, changed.row), Name: changed.row.name };
      if (value === undefined) return named;
      const versionId = input.ClientRequestToken ?? randomUUID();
      await putVersion(room, changed, { value, versionId, stages: [CURRENT], caller: call.caller });
      return { ...named, VersionId: versionId };
    },

    async DescribeSecret(input: DescribeSecretRequest, call: Call): Promise<DescribeSecretResponse> {
      const { scope, row } = await room.findAny(store, input.SecretId, { ...call, action: 'DescribeSecret' });
      const { SecretVersionsToStages, ...rest } = show(scope, row);
      return { ...rest, VersionIdsToStages: SecretVersionsToStages };
    },

    async ListSecrets(input: ListSecretsRequest, { scope }: Call): Promise<ListSecretsResponse> {
      const all = (await store.list(secrets, scope)).map(({ row }) => row);
      const wanted = all.filter(
        (row) =>
          !isGone(row, now()) &&
          (input.IncludePlannedDeletion || row.deletedMs === undefined) &&
          matchesFilters(row, input.Filters),
      );
      const sorted = input.SortOrder === 'asc' ? wanted : wanted.toReversed();
      const start =
        input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64').toString());
      const end = start + (input.MaxResults ?? 100);
      return {
        SecretList: sorted.slice(start, end).map((row) => show(scope, row)),
        ...(sorted.length > end ? { NextToken: Buffer.from(String(end)).toString('base64') } : {}),
      };
    },

    async DeleteSecret(input: DeleteSecretRequest, call: Call): Promise<DeleteSecretResponse> {
      const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = input;
      if (force && days !== undefined)
        throw new Fault(
          'InvalidParameterException',
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        );
      if (days !== undefined && (days < 7 || days > 30))
        throw new Fault(
          'InvalidParameterException',
          'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
        );
      return store.transaction(async (rows) => {
        const { scope, row } = await room.findAny(rows, input.SecretId, { ...call, action: 'DeleteSecret' });
        const answer = { ARN: secretArn(scope, row), Name: row.name };
        if (force) {
          await remove(rows, scope, row.name);
          return { ...answer, DeletionDate: new Date(now()) };
        }
        if (row.deletedMs !== undefined) throw isDeleted();
        const goesMs = now() + (days ?? 30) * DAY_MS;
        await rows.put(secrets, scope, row.name, { ...row, deletedMs: now(), goesMs });
        return { ...answer, DeletionDate: new Date(goesMs) };
      });
    },

    async RestoreSecret(input: RestoreSecretRequest, call: Call): Promise<RestoreSecretResponse> {
      return store.transaction(async (rows) => {
        const { scope, row } = await room.findAny(rows, input.SecretId, { ...call, action: 'RestoreSecret' });
        const { deletedMs: _, goesMs: __, ...rest } = row;
        await rows.put(secrets, scope, row.name, rest);
        return { ARN: secretArn(scope, row), Name: row.name };
      });
    },

    async TagResource(input: TagResourceRequest, call: Call): Promise<object> {
      await change(input.SecretId, call, 'TagResource', ({ row }) => ({
        ...row,
        tags: checkTags({ ...row.tags, ...tagsOf(input.Tags) }),
      }));
      return {};
    },

    async UntagResource(input: UntagResourceRequest, call: Call): Promise<object> {
      await change(input.SecretId, call, 'UntagResource', ({ row }) => ({
        ...row,
        tags: Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys?.includes(key))),
      }));
      return {};
    },

    async PutResourcePolicy(input: PutResourcePolicyRequest, call: Call): Promise<PutResourcePolicyResponse> {
      const policy = checkPolicy(input.ResourcePolicy ?? '');
      if (input.BlockPublicPolicy && isPublic(policy))
        throw new Fault('PublicPolicyException', "You can't grant public access to the secret.");
      const { scope, row } = await change(input.SecretId, call, 'PutResourcePolicy', (found) => ({
        ...found.row,
        policy,
      }));
      return { ARN: secretArn(scope, row), Name: row.name };
    },

    async GetResourcePolicy(input: GetResourcePolicyRequest, call: Call): Promise<GetResourcePolicyResponse> {
      const { scope, row } = await room.find(store, input.SecretId, { ...call, action: 'GetResourcePolicy' });
      return {
        ARN: secretArn(scope, row),
        Name: row.name,
        ...(row.policy === undefined ? {} : { ResourcePolicy: row.policy }),
      };
    },

    async DeleteResourcePolicy(
      input: DeleteResourcePolicyRequest,
      call: Call,
    ): Promise<DeleteResourcePolicyResponse> {
      const { scope, row } = await change(input.SecretId, call, 'DeleteResourcePolicy', (found) => {
        const { policy: _, ...rest } = found.row;
        return rest;
      });
      return { ARN: secretArn(scope, row), Name: row.name };
    },

    async ValidateResourcePolicy(
      input: ValidateResourcePolicyRequest,
    ): Promise<ValidateResourcePolicyResponse> {
      const policy = checkPolicy(input.ResourcePolicy ?? '');
      const ValidationErrors = isPublic(policy)
        ? [{ CheckName: 'PublicAccess', ErrorMessage: 'The resource policy grants public access.' }]
        : [];
      return { PolicyValidationPassed: ValidationErrors.length === 0, ValidationErrors };
    },
  };
};

const isGone = ({ goesMs }: SecretRow, now: number): boolean => goesMs !== undefined && goesMs <= now;

async function remove(rows: Transaction, scope: Scope, name: string): Promise<void> {
  if (!(await rows.delete(secrets, scope, name))) throw notFound();
  await rows.deleteRange(values, scope, valuePrefix(name));
}

const tagsOf = (tags: readonly Tag[] | undefined): Tags =>
  checkTags(Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])));

function checkTags(tags: Tags): Tags {
  if (Object.keys(tags).length <= limits.secretTags) return tags;
  throw new Fault('InvalidParameterException', `A secret can have at most ${limits.secretTags} tags.`);
}

function checkPolicy(text: string): string {
  try {
    compilePolicy(text, { kind: 'resource' });
    return text;
  } catch (error) {
    throw new Fault(
      'MalformedPolicyDocumentException',
      `This resource policy contains a syntax error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Lets everyone in, without a condition. */
function isPublic(policy: string): boolean {
  const { Statement } = JSON.parse(policy) as { Statement: unknown }; // checked just before
  return [Statement].flat().some((statement: unknown) => {
    if (typeof statement !== 'object' || statement === null || Reflect.get(statement, 'Effect') !== 'Allow')
      return false;
    const principal: unknown = Reflect.get(statement, 'Principal');
    const named: unknown =
      typeof principal === 'object' && principal !== null ? Reflect.get(principal, 'AWS') : principal;
    return [named].flat().includes('*') && Reflect.get(statement, 'Condition') === undefined;
  });
}

const show = (scope: Scope, row: SecretRow): SecretListEntry => ({
  ARN: secretArn(scope, row),
  Name: row.name,
  ...(row.description === undefined ? {} : { Description: row.description }),
  ...(row.keyId === undefined ? {} : { KmsKeyId: row.keyId }),
  RotationEnabled: row.rotation !== undefined,
  ...(row.rotation
    ? {
        RotationLambdaARN: row.rotation.lambdaArn,
        RotationRules: row.rotation.rules,
        ...(row.rotation.lastMs === undefined ? {} : { LastRotatedDate: new Date(row.rotation.lastMs) }),
        ...(row.rotation.nextMs === undefined ? {} : { NextRotationDate: new Date(row.rotation.nextMs) }),
      }
    : {}),
  CreatedDate: new Date(row.createdMs),
  LastChangedDate: new Date(row.changedMs),
  ...(row.accessedMs === undefined ? {} : { LastAccessedDate: new Date(row.accessedMs) }),
  ...(row.deletedMs === undefined ? {} : { DeletedDate: new Date(row.deletedMs) }),
  Tags: Object.entries(row.tags).map(([Key, Value]) => ({ Key, Value })),
  ...(versionWith(row, CURRENT) === undefined
    ? {}
    : {
        SecretVersionsToStages: Object.fromEntries(
          Object.entries(row.versions)
            .filter(([, { stages }]) => stages.length > 0)
            .map(([id, { stages }]) => [id, [...stages]]),
        ),
      }),
});
