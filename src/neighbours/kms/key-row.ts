/** Keys, aliases and grants as they are kept. What makes a key is sealed before it becomes a row. */
import type { GrantConstraints, GrantOperation, KeySpec, KeyUsageType } from '@aws-sdk/client-kms';
import { arnOf, parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';

export interface KeyRow {
  readonly keyId: string;
  readonly createdMs: number;
  readonly description: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsageType;
  readonly enabled: boolean;
  /** When a key that is to be deleted goes. */
  readonly deletionMs?: number;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly multiRegion: boolean;
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Sealed; the last is in use, a symmetric key's earlier ones still decrypt. */
  readonly material: readonly Material[];
  readonly rotation?: { readonly periodDays: number; readonly nextMs: number };
}

export interface Material {
  readonly sealed: string;
  readonly madeMs: number;
  readonly onDemand?: true;
}

/** By key id. */
export const keys = table<KeyRow>('kms.keys');

export interface AliasRow {
  readonly name: string;
  readonly keyId: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** By name, `alias/...`. */
export const aliases = table<AliasRow>('kms.aliases');

export interface GrantRow {
  readonly grantId: string;
  readonly token: string;
  readonly name?: string;
  readonly grantee: string;
  readonly retiring?: string;
  readonly operations: readonly GrantOperation[];
  readonly constraints?: GrantConstraints;
  readonly createdMs: number;
  readonly issuer: string;
}

/** By key id, `/` and grant id. */
export const grants = table<GrantRow>('kms.grants');

export interface FoundKey {
  readonly scope: Scope;
  readonly row: KeyRow;
}

export const keyArn = (scope: Scope, keyId: string): string => arnOf(scope, 'kms', `key/${keyId}`);
export const aliasArn = (scope: Scope, name: string): string => arnOf(scope, 'kms', name);

/** A key id, a key's ARN, an alias or an alias's ARN. */
export function placeOfKey(scope: Scope, text: string): { readonly scope: Scope; readonly name: string } {
  const arn = parseArn(text);
  if (arn === undefined) return { scope, name: text };
  return { scope: { account: arn.account, region: arn.region }, name: arn.resource.replace(/^key\//, '') };
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export const stateOf = ({ deletionMs, enabled }: KeyRow): KeyState =>
  deletionMs === undefined ? (enabled ? 'Enabled' : 'Disabled') : 'PendingDeletion';
