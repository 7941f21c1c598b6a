/** Console passwords. There is no console to sign in to: only that one exists is kept, never the password. */
import { wholeSecond } from '../../base/clock.ts';
import type {
  CreateLoginProfileRequest,
  CreateLoginProfileResponse,
  DeleteLoginProfileRequest,
  GetLoginProfileRequest,
  GetLoginProfileResponse,
  LoginProfile,
  UpdateLoginProfileRequest,
} from '@aws-sdk/client-iam';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, noSuchEntity } from './faults.ts';
import { globalScope } from './scope.ts';
import { callerName, changeUser } from './user.ts';
import { readUser, type UserRow } from './user-row.ts';

export const loginProfileOperations = (ports: ServicePorts) => ({
  CreateLoginProfile: async (
    input: CreateLoginProfileRequest,
    call: Call,
  ): Promise<CreateLoginProfileResponse> => {
    const resetRequired = input.PasswordResetRequired ?? false;
    const row = await changeUser(ports, call, input.UserName ?? callerName(call), (before) => {
      if (before.loginProfile) throw alreadyExists(`Login Profile for user ${before.name} already exists.`);
      return { ...before, loginProfile: { createdAtMs: ports.now(), resetRequired } };
    });
    return { LoginProfile: shown(row) };
  },

  GetLoginProfile: async (
    { UserName }: GetLoginProfileRequest,
    call: Call,
  ): Promise<GetLoginProfileResponse> => {
    const scope = globalScope(call.scope.account);
    return { LoginProfile: shown(await readUser(ports.store, scope, UserName ?? callerName(call))) };
  },

  UpdateLoginProfile: async (input: UpdateLoginProfileRequest, call: Call) => {
    await changeUser(ports, call, input.UserName, (row) => {
      const profile = profileOf(row);
      const resetRequired = input.PasswordResetRequired ?? profile.resetRequired;
      return { ...row, loginProfile: { ...profile, resetRequired } };
    });
    return {};
  },

  DeleteLoginProfile: async ({ UserName }: DeleteLoginProfileRequest, call: Call) => {
    await changeUser(ports, call, UserName ?? callerName(call), (row) => {
      profileOf(row);
      const { loginProfile: _, ...rest } = row;
      return rest;
    });
    return {};
  },
});

function profileOf(row: UserRow): NonNullable<UserRow['loginProfile']> {
  if (!row.loginProfile) throw noSuchEntity(`Login Profile for User ${row.name} cannot be found.`);
  return row.loginProfile;
}

function shown(row: UserRow): LoginProfile {
  const { createdAtMs, resetRequired } = profileOf(row);
  return { UserName: row.name, CreateDate: wholeSecond(createdAtMs), PasswordResetRequired: resetRequired };
}
