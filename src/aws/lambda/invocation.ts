/** Invoke, InvokeAsync and InvokeWithResponseStream: what callers with keys use. */
import { Readable } from 'node:stream';
import type {
  InvocationResponse,
  InvokeAsyncCommandInput,
  InvokeAsyncResponse,
  InvokeCommandInput,
  InvokeWithResponseStreamCommandInput,
  InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseEvent,
} from '@aws-sdk/client-lambda';
import { limits } from '../../base/limits.ts';
import type { Invocation } from '../../base/ports.ts';
import type { Call } from '../../wire/service.ts';
import { lambdaFault, unsupported, validation } from './fault.ts';
import { arnOfReference, readReference } from './function-reference.ts';
import type { InvokeVersion } from './invoke.ts';
import { createChannel } from './response-channel.ts';

const EMPTY = new Uint8Array();

export const invocationOperations = (invoke: InvokeVersion) => ({
  Invoke: async (input: InvokeCommandInput, call: Call): Promise<InvocationResponse> => {
    if (input.TenantId !== undefined) throw unsupported('TenantId');
    if (input.DurableExecutionName !== undefined) throw unsupported('DurableExecutionName');
    const type = input.InvocationType ?? 'RequestResponse';
    const answer = await invoke({ ...common(input, call), type });
    return {
      StatusCode: answer.status,
      ...(answer.functionError !== undefined && { FunctionError: answer.functionError }),
      ...(answer.logTail !== undefined && { LogResult: answer.logTail }),
      // Only a finished run tells its version: 202 and 204 come without.
      ...(type === 'RequestResponse' && { ExecutedVersion: answer.executedVersion }),
      Payload: answer.payload,
    };
  },

  InvokeAsync: async (input: InvokeAsyncCommandInput, call: Call): Promise<InvokeAsyncResponse> => {
    const payload = await readArgs(input.InvokeArgs);
    const reference = readReference(input.FunctionName ?? '', undefined, call.scope);
    const answer = await invoke({ functionArn: arnOfReference(reference), type: 'Event', payload });
    return { Status: answer.status };
  },

  InvokeWithResponseStream: async (
    input: InvokeWithResponseStreamCommandInput,
    call: Call,
  ): Promise<InvokeWithResponseStreamResponse> => {
    if (input.TenantId !== undefined) throw unsupported('TenantId');
    const type = input.InvocationType ?? 'RequestResponse';
    const channel = createChannel<InvokeWithResponseStreamResponseEvent>();
    const onChunk = (chunk: Uint8Array) => channel.send({ PayloadChunk: { Payload: chunk } });
    // A refusal is an error answer; from the first chunk on, faults are told inside the stream.
    let executed: string | undefined;
    const answered = invoke({ ...common(input, call), type, onChunk }, (version) => {
      executed = version;
    });
    const first = await Promise.race([answered, channel.started]);
    void answered.then(
      async (answer) => {
        if (answer.payload.length > 0) await channel.send({ PayloadChunk: { Payload: answer.payload } });
        await channel.send({ InvokeComplete: completion(answer) });
        channel.end();
      },
      (thrown: unknown) => channel.fail(thrown),
    );
    return {
      StatusCode: first === undefined ? 200 : first.status,
      ...(executed !== undefined && { ExecutedVersion: executed }),
      ResponseStreamContentType: 'application/vnd.amazon.eventstream',
      EventStream: channel.events,
    };
  },
});

const completion = (answer: Awaited<ReturnType<InvokeVersion>>) => ({
  ...(answer.functionError !== undefined && {
    ErrorCode: answer.functionError,
    ErrorDetails: new TextDecoder().decode(answer.payload),
  }),
  ...(answer.logTail !== undefined && { LogResult: answer.logTail }),
});

type Common = Pick<
  InvokeCommandInput,
  'FunctionName' | 'Qualifier' | 'Payload' | 'ClientContext' | 'LogType'
>;

function common(input: Common, call: Call): Omit<Invocation, 'type'> {
  const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
  const traceId = call.header('x-amzn-trace-id');
  return {
    functionArn: arnOfReference(reference),
    // The wire reads payloads as bytes; the SDK's other forms are its callers' comfort.
    payload: input.Payload instanceof Uint8Array ? input.Payload : EMPTY,
    ...(input.ClientContext !== undefined && { clientContext: checkContext(input.ClientContext) }),
    ...(traceId !== undefined && { traceId }),
    // The answer's x-amzn-requestid is the id in the function's context and log.
    ...(call.requestId !== '' && { requestId: call.requestId }),
    wantLogTail: input.LogType === 'Tail',
    signal: call.signal,
  };
}

/** Base64 of a JSON object, at most 3,583 bytes. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
function checkContext(text: string): string {
  if (text.length > limits.lambdaClientContextBytes)
    throw validation(
      `Value at 'clientContext' failed to satisfy constraint: Member must have length less than or equal to ${limits.lambdaClientContextBytes}`,
    );
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    if (typeof value === 'object' && value !== null) return text;
  } catch {
    // Told below, like any other value that is no object.
  }
  throw lambdaFault(
    'InvalidRequestContentException',
    'Client context must be a valid Base64-encoded JSON object.',
  );
}

async function readArgs(args: unknown): Promise<Uint8Array> {
  if (args instanceof Uint8Array) return args;
  if (!(args instanceof Readable)) return EMPTY;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of args) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > limits.lambdaSynchronousPayloadBytes) break;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
