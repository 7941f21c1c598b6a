/** What UpdateIntegration may change, by path. */
import type {
  ConnectionType,
  ContentHandlingStrategy,
  Integration,
  ResponseTransferMode,
} from '@aws-sdk/client-api-gateway';
import type { Draft } from '../kit/draft.ts';
import { bareRefusals, type PatchRules, patchBoolean, patchText } from '../kit/patch.ts';
import { badRequest, notFound } from './faults.ts';
import { checkedPassthrough } from './integration.ts';
import { oneOf } from './rest-api-patches.ts';

type IntegrationDraft = Draft<Integration>;

const CONTENT_HANDLING: readonly ContentHandlingStrategy[] = ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'];
const CONNECTIONS: readonly ConnectionType[] = ['INTERNET', 'VPC_LINK'];
const TRANSFER_MODES: readonly ResponseTransferMode[] = ['BUFFERED', 'STREAM'];

/** An empty value turns content handling off. */
export const patchedContentHandling = (value: string | undefined): ContentHandlingStrategy | undefined =>
  value ? oneOf(value, CONTENT_HANDLING, 'ContentHandling') : undefined;

export const integrationPatches = (resourceId: string): PatchRules<IntegrationDraft> => ({
  refusals: bareRefusals,
  paths: [
    {
      path: '/httpMethod',
      replace: (integration, value) => {
        integration.httpMethod = patchText(value);
      },
    },
    {
      path: '/uri',
      replace: (integration, value) => {
        integration.uri = patchText(value);
      },
    },
    {
      path: '/credentials',
      replace: (integration, value) => {
        integration.credentials = patchText(value);
      },
      remove: (integration) => {
        integration.credentials = undefined;
      },
    },
    {
      path: '/passthroughBehavior',
      replace: (integration, value) => {
        integration.passthroughBehavior = checkedPassthrough(value);
      },
    },
    {
      path: '/timeoutInMillis',
      replace: (integration, value) => {
        integration.timeoutInMillis = wholeNumber(value);
      },
    },
    {
      path: '/cacheNamespace',
      replace: (integration, value) => {
        integration.cacheNamespace = value || resourceId;
      },
    },
    {
      path: '/connectionType',
      replace: (integration, value) => {
        integration.connectionType = oneOf(value, CONNECTIONS, 'ConnectionType');
        if (integration.connectionType === 'INTERNET') integration.connectionId = undefined;
      },
    },
    {
      path: '/connectionId',
      replace: (integration, value) => {
        integration.connectionId = patchText(value);
      },
      remove: (integration) => {
        integration.connectionId = undefined;
      },
    },
    {
      path: '/integrationTarget',
      replace: (integration, value) => {
        integration.integrationTarget = patchText(value);
      },
    },
    {
      path: '/responseTransferMode',
      replace: (integration, value) => {
        integration.responseTransferMode = oneOf(value, TRANSFER_MODES, 'ResponseTransferMode');
      },
    },
    {
      path: '/contentHandling',
      replace: (integration, value) => {
        integration.contentHandling = patchedContentHandling(value);
      },
      remove: (integration) => {
        integration.contentHandling = undefined;
      },
    },
    {
      path: '/tlsConfig/insecureSkipVerification',
      replace: (integration, value) => {
        integration.tlsConfig = { insecureSkipVerification: patchBoolean(value) };
      },
    },
    {
      path: '/tlsConfig',
      remove: (integration) => {
        integration.tlsConfig = undefined;
      },
    },
    { path: '/requestParameters/{name}', add: setParameter, replace: setParameter, remove: removeParameter },
    { path: '/requestTemplates/{type}', add: setTemplate, replace: setTemplate, remove: removeTemplate },
    { path: '/cacheKeyParameters/{name}', add: addCacheKey, remove: removeCacheKey },
  ],
});

function wholeNumber(value: string | undefined): number {
  const number = Number(value);
  if (!value || !Number.isInteger(number)) throw badRequest(`Invalid value specified: ${value ?? null}`);
  return number;
}

function setParameter(
  integration: IntegrationDraft,
  value: string | undefined,
  [name = '']: readonly string[],
): void {
  integration.requestParameters = { ...integration.requestParameters, [name]: value ?? '' };
}

function removeParameter(
  integration: IntegrationDraft,
  _value: string | undefined,
  [name = '']: readonly string[],
): void {
  const { [name]: gone, ...others } = integration.requestParameters ?? {};
  if (gone === undefined) throw notFound('Invalid parameter name specified');
  integration.requestParameters = others;
}

function setTemplate(
  integration: IntegrationDraft,
  value: string | undefined,
  [type = '']: readonly string[],
): void {
  integration.requestTemplates = { ...integration.requestTemplates, [type]: value ?? '' };
}

function removeTemplate(
  integration: IntegrationDraft,
  _value: string | undefined,
  [type = '']: readonly string[],
): void {
  const { [type]: gone, ...others } = integration.requestTemplates ?? {};
  if (gone === undefined) throw notFound('Content-Type specified was not found');
  integration.requestTemplates = others;
}

function addCacheKey(
  integration: IntegrationDraft,
  _value: string | undefined,
  [name = '']: readonly string[],
): void {
  const keys = integration.cacheKeyParameters ?? [];
  if (!keys.includes(name)) integration.cacheKeyParameters = [...keys, name];
}

function removeCacheKey(
  integration: IntegrationDraft,
  _value: string | undefined,
  [name = '']: readonly string[],
): void {
  integration.cacheKeyParameters = (integration.cacheKeyParameters ?? []).filter((key) => key !== name);
}
