/** What the operations of SNS share. */
import type { Caller, Invoke } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { LocalAuthority } from '../acm/local-authority.ts';
import { createResourceAccess } from '../kit/resource-access.ts';
import { notAuthorized } from './fault.ts';
import { createSigner, type Signer } from './signing.ts';
import { type FoundTopic, topicArn } from './topic-row.ts';

export interface SnsPorts extends ServicePorts {
  readonly invoke: Invoke;
  readonly authority: () => Promise<LocalAuthority>;
  /** This server as others reach it. */
  readonly url: () => string;
}

export interface SnsRoom extends SnsPorts {
  readonly signer: Signer;
  /** Asks the topic's policy for other accounts and for services. Throws AuthorizationError. */
  readonly authorize: (topic: FoundTopic, caller: Caller, action: string) => void;
}

export function createSnsRoom(ports: SnsPorts): SnsRoom {
  const mayUse = createResourceAccess();
  return {
    ...ports,
    signer: createSigner(ports),
    authorize({ scope, row }, caller, action) {
      const resource = topicArn(scope, row.name);
      const asked = `SNS:${action}`;
      const policy = row.attributes['Policy'];
      if (!mayUse({ action: `sns:${action}`, resource, owner: scope.account, caller, policy }))
        throw notAuthorized(caller.kind === 'service' ? caller.userId : caller.arn, asked, resource);
    },
  };
}
