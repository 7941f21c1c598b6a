/** What the operations of KMS share: finding a key, asking its policy and state, and its material. */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { LocalAuthority } from '../acm/local-authority.ts';
import { createResourceAccess } from '../kit/resource-access.ts';
import { noAlias, noKey } from './fault.ts';
import { defaultPolicy } from './key-policy.ts';
import {
  aliasArn,
  aliases,
  type FoundKey,
  keyArn,
  type KeyRow,
  keys,
  placeOfKey,
  stateOf,
} from './key-row.ts';
import { makeMaterial } from './material.ts';

export interface KmsPorts extends ServicePorts {
  readonly authority: () => Promise<LocalAuthority>;
}

export interface Asked {
  readonly scope: Scope;
  readonly caller: Caller;
  /** `Encrypt`. */
  readonly action: string;
}

export interface KmsRoom extends KmsPorts {
  /** In any state. Throws NotFoundException, AccessDeniedException. */
  readonly find: (keyId: string | undefined, asked: Asked) => Promise<FoundKey>;
  /** For cryptography: it must be enabled. */
  readonly use: (keyId: string | undefined, asked: Asked) => Promise<FoundKey>;
  /** Changes a key's row in a transaction. */
  readonly change: (
    keyId: string | undefined,
    asked: Asked,
    edit: (found: FoundKey) => KeyRow,
  ) => Promise<FoundKey>;
  /** Unsealed: of a version, else the one in use. */
  readonly material: (row: KeyRow, version?: number) => Promise<string>;
  readonly seal: (spec: KeyRow['spec']) => Promise<string>;
}

/** Aliases of AWS's own keys, made when they are first used. */
const AWS_ALIAS = /^alias\/aws\/[\w/-]+$/;

export function createKmsRoom(ports: KmsPorts): KmsRoom {
  const { store, now, authority } = ports;
  const mayUse = createResourceAccess();

  const seal = async (spec: KeyRow['spec']): Promise<string> =>
    (await authority()).seal(await makeMaterial(spec));

  async function keyIdOf(rows: Pick<Transaction, 'get'>, scope: Scope, name: string): Promise<string> {
    if (!name.startsWith('alias/')) return name;
    const alias = await rows.get(aliases, scope, name);
    if (alias) return alias.keyId;
    if (AWS_ALIAS.test(name)) return makeAwsKey(scope, name);
    throw noAlias(aliasArn(scope, name));
  }

  async function makeAwsKey(scope: Scope, name: string): Promise<string> {
    const keyId = randomUUID();
    const row: KeyRow = {
      keyId,
      createdMs: now(),
      description: `Default key that protects my ${name.slice('alias/aws/'.length)} data when no other key is defined`,
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      enabled: true,
      manager: 'AWS',
      multiRegion: false,
      policy: defaultPolicy(scope),
      tags: {},
      material: [{ sealed: await seal('SYMMETRIC_DEFAULT'), madeMs: now() }],
    };
    return store.transaction(async (rows) => {
      const other = await rows.get(aliases, scope, name);
      if (other) return other.keyId;
      await rows.put(keys, scope, keyId, row);
      await rows.put(aliases, scope, name, { name, keyId, createdMs: now(), updatedMs: now() });
      return keyId;
    });
  }

  async function find(keyId: string | undefined, { scope: own, caller, action }: Asked): Promise<FoundKey> {
    const { scope, name } = placeOfKey(own, keyId ?? '');
    const id = await keyIdOf(store, scope, name);
    const row = await store.get(keys, scope, id);
    const arn = keyArn(scope, id);
    if (row === undefined) throw noKey(arn);
    if (row.deletionMs !== undefined && row.deletionMs <= now()) {
      await forget(scope, row);
      throw noKey(arn);
    }
    if (!mayUse({ action: `kms:${action}`, resource: arn, owner: scope.account, caller, policy: row.policy }))
      throw new Fault(
        'AccessDeniedException',
        `User: ${caller.arn} is not authorized to perform: kms:${action} on resource: ${arn} because no resource-based policy allows the kms:${action} action`,
      );
    return { scope, row };
  }

  /** A key whose waiting is over, with its aliases. */
  async function forget(scope: Scope, { keyId }: KeyRow): Promise<void> {
    await store.transaction(async (rows) => {
      await rows.delete(keys, scope, keyId);
      for (const { key, row } of await rows.list(aliases, scope))
        if (row.keyId === keyId) await rows.delete(aliases, scope, key);
    });
  }

  return {
    ...ports,
    find,
    seal,
    async use(keyId, asked) {
      const found = await find(keyId, asked);
      const arn = keyArn(found.scope, found.row.keyId);
      const state = stateOf(found.row);
      if (state === 'Disabled') throw new Fault('DisabledException', `${arn} is disabled.`);
      if (state === 'PendingDeletion')
        throw new Fault('KMSInvalidStateException', `${arn} is pending deletion.`);
      return found;
    },
    async change(keyId, asked, edit) {
      const { scope, row } = await find(keyId, asked);
      return store.transaction(async (rows) => {
        const current = (await rows.get(keys, scope, row.keyId)) ?? row;
        const after = edit({ scope, row: current });
        await rows.put(keys, scope, row.keyId, after);
        return { scope, row: after };
      });
    },
    async material(row, version) {
      const kept = row.material[version ?? row.material.length - 1];
      if (kept === undefined) throw new Fault('InvalidCiphertextException', '');
      return (await authority()).open(kept.sealed);
    },
  };
}
