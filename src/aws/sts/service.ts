/**
 * STS: who calls, and temporary credentials. SAML assertions, root sessions of member accounts and encoded
 * authorization messages have no handler and are refused by name.
 */
import type * as sdk from '@aws-sdk/client-sts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { assumeRoleOperations } from './assume-role.ts';
import { callerIdentityOperations } from './caller-identity.ts';
import type { StsPorts } from './ports.ts';
import { createRoleCredentials, createRoleTrusts } from './role-credentials.ts';
import { sessionTokenOperations } from './session-token.ts';
import { webIdentityOperations } from './web-identity.ts';

export function createSts(ports: StsPorts) {
  const handlers = {
    ...assumeRoleOperations(ports),
    ...callerIdentityOperations(ports),
    ...sessionTokenOperations(ports),
    ...webIdentityOperations(ports),
  } satisfies HandlersOf<typeof sdk> & Handlers;
  const instance = {
    handlers,
    /** For Lambda's environments and the like. */
    roleCredentials: createRoleCredentials(ports),
    /** For services that check a role when they are given one. */
    roleTrusts: createRoleTrusts(ports),
  };
  return instance satisfies ServiceInstance;
}
