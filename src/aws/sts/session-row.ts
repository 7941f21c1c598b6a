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
  readonly issuedAtMs?: number;
  /** The issuer that vouched for it: an OIDC provider's ARN. */
  readonly federatedProvider?: string;
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

/** Which session ends when. Key: `{milliseconds}/{access key id}`, so that those long over come first. */
const sessionEnds = table<{ readonly accessKeyId: string }>('sts.session-ends');

/** Keeps a session, and drops a few of those whose time is long over. */
export async function putSession(rows: Transaction, row: SessionRow, nowMs: number): Promise<void> {
  for (const { key, row: end } of await rows.list(sessionEnds, ALL, { limit: DROPPED_AT_ONCE })) {
    if (Number(key.split('/')[0]) > nowMs - KEPT_AFTER_EXPIRY_MS) break;
    await rows.delete(sessions, ALL, end.accessKeyId);
    await rows.delete(sessionEnds, ALL, key);
  }
  const ends = String(row.expiresAtMs).padStart(16, '0');
  await rows.put(sessionEnds, ALL, `${ends}/${row.accessKeyId}`, { accessKeyId: row.accessKeyId });
  await rows.put(sessions, ALL, row.accessKeyId, row);
}

/** More than one, so that they go faster than they come. */
const DROPPED_AT_ONCE = 10;

/** So that a late caller hears that its token expired, not that it never was. */
const KEPT_AFTER_EXPIRY_MS = 24 * 3600 * 1000;
