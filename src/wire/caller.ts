/** Who makes a call to the control plane. */
import type { KeyObject } from 'node:crypto';
import type { Now } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Caller, FindAccessKey } from '../base/ports.ts';
import { DEFAULT_ACCOUNT } from '../base/scope.ts';
import { accountOfKey, type Credential } from './credential.ts';
import { queryValue, type Head } from './head.ts';
import type { OperationPlan } from './plan.ts';
import type { ProtocolName } from './services.ts';
import type { Signature } from './sigv4/canonical.ts';
import { findingFault, styleOf } from './sigv4/findings.ts';
import { readSignature } from './sigv4/read-signature.ts';
import { createSigningKeys } from './sigv4/signing-keys.ts';
import { urlExpiry, verify } from './sigv4/verify.ts';

export interface CallerPorts {
  /** `open`: any key is its account's root, its secret is not checked. `enforce`: signatures are verified. */
  readonly auth: 'open' | 'enforce';
  /** Absent in `enforce`: no key is good. In `open` it tells the account of keys that IAM made. */
  readonly findAccessKey?: FindAccessKey;
  readonly now: Now;
}

export interface Identity {
  readonly caller: Caller;
  /** What the signatures of chunks build upon; only when signatures are verified. */
  readonly seed?: { readonly key: KeyObject; readonly signature: Signature };
}

export interface Claimed {
  readonly head: Head;
  readonly credential: Credential | undefined;
  readonly operation: OperationPlan;
  readonly protocol: ProtocolName;
  /** The hash the signature covers. */
  readonly payloadHash: () => string;
}

/** Throws the service's Fault when the signature is not good. */
export type IdentifyCaller = (claimed: Claimed) => Promise<Identity>;

export function createIdentifyCaller(ports: CallerPorts): IdentifyCaller {
  const signingKeys = createSigningKeys();
  const findAccessKey: FindAccessKey = ports.findAccessKey ?? (async () => undefined);

  const open: IdentifyCaller = async ({ head, credential, operation, protocol }) => {
    const expired = urlExpired(head, ports.now());
    if (expired !== undefined)
      throw findingFault(expired, styleOf(operation.service.row.id, protocol), ports.now());
    const accessKeyId = credential?.accessKeyId ?? '';
    const made = MADE_BY_IAM.test(accessKeyId) ? await findAccessKey(accessKeyId) : undefined;
    return { caller: rootOf(made?.caller.account ?? accountOfKey(accessKeyId), accessKeyId) };
  };

  const enforce: IdentifyCaller = async (claimed) => {
    const { head, operation, protocol } = claimed;
    const { row } = operation.service;
    if (row.unsigned?.includes(operation.name)) return { caller: ANONYMOUS };
    const expected = {
      services: [row.signingName, ...(row.otherSigningNames ?? [])],
      payloadHash: claimed.payloadHash(),
      maxSkewMs: row.id === 's3' ? limits.wireS3ClockSkewMs : limits.wireClockSkewMs,
    };
    const verified = await verify(head, expected, { findAccessKey, now: ports.now, signingKeys });
    // Buckets may be open to everyone: who did not sign is asked of their policies, and is nobody elsewhere.
    if (!verified.ok && verified.finding.kind === 'none' && row.id === 's3') return { caller: ANONYMOUS };
    if (!verified.ok) throw findingFault(verified.finding, styleOf(row.id, protocol), ports.now());
    return { caller: verified.caller, seed: { key: verified.signingKey, signature: verified.signature } };
  };

  return ports.auth === 'enforce' ? enforce : open;
}

const MADE_BY_IAM = /^A[KS]IA[A-Z0-9]{12,}$/;

const rootOf = (account: string, accessKeyId: string): Caller => ({
  kind: 'root',
  account,
  arn: `arn:aws:iam::${account}:root`,
  accessKeyId,
});

/** Calls whose input is the proof: a web identity's token, a SAML assertion. */
const ANONYMOUS: Caller = {
  kind: 'service',
  account: DEFAULT_ACCOUNT,
  arn: '',
  userId: 'anonymous',
  accessKeyId: '',
};

/** A presigned URL that is over is over in open mode as well; version 2 URLs say until when. */
function urlExpired(head: Head, now: number) {
  const read = readSignature(head);
  if (read.kind === 'signature') return urlExpiry(read.signature, read.expiresSeconds, now);
  const until = queryValue(head, 'AWSAccessKeyId') === undefined ? undefined : queryValue(head, 'Expires');
  if (until === undefined || now <= Number(until) * 1000) return undefined;
  return { kind: 'expired-url', expiresAt: Number(until) * 1000, expiresSeconds: 0 } as const;
}
