/**
 * Remembered devices: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html
 * Each sign-in offers a key; a device that confirms it keeps a secret, and proves it by SRP the next time.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { DeviceType } from '@aws-sdk/client-cognito-identity-provider';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { notFound } from './fault.ts';
import { type DeviceRow, devices, type PoolRow, type UserRow } from './rows.ts';

export const newDeviceKey = (scope: Scope): string => `${scope.region}_${randomUUID()}`;

/** The name that a device's secret is made with, beside its key. Not secret: the same for the same key each time. */
export const deviceGroupKey = (pool: PoolRow, deviceKey: string): string =>
  `-${createHash('sha256').update(`${pool.id} ${deviceKey}`).digest('hex').slice(0, 8)}`;

export const devicePrefix = (pool: PoolRow, user: UserRow): string => `${pool.id}/${user.sub}/`;

export async function findDevice(
  rows: Reader,
  scope: Scope,
  pool: PoolRow,
  user: UserRow,
  key: string | undefined,
): Promise<DeviceRow | undefined> {
  if (pool.devices === undefined || key === undefined) return undefined;
  return rows.get(devices, scope, devicePrefix(pool, user) + key);
}

export async function needDevice(
  rows: Reader,
  scope: Scope,
  pool: PoolRow,
  user: UserRow,
  key: string | undefined,
): Promise<DeviceRow> {
  const row = await rows.get(devices, scope, `${devicePrefix(pool, user)}${key}`);
  if (row === undefined) throw notFound('Device does not exist.');
  return row;
}

export const showDevice = (row: DeviceRow): DeviceType => ({
  DeviceKey: row.key,
  DeviceAttributes: [
    { Name: 'device_status', Value: 'valid' },
    { Name: 'device_name', Value: row.name },
    { Name: 'dev:device_remembered_status', Value: row.remembered ? 'remembered' : 'not_remembered' },
  ],
  DeviceCreateDate: new Date(row.createdMs),
  DeviceLastModifiedDate: new Date(row.modifiedMs),
  DeviceLastAuthenticatedDate: new Date(row.authenticatedMs),
});
