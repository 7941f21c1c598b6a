/** What the operations of EventBridge share. */
import { Fault } from '../../base/fault.ts';
import type { Caller, Invoke } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { LocalAuthority } from '../acm/local-authority.ts';
import { createResourceAccess } from '../kit/resource-access.ts';
import { busArn, type FoundBus } from './bus-row.ts';

export interface EventsPorts extends ServicePorts {
  readonly invoke: Invoke;
  readonly authority: () => Promise<LocalAuthority>;
  /** This server as others reach it: APIs are targets too. */
  readonly url: () => string;
}

export interface EventsRoom extends EventsPorts {
  /** Asks the bus's policy for callers of other accounts. Throws AccessDeniedException. */
  readonly authorize: (bus: FoundBus, caller: Caller, action: string) => void;
}

export function createEventsRoom(ports: EventsPorts): EventsRoom {
  const mayUse = createResourceAccess();
  return {
    ...ports,
    authorize(bus, caller, action) {
      // AWS's services send their events to the buses of the account they are about.
      if (caller.kind === 'service' && caller.account === bus.scope.account) return;
      const resource = busArn(bus);
      const question = {
        action: `events:${action}`,
        resource,
        owner: bus.scope.account,
        caller,
        policy: bus.row.policy,
      };
      if (mayUse(question)) return;
      throw new Fault(
        'AccessDeniedException',
        `User: ${caller.arn} is not authorized to perform: events:${action} on resource: ${resource} because no resource-based policy allows the events:${action} action`,
      );
    },
  };
}
