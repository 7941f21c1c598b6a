/** A stack followed from outside: its events as they happen, until it rests. */
import { DeployFailure } from './deploy-failure.ts';
import type { CallRemote } from './upload.ts';

export interface FollowedEvent {
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly physicalId?: string;
  readonly timestamp: Date;
}

export interface Following {
  /** What the call that began the operation answered, and every event since. */
  readonly status: string;
  readonly events: readonly FollowedEvent[];
}

interface SdkEvent {
  readonly EventId?: string;
  readonly ClientRequestToken?: string;
  readonly LogicalResourceId?: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType?: string;
  readonly ResourceStatus?: string;
  readonly ResourceStatusReason?: string;
  readonly Timestamp?: Date;
}

export interface FollowRequest {
  readonly call: CallRemote;
  /** Name or id. */
  readonly stack: string;
  /** The ClientRequestToken of the call that begins the operation: all of its events carry it, no others do. */
  readonly token: string;
  /** The call that begins the operation: its failure ends the following. */
  readonly begin: () => Promise<unknown>;
  readonly onEvent?: (event: FollowedEvent) => void;
}

/** Asked again soon at first, then less often: a small stack is done in a few hundred milliseconds. */
const WAITS_MS = [20, 20, 40, 40, 80, 80, 160];
const LONGEST_WAIT_MS = 250;

export async function follow(request: FollowRequest): Promise<Following> {
  const seen = new Set<string>();
  const events: FollowedEvent[] = [];
  const state: { begun: boolean; failure?: { readonly thrown: unknown } } = { begun: false };
  const beginning = request.begin().then(
    () => {
      state.begun = true;
    },
    (thrown: unknown) => {
      state.failure = { thrown };
    },
  );
  for (let round = 0; ; round += 1) {
    const waited = pause(WAITS_MS[round] ?? LONGEST_WAIT_MS);
    // The answer to the call that began it ends a wait: most often the operation is over by then.
    await (state.begun ? waited : Promise.race([beginning, waited]));
    if (state.failure) throw state.failure.thrown;
    for (const event of await newEvents(request, seen)) {
      events.push(event);
      request.onEvent?.(event);
    }
    const last = events.findLast(isStackEvent);
    if (last === undefined || !isResting(last.status)) {
      if (round >= WAITS_MS.length) await checkTrouble(request);
      continue;
    }
    await beginning;
    return { status: last.status, events };
  }
}

const isStackEvent = ({ type, physicalId, logicalId }: FollowedEvent): boolean =>
  type === 'AWS::CloudFormation::Stack' && physicalId?.split('/')[1] === logicalId;

const isResting = (status: string): boolean => !status.endsWith('_IN_PROGRESS');

/** Oldest first. While the stack is not there yet, none. */
async function newEvents({ call, stack, token }: FollowRequest, seen: Set<string>): Promise<FollowedEvent[]> {
  const fresh: SdkEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('cloudformation', 'DescribeStackEvents', {
      StackName: stack,
      ...(NextToken !== undefined && { NextToken }),
    }).catch(absentOnly);
    const { StackEvents = [], NextToken: next } = (page ?? {}) as {
      StackEvents?: SdkEvent[];
      NextToken?: string;
    }; // the operation's output
    const upTo = StackEvents.findIndex(
      ({ EventId = '', ClientRequestToken }) => ClientRequestToken !== token || seen.has(EventId),
    );
    fresh.push(...(upTo === -1 ? StackEvents : StackEvents.slice(0, upTo)));
    NextToken = upTo === -1 ? next : undefined;
  } while (NextToken !== undefined);
  for (const { EventId = '' } of fresh) seen.add(EventId);
  return fresh.toReversed().map(shown);
}

/** An operation waits when the server cannot write, and goes on by itself; whoever follows is told now. */
async function checkTrouble({ call, stack }: FollowRequest): Promise<void> {
  const output = (await call('cloudformation', 'DescribeStacks', { StackName: stack })) as {
    Stacks?: readonly { readonly StackStatus?: string; readonly StackStatusReason?: string }[];
  }; // the operation's output
  const { StackStatus = '', StackStatusReason = '' } = output.Stacks?.[0] ?? {};
  if (!isResting(StackStatus) && StackStatusReason.startsWith('gatehouse cannot write'))
    throw new DeployFailure([
      `${stack}: ${StackStatus}: ${StackStatusReason} The operation goes on when there is room.`,
    ]);
}

/** A stack that is not there yet has no events; anything else (the server is gone) is told. */
function absentOnly(thrown: unknown): undefined {
  if (thrown instanceof Error && thrown.message.includes('does not exist')) return undefined;
  throw thrown;
}

const shown = (event: SdkEvent): FollowedEvent => ({
  logicalId: event.LogicalResourceId ?? '',
  type: event.ResourceType ?? '',
  status: event.ResourceStatus ?? '',
  ...(event.ResourceStatusReason && { reason: event.ResourceStatusReason }),
  ...(event.PhysicalResourceId && { physicalId: event.PhysicalResourceId }),
  timestamp: event.Timestamp ?? new Date(),
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
