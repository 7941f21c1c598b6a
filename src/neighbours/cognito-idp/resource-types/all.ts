/** The CloudFormation types of user pools. */
import type { ResourceType } from '../../../base/resource-type.ts';
import {
  userPoolDomainResource,
  userPoolGroupResource,
  userPoolIdentityProviderResource,
  userPoolResourceServerResource,
} from './pool-parts.ts';
import { userPoolClientResource } from './user-pool-client.ts';
import { userPoolResource } from './user-pool.ts';
import { userPoolUserResource, userToGroupResource } from './user-pool-user.ts';

export const resourceTypes = [
  userPoolResource,
  userPoolClientResource,
  userPoolDomainResource,
  userPoolGroupResource,
  userPoolResourceServerResource,
  userPoolIdentityProviderResource,
  userPoolUserResource,
  userToGroupResource,
] as readonly unknown[] as readonly ResourceType[]; // each knows its own properties, which the deploy engine checks by AWS's schema
