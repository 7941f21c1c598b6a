/** One delivery to one target. */
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { compilePath } from '../../lang/json-path/compile.ts';
import { serviceCaller } from '../kit/resource-access.ts';
import { handOver, roleCaller } from '../kit/target.ts';
import { callApi, callDestination } from './api-call.ts';
import type { DeliveryRow } from './delivering.ts';
import type { EventsRoom } from './room.ts';

const PRINCIPAL = 'events.amazonaws.com';

/** Throws when the target does not take it. */
export async function sendToTarget(room: EventsRoom, scope: Scope, row: DeliveryRow): Promise<void> {
  const { target, text, ruleArn, event } = row;
  const arn = parseArn(target.Arn ?? '');
  if (arn?.service === 'execute-api') return callApi(room, arn, row);
  if (arn?.service === 'events' && arn.resource.startsWith('api-destination/'))
    return callDestination(room, { account: arn.account, region: arn.region }, arn.resource, row);
  if (arn?.service === 'events') return passOn(room, scope, row);
  const role = target.RoleArn === undefined ? undefined : roleCaller(target.RoleArn, 'events');
  await handOver(room, {
    arn: target.Arn ?? '',
    text,
    scope,
    caller: role ?? serviceCaller(PRINCIPAL, scope.account, ruleArn),
    // Functions are asked by their own policy even when the target has a role.
    ...(arn?.service === 'lambda' ? { invoker: { servicePrincipal: PRINCIPAL, sourceArn: ruleArn } } : {}),
    groupId: target.SqsParameters?.MessageGroupId,
    partitionKey: partitionKeyOf(row),
    busEvent: { Source: event.source, DetailType: event['detail-type'] },
  });
}

/** Kinesis: the event's id, unless a path says. */
function partitionKeyOf({ target, event }: DeliveryRow): string {
  const path = target.KinesisParameters?.PartitionKeyPath;
  const found = path === undefined ? undefined : compilePath(path)(event);
  return found === undefined || found === null ? event.id : String(found);
}

/** Another bus gets the event as it was sent: its source, its account, its time. */
async function passOn(
  room: EventsRoom,
  scope: Scope,
  { target, event, ruleArn }: DeliveryRow,
): Promise<void> {
  const caller =
    (target.RoleArn === undefined ? undefined : roleCaller(target.RoleArn, 'events')) ??
    serviceCaller(PRINCIPAL, scope.account, ruleArn);
  const answer = await room.call({
    service: 'events',
    operation: 'PutEvents',
    input: {
      Entries: [
        {
          EventBusName: target.Arn,
          Source: event.source,
          DetailType: event['detail-type'],
          Detail: JSON.stringify(event.detail),
          Resources: [...event.resources],
          Time: new Date(event.time),
        },
      ],
    },
    scope: { account: event.account, region: scope.region },
    caller,
  });
  const { Entries: [first] = [] } = answer as { Entries?: { ErrorCode?: string; ErrorMessage?: string }[] }; // PutEvents' own output
  if (first?.ErrorCode !== undefined) throw new Fault(first.ErrorCode, first.ErrorMessage ?? first.ErrorCode);
}
