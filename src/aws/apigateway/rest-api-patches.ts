/** What UpdateRestApi may change, by path. */
import type { EndpointAccessMode, SecurityPolicy } from '@aws-sdk/client-api-gateway';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Draft } from '../kit/draft.ts';
import { bareRefusals, type Change, type PatchRules, patchBoolean, patchText } from '../kit/patch.ts';
import { checkEndpoint } from './endpoint-configuration.ts';
import { badRequest } from './faults.ts';
import { policyRow } from './resource-policy.ts';
import { checkCompression } from './rest-api.ts';
import type { RestApiRow } from './rest-api-row.ts';

type Api = Draft<RestApiRow>;

export const restApiPatches = (scope: Scope): PatchRules<Api> => ({
  refusals: {
    unknownPath: bareRefusals.unknownPath,
    wrongOp: (operation, allowed) =>
      operation.path?.startsWith('/endpointConfiguration/types')
        ? badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
        : bareRefusals.wrongOp(operation, allowed),
  },
  paths: [
    { path: '/name', replace: setName },
    {
      path: '/description',
      replace: (api, value) => {
        api.description = patchText(value);
      },
      remove: (api) => {
        api.description = undefined;
      },
    },
    {
      path: '/version',
      replace: (api, value) => {
        api.version = patchText(value);
      },
    },
    {
      path: '/policy',
      replace: (api, value) => {
        api.policy = policyRow(value, scope, api.id);
      },
    },
    { path: '/minimumCompressionSize', replace: setCompression },
    {
      path: '/apiKeySource',
      replace: (api, value) => {
        api.apiKeySource = oneOf(value, ['HEADER', 'AUTHORIZER'], 'ApiKeySourceType');
      },
    },
    {
      path: '/disableExecuteApiEndpoint',
      replace: (api, value) => {
        api.disableExecuteApiEndpoint = patchBoolean(value);
      },
    },
    {
      path: '/binaryMediaTypes/{type}',
      add: addMediaType,
      replace: replaceMediaType,
      remove: removeMediaType,
    },
    { path: '/endpointConfiguration/types/{type}', add: setType, replace: setType, remove: removeType },
    { path: '/endpointConfiguration/ipAddressType', replace: setIpAddressType },
    { path: '/endpointConfiguration/vpcEndpointIds', add: addVpcEndpoint, remove: removeVpcEndpoint },
    {
      path: '/securityPolicy',
      replace: (api, value) => {
        api.securityPolicy = patchText(value) as SecurityPolicy | undefined; // the wire has no enum for a patch's text
      },
    },
    {
      path: '/endpointAccessMode',
      replace: (api, value) => {
        api.endpointAccessMode = patchText(value) as EndpointAccessMode | undefined; // as above
      },
    },
  ],
});

function setName(api: Api, value: string | undefined): void {
  if (!value?.trim()) throw badRequest('API name must be non-empty');
  api.name = value;
}

function setCompression(api: Api, value: string | undefined): void {
  if (value === undefined || value === '') {
    api.minimumCompressionSize = undefined;
    return;
  }
  const bytes = Number(value);
  checkCompression(bytes);
  api.minimumCompressionSize = bytes;
}

function addMediaType(api: Api, _value: string | undefined, [type = '']: readonly string[]): void {
  const types = api.binaryMediaTypes ?? [];
  if (!types.includes(type)) api.binaryMediaTypes = [...types, type];
}

function replaceMediaType(api: Api, value: string | undefined, [type = '']: readonly string[]): void {
  if (value === undefined) throw badRequest(`Invalid patch path /binaryMediaTypes`);
  removeMediaType(api, undefined, [type]);
  addMediaType(api, undefined, [value]);
}

function removeMediaType(api: Api, _value: string | undefined, [type = '']: readonly string[]): void {
  const types = api.binaryMediaTypes ?? [];
  if (!types.includes(type)) throw new Fault('NotFoundException', 'Invalid binary media type specified');
  api.binaryMediaTypes = types.filter((one) => one !== type);
}

/** `/endpointConfiguration/types/0` and `/endpointConfiguration/types/EDGE` both name the one type there is. */
function setType(api: Api, value: string | undefined): void {
  if (value !== 'EDGE' && value !== 'REGIONAL' && value !== 'PRIVATE')
    throw badRequest('Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE');
  const endpoint = api.endpointConfiguration;
  endpoint.types = [value];
  if (value === 'PRIVATE') endpoint.ipAddressType = 'dualstack';
  else endpoint.vpcEndpointIds = undefined;
}

const removeType: Change<Api> = () => {
  throw badRequest('REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.');
};

function setIpAddressType(api: Api, value: string | undefined): void {
  if (value !== 'ipv4' && value !== 'dualstack')
    throw badRequest('ipAddressType must be either ipv4 or dualstack.');
  api.endpointConfiguration.ipAddressType = value;
  checkEndpoint(api.endpointConfiguration);
}

function addVpcEndpoint(api: Api, value: string | undefined): void {
  const ids = api.endpointConfiguration.vpcEndpointIds ?? [];
  if (value && !ids.includes(value)) api.endpointConfiguration.vpcEndpointIds = [...ids, value];
  checkEndpoint(api.endpointConfiguration);
}

function removeVpcEndpoint(api: Api, value: string | undefined): void {
  const ids = (api.endpointConfiguration.vpcEndpointIds ?? []).filter((id) => id !== value);
  api.endpointConfiguration.vpcEndpointIds = ids.length > 0 ? ids : undefined;
}

/** One of AWS's words for a patched value, or AWS's refusal. */
export function oneOf<Word extends string>(
  value: string | undefined,
  words: readonly Word[],
  what: string,
): Word {
  const word = words.find((known) => known === value);
  if (word === undefined) throw badRequest(`Invalid ${what} specified. Valid options are ${words.join(',')}`);
  return word;
}
