/**
 * Invoking a function: which version, may the caller, is the payload good, then run it, or keep it for later.
 * A warm RequestResponse call reads no row.
 */
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Invocation, InvocationAnswer } from '../../base/ports.ts';
import type { FunctionConfig } from '../../functions/config.ts';
import type { EventQueue } from './event-queue.ts';
import type { KnownFunction } from './catalog.ts';
import { lambdaFault, notFound, validation } from './fault.ts';
import {
  arnOfReference,
  type FunctionReference,
  functionArn,
  readFunctionArn,
} from './function-reference.ts';
import { uuid } from './identifiers.ts';
import { describeJsonFault } from './json-fault.ts';
import { notAuthorized } from './permission-check.ts';
import type { LambdaRoom } from './ports.ts';
import { followTrace } from './recursion.ts';
import { chooseVersion } from './version-choice.ts';

const EMPTY_EVENT = new TextEncoder().encode('{}');
const NOTHING = new Uint8Array();

/** Invoke, with a word about the version that was drawn as soon as it is known. */
export type InvokeVersion = (
  invocation: Invocation,
  onVersion?: (version: string) => void,
) => Promise<InvocationAnswer>;

export function createInvoke(room: LambdaRoom, queue: EventQueue): InvokeVersion {
  return async (invocation, onVersion) => {
    const reference = readTarget(invocation.functionArn);
    const known = await room.catalog.find(reference.scope, reference.name);
    if (known === undefined) throw notFound(`Function not found: ${arnOfReference(reference)}`);
    const version = chooseVersion(known, reference, room.random);
    authorize(known, reference, invocation);
    checkPayload(invocation);
    onVersion?.(version);
    switch (invocation.type) {
      case 'DryRun':
        return { status: 204, requestId: idOf(room, invocation), payload: NOTHING, executedVersion: version };
      case 'Event':
        return acceptEvent(room, queue, reference, invocation, version);
      case 'RequestResponse':
        return runNow(room, known, reference, invocation, version);
      default:
        return invocation.type satisfies never;
    }
  };
}

function readTarget(arn: string): FunctionReference {
  const reference = readFunctionArn(arn);
  if (reference === undefined)
    throw validation(
      `Value '${arn}' at 'functionName' failed to satisfy constraint: Member must be a function ARN`,
    );
  return reference;
}

/** Services need the policy of exactly what they invoke: function, version or alias. Callers with keys were checked before. */
function authorize(known: KnownFunction, reference: FunctionReference, invocation: Invocation): void {
  const invoker = invocation.invoker;
  if (invoker === undefined) return;
  const qualifier = reference.qualifier === '$LATEST' ? undefined : reference.qualifier;
  // The function's own policy is about the unqualified ARN, which $LATEST stands for.
  const resource = functionArn(known.scope, known.name, qualifier);
  if (known.permissions.get(qualifier ?? '')?.allows('lambda:InvokeFunction', resource, invoker)) return;
  throw notAuthorized(invoker.servicePrincipal, 'lambda:InvokeFunction', arnOfReference(reference));
}

function checkPayload(invocation: Invocation): void {
  const { payload, type } = invocation;
  const most =
    type === 'Event' ? limits.lambdaAsynchronousPayloadBytes : limits.lambdaSynchronousPayloadBytes;
  if (payload.length > most)
    throw lambdaFault('RequestTooLargeException', tooLarge(payload.length, type, most));
  const fault = payload.length === 0 ? undefined : describeJsonFault(payload);
  if (fault !== undefined)
    throw lambdaFault(
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${fault}`,
    );
}

/** Two layers of AWS refuse, each in its words; both are quoted by people who met them. */
const tooLarge = (bytes: number, type: Invocation['type'], most: number): string =>
  type === 'Event'
    ? `${bytes} byte payload is too large for the Event invocation type (limit ${most} bytes)`
    : `Request must be smaller than ${most} bytes for the InvokeFunction operation`;

async function acceptEvent(
  room: LambdaRoom,
  queue: EventQueue,
  reference: FunctionReference,
  invocation: Invocation,
  version: string,
): Promise<InvocationAnswer> {
  const requestId = idOf(room, invocation);
  await queue.accept(reference, { ...invocation, payload: eventOf(invocation.payload) }, requestId);
  return { status: 202, requestId, payload: NOTHING, executedVersion: version };
}

async function runNow(
  room: LambdaRoom,
  known: KnownFunction,
  reference: FunctionReference,
  invocation: Invocation,
  version: string,
): Promise<InvocationAnswer> {
  const requestId = idOf(room, invocation);
  const config = await readyConfig(known, version);
  const traceId = followTrace(invocation.traceId, known.lineage, room.now());
  const { type: _, invoker: __, functionArn: ___, payload, ...rest } = invocation;
  const answer = await room.runner.run(config, {
    ...rest,
    requestId,
    traceId,
    invokedFunctionArn: arnOfReference(reference),
    payload: eventOf(payload),
  });
  return {
    status: 200,
    requestId,
    payload: answer.payload,
    executedVersion: version,
    ...(answer.functionError !== undefined && { functionError: answer.functionError }),
    ...(answer.logTail !== undefined && { logTail: answer.logTail }),
  };
}

/** The version's config, unless its function takes no calls. */
export async function readyConfig(known: KnownFunction, version: string): Promise<FunctionConfig> {
  if (known.reservedConcurrentExecutions === 0)
    throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
  const config = await known.config(version);
  if (config === undefined)
    throw notFound(`Function not found: ${functionArn(known.scope, known.name, version)}`);
  return config;
}

/** Recorded from AWS, `Retry-After` included by the wire from the error's member. */
export const throttled = (reason: string): Fault =>
  lambdaFault('TooManyRequestsException', 'Rate Exceeded.', { Reason: reason });

const idOf = (room: LambdaRoom, { requestId }: Invocation): string => requestId ?? uuid(room.random);

/** A call without a payload runs with `{}`. */
const eventOf = (payload: Uint8Array): Uint8Array => (payload.length === 0 ? EMPTY_EVENT : payload);
