/** What a user does to itself, its access token in hand. */
import type {
  ChangePasswordRequest,
  DeleteUserAttributesRequest,
  DeleteUserRequest,
  GetUserAttributeVerificationCodeRequest,
  GetUserAuthFactorsRequest,
  GetUserRequest,
  UpdateUserAttributesRequest,
  VerifyUserAttributeRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { bearerOf } from './access-token.ts';
import { removeAttributes, setAttributes } from './attribute-change.ts';
import { sendCode, takeCode } from './code.ts';
import { invalidParameter } from './fault.ts';
import { checkPasswordOf } from './auth/sign-in.ts';
import { withPassword } from './password.ts';
import { attributesOf, checkWritable } from './schema-attributes.ts';
import { firstFactors, showFactors, shownAttributes } from './show-user.ts';
import type { TokenRoom } from './tokens.ts';
import { changeUser, deleteUser } from './user-store.ts';

export const selfServiceOperations = (room: TokenRoom) => ({
  GetUser: async (input: GetUserRequest) => {
    const { user, client } = await bearerOf(room, input.AccessToken);
    return {
      Username: user.username,
      UserAttributes: shownAttributes(user, client.readAttributes),
      ...showFactors(user),
    };
  },

  UpdateUserAttributes: async (input: UpdateUserAttributesRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    const given = attributesOf(input.UserAttributes);
    checkWritable(bearer.client.writeAttributes, Object.keys(given));
    const CodeDeliveryDetailsList = await setAttributes(room, bearer, bearer.user, {
      given,
      clientId: bearer.client.id,
      clientMetadata: input.ClientMetadata,
      byAdmin: false,
    });
    return { ...(CodeDeliveryDetailsList.length > 0 && { CodeDeliveryDetailsList }) };
  },

  DeleteUserAttributes: async (input: DeleteUserAttributesRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    const names = input.UserAttributeNames ?? [];
    checkWritable(bearer.client.writeAttributes, names);
    await removeAttributes(room, bearer, bearer.user, names);
    return {};
  },

  GetUserAttributeVerificationCode: async (input: GetUserAttributeVerificationCodeRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    const attribute = contact(input.AttributeName);
    const destination = bearer.user.pending[attribute] ?? bearer.user.attributes[attribute];
    if (destination === undefined) throw invalidParameter(`User has no ${attribute} to verify.`);
    const CodeDeliveryDetails = await sendCode(room, bearer, bearer.user, {
      purpose: `verify:${attribute}`,
      source: 'CustomMessage_VerifyUserAttribute',
      attribute,
      destination,
      clientId: bearer.client.id,
      clientMetadata: input.ClientMetadata,
    });
    return { CodeDeliveryDetails };
  },

  VerifyUserAttribute: async (input: VerifyUserAttributeRequest) => {
    const bearer = await bearerOf(room, input.AccessToken);
    const attribute = contact(input.AttributeName);
    await takeCode(room, bearer, bearer.user, `verify:${attribute}`, input.Code ?? '');
    await changeUser(room, bearer.scope, bearer.pool, bearer.user.username, (before) => {
      const { [attribute]: waiting, ...pending } = before.pending;
      const attributes = {
        ...before.attributes,
        ...(waiting !== undefined && { [attribute]: waiting }),
        [`${attribute}_verified`]: 'true',
      };
      return { ...before, pending, attributes };
    });
    return {};
  },

  ChangePassword: async (input: ChangePasswordRequest) => {
    const { scope, pool, user, ...place } = await bearerOf(room, input.AccessToken);
    await checkPasswordOf(room, { ...place, scope, pool }, user, input.PreviousPassword ?? '');
    await changeUser(room, scope, pool, user.username, (before) =>
      withPassword(pool, before, input.ProposedPassword ?? '', room.random),
    );
    return {};
  },

  DeleteUser: async (input: DeleteUserRequest) => {
    const { scope, pool, user } = await bearerOf(room, input.AccessToken);
    await room.store.transaction((rows) => deleteUser(rows, scope, pool, user));
    return {};
  },

  GetUserAuthFactors: async (input: GetUserAuthFactorsRequest) => {
    const { pool, user } = await bearerOf(room, input.AccessToken);
    return {
      Username: user.username,
      ...showFactors(user),
      ConfiguredUserAuthFactors: firstFactors(pool, user),
    };
  },
});

function contact(name: string | undefined): 'email' | 'phone_number' {
  if (name === 'email' || name === 'phone_number') return name;
  throw invalidParameter(`Invalid attribute for verification: ${name}`);
}
