/** Authorizers: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html */
import type {
  CreateAuthorizerRequest,
  CreateAuthorizerResponse,
  DeleteAuthorizerRequest,
  GetAuthorizerRequest,
  GetAuthorizerResponse,
  GetAuthorizersRequest,
  GetAuthorizersResponse,
  ResetAuthorizersCacheRequest,
  UpdateAuthorizerRequest,
  UpdateAuthorizerResponse,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { checkAuthorizer } from './authorizer-check.ts';
import { type AuthorizerRow, authorizers, readAuthorizer } from './authorizer-row.ts';
import { type Change, changeApi, changeDefinition } from './change.ts';
import { conflict, tooMany } from './faults.ts';
import { listPage } from './page.ts';
import { given, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routes } from './route-row.ts';
import { readStage } from './stage-row.ts';

export const authorizerOperations = (ports: ApiGatewayV2Ports) => ({
  CreateAuthorizer: async (
    { ApiId, ...authorizer }: CreateAuthorizerRequest,
    call: Call,
  ): Promise<CreateAuthorizerResponse> =>
    changeDefinition(ports, call, ApiId ?? '', (change) => newAuthorizer(change, authorizer, ports)),

  GetAuthorizer: async (
    { ApiId = '', AuthorizerId = '' }: GetAuthorizerRequest,
    { scope }: Call,
  ): Promise<GetAuthorizerResponse> => {
    await readApi(ports.store, scope, ApiId);
    return readAuthorizer(ports.store, scope, ApiId, AuthorizerId);
  },

  GetAuthorizers: async (input: GetAuthorizersRequest, { scope }: Call): Promise<GetAuthorizersResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    const listing = { rows: ports.store, table: authorizers, scope, prefix: `${input.ApiId}/` };
    const page = await listPage(listing, input);
    return { Items: [...page.rows], NextToken: page.NextToken };
  },

  UpdateAuthorizer: async (input: UpdateAuthorizerRequest, call: Call): Promise<UpdateAuthorizerResponse> => {
    const { ApiId = '', AuthorizerId = '', ...changes } = input;
    return changeDefinition(ports, call, ApiId, async (change) => {
      const { rows, scope } = change;
      const row = patched(await readAuthorizer(rows, scope, ApiId, AuthorizerId), changes);
      checkAuthorizer(change, row);
      await rows.put(authorizers, scope, `${ApiId}/${AuthorizerId}`, row);
      return row;
    });
  },

  DeleteAuthorizer: async ({ ApiId = '', AuthorizerId = '' }: DeleteAuthorizerRequest, call: Call) => {
    await changeDefinition(ports, call, ApiId, (change) => deleteAuthorizer(change, AuthorizerId));
    return {};
  },

  /** The gateway drops what it cached with the plan it forgets. */
  ResetAuthorizersCache: async ({ ApiId = '', StageName = '' }: ResetAuthorizersCacheRequest, call: Call) => {
    await changeApi(ports, call, ApiId, ({ rows, scope }) => readStage(rows, scope, ApiId, StageName));
    return {};
  },
});

export async function newAuthorizer(
  change: Change,
  authorizer: Omit<CreateAuthorizerRequest, 'ApiId'>,
  { random }: Pick<ApiGatewayV2Ports, 'random'>,
): Promise<AuthorizerRow> {
  const { rows, scope, api } = change;
  const existing = await rows.list(authorizers, scope, { prefix: `${api.ApiId}/` });
  if (existing.length >= limits.httpApiAuthorizers) throw tooMany('Authorizers');
  const AuthorizerId = apiGatewayId(6, random);
  const row = given({ ...authorizer, AuthorizerId });
  checkAuthorizer(change, row);
  await rows.put(authorizers, scope, `${api.ApiId}/${AuthorizerId}`, row);
  return row;
}

/** The text of https://github.com/hashicorp/terraform-provider-aws/issues/14812 */
async function deleteAuthorizer({ rows, scope, api }: Change, authorizerId: string): Promise<void> {
  const { Name } = await readAuthorizer(rows, scope, api.ApiId, authorizerId);
  const users = await rows.list(routes, scope, { prefix: `${api.ApiId}/` });
  const user = users.find(({ row }) => row.AuthorizerId === authorizerId)?.row;
  if (user) throw conflict(`Cannot delete authorizer '${Name}', is referenced in route: ${user.RouteKey}`);
  await rows.delete(authorizers, scope, `${api.ApiId}/${authorizerId}`);
}
