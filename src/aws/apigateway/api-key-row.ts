import { type Reader, table } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';
import { notFound } from './faults.ts';

export interface ApiKeyRow {
  readonly id: string;
  /** A secret: shown on request, never logged. */
  readonly value: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly customerId?: string | undefined;
  readonly enabled: boolean;
  /** `{apiId}/{stageName}`: from before there were usage plans. */
  readonly stageKeys: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
}

/** Keyed by id. */
export const apiKeys = table<ApiKeyRow>('apigateway.api-keys');

/** Key id by value: what a request to the data plane brings. */
export const apiKeyValues = table<string>('apigateway.api-key-values');

export async function needApiKey(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<ApiKeyRow> {
  const row = await rows.get(apiKeys, scope, id ?? '');
  if (row === undefined) throw notFound('Invalid API Key identifier specified');
  return row;
}
