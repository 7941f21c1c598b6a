/** API keys: https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html */
import type {
  ApiKey,
  ApiKeys,
  CreateApiKeyRequest,
  DeleteApiKeyRequest,
  GetApiKeyRequest,
  GetApiKeysRequest,
  UpdateApiKeyRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId, pinnedId, randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches, listingRefusals, type PatchRules, patchBoolean, patchText } from '../kit/patch.ts';
import {
  apiKeyOfValue,
  type ApiKeyRow,
  apiKeys,
  needApiKey,
  putNewApiKey,
  removeApiKey,
} from './api-key-row.ts';
import { badRequest, conflict, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { wholeSeconds } from './rest-api.ts';
import { filled, withoutEmpty } from './shapes.ts';
import { checkedTags } from './tag-set.ts';
import { forgetKeyInPlans } from './usage-plan-row.ts';

function showApiKey(row: ApiKeyRow, withValue: boolean): ApiKey {
  const { value, ...rest } = row;
  return withoutEmpty({
    ...rest,
    ...(withValue ? { value } : {}),
    stageKeys: [...row.stageKeys],
    tags: filled({ ...row.tags }),
    createdDate: new Date(row.createdDate),
    lastUpdatedDate: new Date(row.lastUpdatedDate),
  });
}

export const apiKeyOperations = (ports: ApiGatewayPorts) => ({
  CreateApiKey: async (input: CreateApiKeyRequest, call: Call): Promise<ApiKey> => {
    const row = await ports.store.transaction((rows) => createApiKey(ports, rows, input, call.scope));
    return showApiKey(row, true);
  },

  GetApiKey: async (input: GetApiKeyRequest, call: Call): Promise<ApiKey> => {
    const row = await needApiKey(ports.store, call.scope, input.apiKey);
    return { ...showApiKey(row, input.includeValue ?? false), tags: { ...row.tags } };
  },

  GetApiKeys: async (input: GetApiKeysRequest, call: Call): Promise<ApiKeys> => {
    const entries = await ports.store.list(apiKeys, call.scope);
    const wanted = entries.map((entry) => entry.row).filter((row) => matches(row, input));
    const page = pageOf(wanted, input, (row) => row.id);
    const items = page.items.map((row) => showApiKey(row, input.includeValues ?? false));
    return { items, position: page.position };
  },

  UpdateApiKey: async (input: UpdateApiKeyRequest, call: Call): Promise<ApiKey> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needApiKey(rows, call.scope, input.apiKey));
      applyPatches(draft, input.patchOperations, apiKeyPatches);
      checkName(draft.name);
      draft.lastUpdatedDate = wholeSeconds(ports.now());
      await rows.put(apiKeys, call.scope, draft.id, draft);
      return { ...showApiKey(draft, false), tags: { ...draft.tags } };
    }),

  DeleteApiKey: async (input: DeleteApiKeyRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needApiKey(rows, call.scope, input.apiKey);
      await forgetKeyInPlans(rows, call.scope, row.id);
      await removeApiKey(rows, call.scope, row);
    });
    return {};
  },
});

/** Names are matched from their beginning. */
const matches = (row: ApiKeyRow, wanted: GetApiKeysRequest): boolean =>
  (!wanted.nameQuery || (row.name ?? '').startsWith(wanted.nameQuery)) &&
  (!wanted.customerId || row.customerId === wanted.customerId);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export async function createApiKey(
  ports: ApiGatewayPorts,
  rows: Transaction,
  input: CreateApiKeyRequest,
  scope: Scope,
): Promise<ApiKeyRow> {
  const value = input.value || randomText(40, ALPHABET, ports.random);
  checkValue(value);
  checkName(input.name);
  if ((await apiKeyOfValue(rows, scope, value)) !== undefined) throw conflict('API Key already exists');
  if ((await rows.list(apiKeys, scope)).length >= limits.apiKeys)
    throw quotaReached('API keys', 'this account');
  const now = wholeSeconds(ports.now());
  const tags = checkedTags(input.tags);
  const row: ApiKeyRow = {
    id: pinnedId(tags) ?? apiGatewayId(10, ports.random),
    value,
    name: input.name,
    description: patchText(input.description),
    customerId: patchText(input.customerId),
    enabled: input.enabled ?? false,
    stageKeys: (input.stageKeys ?? []).map((key) => `${key.restApiId}/${key.stageName}`),
    tags,
    createdDate: now,
    lastUpdatedDate: now,
  };
  await putNewApiKey(rows, scope, row);
  return row;
}

function checkValue(value: string): void {
  const { min, max } = limits.apiKeyValueLength;
  if (value.length < min) throw badRequest(`API Key value should be at least ${min} characters`);
  if (value.length > max) throw badRequest(`API Key value exceeds maximum size of ${max} characters`);
}

function checkName(name: string | undefined): void {
  if ((name?.length ?? 0) > limits.apiKeyNameLength)
    throw badRequest(`Invalid API Key name, can be at most ${limits.apiKeyNameLength} characters.`);
}

const apiKeyPatches: PatchRules<Draft<ApiKeyRow>> = {
  refusals: listingRefusals({
    replace: ['/name', '/description', '/enabled', '/customerId'],
    add: ['/stages'],
    remove: ['/stages'],
  }),
  paths: [
    {
      path: '/name',
      replace: (key, value) => {
        key.name = patchText(value);
      },
    },
    {
      path: '/description',
      replace: (key, value) => {
        key.description = patchText(value);
      },
    },
    {
      path: '/customerId',
      replace: (key, value) => {
        key.customerId = patchText(value);
      },
    },
    {
      path: '/enabled',
      replace: (key, value) => {
        key.enabled = patchBoolean(value);
      },
    },
    {
      path: '/stages',
      add: (key, value) => {
        if (value && !key.stageKeys.includes(value)) key.stageKeys = [...key.stageKeys, value];
      },
      remove: (key, value) => {
        key.stageKeys = key.stageKeys.filter((stage) => stage !== value);
      },
    },
  ],
};
