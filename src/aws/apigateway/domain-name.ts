/** Custom domain names: https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html */
import type {
  CreateDomainNameRequest,
  DeleteDomainNameRequest,
  DomainName,
  DomainNames,
  GetDomainNameRequest,
  GetDomainNamesRequest,
  UpdateDomainNameRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId, randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { apiMappings } from '../apigatewayv2/api-mapping-row.ts';
import { domainNames as publicDomainNames } from '../apigatewayv2/domain-name-row.ts';
import { routingRules } from '../apigatewayv2/routing-rule-row.ts';
import { draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches } from '../kit/patch.ts';
import {
  type DomainNameModel,
  needDomainName,
  publicModel,
  putDomainName,
  showDomainName,
} from './domain-name-model.ts';
import { domainNamePatches } from './domain-name-patches.ts';
import { domainNameDetails, privateDomainNames, privateMappings } from './domain-name-row.ts';
import { badRequest, notSupported, quotaReached } from './faults.ts';
import { hostedZoneOf } from './hosted-zone.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { wholeSeconds } from './rest-api.ts';
import { withoutEmpty } from './shapes.ts';
import { checkedTags } from './tag-set.ts';

export const domainNameOperations = (ports: ApiGatewayPorts) => ({
  CreateDomainName: async (input: CreateDomainNameRequest, call: Call): Promise<DomainName> =>
    ports.store.transaction(async (rows) => {
      const model = newDomainName(ports, input, call.scope);
      checkDomainName(model);
      await checkFree(rows, call.scope, model);
      await putDomainName(rows, call.scope, model);
      return showDomainName(call.scope, model);
    }),

  GetDomainName: async (input: GetDomainNameRequest, call: Call): Promise<DomainName> =>
    ports.store.read(async (rows) => {
      const model = await needDomainName(rows, call.scope, input);
      return { ...showDomainName(call.scope, model), tags: { ...model.tags } };
    }),

  GetDomainNames: async (input: GetDomainNamesRequest, call: Call): Promise<DomainNames> =>
    ports.store.read(async (rows) => {
      if (input.resourceOwner === 'OTHER_ACCOUNTS') return { items: [] };
      const open = await rows.list(publicDomainNames, call.scope);
      const models: DomainNameModel[] = [];
      for (const { key, row } of open)
        models.push(publicModel(row, await rows.get(domainNameDetails, call.scope, key)));
      for (const { row } of await rows.list(privateDomainNames, call.scope))
        models.push({ securityPolicy: 'TLS_1_2', ...row, endpointType: 'PRIVATE' });
      const sorted = models.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const page = pageOf(sorted, input, keyOf);
      return { items: page.items.map((one) => showDomainName(call.scope, one)), position: page.position };
    }),

  UpdateDomainName: async (input: UpdateDomainNameRequest, call: Call): Promise<DomainName> =>
    ports.store.transaction(async (rows) => {
      const before = await needDomainName(rows, call.scope, input);
      const draft = applyPatches(draftOf(before), input.patchOperations, domainNamePatches);
      const model = withTarget(ports, call.scope, before, withoutEmpty<DomainNameModel>(draft));
      checkDomainName(model);
      await putDomainName(rows, call.scope, model);
      return { ...showDomainName(call.scope, model), tags: { ...model.tags } };
    }),

  DeleteDomainName: async (input: DeleteDomainNameRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const { domainName, domainNameId } = await needDomainName(rows, call.scope, input);
      if (domainNameId !== undefined) {
        await rows.deleteRange(privateMappings, call.scope, `${domainName}/${domainNameId}/`);
        await rows.delete(privateDomainNames, call.scope, `${domainName}/${domainNameId}`);
        return;
      }
      await rows.deleteRange(apiMappings, call.scope, `${domainName}/`);
      await rows.deleteRange(routingRules, call.scope, `${domainName}/`);
      await rows.delete(domainNameDetails, call.scope, domainName);
      await rows.delete(publicDomainNames, call.scope, domainName);
    });
    return {};
  },
});

const keyOf = (model: DomainNameModel): string => `${model.domainName}/${model.domainNameId ?? ''}`;

function newDomainName(
  ports: ApiGatewayPorts,
  input: CreateDomainNameRequest,
  scope: Scope,
): DomainNameModel {
  if (input.certificateBody || input.certificatePrivateKey || input.certificateChain)
    throw notSupported('CreateDomainName: certificateBody (upload the certificate to ACM instead)');
  const types = input.endpointConfiguration?.types ?? ['EDGE'];
  const endpointType = types[0] ?? 'EDGE';
  if (types.length !== 1) throw badRequest('Cannot create a domain name with multiple Endpoint Types.');
  const isRegional = endpointType === 'REGIONAL';
  const isPrivate = endpointType === 'PRIVATE';
  const { truststoreUri, truststoreVersion } = input.mutualTlsAuthentication ?? {};
  const model = withoutEmpty<DomainNameModel>({
    domainName: (input.domainName ?? '').toLowerCase(),
    domainNameId: isPrivate ? apiGatewayId(10, ports.random) : undefined,
    endpointType,
    ipAddressType: input.endpointConfiguration?.ipAddressType ?? (isPrivate ? 'dualstack' : 'ipv4'),
    certificateArn: isRegional ? input.regionalCertificateArn : input.certificateArn,
    certificateName: isRegional ? input.regionalCertificateName : input.certificateName,
    certificateUploadDate: wholeSeconds(ports.now()),
    securityPolicy: input.securityPolicy ?? 'TLS_1_2',
    endpointAccessMode: input.endpointAccessMode,
    mutualTls: truststoreUri
      ? { truststoreUri, ...(truststoreVersion ? { truststoreVersion } : {}) }
      : undefined,
    ownershipVerificationCertificateArn: input.ownershipVerificationCertificateArn,
    policy: input.policy,
    routingMode: input.routingMode ?? 'BASE_PATH_MAPPING_ONLY',
    tags: checkedTags(input.tags),
  });
  return { ...model, ...targetOf(ports, scope, endpointType) };
}

/** What DNS points at: a distribution for edge names, the region's own for regional ones. */
function targetOf(
  ports: ApiGatewayPorts,
  scope: Scope,
  type: DomainNameModel['endpointType'],
): Pick<DomainNameModel, 'target' | 'hostedZoneId'> {
  if (type === 'PRIVATE') return {};
  if (type === 'EDGE')
    return { target: `d${apiGatewayId(13, ports.random)}.cloudfront.net`, hostedZoneId: 'Z2FDTNDATAQYW2' };
  const name = randomText(10, 'abcdefghijklmnopqrstuvwxyz0123456789', ports.random);
  return {
    target: `d-${name}.execute-api.${scope.region}.amazonaws.com`,
    hostedZoneId: hostedZoneOf(scope.region),
  };
}

const withTarget = (
  ports: ApiGatewayPorts,
  scope: Scope,
  before: DomainNameModel,
  after: DomainNameModel,
): DomainNameModel =>
  before.endpointType === after.endpointType
    ? after
    : { ...after, ...targetOf(ports, scope, after.endpointType) };

function checkDomainName(model: DomainNameModel): void {
  if (!/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(model.domainName))
    throw badRequest('Invalid domain name specified');
  if (!model.certificateArn && !model.certificateName)
    throw badRequest('A certificate must be specified for the domain name');
  if (model.certificateArn && !/^arn:[^:]+:(acm|iam):/.test(model.certificateArn))
    throw badRequest('Invalid certificate ARN specified');
  if (model.mutualTls && model.endpointType !== 'REGIONAL')
    throw badRequest('Mutual TLS is only supported for regional domain names');
  if (model.mutualTls?.truststoreUri && !/^s3:\/\/[^/]+\/.+/.test(model.mutualTls.truststoreUri))
    throw badRequest('Invalid truststore URI specified');
  if (model.policy && model.endpointType !== 'PRIVATE')
    throw badRequest('Policies are only supported for private domain names');
}

async function checkFree(rows: Transaction, scope: Scope, model: DomainNameModel): Promise<void> {
  if (model.endpointType === 'PRIVATE') return;
  if (await rows.get(publicDomainNames, scope, model.domainName))
    throw badRequest('The domain name you provided already exists.');
  if ((await rows.list(publicDomainNames, scope)).length >= limits.customDomains)
    throw quotaReached('Domain Names', 'this account');
}
