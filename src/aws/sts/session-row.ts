/** Temporary credentials, by access key id over all accounts. */
import type { Tag } from '@aws-sdk/client-sts';
import type { Caller } from '../../base/ports.ts';
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { type Reader, type Transaction, table } from '../../store/store.ts';

export interface SessionRow {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token: string;
  readonly caller: Caller;
  readonly expiresAtMs: number;
  /** Whose policies apply: the role that was assumed, the user or root that asked for a federated user. */
  readonly ownerArn: string;
  /** Session policies' documents; undefined when the session was made without. */
  readonly policies?: readonly string[];
  /** ARNs of managed session policies. */
  readonly policyArns?: readonly string[];
  readonly tags: readonly Tag[];
  /** Keys of the tags that go on to the next role. */
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
}

/** Key: the access key id, in a scope of its own. */
const sessions = table<SessionRow>('sts.sessions');
const ALL: Scope = { account: 'index', region: GLOBAL_REGION };

export const findSession = (
  rows: Pick<Reader, 'get'>,
  accessKeyId: string,
): Promise<SessionRow | undefined> => rows.get(sessions, ALL, accessKeyId);

/** Keeps a session, and drops those whose time is over. */
export async function putSession(rows: Transaction, row: SessionRow, nowMs: number): Promise<void> {
  for (const { key, row: old } of await rows.list(sessions, ALL))
    if (old.expiresAtMs < nowMs - KEPT_AFTER_EXPIRY_MS) await rows.delete(sessions, ALL, key);
  await rows.put(sessions, ALL, row.accessKeyId, row);
}

/** So that a late caller hears that its token expired, not that it never was. */
const KEPT_AFTER_EXPIRY_MS = 24 * 3600 * 1000;
