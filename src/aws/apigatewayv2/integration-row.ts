import type { Integration } from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missing } from './faults.ts';

/** AWS's members as they are shown. Key: `{api}/{integration}`. */
export type IntegrationRow = Integration & { readonly IntegrationId: string };

export const integrations = table<IntegrationRow>('apigatewayv2.integrations');

/** Throws NotFoundException. */
export async function readIntegration(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  apiId: string,
  id: string,
): Promise<IntegrationRow> {
  const row = await rows.get(integrations, scope, `${apiId}/${id}`);
  if (!row) throw missing('Integration', id);
  return row;
}
