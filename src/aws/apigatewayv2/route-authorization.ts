/** Who may call a route: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html */
import type { AuthorizationType } from '@aws-sdk/client-apigatewayv2';
import { limits } from '../../base/limits.ts';
import { authorizers } from './authorizer-row.ts';
import type { Change } from './change.ts';
import { badRequest } from './faults.ts';
import type { RouteRow } from './route-row.ts';

/** Both texts as reported: https://github.com/anomalyco/ion/issues/1104 , https://github.com/hashicorp/terraform-provider-aws/issues/17497 */
const NEEDS_JWT =
  'Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.';
const NEEDS_AUTHORIZER =
  'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.';

const TYPES: Readonly<Record<'HTTP' | 'WEBSOCKET', readonly AuthorizationType[]>> = {
  HTTP: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'],
  WEBSOCKET: ['NONE', 'AWS_IAM', 'CUSTOM'],
};

/** Throws BadRequestException: a route never stays open because its authorizer is not there. */
export async function checkRouteAuthorization(change: Change, row: RouteRow): Promise<void> {
  const type = row.AuthorizationType ?? 'NONE';
  if (!TYPES[change.api.ProtocolType].includes(type))
    throw badRequest(`Invalid authorization type specified: ${type} is not supported for this protocol`);
  if ((row.AuthorizationScopes ?? []).length > limits.httpApiScopes)
    throw badRequest(`A route can have at most ${limits.httpApiScopes} authorization scopes`);
  if (type === 'JWT' || type === 'CUSTOM') await checkAuthorizer(change, row, type);
  else if (row.AuthorizerId)
    throw badRequest(`AuthorizerId cannot be specified with authorization type ${type}`);
}

async function checkAuthorizer(
  { rows, scope, api }: Change,
  row: RouteRow,
  type: 'JWT' | 'CUSTOM',
): Promise<void> {
  const authorizer = await rows.get(authorizers, scope, `${api.ApiId}/${row.AuthorizerId ?? ''}`);
  const isJwt = authorizer?.AuthorizerType === 'JWT';
  if (type === 'JWT' && !isJwt) throw badRequest(NEEDS_JWT);
  if (type === 'CUSTOM' && (!authorizer || isJwt)) throw badRequest(NEEDS_AUTHORIZER);
}
