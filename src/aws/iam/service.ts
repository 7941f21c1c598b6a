/**
 * IAM: identities, their policies and keys, as records of the whole account. What an identity is, is known here; what
 * it may do is judged by those who ask `principalPolicies`.
 */
import type * as sdk from '@aws-sdk/client-iam';
import type { FindAccessKey, PrincipalPolicies } from '../../base/ports.ts';
import type { Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { accessKeyOperations } from './access-key.ts';
import { accountOperations } from './account.ts';
import { findAccessKey } from './find-access-key.ts';
import { groupOperations } from './group.ts';
import { groupPolicyOperations } from './group-policy.ts';
import { instanceProfileOperations } from './instance-profile.ts';
import { createKeptIdentities } from './kept-identities.ts';
import { loginProfileOperations } from './login-profile.ts';
import { managedPolicyOperations } from './managed-policy.ts';
import { neverMadeOperations } from './never-made.ts';
import { oidcProviderOperations } from './oidc-provider.ts';
import { policyVersionOperations } from './policy-version.ts';
import { principalPolicies } from './principal-policies.ts';
import { resourceTypes } from './resource-types/all.ts';
import { roleOperations } from './role.ts';
import { rolePolicyOperations } from './role-policy.ts';
import { samlProviderOperations } from './saml-provider.ts';
import { serviceLinkedRoleOperations } from './service-linked-role.ts';
import { simulateOperations } from './simulate.ts';
import { userOperations } from './user.ts';
import { userPolicyOperations } from './user-policy.ts';

interface IamPorts {
  /** For verifying signatures: long-term and temporary keys. */
  readonly findAccessKey: FindAccessKey;
  /** For judging calls. */
  readonly principalPolicies: PrincipalPolicies;
}

export function createIam(ports: ServicePorts) {
  const handlers = {
    ...accessKeyOperations(ports),
    ...accountOperations(ports),
    ...groupOperations(ports),
    ...groupPolicyOperations(ports),
    ...instanceProfileOperations(ports),
    ...loginProfileOperations(ports),
    ...managedPolicyOperations(ports),
    ...neverMadeOperations(ports),
    ...oidcProviderOperations(ports),
    ...policyVersionOperations(ports),
    ...roleOperations(ports),
    ...rolePolicyOperations(ports),
    ...samlProviderOperations(ports),
    ...serviceLinkedRoleOperations(ports),
    ...simulateOperations(ports),
    ...userOperations(ports),
    ...userPolicyOperations(ports),
  } satisfies HandlersOf<typeof sdk> & Handlers;
  const kept = createKeptIdentities(
    { findAccessKey: findAccessKey(ports.store), principalPolicies: principalPolicies(ports.store) },
    ports.now,
  );
  const instance = {
    handlers: kept.forgetting(handlers),
    resourceTypes,
    findAccessKey: kept.findAccessKey,
    principalPolicies: kept.principalPolicies,
  };
  return instance satisfies ServiceInstance & IamPorts;
}
