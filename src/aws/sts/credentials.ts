/** Making temporary credentials. */
import { wholeSecond } from '../../base/clock.ts';
import type { Credentials, Tag } from '@aws-sdk/client-sts';
import { iamId } from '../../base/ids.ts';
import type { Caller } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { newSecret } from '../iam/access-key.ts';
import { putSession, type SessionRow } from './session-row.ts';

export interface NewSession {
  /** The caller that these credentials make, but for its access key id. */
  readonly callerOf: (accessKeyId: string) => Caller;
  readonly ownerArn: string;
  readonly durationSeconds: number;
  readonly policies?: readonly string[];
  readonly policyArns?: readonly string[];
  readonly tags?: readonly Tag[];
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly federatedProvider?: string;
}

/** Credentials that work once this resolves. */
export async function issueSession(
  { store, now, random }: Pick<ServicePorts, 'store' | 'now' | 'random'>,
  { callerOf, durationSeconds, ...session }: NewSession,
): Promise<SessionRow> {
  const accessKeyId = iamId('ASIA', 16, random);
  const nowMs = now();
  const row: SessionRow = {
    ...session,
    accessKeyId,
    secret: newSecret(random),
    token: TOKEN_START + Buffer.from(random(TOKEN_BYTES)).toString('base64'),
    caller: callerOf(accessKeyId),
    expiresAtMs: nowMs + durationSeconds * 1000,
    issuedAtMs: nowMs,
    tags: session.tags ?? [],
    transitiveTagKeys: session.transitiveTagKeys ?? [],
  };
  await store.transaction((rows) => putSession(rows, row, nowMs));
  return row;
}

/** Tokens look like AWS's, which all begin so; nothing is read out of them. */
const TOKEN_START = 'IQoJb3JpZ2luX2Vj';
const TOKEN_BYTES = 240;

export const shownCredentials = (row: SessionRow): Credentials => ({
  AccessKeyId: row.accessKeyId,
  SecretAccessKey: row.secret,
  SessionToken: row.token,
  Expiration: wholeSecond(row.expiresAtMs),
});
