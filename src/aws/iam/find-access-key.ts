/** Who an access key id belongs to, for those who verify signatures. */
import type { AccessKey, FindAccessKey } from '../../base/ports.ts';
import type { Reader } from '../../store/store.ts';
import { findSession } from '../sts/session-row.ts';
import { findAccessKeyRow } from './access-key-row.ts';
import { globalScope } from './scope.ts';
import { readUser } from './user-row.ts';

/** Long-term keys are IAM's, temporary ones STS's. */
export const findAccessKey =
  (rows: Pick<Reader, 'get'>): FindAccessKey =>
  async (accessKeyId) =>
    (await longTermKey(rows, accessKeyId)) ?? temporaryKey(rows, accessKeyId);

async function longTermKey(rows: Pick<Reader, 'get'>, accessKeyId: string): Promise<AccessKey | undefined> {
  const row = await findAccessKeyRow(rows, accessKeyId);
  if (row?.status !== 'Active') return undefined;
  const { account, secret: secretAccessKey } = row;
  const user = await readUser(rows, globalScope(account), row.userName);
  const caller = { kind: 'user', account, arn: user.arn, userId: user.id, accessKeyId } as const;
  return { secretAccessKey, caller };
}

async function temporaryKey(rows: Pick<Reader, 'get'>, accessKeyId: string): Promise<AccessKey | undefined> {
  const row = await findSession(rows, accessKeyId);
  if (!row) return undefined;
  const { caller, expiresAtMs: expiresAt, secret: secretAccessKey, token: sessionToken } = row;
  return { secretAccessKey, sessionToken, expiresAt, caller };
}
