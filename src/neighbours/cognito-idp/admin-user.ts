/** What administrators do with users. */
import type {
  AdminConfirmSignUpRequest,
  AdminDeleteUserAttributesRequest,
  AdminDeleteUserRequest,
  AdminDisableUserRequest,
  AdminEnableUserRequest,
  AdminGetUserAuthFactorsRequest,
  AdminGetUserRequest,
  AdminSetUserPasswordRequest,
  AdminUpdateUserAttributesRequest,
  AdminUserGlobalSignOutRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { removeAttributes, setAttributes } from './attribute-change.ts';
import { notAuthorized } from './fault.ts';
import { withPassword } from './password.ts';
import { needPool } from './places.ts';
import { signOutEverywhere } from './refresh.ts';
import type { UserRow } from './rows.ts';
import { attributesOf } from './schema-attributes.ts';
import { firstFactors, showFactors, showUser, triggerAttributes } from './show-user.ts';
import type { TokenRoom } from './tokens.ts';
import { runTrigger } from './trigger.ts';
import { changeUser, deleteUser, needUser } from './user-store.ts';

interface Named {
  readonly UserPoolId: string | undefined;
  readonly Username: string | undefined;
}

export const adminUserOperations = (room: TokenRoom) => {
  const find = async (scope: Scope, { UserPoolId, Username }: Named) => {
    const pool = await needPool(room.store, scope, UserPoolId);
    return { scope, pool, user: await needUser(room.store, scope, pool, Username) };
  };
  const change = async (scope: Scope, input: Named, edit: (user: UserRow) => UserRow): Promise<object> => {
    const { pool, user } = await find(scope, input);
    await changeUser(room, scope, pool, user.username, edit);
    return {};
  };
  return {
    AdminGetUser: async (input: AdminGetUserRequest, { scope }: Call) => {
      const { user } = await find(scope, input);
      const { Attributes: UserAttributes, Username, ...shown } = showUser(user);
      return { ...shown, Username: Username ?? '', UserAttributes, ...showFactors(user) };
    },

    AdminDeleteUser: async (input: AdminDeleteUserRequest, { scope }: Call) => {
      const { pool, user } = await find(scope, input);
      await room.store.transaction((rows) => deleteUser(rows, scope, pool, user));
      return {};
    },

    AdminEnableUser: (input: AdminEnableUserRequest, { scope }: Call) =>
      change(scope, input, (user) => ({ ...user, enabled: true })),

    AdminDisableUser: async (input: AdminDisableUserRequest, { scope }: Call) => {
      const { pool, user } = await find(scope, input);
      await changeUser(room, scope, pool, user.username, (before) => ({ ...before, enabled: false }));
      await signOutEverywhere(room, { scope, pool }, user);
      return {};
    },

    AdminConfirmSignUp: async (input: AdminConfirmSignUpRequest, { scope }: Call) => {
      const { pool, user } = await find(scope, input);
      if (user.status !== 'UNCONFIRMED')
        throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
      const changed = await changeUser(room, scope, pool, user.username, (before) => ({
        ...before,
        status: 'CONFIRMED',
      }));
      await runTrigger(
        room,
        { scope, pool },
        {
          name: 'PostConfirmation',
          source: 'PostConfirmation_ConfirmSignUp',
          clientId: undefined,
          username: user.username,
          request: {
            userAttributes: triggerAttributes(changed),
            ...(input.ClientMetadata && { clientMetadata: input.ClientMetadata }),
          },
          response: {},
        },
      );
      return {};
    },

    AdminSetUserPassword: async (input: AdminSetUserPasswordRequest, { scope }: Call) => {
      const { pool, user } = await find(scope, input);
      const days = pool.password.TemporaryPasswordValidityDays;
      await changeUser(room, scope, pool, user.username, (before) => ({
        ...withPassword(pool, before, input.Password ?? '', room.random),
        ...(input.Permanent
          ? { status: 'CONFIRMED' as const }
          : {
              status: 'FORCE_CHANGE_PASSWORD' as const,
              temporaryUntilMs: room.now() + days * 86_400_000,
            }),
        failures: { count: 0, lastMs: 0 },
      }));
      return {};
    },

    AdminUpdateUserAttributes: async (input: AdminUpdateUserAttributesRequest, { scope }: Call) => {
      const place = await find(scope, input);
      await setAttributes(room, place, place.user, {
        given: attributesOf(input.UserAttributes),
        clientId: undefined,
        clientMetadata: input.ClientMetadata,
        byAdmin: true,
      });
      return {};
    },

    AdminDeleteUserAttributes: async (input: AdminDeleteUserAttributesRequest, { scope }: Call) => {
      const place = await find(scope, input);
      await removeAttributes(room, place, place.user, input.UserAttributeNames ?? []);
      return {};
    },

    AdminUserGlobalSignOut: async (input: AdminUserGlobalSignOutRequest, { scope }: Call) => {
      const { pool, user } = await find(scope, input);
      await signOutEverywhere(room, { scope, pool }, user);
      return {};
    },

    AdminGetUserAuthFactors: async (input: AdminGetUserAuthFactorsRequest, { scope }: Call) => {
      const { pool, user } = await find(scope, input);
      return {
        Username: user.username,
        ...showFactors(user),
        ConfiguredUserAuthFactors: firstFactors(pool, user),
      };
    },
  };
};
