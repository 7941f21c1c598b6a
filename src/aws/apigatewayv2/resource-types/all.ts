/** Every `AWS::ApiGatewayV2::*` type there is. */
import type { ResourceType } from '../../../base/resource-type.ts';
import { apiType } from './api.ts';
import {
  apiMappingType,
  authorizerType,
  integrationResponseType,
  integrationType,
  modelType,
  routeResponseType,
  routeType,
} from './children.ts';
import { deploymentType } from './deployment.ts';
import { domainNameType } from './domain-name.ts';
import { managedOverridesType } from './managed-overrides.ts';
import { routingRuleType } from './routing-rule.ts';
import { stageType } from './stage.ts';
import { vpcLinkType } from './vpc-link.ts';

export const resourceTypes: readonly ResourceType[] = [
  apiType,
  apiMappingType,
  authorizerType,
  deploymentType,
  domainNameType,
  integrationResponseType,
  integrationType,
  managedOverridesType,
  modelType,
  routeResponseType,
  routeType,
  routingRuleType,
  stageType,
  vpcLinkType,
];
