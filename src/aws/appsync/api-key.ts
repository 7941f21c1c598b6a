/** API keys. https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateApiKey.html */
import type {
  ApiKey,
  CreateApiKeyRequest,
  CreateApiKeyResponse,
  DeleteApiKeyRequest,
  ListApiKeysRequest,
  ListApiKeysResponse,
  UpdateApiKeyRequest,
  UpdateApiKeyResponse,
} from '@aws-sdk/client-appsync';
import { Fault } from '../../base/fault.ts';
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest, notFound } from './faults.ts';
import { type AppSyncPorts, change, findApi, pageOf } from './room.ts';
import { apiKeys, type ApiKeyRow } from './rows.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export const apiKeyOperations = (ports: AppSyncPorts) => ({
  async CreateApiKey(input: CreateApiKeyRequest, { scope }: Call): Promise<CreateApiKeyResponse> {
    const seconds = Math.floor(ports.now() / 1000);
    const expires = expiryOf(input.expires ?? seconds + 7 * DAY, seconds);
    const row: ApiKeyRow = {
      id: `da2-${randomText(26, LETTERS, ports.random)}`,
      expires,
      deletes: expires + 60 * DAY,
      ...(input.description !== undefined && { description: input.description }),
    };
    await change(ports, scope, input.apiId, async (rows, api) => {
      if ((await rows.list(apiKeys, scope, { prefix: `${api.apiId}/` })).length >= limits.appsyncApiKeys)
        throw new Fault(
          'ApiKeyLimitExceededException',
          `You have reached the maximum number of API keys (${limits.appsyncApiKeys}).`,
        );
      await rows.put(apiKeys, scope, `${api.apiId}/${row.id}`, row);
    });
    return { apiKey: show(row) };
  },

  async ListApiKeys(input: ListApiKeysRequest, { scope }: Call): Promise<ListApiKeysResponse> {
    const { apiId } = await findApi(ports.store, scope, input.apiId);
    const all = await ports.store.list(apiKeys, scope, { prefix: `${apiId}/` });
    const { items, nextToken } = pageOf(all, input);
    return { apiKeys: items.map(({ row }) => show(row)), ...(nextToken !== undefined && { nextToken }) };
  },

  async UpdateApiKey(input: UpdateApiKeyRequest, { scope }: Call): Promise<UpdateApiKeyResponse> {
    const row = await change(ports, scope, input.apiId, async (rows, api) => {
      const key = `${api.apiId}/${input.id}`;
      const before = await rows.get(apiKeys, scope, key);
      if (before === undefined) throw notFound(`API key ${input.id} not found.`);
      const expires =
        input.expires === undefined
          ? before.expires
          : expiryOf(input.expires, Math.floor(ports.now() / 1000));
      const description = input.description ?? before.description;
      const next = {
        ...before,
        expires,
        deletes: expires + 60 * DAY,
        ...(description !== undefined && { description }),
      };
      await rows.put(apiKeys, scope, key, next);
      return next;
    });
    return { apiKey: show(row) };
  },

  async DeleteApiKey({ apiId, id }: DeleteApiKeyRequest, { scope }: Call): Promise<object> {
    await change(ports, scope, apiId, async (rows, api) => {
      if (!(await rows.delete(apiKeys, scope, `${api.apiId}/${id}`)))
        throw notFound(`API key ${id} not found.`);
    });
    return {};
  },
});

/** Between one day and 365 from now, rounded down to the hour. */
function expiryOf(expires: number, now: number): number {
  const rounded = expires - (expires % HOUR);
  if (expires < now + DAY - HOUR || expires > now + 366 * DAY)
    throw new Fault(
      'ApiKeyValidityOutOfBoundsException',
      'API key must be valid for a minimum of 1 day and a maximum of 365 days.',
    );
  if (!Number.isFinite(rounded)) throw badRequest('Invalid expiry.');
  return rounded;
}

const show = ({ id, description, expires, deletes }: ApiKeyRow): ApiKey => ({
  id,
  ...(description !== undefined && { description }),
  expires,
  deletes,
});
