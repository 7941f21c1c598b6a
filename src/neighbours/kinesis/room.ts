/** What the operations of Kinesis share. */
import type { Caller } from '../../base/ports.ts';
import { Fault } from '../../base/fault.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { createResourceAccess } from '../kit/resource-access.ts';
import { createSequences } from './record-row.ts';
import { type FoundStream, streamArn } from './stream-row.ts';

export interface KinesisRoom extends ServicePorts {
  /** The next sequence number of a shard; behind `after` when it is given. */
  readonly nextSequence: (shardNumber: number, after?: string) => string;
  /** Asks the stream's policy for callers of other accounts. Throws AccessDeniedException. */
  readonly authorize: (stream: FoundStream, caller: Caller, action: string) => void;
  /** Ends subscriptions when the server stops. */
  readonly stopping: AbortController;
}

export function createKinesisRoom(ports: ServicePorts): KinesisRoom {
  const mayUse = createResourceAccess();
  return {
    ...ports,
    stopping: new AbortController(),
    nextSequence: createSequences(ports.now),
    authorize({ scope, row }, caller, action) {
      const resource = streamArn(scope, row.name);
      if (mayUse({ action: `kinesis:${action}`, resource, owner: scope.account, caller, policy: row.policy }))
        return;
      throw new Fault(
        'AccessDeniedException',
        `User: ${caller.arn} is not authorized to perform: kinesis:${action} on resource: ${resource} because no resource-based policy allows the kinesis:${action} action`,
      );
    },
  };
}
