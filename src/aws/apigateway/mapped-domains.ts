/** The custom domains that lead to an API, or to one of its stages. */
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { apiMappings } from '../apigatewayv2/api-mapping-row.ts';
import { privateMappings } from './domain-name-row.ts';

export async function mappedDomains(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  restApiId: string,
  stageName?: string,
): Promise<string[]> {
  const open = await rows.list(apiMappings, scope);
  const closed = await rows.list(privateMappings, scope);
  const mapped = [
    ...open.map(({ key, row }) => ({ key, restApiId: row.ApiId, stage: row.Stage })),
    ...closed.map(({ key, row }) => ({ key, restApiId: row.restApiId, stage: row.stage })),
  ].filter((one) => one.restApiId === restApiId && (stageName === undefined || one.stage === stageName));
  return [...new Set(mapped.map((one) => one.key.split('/')[0] ?? ''))];
}
