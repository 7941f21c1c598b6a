/** Access keys: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html */
import { wholeSecond } from '../../base/clock.ts';
import type {
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import { Fault } from '../../base/fault.ts';
import { iamId, type RandomBytes, randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Reader } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import {
  type AccessKeyRow,
  accessKeysOf,
  findAccessKeyRow,
  putAccessKey,
  removeAccessKey,
} from './access-key-row.ts';
import { noSuchEntity, overQuota } from './faults.ts';
import { pageOf } from './page.ts';
import { nameKey } from './principal.ts';
import { globalScope } from './scope.ts';
import { callerName } from './user.ts';
import { readUser } from './user-row.ts';

export const accessKeyOperations = (ports: ServicePorts) => ({
  CreateAccessKey: async (
    { UserName }: CreateAccessKeyRequest,
    call: Call,
  ): Promise<CreateAccessKeyResponse> => {
    const scope = globalScope(call.scope.account);
    const row = await ports.store.transaction(async (rows) => {
      const user = await readUser(rows, scope, UserName ?? callerName(call));
      const existing = await accessKeysOf(rows, scope, user.name);
      if (existing.length >= limits.iamAccessKeysPerUser)
        throw overQuota('AccessKeysPerUser', limits.iamAccessKeysPerUser);
      const made = newKey(ports, scope.account, user.name);
      await putAccessKey(rows, made);
      return made;
    });
    return {
      AccessKey: {
        UserName: row.userName,
        AccessKeyId: row.id,
        Status: row.status,
        SecretAccessKey: row.secret,
        CreateDate: wholeSecond(row.createdAtMs),
      },
    };
  },

  ListAccessKeys: async (input: ListAccessKeysRequest, call: Call): Promise<ListAccessKeysResponse> => {
    const scope = globalScope(call.scope.account);
    if (input.UserName === undefined && call.caller.kind === 'root')
      return { AccessKeyMetadata: [], IsTruncated: false };
    const user = await readUser(ports.store, scope, input.UserName ?? callerName(call));
    const page = pageOf(await accessKeysOf(ports.store, scope, user.name), input, (row) => row.id);
    const shown = page.items.map((row) => ({
      UserName: row.userName,
      AccessKeyId: row.id,
      Status: row.status,
      CreateDate: wholeSecond(row.createdAtMs),
    }));
    return { AccessKeyMetadata: shown, ...page.rest };
  },

  UpdateAccessKey: async (input: UpdateAccessKeyRequest, call: Call) => {
    await ports.store.transaction(async (rows) => {
      const row = await readKey(rows, call, input);
      await putAccessKey(rows, { ...row, status: input.Status === 'Active' ? 'Active' : 'Inactive' });
    });
    return {};
  },

  DeleteAccessKey: async (input: DeleteAccessKeyRequest, call: Call) => {
    await ports.store.transaction(async (rows) => {
      const { id } = await readKey(rows, call, input);
      await removeAccessKey(rows, id);
    });
    return {};
  },

  /** Use is not recorded: the answer is that of a key nobody has used. */
  GetAccessKeyLastUsed: async (
    { AccessKeyId = '' }: GetAccessKeyLastUsedRequest,
    call: Call,
  ): Promise<GetAccessKeyLastUsedResponse> => {
    const row = await findAccessKeyRow(ports.store, AccessKeyId);
    if (row?.account !== call.scope.account)
      throw new Fault(
        'AccessDenied',
        `User: ${call.caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
        { status: 403 },
      );
    const unused = { Region: 'N/A', ServiceName: 'N/A', LastUsedDate: undefined };
    return { UserName: row.userName, AccessKeyLastUsed: unused };
  },
});

const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export const newSecret = (random: RandomBytes): string => randomText(40, SECRET_ALPHABET, random);

const newKey = ({ random, now }: ServicePorts, account: string, userName: string): AccessKeyRow => ({
  id: iamId('AKIA', 16, random),
  secret: newSecret(random),
  account,
  userName,
  status: 'Active',
  createdAtMs: now(),
});

async function readKey(
  rows: Pick<Reader, 'get'>,
  call: Call,
  { AccessKeyId = '', UserName }: DeleteAccessKeyRequest,
): Promise<AccessKeyRow> {
  const user = await readUser(rows, globalScope(call.scope.account), UserName ?? callerName(call));
  const row = await findAccessKeyRow(rows, AccessKeyId);
  if (row?.account !== call.scope.account || nameKey(row.userName) !== nameKey(user.name))
    throw noSuchEntity(`The Access Key with id ${AccessKeyId} cannot be found.`);
  return row;
}
