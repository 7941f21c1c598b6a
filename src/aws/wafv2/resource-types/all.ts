/** The CloudFormation types of AWS WAF. */
import { isFault } from '../../../base/fault.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import {
  ipSetResource,
  regexPatternSetResource,
  ruleGroupResource,
  webAclResource,
} from './named-resource.ts';
import { sdkRules } from './property-shape.ts';

interface AssociationProperties {
  readonly ResourceArn: string;
  readonly WebACLArn: string;
}

const associationResource: ResourceType<AssociationProperties> = {
  type: 'AWS::WAFv2::WebACLAssociation',
  async create(request) {
    const { ResourceArn, WebACLArn } = request.properties;
    await request.call('wafv2', 'AssociateWebACL', { ResourceArn, WebACLArn });
    return { physicalId: `${ResourceArn}|${WebACLArn}` };
  },
  async delete(request, { properties: { ResourceArn, WebACLArn } }) {
    // A replacement may have associated the resource with another web ACL by now.
    const now = await request.call<{ readonly WebACL?: { readonly ARN?: string } }>(
      'wafv2',
      'GetWebACLForResource',
      { ResourceArn },
    );
    if (now.WebACL?.ARN === WebACLArn) await request.call('wafv2', 'DisassociateWebACL', { ResourceArn });
  },
};

interface LoggingProperties {
  readonly ResourceArn: string;
}

const loggingResource: ResourceType<LoggingProperties> = {
  type: 'AWS::WAFv2::LoggingConfiguration',
  async create(request) {
    const LoggingConfiguration = sdkRules(request.properties);
    await request.call('wafv2', 'PutLoggingConfiguration', { LoggingConfiguration });
    return { physicalId: request.properties.ResourceArn, attributes: { ManagedByFirewallManager: false } };
  },
  async update(request) {
    const LoggingConfiguration = sdkRules(request.properties);
    await request.call('wafv2', 'PutLoggingConfiguration', { LoggingConfiguration });
    return { physicalId: request.properties.ResourceArn, attributes: { ManagedByFirewallManager: false } };
  },
  async delete(request, { physicalId: ResourceArn }) {
    try {
      await request.call('wafv2', 'DeleteLoggingConfiguration', { ResourceArn });
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'WAFNonexistentItemException') throw thrown;
    }
  },
};

export const resourceTypes = [
  ipSetResource,
  regexPatternSetResource,
  ruleGroupResource,
  webAclResource,
  associationResource,
  loggingResource,
] as readonly unknown[] as readonly ResourceType[]; // each knows its own properties, which the deploy engine checks by AWS's schema
