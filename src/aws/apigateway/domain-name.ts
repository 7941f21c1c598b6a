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
import { checkDomainCertificate } from '../apigatewayv2/domain-certificate.ts';
import { routingRules } from '../apigatewayv2/routing-rule-row.ts';
import { readTruststore } from '../apigatewayv2/truststore.ts';
import { truststores } from '../apigatewayv2/truststore-row.ts';
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
  CreateDomainName: async (input: CreateDomainNameRequest, call: Call): Promise<DomainName> => {
    const wanted = newDomainName(ports, input, call.scope);
    checkDomainName(wanted);
    const { model, truststore } = await secured(ports, call, wanted);
    await ports.store.transaction(async (rows) => {
      await checkFree(rows, call.scope, model);
      await putDomainName(rows, call.scope, model);
      await putTruststore(rows, call.scope, model, truststore);
    });
    ports.domains?.changed();
    return showDomainName(call.scope, model);
  },

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

  UpdateDomainName: async (input: UpdateDomainNameRequest, call: Call): Promise<DomainName> => {
    const { patchOperations = [] } = input;
    const patch = (before: DomainNameModel): DomainNameModel => {
      const draft = applyPatches(draftOf(before), patchOperations, domainNamePatches);
      return withTarget(ports, call.scope, before, withoutEmpty<DomainNameModel>(draft));
    };
    const wanted = patch(await ports.store.read((rows) => needDomainName(rows, call.scope, input)));
    checkDomainName(wanted);
    const security = patchOperations.some(({ path = '' }) => SECURITY.test(path))
      ? await secured(ports, call, wanted)
      : undefined;
    const model = await ports.store.transaction(async (rows) => {
      const patched = patch(await needDomainName(rows, call.scope, input));
      const changed = security === undefined ? patched : { ...patched, mutualTls: security.model.mutualTls };
      await putDomainName(rows, call.scope, changed);
      if (security !== undefined) await putTruststore(rows, call.scope, changed, security.truststore);
      return changed;
    });
    ports.domains?.changed();
    return { ...showDomainName(call.scope, model), tags: { ...model.tags } };
  },

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
      await rows.delete(truststores, call.scope, domainName);
      await rows.delete(domainNameDetails, call.scope, domainName);
      await rows.delete(publicDomainNames, call.scope, domainName);
    });
    ports.domains?.changed();
    return {};
  },
});

/** A change of these is checked against ACM and S3. */
const SECURITY = /certificate|mutualTls|endpointConfiguration\/types/i;

interface Secured {
  readonly model: DomainNameModel;
  readonly truststore: string | undefined;
}

/** Outside of any transaction: it asks ACM and reads from S3. */
async function secured(ports: ApiGatewayPorts, call: Call, model: DomainNameModel): Promise<Secured> {
  const { domainName, certificateArn, endpointType, mutualTls } = model;
  const truststoreUri = mutualTls?.truststoreUri;
  if (certificateArn !== undefined)
    await checkDomainCertificate(ports, call, {
      domainName,
      certificateArn,
      isEdge: endpointType === 'EDGE',
      isMutual: truststoreUri !== undefined,
      ownershipCertificateArn: model.ownershipVerificationCertificateArn,
    });
  if (truststoreUri === undefined) return { model, truststore: undefined };
  const read = await readTruststore(ports, call, truststoreUri, mutualTls?.truststoreVersion);
  const { truststoreWarnings: _before, ...store } = mutualTls ?? {};
  const warned = read.warnings.length > 0 ? { ...store, truststoreWarnings: read.warnings } : store;
  return { model: { ...model, mutualTls: warned }, truststore: read.pem };
}

async function putTruststore(
  rows: Transaction,
  scope: Scope,
  { domainName }: DomainNameModel,
  pem: string | undefined,
): Promise<void> {
  if (pem === undefined) await rows.delete(truststores, scope, domainName);
  else await rows.put(truststores, scope, domainName, { pem });
}

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
  if (model.mutualTls && model.securityPolicy === 'TLS_1_0')
    throw badRequest('Mutual TLS requires a minimum TLS version of 1.2');
  if (model.mutualTls?.truststoreUri && !/^s3:\/\/[^/]+\/.+/.test(model.mutualTls.truststoreUri))
    throw badRequest('Invalid truststore URI specified');
  if (model.policy && model.endpointType !== 'PRIVATE')
    throw badRequest('Policies are only supported for private domain names');
}

async function checkFree(rows: Transaction, scope: Scope, model: DomainNameModel): Promise<void> {
  if (model.endpointType === 'PRIVATE') return;
  const everywhere = await rows.listAll(publicDomainNames);
  if (everywhere.some((one) => one.key === model.domainName && isTaken(one.scope, scope)))
    throw badRequest('The domain name you provided already exists.');
  if ((await rows.list(publicDomainNames, scope)).length >= limits.customDomains)
    throw quotaReached('Domain Names', 'this account');
}

/** A name belongs to one account, which may have it once a region: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html */
const isTaken = (by: Scope, wanted: Scope): boolean =>
  by.account !== wanted.account || by.region === wanted.region;
