/** What users and administrators do with remembered devices. */
import type {
  AdminForgetDeviceRequest,
  AdminGetDeviceRequest,
  AdminListDevicesRequest,
  AdminUpdateDeviceStatusRequest,
  ConfirmDeviceRequest,
  ForgetDeviceRequest,
  GetDeviceRequest,
  ListDevicesRequest,
  UpdateDeviceStatusRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { bearerOf } from './access-token.ts';
import { devicePrefix, needDevice, showDevice } from './device.ts';
import { invalidParameter } from './fault.ts';
import { pageOf } from './paging.ts';
import { needPool, type PoolPlace } from './places.ts';
import { type DeviceRow, devices, type UserRow } from './rows.ts';
import type { TokenRoom } from './tokens.ts';
import { needUser } from './user-store.ts';

interface Owner extends PoolPlace {
  readonly user: UserRow;
}

interface Named {
  readonly UserPoolId: string | undefined;
  readonly Username: string | undefined;
}

interface Listed {
  readonly Limit?: number | undefined;
  readonly PaginationToken?: string | undefined;
}

export const deviceOperations = (room: TokenRoom) => {
  const owner = async (scope: Scope, { UserPoolId, Username }: Named): Promise<Owner> => {
    const pool = await needPool(room.store, scope, UserPoolId);
    return { scope, pool, user: await needUser(room.store, scope, pool, Username) };
  };
  const get = async ({ scope, pool, user }: Owner, key: string | undefined) => ({
    Device: showDevice(await needDevice(room.store, scope, pool, user, key)),
  });
  const list = async ({ scope, pool, user }: Owner, input: Listed) => {
    const all = await room.store.list(devices, scope, { prefix: devicePrefix(pool, user) });
    const page = pageOf(all, input.PaginationToken, input.Limit || undefined);
    return { Devices: page.items.map(showDevice), ...(page.next && { PaginationToken: page.next }) };
  };
  const forget = async ({ scope, pool, user }: Owner, key: string | undefined) => {
    await room.store.transaction(async (rows) => {
      await needDevice(rows, scope, pool, user, key);
      await rows.delete(devices, scope, `${devicePrefix(pool, user)}${key}`);
    });
    return {};
  };
  const remember = async (
    { scope, pool, user }: Owner,
    key: string | undefined,
    status: string | undefined,
  ) => {
    await room.store.transaction(async (rows) => {
      const row = await needDevice(rows, scope, pool, user, key);
      const changed = { ...row, remembered: status === 'remembered', modifiedMs: room.now() };
      await rows.put(devices, scope, `${devicePrefix(pool, user)}${key}`, changed);
    });
    return {};
  };
  return {
    /** The key is the one that this sign-in offered: the token says so. */
    ConfirmDevice: async (input: ConfirmDeviceRequest) => {
      const { scope, pool, user } = await bearerOf(room, input.AccessToken);
      const offered = decodeJwt(input.AccessToken ?? '')['device_key'];
      if (pool.devices === undefined || offered !== input.DeviceKey)
        throw invalidParameter('Invalid device key given.');
      const { PasswordVerifier, Salt } = input.DeviceSecretVerifierConfig ?? {};
      if (!PasswordVerifier || !Salt) throw invalidParameter('DeviceSecretVerifierConfig is required.');
      const row: DeviceRow = {
        key: input.DeviceKey ?? '',
        name: input.DeviceName ?? '',
        secret: { salt: hexOf(Salt), verifier: hexOf(PasswordVerifier) },
        remembered: !pool.devices.DeviceOnlyRememberedOnUserPrompt,
        createdMs: room.now(),
        modifiedMs: room.now(),
        authenticatedMs: room.now(),
      };
      await room.store.transaction((rows) =>
        rows.put(devices, scope, devicePrefix(pool, user) + row.key, row),
      );
      return { UserConfirmationNecessary: !row.remembered };
    },

    GetDevice: async (input: GetDeviceRequest) =>
      get(await bearerOf(room, input.AccessToken), input.DeviceKey),
    ListDevices: async (input: ListDevicesRequest) => list(await bearerOf(room, input.AccessToken), input),
    ForgetDevice: async (input: ForgetDeviceRequest) =>
      forget(await bearerOf(room, input.AccessToken), input.DeviceKey),
    UpdateDeviceStatus: async (input: UpdateDeviceStatusRequest) =>
      remember(await bearerOf(room, input.AccessToken), input.DeviceKey, input.DeviceRememberedStatus),

    AdminGetDevice: async (input: AdminGetDeviceRequest, { scope }: Call) =>
      get(await owner(scope, input), input.DeviceKey),
    AdminListDevices: async (input: AdminListDevicesRequest, { scope }: Call) =>
      list(await owner(scope, input), input),
    AdminForgetDevice: async (input: AdminForgetDeviceRequest, { scope }: Call) =>
      forget(await owner(scope, input), input.DeviceKey),
    AdminUpdateDeviceStatus: async (input: AdminUpdateDeviceStatusRequest, { scope }: Call) =>
      remember(await owner(scope, input), input.DeviceKey, input.DeviceRememberedStatus),
  };
};

/** Clients send Java's bytes in base64; the verifier is a number, whose leading zero says nothing. */
const hexOf = (base64: string): string => {
  const hex = Buffer.from(base64, 'base64').toString('hex');
  if (hex === '') throw invalidParameter('Invalid device secret verifier given.');
  return BigInt(`0x${hex}`).toString(16);
};
