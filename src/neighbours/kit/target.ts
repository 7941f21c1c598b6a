/** What EventBridge and Scheduler hand over to other services: one call a target. */
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Caller, CallOperation, Invoke } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { urlOfQueue } from './queue-url.ts';

export interface TargetPorts {
  readonly call: CallOperation;
  readonly invoke: Invoke;
  readonly now: () => number;
}

export interface Handover {
  readonly arn: string;
  /** What the target gets. */
  readonly text: string;
  /** Who hands over: a role where the target has one, else the service for its resource. */
  readonly caller: Caller;
  /** For what a policy of a function is asked; absent when a role calls. */
  readonly invoker?: { readonly servicePrincipal: string; readonly sourceArn: string };
  readonly groupId?: string | undefined;
  readonly partitionKey?: string | undefined;
  /** A bus of another rule or schedule gets an event of its own. */
  readonly busEvent?: { readonly Source: string; readonly DetailType: string } | undefined;
  readonly scope: Scope;
}

/** Services whose resources can be targets here; the others are refused by name when they are set. */
export const TARGET_SERVICES: ReadonlySet<string> = new Set([
  'lambda',
  'sqs',
  'sns',
  'states',
  'kinesis',
  'logs',
  'events',
]);

/** Throws Fault when the target does not take it. */
export async function handOver(ports: TargetPorts, handover: Handover): Promise<void> {
  const arn = parseArn(handover.arn);
  const scope = {
    account: arn?.account || handover.scope.account,
    region: arn?.region || handover.scope.region,
  };
  const call = (service: string, operation: string, input: object): Promise<unknown> =>
    ports.call({ service, operation, input, scope, caller: handover.caller });
  const resource = arn?.resource ?? '';
  switch (arn?.service) {
    case 'lambda':
      return invokeFunction(ports, handover, scope);
    case 'sqs':
      await call('sqs', 'SendMessage', {
        QueueUrl: urlOfQueue(arn),
        MessageBody: handover.text,
        ...(handover.groupId === undefined ? {} : { MessageGroupId: handover.groupId }),
      });
      return;
    case 'sns':
      await call('sns', 'Publish', { TopicArn: handover.arn, Message: handover.text });
      return;
    case 'states':
      await call('stepfunctions', 'StartExecution', { stateMachineArn: handover.arn, input: handover.text });
      return;
    case 'kinesis':
      await call('kinesis', 'PutRecord', {
        StreamARN: handover.arn,
        Data: new TextEncoder().encode(handover.text),
        PartitionKey: handover.partitionKey ?? 'event',
      });
      return;
    case 'logs':
      return writeLog(ports, resource, handover, call);
    case 'events':
      await putEvent(handover, call);
      return;
    default:
      throw new Fault(
        'InvalidParameter',
        `targets of ${arn?.service ?? handover.arn}: not supported by gatehouse`,
      );
  }
}

/** The service itself is held against the function's policy, a role against its own. */
async function invokeFunction(ports: TargetPorts, handover: Handover, scope: Scope): Promise<void> {
  const payload = new TextEncoder().encode(handover.text);
  if (handover.invoker !== undefined) {
    await ports.invoke({ functionArn: handover.arn, type: 'Event', payload, invoker: handover.invoker });
    return;
  }
  await ports.call({
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: handover.arn, InvocationType: 'Event', Payload: payload },
    scope,
    caller: handover.caller,
  });
}

type Call = (service: string, operation: string, input: object) => Promise<unknown>;

/** Each into a stream of its own, as EventBridge does. */
async function writeLog(ports: TargetPorts, resource: string, { text }: Handover, call: Call): Promise<void> {
  const logGroupName = resource.replace(/^log-group:/, '').replace(/:\*$/, '');
  const logStreamName = crypto.randomUUID();
  await call('logs', 'CreateLogStream', { logGroupName, logStreamName });
  await call('logs', 'PutLogEvents', {
    logGroupName,
    logStreamName,
    logEvents: [{ timestamp: ports.now(), message: text }],
  });
}

async function putEvent({ arn, text, busEvent }: Handover, call: Call): Promise<void> {
  const entry = {
    EventBusName: arn,
    Detail: text,
    ...(busEvent ?? { Source: 'gatehouse', DetailType: 'event' }),
  };
  const answer = await call('events', 'PutEvents', { Entries: [entry] });
  const [first] = entriesOf(answer);
  if (first?.ErrorCode !== undefined) throw new Fault(first.ErrorCode, first.ErrorMessage ?? first.ErrorCode);
}

interface EntryAnswer {
  readonly ErrorCode?: string;
  readonly ErrorMessage?: string;
}

const entriesOf = (answer: unknown): readonly EntryAnswer[] =>
  (answer as { readonly Entries?: readonly EntryAnswer[] }).Entries ?? []; // PutEvents' own output

/** A role at work for a service; whether it may is a matter of its policies. */
export function roleCaller(roleArn: string, session: string): Caller | undefined {
  const arn = parseArn(roleArn);
  if (arn?.service !== 'iam' || !arn.resource.startsWith('role/')) return undefined;
  const name = arn.resource.split('/').at(-1) ?? '';
  return {
    kind: 'assumed-role',
    account: arn.account,
    arn: `arn:${arn.partition}:sts::${arn.account}:assumed-role/${name}/${session}`,
    userId: `AROA${name.toUpperCase().slice(0, 17)}:${session}`,
    accessKeyId: '',
  };
}
