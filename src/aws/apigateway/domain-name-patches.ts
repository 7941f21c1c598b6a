/** What UpdateDomainName may change, by path. */
import type {
  EndpointAccessMode,
  EndpointType,
  RoutingMode,
  SecurityPolicy,
} from '@aws-sdk/client-api-gateway';
import type { Draft } from '../kit/draft.ts';
import { bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { badRequest } from './faults.ts';
import type { DomainNameModel } from './domain-name-model.ts';
import { oneOf } from './rest-api-patches.ts';

type Domain = Draft<DomainNameModel>;

const TYPES: readonly EndpointType[] = ['REGIONAL', 'EDGE', 'PRIVATE'];
const MODES: readonly EndpointAccessMode[] = ['BASIC', 'STRICT'];
const ROUTING: readonly RoutingMode[] = [
  'BASE_PATH_MAPPING_ONLY',
  'ROUTING_RULE_ONLY',
  'ROUTING_RULE_THEN_BASE_PATH_MAPPING',
];

export const domainNamePatches: PatchRules<Domain> = {
  refusals: bareRefusals,
  paths: [
    { path: '/certificateArn', replace: setCertificate },
    { path: '/regionalCertificateArn', replace: setCertificate },
    { path: '/certificateName', replace: setCertificateName },
    { path: '/regionalCertificateName', replace: setCertificateName },
    { path: '/endpointConfiguration/types/{type}', add: setType, replace: setType },
    {
      path: '/endpointConfiguration/ipAddressType',
      replace: (domain, value) => {
        if (value !== 'ipv4' && value !== 'dualstack')
          throw badRequest('ipAddressType must be either ipv4 or dualstack.');
        domain.ipAddressType = value;
      },
    },
    {
      path: '/securityPolicy',
      replace: (domain, value) => {
        if (!value || !/^(TLS_1_[02]|SecurityPolicy_\w+)$/.test(value))
          throw badRequest('Invalid SecurityPolicy specified');
        domain.securityPolicy = value as SecurityPolicy; // AWS's list grows; its form was checked
      },
    },
    {
      path: '/endpointAccessMode',
      replace: (domain, value) => {
        domain.endpointAccessMode = oneOf(value, MODES, 'EndpointAccessMode');
      },
    },
    {
      path: '/mutualTlsAuthentication/truststoreUri',
      replace: (domain, value) => {
        domain.mutualTls = value ? { ...domain.mutualTls, truststoreUri: value } : undefined;
      },
    },
    {
      path: '/mutualTlsAuthentication/truststoreVersion',
      replace: (domain, value) => {
        const { truststoreVersion: _before, ...rest } = domain.mutualTls ?? {};
        domain.mutualTls = value ? { ...rest, truststoreVersion: value } : rest;
      },
    },
    {
      path: '/ownershipVerificationCertificateArn',
      replace: (domain, value) => {
        domain.ownershipVerificationCertificateArn = patchText(value);
      },
    },
    {
      path: '/policy',
      replace: (domain, value) => {
        domain.policy = patchText(value);
      },
    },
    {
      path: '/managementPolicy',
      replace: (domain, value) => {
        domain.managementPolicy = patchText(value);
      },
    },
    {
      path: '/routingMode',
      replace: (domain, value) => {
        domain.routingMode = oneOf(value, ROUTING, 'RoutingMode');
      },
    },
  ],
};

function setCertificate(domain: Domain, value: string | undefined): void {
  domain.certificateArn = patchText(value);
}

function setCertificateName(domain: Domain, value: string | undefined): void {
  domain.certificateName = patchText(value);
}

/** A public name may move between edge and regional; a private one stays private. */
function setType(domain: Domain, value: string | undefined): void {
  const type = oneOf(value, TYPES, 'EndpointTypes');
  if ((type === 'PRIVATE') !== (domain.endpointType === 'PRIVATE'))
    throw badRequest('A domain name cannot be changed to or from PRIVATE');
  domain.endpointType = type;
}
