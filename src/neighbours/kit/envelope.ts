/** Values that lie encrypted: each with a data key of its own, which KMS wraps. Who reads one must be let in by the key. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DecryptResponse, GenerateDataKeyResponse } from '@aws-sdk/client-kms';
import type { Caller, CallOperation } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { serviceCaller } from './resource-access.ts';

export interface Envelope {
  /** All base64. */
  readonly wrappedKey: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

export interface EnvelopeCall {
  readonly call: CallOperation;
  readonly scope: Scope;
  readonly caller: Caller;
  /** Bound to the value: it opens in no other's place. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Who asks KMS: AWS's own keys serve everyone of their account through the service (`kms:ViaService` in their policies),
 * other keys are the caller's own affair.
 */
export const keyCaller = (caller: Caller, scope: Scope, keyId: string, principal: string): Caller =>
  keyId.startsWith('alias/aws/') && caller.account === scope.account
    ? serviceCaller(principal, scope.account, caller.arn)
    : caller;

/** Throws KMS's faults. */
export async function closeEnvelope(
  kms: EnvelopeCall,
  KeyId: string,
  plaintext: Uint8Array,
): Promise<Envelope> {
  const input = { KeyId, KeySpec: 'AES_256', EncryptionContext: kms.context };
  const { scope, caller } = kms;
  const made = await kms.call({ service: 'kms', operation: 'GenerateDataKey', input, scope, caller });
  const { Plaintext = new Uint8Array(), CiphertextBlob = new Uint8Array() } = made as GenerateDataKeyResponse; // that operation's output
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Plaintext, iv);
  const data = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return {
    wrappedKey: Buffer.from(CiphertextBlob).toString('base64'),
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

/** Throws KMS's faults. */
export async function openEnvelope(kms: EnvelopeCall, envelope: Envelope): Promise<Buffer> {
  const CiphertextBlob = new Uint8Array(Buffer.from(envelope.wrappedKey, 'base64'));
  const input = { CiphertextBlob, EncryptionContext: kms.context };
  const { scope, caller } = kms;
  const opened = await kms.call({ service: 'kms', operation: 'Decrypt', input, scope, caller });
  const { Plaintext = new Uint8Array() } = opened as DecryptResponse; // that operation's output
  const decipher = createDecipheriv('aes-256-gcm', Plaintext, Buffer.from(envelope.iv, 'base64'));
  decipher.setAuthTag(Buffer.from(envelope.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(envelope.data, 'base64')), decipher.final()]);
}
