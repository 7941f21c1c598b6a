import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missing } from './faults.ts';

/** AWS's members as they are shown. Key: `{api}/{authorizer}`. */
export type AuthorizerRow = Authorizer & { readonly AuthorizerId: string };

export const authorizers = table<AuthorizerRow>('apigatewayv2.authorizers');

/** Throws NotFoundException. */
export async function readAuthorizer(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  apiId: string,
  id: string,
): Promise<AuthorizerRow> {
  const row = await rows.get(authorizers, scope, `${apiId}/${id}`);
  if (!row) throw missing('Authorizer', id);
  return row;
}
