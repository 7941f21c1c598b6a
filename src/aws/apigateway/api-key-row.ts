import { createHash } from 'node:crypto';
import { type Reader, table, type Transaction } from '../../store/store.ts';
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

/** Key id by the SHA-256 of its value, so that how long a look-up takes says nothing of the values there are. */
const apiKeyValues = table<string>('apigateway.api-key-values');

const valueKey = (value: string): string => createHash('sha256').update(value).digest('hex');

export async function apiKeyOfValue(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  value: string,
): Promise<ApiKeyRow | undefined> {
  const id = await rows.get(apiKeyValues, scope, valueKey(value));
  return id === undefined ? undefined : rows.get(apiKeys, scope, id);
}

/** A new key, found by its id and by its value. */
export async function putNewApiKey(rows: Transaction, scope: Scope, row: ApiKeyRow): Promise<void> {
  await rows.put(apiKeys, scope, row.id, row);
  await rows.put(apiKeyValues, scope, valueKey(row.value), row.id);
}

export async function removeApiKey(rows: Transaction, scope: Scope, row: ApiKeyRow): Promise<void> {
  await rows.delete(apiKeyValues, scope, valueKey(row.value));
  await rows.delete(apiKeys, scope, row.id);
}

export async function needApiKey(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<ApiKeyRow> {
  const row = await rows.get(apiKeys, scope, id ?? '');
  if (row === undefined) throw notFound('Invalid API Key identifier specified');
  return row;
}
