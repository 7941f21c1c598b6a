/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-domainname.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-domainnamev2.html (private names)
 */
import type { DomainName } from '@aws-sdk/client-api-gateway';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { type Patch, scalarPatches } from '../../kit/patches-between.ts';
import {
  apiGateway,
  changeTags,
  gone,
  objectOf,
  type Properties,
  type Request,
  shaped,
  tagsOf,
  textOf,
} from './request.ts';

const PATHS = {
  CertificateArn: '/certificateArn',
  RegionalCertificateArn: '/regionalCertificateArn',
  SecurityPolicy: '/securityPolicy',
  EndpointAccessMode: '/endpointAccessMode',
  OwnershipVerificationCertificateArn: '/ownershipVerificationCertificateArn',
  RoutingMode: '/routingMode',
  Policy: '/policy',
};

export const domainNameType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::DomainName',

  async create(request) {
    const name = await createDomainName(request);
    return stateOf(name);
  },

  async update(request, current) {
    const domainName = current.physicalId;
    await patchDomainName(request, { domainName }, current.properties);
    const name = await apiGateway<DomainName>(request, 'GetDomainName', { domainName });
    await changeTags(request, textOf(name.domainNameArn), current.properties['Tags']);
    return stateOf(name);
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteDomainName', { domainName: current.physicalId }));
  },
};

/** Its physical id is the ARN: the same private name may exist many times. */
export const domainNameV2Type: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::DomainNameV2',

  async create(request) {
    const name = await createDomainName(request);
    return privateState(name);
  },

  async update(request, current) {
    const place = placeOf(current.physicalId);
    await patchDomainName(request, place, current.properties);
    await changeTags(request, current.physicalId, current.properties['Tags']);
    return privateState(await apiGateway<DomainName>(request, 'GetDomainName', place));
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteDomainName', placeOf(current.physicalId)));
  },
};

/** `...:/domainnames/{name}+{id}` */
export function placeOf(arn: string): { domainName: string; domainNameId: string } {
  const [domainName = '', domainNameId = ''] = arn.slice(arn.lastIndexOf('/') + 1).split('+');
  return { domainName, domainNameId };
}

function createDomainName(request: Request): Promise<DomainName> {
  const { properties } = request;
  return apiGateway<DomainName>(request, 'CreateDomainName', {
    ...shaped(properties, 'DomainName', 'EndpointConfiguration', 'MutualTlsAuthentication'),
    ...shaped(properties, ...Object.keys(PATHS)),
    policy: policyText(properties['Policy']),
    tags: tagsOf(request),
  });
}

const policyText = (policy: unknown): string | undefined =>
  policy === undefined || typeof policy === 'string' ? policy : JSON.stringify(policy);

async function patchDomainName(request: Request, place: object, before: Properties): Promise<void> {
  const after = request.properties;
  const [tlsBefore, tls] = [
    objectOf(before['MutualTlsAuthentication']),
    objectOf(after['MutualTlsAuthentication']),
  ];
  const patchOperations: Patch[] = [
    ...typePatches(before, after),
    ...scalarPatches(withPolicyText(before), withPolicyText(after), PATHS).filter(
      (patch) => patch.value !== '',
    ),
    ...scalarPatches(tlsBefore, tls, {
      TruststoreUri: '/mutualTlsAuthentication/truststoreUri',
      TruststoreVersion: '/mutualTlsAuthentication/truststoreVersion',
    }),
  ];
  if (patchOperations.length > 0)
    await apiGateway(request, 'UpdateDomainName', { ...place, patchOperations });
}

const withPolicyText = (properties: Properties): Properties => ({
  ...properties,
  Policy: policyText(properties['Policy']),
});

function typePatches(before: Properties, after: Properties): Patch[] {
  const typeOf = (properties: Properties) => {
    const types = objectOf(properties['EndpointConfiguration'])['Types'];
    return Array.isArray(types) ? textOf(types[0]) : 'EDGE';
  };
  const [old, value] = [typeOf(before), typeOf(after)];
  return old === value ? [] : [{ op: 'replace', path: `/endpointConfiguration/types/${old}`, value }];
}

const stateOf = (name: DomainName): ResourceState => ({
  physicalId: textOf(name.domainName),
  attributes: {
    DomainNameArn: name.domainNameArn,
    DistributionDomainName: name.distributionDomainName,
    DistributionHostedZoneId: name.distributionHostedZoneId,
    RegionalDomainName: name.regionalDomainName,
    RegionalHostedZoneId: name.regionalHostedZoneId,
  },
});

const privateState = (name: DomainName): ResourceState => ({
  physicalId: textOf(name.domainNameArn),
  attributes: { DomainNameArn: name.domainNameArn, DomainNameId: name.domainNameId },
});
