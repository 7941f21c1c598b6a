/** Rotation of symmetric keys: by the clock, looked at when the key is used, and on demand. */
import type {
  DisableKeyRotationRequest,
  EnableKeyRotationRequest,
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
  ListKeyRotationsRequest,
  ListKeyRotationsResponse,
  RotateKeyOnDemandRequest,
  RotateKeyOnDemandResponse,
} from '@aws-sdk/client-kms';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { unsupported } from './fault.ts';
import { type FoundKey, keyArn, type KeyRow, keys } from './key-row.ts';
import { isSymmetric } from './material.ts';
import type { KmsRoom } from './room.ts';

const DAY_MS = 86_400_000;

export const rotationOperations = (room: KmsRoom) => ({
  async EnableKeyRotation(input: EnableKeyRotationRequest, call: Call): Promise<object> {
    const periodDays = input.RotationPeriodInDays ?? 365;
    await room.change(input.KeyId, { ...call, action: 'EnableKeyRotation' }, (found) => {
      checkRotatable(found);
      return { ...found.row, rotation: { periodDays, nextMs: room.now() + periodDays * DAY_MS } };
    });
    return {};
  },

  async DisableKeyRotation(input: DisableKeyRotationRequest, call: Call): Promise<object> {
    await room.change(input.KeyId, { ...call, action: 'DisableKeyRotation' }, (found) => {
      checkRotatable(found);
      const { rotation: _, ...row } = found.row;
      return row;
    });
    return {};
  },

  async GetKeyRotationStatus(
    input: GetKeyRotationStatusRequest,
    call: Call,
  ): Promise<GetKeyRotationStatusResponse> {
    const found = await room.find(input.KeyId, { ...call, action: 'GetKeyRotationStatus' });
    const { rotation, keyId } = (await rotated(room, found)).row;
    return {
      KeyId: keyId,
      KeyRotationEnabled: rotation !== undefined,
      ...(rotation
        ? { RotationPeriodInDays: rotation.periodDays, NextRotationDate: new Date(rotation.nextMs) }
        : {}),
    };
  },

  async RotateKeyOnDemand(input: RotateKeyOnDemandRequest, call: Call): Promise<RotateKeyOnDemandResponse> {
    const sealed = await room.seal('SYMMETRIC_DEFAULT');
    const { row } = await room.change(input.KeyId, { ...call, action: 'RotateKeyOnDemand' }, (found) => {
      checkRotatable(found);
      const { material } = found.row;
      if (material.filter(({ onDemand }) => onDemand).length >= limits.kmsRotationsOnDemand)
        throw new Fault('LimitExceededException', 'The limit of on-demand rotations of this key is reached.');
      return { ...found.row, material: [...material, { sealed, madeMs: room.now(), onDemand: true }] };
    });
    return { KeyId: row.keyId };
  },

  async ListKeyRotations(input: ListKeyRotationsRequest, call: Call): Promise<ListKeyRotationsResponse> {
    const found = await room.find(input.KeyId, { ...call, action: 'ListKeyRotations' });
    const { row } = await rotated(room, found);
    return {
      Rotations: row.material.slice(1).map(({ madeMs, onDemand }) => ({
        KeyId: row.keyId,
        RotationDate: new Date(madeMs),
        RotationType: onDemand ? 'ON_DEMAND' : 'AUTOMATIC',
      })),
      Truncated: false,
    };
  },
});

/** The key with the rotations that its period asks for. */
export async function rotated(room: KmsRoom, { scope, row }: FoundKey): Promise<FoundKey> {
  const { rotation } = row;
  if (rotation === undefined || rotation.nextMs > room.now()) return { scope, row };
  const sealed = await room.seal(row.spec);
  return room.store.transaction(async (rows) => {
    const current = (await rows.get(keys, scope, row.keyId)) ?? row;
    if (current.rotation?.nextMs !== rotation.nextMs) return { scope, row: current };
    const after: KeyRow = {
      ...current,
      material: [...current.material, { sealed, madeMs: rotation.nextMs }],
      rotation: { ...rotation, nextMs: room.now() + rotation.periodDays * DAY_MS },
    };
    await rows.put(keys, scope, row.keyId, after);
    return { scope, row: after };
  });
}

function checkRotatable({ scope, row }: FoundKey): void {
  if (!isSymmetric(row.spec))
    throw unsupported('You cannot perform this operation on an asymmetric or HMAC key.');
  if (row.manager === 'AWS')
    throw new Fault('AccessDeniedException', `${keyArn(scope, row.keyId)} is managed by AWS.`);
  if (row.deletionMs !== undefined)
    throw new Fault('KMSInvalidStateException', `${keyArn(scope, row.keyId)} is pending deletion.`);
}
