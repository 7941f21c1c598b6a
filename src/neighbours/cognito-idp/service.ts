/** Amazon Cognito user pools. */
import type * as sdk from '@aws-sdk/client-cognito-identity-provider';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonOf } from '../../base/fault.ts';

import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { adminCreateUserOperations } from './admin-create-user.ts';
import { adminUserOperations } from './admin-user.ts';
import { initiateAuthOperations } from './auth/initiate.ts';
import { respondToAuthOperations } from './auth/respond.ts';
import { clientOperations } from './client.ts';
import { deviceOperations } from './device-operations.ts';
import { domainOperations } from './domain.ts';
import { factorOperations } from './factor-preference.ts';
import { forgotPasswordOperations } from './forgot-password.ts';
import { groupOperations } from './group.ts';
import { identityProviderOperations } from './identity-provider.ts';
import { createSigningKeys } from './keys.ts';
import { listUsersOperations } from './list-users.ts';
import { mfaConfigOperations } from './mfa-config.ts';
import { poolOperations } from './pool.ts';
import type { CognitoPorts } from './ports.ts';
import { refreshOperations } from './refresh.ts';
import { defaultOperations } from './defaults.ts';
import { resourceServerOperations } from './resource-server.ts';
import { selfServiceOperations } from './self-service.ts';
import { signUpOperations } from './sign-up.ts';
import { sweepExpired, SWEEP_EVERY_MS } from './sweep.ts';
import { serveHosted } from './hosted/door.ts';
import { sentMessages } from './hosted/messages.ts';
import { keysDocument } from './hosted/well-known.ts';
import { resourceTypes } from './resource-types/all.ts';
import { tagOperations } from './tags.ts';
import type { TokenRoom } from './tokens.ts';
import { guarded } from './web-acl-guard.ts';

export interface CognitoService extends ServiceInstance {
  /** `/oauth2/...`, `/login`, `/logout` and `/{userPoolId}/.well-known/...`. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The JWKS of a pool of this server; undefined when it has none of that id. */
  readonly keysDocument: (poolId: string) => Promise<object | undefined>;
  /** What its pools sent to their users. */
  readonly sentMessages: (query: URLSearchParams) => Promise<object>;
}

export function createCognito(ports: CognitoPorts): CognitoService {
  const room: TokenRoom = { ...ports, keys: createSigningKeys(ports.store) };
  const handlers = {
    ...poolOperations(room),
    ...mfaConfigOperations(room),
    ...tagOperations(room),
    ...clientOperations(room),
    ...resourceServerOperations(room),
    ...domainOperations(room),
    ...identityProviderOperations(room),
    ...groupOperations(room),
    ...signUpOperations(room),
    ...forgotPasswordOperations(room),
    ...initiateAuthOperations(room),
    ...respondToAuthOperations(room),
    ...factorOperations(room),
    ...deviceOperations(room),
    ...refreshOperations(room),
    ...selfServiceOperations(room),
    ...adminUserOperations(room),
    ...adminCreateUserOperations(room),
    ...listUsersOperations(room),
    ...defaultOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sweeping: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      sweeping = sweepExpired(ports)
        .catch((error: unknown) =>
          ports.log('error', 'the sweep of expired sessions of user pools failed', {
            reason: reasonOf(error),
          }),
        )
        .then(() => (timer ? schedule() : undefined));
    }, SWEEP_EVERY_MS);
    timer.unref?.();
  };
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: guarded(handlers as unknown as Handlers, ports),
    resourceTypes,
    serve: (request, response) => serveHosted(room, request, response),
    keysDocument: (poolId) => keysDocument(room, poolId),
    sentMessages: (query) => sentMessages(room, query),
    async start() {
      schedule();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await sweeping;
    },
  };
}
